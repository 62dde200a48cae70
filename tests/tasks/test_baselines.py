"""The tagging baselines: one contract over all, and each against a plain reckoning of its definition."""

import itertools
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks import baselines, demo
from seqtasks.tasks.baselines import BASELINES, hmm, load_baseline
from seqtasks.tasks.baselines.hmm import BigramHMM, SuffixModel, interpolated
from seqtasks.tasks.baselines.most_frequent import MostFrequentTag
from seqtasks.tasks.examples import TaggedSentence


def tagged(text):
    """`the/D dog/N` as a sentence."""
    pairs = [pair.rpartition("/") for pair in text.split()]
    return TaggedSentence(tuple(pair[0] for pair in pairs), tuple(pair[2] for pair in pairs))


def predict(baseline, *texts):
    return list(baseline.predict(text.split() for text in texts))


TRAIN = [
    tagged("the/D dog/N barks/V ./P"),
    tagged("a/D man/N walks/V the/D dog/N ./P"),
    tagged("men/N walk/V ./P"),
    tagged("the/D walk/N ended/V ./P"),
    tagged("Anna/E walked/V to/A Berlin/E ./P"),
]


# --- every tagging baseline


@pytest.fixture(params=["hmm", "most_frequent"])
def kind(request):
    return load_baseline(request.param)


