"""The demo corpus: its promises to the tagging views, and the grammar below them."""

import hashlib
import itertools
from collections import Counter, defaultdict
from random import Random

import pytest

from seqtasks.tasks import demo
from seqtasks.tasks.demo_grammar import ENTITIES, RULES
from seqtasks.tasks.demo_words import NAMES, NEVER_HELD_OUT, WORDS

SPLITS = ("train", "dev", "test")
# The universal tags but X, which is for words of no known part of speech.
OPEN_CLASS = {"ADJ", "ADV", "INTJ", "NOUN", "PROPN", "VERB"}
UNIVERSAL = {*OPEN_CLASS, "ADP", "AUX", "CCONJ", "DET", "NUM", "PART", "PRON", "SCONJ", "PUNCT", "SYM"}
TYPES = ("PER", "LOC", "ORG", "PROD")


@pytest.fixture(scope="module")
def entities():
    return demo.entities()


@pytest.fixture(scope="module")
def pos():
    return demo.pos()


@pytest.fixture(scope="module", params=["pos", "entities"])
def view(request):
    return request.getfixturevalue(request.param)


def every(splits):
    return [sentence for split in SPLITS for sentence in splits[split]]


def spans(tags):
    """`(begin, end, type)` of each entity in IOB2."""
    begins = [position for position, tag in enumerate(tags) if tag.startswith("B-")]
    for begin in begins:
        end = begin + 1
        while end < len(tags) and tags[end].startswith("I-"):
            end += 1
        yield begin, end, tags[begin][2:]


def test_a_seed_makes_one_corpus_on_every_python(pos, entities):
    # Recorded with Python 3.11; 3.12 and 3.13 make the same.
    digest = hashlib.sha256()
    for split in SPLITS:
        for words, names in zip(pos[split], entities[split], strict=True):
            digest.update(repr((words.tokens, words.tags, names.tags)).encode())
    assert digest.hexdigest()[:16] == "252892767d360288"


def test_the_same_seed_makes_the_same_and_another_seed_another(entities):
    assert demo.entities(0) == entities
    assert demo.entities(1)["train"][:20] != entities["train"][:20]


def test_splits(view):
    assert tuple(view) == SPLITS
    assert {split: len(view[split]) for split in SPLITS} == demo.SIZES
    assert demo.SIZES["train"] >= 2000
    assert len({sentence.tokens for sentence in view["train"]}) >= 0.9 * len(view["train"])


def test_splits_are_drawn_independently(pos):
    kinds = [[sentence.tags for sentence in pos[split][:100]] for split in SPLITS]
    for one, other in itertools.combinations(kinds, 2):
        assert sum(a == b for a, b in zip(one, other, strict=True)) <= 10


def test_sentences_look_like_sentences(view):
    for sentence in every(view):
        assert len(sentence.tags) == len(sentence.tokens) >= 4
        assert sentence.tokens[0][0].isupper() or not sentence.tokens[0][0].isalpha()
        assert sentence.tokens[-1] in {".", "?"}
        assert not any(set(token) & set("<>/* \n") or not token for token in sentence.tokens)
        assert sentence.source == "demo"
    lengths = [len(sentence.tokens) for sentence in every(view)]
    assert 8 <= sum(lengths) / len(lengths) <= 14


def test_both_views_tell_of_the_same_words(pos, entities):
    assert [s.tokens for s in every(pos)] == [s.tokens for s in every(entities)]


@pytest.mark.parametrize("split", SPLITS)
def test_every_tag_is_in_every_split(split, pos, entities):
    assert {tag for sentence in pos[split] for tag in sentence.tags} == UNIVERSAL
    expected = {"O", *(f"{place}-{kind}" for place in "BI" for kind in TYPES)}
    assert {tag for sentence in entities[split] for tag in sentence.tags} == expected


def test_inside_follows_begin(entities):
    for sentence in every(entities):
        for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False):
            assert not tag.startswith("I-") or before in {f"B-{tag[2:]}", tag}


def test_test_split_has_names_that_train_never_shows(entities):
    shown = {token for sentence in entities["train"] for token in sentence.tokens}
    names = [
        token
        for sentence in entities["test"]
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True)
        if tag != "O"
    ]
    assert 0.1 <= sum(name not in shown for name in names) / len(names) <= 0.3


def test_held_out_names_are_held_out_of_every_list_and_split():
    shown = demo._names_by_split(0)
    flat = {split: {name for names in shown[split].values() for name in names} for split in SPLITS}
    only_dev, only_test = flat["dev"] - flat["train"], flat["test"] - flat["train"]
    assert only_dev and only_test and not only_dev & only_test
    assert not (only_dev | only_test) & set(NEVER_HELD_OUT.split())
    assert flat["train"] | only_dev | only_test == {name for names in NAMES.values() for name in names.split()}


def test_many_entities_have_several_words(entities):
    lengths = Counter(end - begin for s in entities["test"] for begin, end, _ in spans(s.tags))
    assert lengths[2] >= 50 and lengths[3] >= 10


