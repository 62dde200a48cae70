"""The demo corpus's language view, and its grammar's probabilities against every derivation and against draws."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from random import Random

import pytest

from seqtasks.tasks import demo, demo_language
from seqtasks.tasks.demo import Rule, Slot, Word
from seqtasks.tasks.demo_language import Inside
from seqtasks.tasks.demo_words import NAMES
from seqtasks.tasks.examples import Text

GRAMMAR = demo.grammar({symbol: names.split() for symbol, names in NAMES.items()})

# "May may may" has several derivations; the empty alternative stands first, in the middle and last
AMBIGUOUS = {
    "s": (Rule((Slot("who"), Slot("verb"), Slot("who")), 3), Rule((Slot("verb"), Word("may", "X"), Slot("who")))),
    "who": (Rule((Word("May", "X"),), 2), Rule((Word("may", "X"),)), Rule((), 2), Rule((Slot("verb"), Slot("verb")))),
    "verb": (Rule((Word("may", "X"),), 5), Rule((Word("May", "X"),)), Rule((Word("go", "X"),))),
}


def derivations(grammar, symbol):
    """Every derivation's words and probability, in plain recursion."""
    total = sum(rule.weight for rule in grammar[symbol])
    for rule in grammar[symbol]:
        parts = [
            [((part.text,), 1.0)] if isinstance(part, Word) else list(derivations(grammar, part.symbol))
            for part in rule.parts
        ]
        for chosen in itertools.product(*parts):
            words = tuple(word for part, _ in chosen for word in part)
            yield words, rule.weight / total * math.prod(chance for _, chance in chosen)


def sentences(grammar, symbol) -> Counter:
    """Every sentence's probability, the first word with a capital."""
    found = Counter()
    for words, chance in derivations(grammar, symbol):
        found[" ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else ""] += chance
    return found


@pytest.mark.parametrize(
    ("grammar", "symbol"),
    [(AMBIGUOUS, "s"), (GRAMMAR, "when"), (GRAMMAR, "product"), (GRAMMAR, "money"), (GRAMMAR, "a_place")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_probabilities_are_the_sum_over_all_derivations(grammar, symbol):
    inside = Inside(grammar, symbol)
    expected = sentences(grammar, symbol)
    assert math.fsum(expected.values()) == pytest.approx(1)
    for sentence, chance in itertools.islice(expected.items(), 3000):
        assert inside.probability(sentence) == pytest.approx(chance, rel=1e-9), sentence
    assert inside.probability("Nothing of the kind") == 0


def test_probabilities_are_the_shares_among_many_draws():
    random, grammar = Random(5), {**GRAMMAR, "few": GRAMMAR["few"][:1]}
    drawn = Counter(" ".join(demo.tokens(demo.derive(grammar, "when", random))) for _ in range(20000))
    inside = Inside(grammar, "when")
    for sentence, count in drawn.most_common(8):
        assert inside.probability(sentence) == pytest.approx(count / 20000, rel=0.15)


def test_the_view_has_a_closed_vocabulary_and_follows_from_the_seed():
    splits = demo_language.language()
    assert {split: len(texts) for split, texts in splits.items()} == demo_language.SIZES
    train, test = ({word for text in splits[split] for word in text.text.split()} for split in ("train", "test"))
    assert len(test - train) <= 1
    assert demo_language.language() == splits != demo_language.language(1)
    assert len({split[0].text for split in splits.values()}) == 3


def test_the_floor_is_the_grammars_own_surprise():
    train = demo_language.language()["train"]
    inside = Inside(GRAMMAR, "sentence")
    found, other = (demo_language.surprise(train[begin : begin + 4000]) for begin in (0, 4000))
    assert found == pytest.approx(-math.fsum(math.log(inside.probability(text.text)) for text in train[:4000]))
    # another sample has about the same: the entropy is the grammar's
    assert found == pytest.approx(other, rel=0.03)


def test_other_texts_have_no_floor():
    assert demo_language.surprise([Text("Jordan left .", "mine.txt")]) is None
    assert demo_language.surprise([Text("Nothing of the kind", "demo")]) is None
    assert demo_language.surprise([]) is None