def test_table_and_files_agree():
    folder = Path(baselines.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(BASELINES)


def test_unknown_baseline_names_the_known_ones():
    with pytest.raises(ConfigError, match=r"'hmmm'.*most_frequent, hmm"):
        load_baseline("hmmm")


def test_a_tag_a_token(kind):
    texts = ["the dog walks .", "Unheard words walk to Zürich !", "", "."]
    predicted = predict(kind.fit(TRAIN), *texts)
    assert [len(tags) for tags in predicted] == [4, 6, 0, 1]
    assert {tag for tags in predicted for tag in tags} <= set("DNVPEA")
    assert predicted[2] == ()


def test_learns_its_training_sentences(kind):
    predicted = kind.fit(TRAIN).predict(sentence.tokens for sentence in TRAIN)
    wrong = sum(a != b for s, tags in zip(TRAIN, predicted, strict=True) for a, b in zip(s.tags, tags, strict=True))
    assert wrong <= 1  # `walk` without context


def test_reads_one_sentence_at_a_time(kind):
    def sentences():
        yield ("the", "dog")
        raise LookupError("read ahead")

    stream = kind.fit(TRAIN).predict(sentences())
    assert next(stream) == ("D", "N")
    with pytest.raises(LookupError):
        next(stream)


def test_round_trip_through_json(kind):
    fitted = kind.fit([*TRAIN, tagged("naïve/J 猫/N \ud800/X")])
    text = json.dumps(fitted.to_json())
    again = kind.from_json(json.loads(text))
    assert json.dumps(again.to_json()) == text
    texts = ["the walk ended .", "naïve 猫 walks to Zürich", "A barking hound"]
    assert predict(again, *texts) == predict(fitted, *texts)


def test_order_of_sentences_does_not_matter(kind):
    texts = ["the walk ended .", "unheard words walked to Zürich", "walk"]
    assert predict(kind.fit(TRAIN[::-1]), *texts) == predict(kind.fit(TRAIN), *texts)


def test_sentences_without_tags_teach_nothing(kind):
    silent = TaggedSentence(("dog", "dog", "dog"))
    assert kind.fit([silent, *TRAIN]).to_json() == kind.fit(TRAIN).to_json()


@pytest.mark.parametrize("sentences", [[], [TaggedSentence(())], [TaggedSentence(("dog",))]])
def test_nothing_to_learn_from(kind, sentences):
    with pytest.raises(DataError, match="no tagged token"):
        kind.fit(sentences)


def test_one_word_is_enough(kind):
    assert predict(kind.fit([tagged("hello/X")]), "hello", "what is this") == [("X",), ("X", "X", "X")]


# --- most frequent tag


def test_most_frequent_tag_of_known_and_unknown_words():
    fitted = MostFrequentTag.fit([tagged("run/V run/V run/N"), tagged("dog/N cat/N house/N")])
    assert predict(fitted, "run dog Dog") == [("V", "N", "N")]


def test_tie_goes_to_the_tag_that_is_more_frequent_overall():
    fitted = MostFrequentTag.fit([tagged("run/A run/Z dog/Z")])
    assert predict(fitted, "run") == [("Z",)]


def test_tie_of_tags_equally_frequent_goes_to_the_first():
    fitted = MostFrequentTag.fit([tagged("run/Z run/A")])
    assert predict(fitted, "run new") == [("A", "A")]


# --- hidden Markov model


def plain_emission(sentences, word, tag, first):
    """P(word | tag) up to a constant, by loops over the training sentences."""
    pairs = [pair for s in sentences for pair in zip(s.tokens, s.tags, strict=True)]
    known = {token for token, _ in pairs}
    if first and word not in known and word.lower() in known:
        word = word.lower()
    of_tag = sum(t == tag for _, t in pairs)
    if word in known:
        return pairs.count((word, tag)) / of_tag
    rare = [p for p in pairs if [w for w, _ in pairs].count(p[0]) <= 10 and p[0][0].isupper() == word[0].isupper()]
    probability = of_tag / len(pairs)
    for length in range(min(len(word), 10) + 1):
        alike = [t for w, t in rare if len(w) >= length and w[len(w) - length :] == word[len(word) - length :]]
        if not alike:
            break
        probability = (alike.count(tag) / len(alike) + hmm.THETA * probability) / (1 + hmm.THETA)
    return probability / (of_tag / len(pairs))


def plain_transitions(sentences):
    """P(after | before) by loops; None is begin and end."""
    pairs = [p for s in sentences for p in zip((None, *s.tags), (*s.tags, None), strict=True)]
    before, after = [p[0] for p in pairs], [p[1] for p in pairs]

    def ratio(above, below):
        return above / below if below else 0

    of_pair = of_single = 1
    for pair in pairs:
        from_pair = ratio(pairs.count(pair) - 1, before.count(pair[0]) - 1)
        if from_pair >= ratio(after.count(pair[1]) - 1, len(pairs) - 1):
            of_pair += 1
        else:
            of_single += 1

    def probability(a, b):
        mixed = of_pair * pairs.count((a, b)) / before.count(a) + of_single * after.count(b) / len(pairs)
        return mixed / (of_pair + of_single)

    return probability


def best_by_enumeration(sentences, tokens):
    """The most probable tags; among equals those that are first in order, read from the end."""
    transition = plain_transitions(sentences)
    tags = sorted({tag for s in sentences for tag in s.tags})
    emissions = [
        {tag: plain_emission(sentences, word, tag, place == 0) for tag in tags} for place, word in enumerate(tokens)
    ]

    def score(path):
        factors = [transition(a, b) for a, b in itertools.pairwise((None, *path, None))]
        factors += [emission[tag] for emission, tag in zip(emissions, path, strict=True)]
        return sum(math.log(factor) if factor else -math.inf for factor in factors)

    return min(itertools.product(tags, repeat=len(tokens)), key=lambda path: (-round(score(path), 9), path[::-1]))


@pytest.mark.parametrize("seed", range(12))
def test_viterbi_finds_what_enumeration_finds(seed):
    draw = random.Random(seed)
    words = ["run", "runs", "Ran", "a", "A", "ran", "sun", "suns"]
    tags = "XYZ"[: draw.randint(1, 3)]
    sentences = [
        tagged(" ".join(f"{draw.choice(words)}/{draw.choice(tags)}" for _ in range(draw.randint(1, 5))))
        for _ in range(draw.randint(1, 6))
    ]
    fitted = BigramHMM.fit(sentences)
    for length in (1, 2, 3, 4, 5):
        tokens = [draw.choice([*words, "Sun", "fun", "Fun", "zzz"]) for _ in range(length)]
        assert list(fitted.predict([tokens])) == [best_by_enumeration(sentences, tokens)]


def test_neighbours_decide_an_ambiguous_word():
    fitted = BigramHMM.fit(TRAIN)
    assert predict(fitted, "the walk ended .", "men walk .") == [("D", "N", "V", "P"), ("N", "V", "P")]


def test_the_end_of_the_sentence_decides():
    # Both tags of `so` are equally frequent and follow no tag; only what stands last differs.
    fitted = BigramHMM.fit([tagged("so/A go/V"), tagged("so/A go/V"), tagged("so/B"), tagged("so/B")])
    assert predict(fitted, "so", "so go") == [("B",), ("A", "V")]


def test_ties_go_to_the_first_tag():
    fitted = BigramHMM.fit([tagged("x/B"), tagged("x/A")])
    assert predict(fitted, "x", "x x", "new") == [("A",), ("A", "A"), ("A",)]


def test_only_the_first_word_is_looked_up_in_lower_case():
    fitted = BigramHMM.fit([tagged("the/D dog/N saw/V Anna/E"), tagged("the/D cat/N saw/V Berta/E")])
    assert predict(fitted, "Dog saw Dog") == [("N", "V", "E")]


def test_interpolation_by_hand():
    # Pairs: begin-A 2, A-A 1, A-end 2, of 5; A after A or begin: 3, end: 2.
    # begin-A: (2-1)/(2-1) = 1 against (3-1)/(5-1) = 1/2: two votes for the pair. A-A: 0 against 1/2: one for the
    # single. A-end: (2-1)/(3-1) = 1/2 against (2-1)/4: two for the pair. With one each to begin with: 5 and 2 of 7.
    counts = np.array([[1.0, 2.0], [2.0, 0.0]])  # after:  A  end; before: A, begin
    expected = [
        [5 / 7 * 1 / 3 + 2 / 7 * 3 / 5, 5 / 7 * 2 / 3 + 2 / 7 * 2 / 5],
        [5 / 7 * 1 + 2 / 7 * 3 / 5, 2 / 7 * 2 / 5],
    ]
    np.testing.assert_allclose(interpolated(counts), expected, rtol=1e-12)
    np.testing.assert_allclose(interpolated(counts).sum(axis=1), 1)


def suffixes(**counts):
    """A suffix model of words with their counts of two tags, in a corpus of 6 and 4 tokens."""
    return SuffixModel({word: np.array(pair, float) for word, pair in counts.items()}, np.array([6.0, 4.0]))


def test_suffixes_by_hand():
    model = suffixes(going=(3, 0), king=(0, 1), Boeing=(0, 2), the=(9, 9))
    # Lower case and rare: going 3-0, king 0-1. With theta 1 each step halves the way.
    # No letter: 3/4, from 6/10: 0.675. g, ng, ing: the same 3/4: 0.7125, 0.73125, 0.740625. oing: going alone: 1.
    np.testing.assert_allclose(model.tags("sing")[0], 0.740625)
    np.testing.assert_allclose(model.tags("doing")[0], (1 + 0.740625) / 2)
    np.testing.assert_allclose(model.tags("xyz")[0], 0.675)
    # With a capital there is only Boeing 0-2: 0.6, 0.3, 0.15 and so on.
    np.testing.assert_allclose(model.tags("Xyz")[0], 0.3)
    np.testing.assert_allclose(model.tags("Xyg")[0], 0.15)
    np.testing.assert_allclose(model.tags("doing").sum(), 1)


def test_suffixes_become_emissions_by_bayes():
    model = suffixes(going=(3, 0), king=(0, 1))
    np.testing.assert_allclose(model.emission("xyz"), np.log([0.675 / 0.6, 0.325 / 0.4]))


def test_suffixes_are_learnt_from_rare_words_and_to_ten_letters():
    assert suffixes(often=(11, 0), seldom=(0, 10)).tags("xn")[0] == suffixes(seldom=(0, 10)).tags("xn")[0]
    assert suffixes(seldom=(0, 10)).tags("xm")[0] < suffixes(seldom=(0, 11)).tags("xm")[0]
    long = suffixes(abcdefghijklm=(1, 0))
    np.testing.assert_allclose(long.tags("bcdefghijklm"), long.tags("defghijklm"))
    # Eleven halvings of the way from 6/10 to 1: no letter, one, and so on to ten.
    np.testing.assert_allclose(1 - long.tags("bcdefghijklm")[0], 0.4 / 2**11)


def test_a_known_word_keeps_to_its_tags():
    fitted = BigramHMM.fit([tagged("a/X b/Y a/X b/Y a/X b/Y a/X")])
    assert predict(fitted, "a a b b") == [("X", "X", "Y", "Y")]


def test_the_demo_corpus_is_read_better_with_neighbours():
    splits = demo.pos()
    gold = [tag for sentence in splits["test"] for tag in sentence.tags]

    def accuracy(kind):
        predicted = kind.fit(splits["train"]).predict(sentence.tokens for sentence in splits["test"])
        return sum(a == b for a, b in zip(gold, itertools.chain(*predicted), strict=True)) / len(gold)

    assert accuracy(BigramHMM) > accuracy(MostFrequentTag) + 0.005 > 0.95
