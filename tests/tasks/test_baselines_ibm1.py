"""Word for word by IBM model 1: the table against EM in plain Python, and what is done with it."""

from collections import defaultdict

import pytest

from seqtasks.errors import DataError
from seqtasks.tasks.baselines import ibm1
from seqtasks.tasks.baselines.ibm1 import ITERATIONS, WordForWord, _numbers, _translation_table
from seqtasks.tasks.examples import SentencePair

PAIRS = [
    ("das Haus", "the house"),
    ("das Buch", "the book"),
    ("ein Buch", "a book"),
    ("das das Haus", "the the house"),
    ("Haus Haus", "house"),
]


def plain_table(pairs):
    """t(e | f) by EM as Brown et al. have it, with a NULL word."""
    sides = [(["", *source.split()], target.split()) for source, target in pairs]
    chance = defaultdict(lambda: 1.0)
    for _ in range(ITERATIONS):
        counts, totals = defaultdict(float), defaultdict(float)
        for source, target in sides:
            for e in target:
                total = sum(chance[e, f] for f in source)
                for f in source:
                    counts[e, f] += chance[e, f] / total
                    totals[f] += chance[e, f] / total
        chance = defaultdict(float, {(e, f): count / totals[f] for (e, f), count in counts.items()})
    return chance


def test_the_table_is_that_of_em_in_plain_python():
    fitted = WordForWord.fit([SentencePair(*pair) for pair in PAIRS])
    chance = plain_table(PAIRS)
    targets = sorted({e for e, _ in chance})
    for word in ("das", "Haus", "Buch", "ein"):
        assert list(fitted.predict([word])) == [max(targets, key=lambda e, word=word: chance[e, word])]
    assert list(fitted.predict(["ein Haus", "", "Hund das"])) == ["a house", "", "Hund the"]


def test_of_more_links_than_fit_every_kth_pair_is_counted(monkeypatch):
    pairs = [SentencePair(*pair) for pair in PAIRS]
    wanted = WordForWord.fit([pairs[0], pairs[2], pairs[4]]).to_json()
    links = [(len(pair.text.split()) + 1) * len(pair.translation.split()) for pair in pairs]
    monkeypatch.setattr(ibm1, "MOST_LINKS", sum(links) - 1)
    # a pair without a word on one side counts for nothing
    assert WordForWord.fit(iter([SentencePair("", "x y z"), SentencePair("x", " "), *pairs])).to_json() == wanted


def test_of_a_pair_of_documents_the_beginning_is_read():
    pairs = [SentencePair(*pair) for pair in PAIRS]
    long = SentencePair("Hund " * ibm1.LONGEST + "Katze", "dog " * ibm1.LONGEST + "cat")
    begin = SentencePair("Hund " * ibm1.LONGEST, "dog " * ibm1.LONGEST)
    fitted = WordForWord.fit([long, *pairs])
    assert fitted.to_json() == WordForWord.fit([begin, *pairs]).to_json()
    assert list(fitted.predict(["Hund Katze"])) == ["dog Katze"]


def test_of_equals_the_first_in_the_order_of_code_points_is_taken():
    sides = [(["x"], ["b", "a", "c"])]
    table = _translation_table(sides, _numbers(["", "x"]), _numbers(["a", "b", "c"]))
    assert table.tolist() == [0, 0]


def test_it_comes_back_from_json():
    fitted = WordForWord.fit([SentencePair(*pair) for pair in PAIRS])
    again = WordForWord.from_json(fitted.to_json())
    assert list(again.predict(["das Buch"])) == list(fitted.predict(["das Buch"])) == ["the book"]


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(DataError, match="no pair with a word on both sides"):
        WordForWord.fit([SentencePair("a", ""), SentencePair("", "b")])