def test_many_names_mean_several_things(entities):
    meanings = defaultdict(Counter)
    for sentence in entities["train"]:
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            meanings[token][tag[2:] or "none"] += 1
    ambiguous = {word for word, kinds in meanings.items() if word[0].isupper() and len(kinds) > 1}
    assert {"May", "Will", "Jordan", "Washington", "Apple", "Orange", "Ford", "Sydney"} <= ambiguous
    names = [
        token
        for sentence in entities["test"]
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True)
        if tag != "O"
    ]
    assert sum(name in ambiguous for name in names) / len(names) >= 0.3


def test_words_have_several_parts_of_speech(pos):
    parts = defaultdict(set)
    for sentence in pos["train"]:
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
            parts[token.lower()].add(tag)
    assert {"AUX", "PROPN"} <= parts["may"]
    assert {"AUX", "PROPN", "NOUN"} <= parts["will"]
    assert {"NOUN", "VERB", "PROPN"} <= parts["rose"] & parts["bill"] & parts["grant"] & parts["hope"]
    assert {"SCONJ", "DET", "PRON"} <= parts["that"]
    assert {"NOUN", "VERB"} <= parts["park"] & parts["light"] & parts["plan"] & parts["report"]


def test_the_words_around_a_name_always_tell_what_it_is():
    """With every name and month blotted out, the rest of the sentence still decides what stood there."""
    months = set(WORDS["month"].split())
    meaning = {}
    for seed in range(4):
        for sentence in every(demo.entities(seed)):
            begins = {begin: (end, kind) for begin, end, kind in spans(sentence.tags)}
            rest, kinds, position = [], [], 0
            while position < len(sentence.tokens):
                end, kind = begins.get(position, (position + 1, "O"))
                blot = kind != "O" or sentence.tokens[position] in months
                rest.append("_" if blot else sentence.tokens[position])
                kinds.append(kind)
                position = end
            # May/AUX opens a question, but for its first letter it is the month.
            if rest[0] == "_" and kinds[0] == "O" and rest[-1] == "?":
                rest[0] = sentence.tokens[0]
            assert meaning.setdefault(tuple(rest), kinds) == kinds, sentence.tokens
    assert len(meaning) > 3000


def test_every_symbol_is_used_and_every_slot_has_alternatives():
    rules = demo.grammar({symbol: names.split() for symbol, names in NAMES.items()})
    slots = {part.symbol for choices in rules.values() for rule in choices for part in rule.parts if slot(part)}
    assert slots | {"sentence", "review"} == set(rules)
    assert set(ENTITIES) <= set(RULES)
    assert all(rule.weight > 0 for choices in rules.values() for rule in choices)
    words = {part for choices in rules.values() for rule in choices for part in rule.parts if not slot(part)}
    assert {word.pos for word in words} <= UNIVERSAL and all(word.text for word in words)


def slot(part):
    return isinstance(part, demo.Slot)


def test_notation_of_rules():
    assert demo.parse_rules("3* <person> may/AUX | ()\n 1,200/NUM") == (
        demo.Rule((demo.Slot("person"), demo.Word("may", "AUX")), 3),
        demo.Rule(()),
        demo.Rule((demo.Word("1,200", "NUM"),)),
    )


def tree(symbol, *parts):
    """A derivation of words, as strings with POS, and of derivations."""
    inner = tuple(demo.Slot(part.symbol) if isinstance(part, demo.Node) else demo._parse_part(part) for part in parts)
    return demo.Node(symbol, demo.Rule(inner), tuple(part for part in parts if isinstance(part, demo.Node)))


def test_views_of_one_derivation():
    port = tree("place", "Port/PROPN", tree("her_name", "Anna/PROPN"))
    adam = tree("person", tree("man", tree("his_name", "Adam/PROPN"), tree("surname", "Ford/PROPN")))
    sentence = tree("sentence", "in/ADP", port, adam, tree("did", "slept/VERB"), "./PUNCT")
    assert demo.tokens(sentence) == ("In", "Port", "Anna", "Adam", "Ford", "slept", ".")
    assert demo.entity_view(sentence).tags == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER", "O", "O")
    assert demo.pos_view(sentence).tags == ("ADP", "PROPN", "PROPN", "PROPN", "PROPN", "VERB", "PUNCT")


def test_alternatives_are_drawn_by_weight():
    grammar = {"root": demo.parse_rules("<coin> <coin>"), "coin": demo.parse_rules("3* head/NOUN | tail/NOUN")}
    random = Random(0)
    drawn = Counter(demo.tokens(demo.derive(grammar, "root", random)) for _ in range(4000))
    shares = {words: count / 4000 for words, count in drawn.items()}
    assert shares == pytest.approx(
        {("Head", "head"): 9 / 16, ("Head", "tail"): 3 / 16, ("Tail", "head"): 3 / 16, ("Tail", "tail"): 1 / 16},
        abs=0.025,
    )
