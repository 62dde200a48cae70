"""Formal languages: their two definitions agree, and the data sets are as promised."""

import hashlib
from collections import Counter
from itertools import product
from random import Random

import pytest

from seqtasks.tasks import formal
from seqtasks.tasks.automaton import minimal
from seqtasks.tasks.formal import ACCEPTED, LABELS, LANGUAGES, LENGTHS, SIZES, SYMBOLS

NAMES = list(LANGUAGES)
STATES = {"0110": 6, "000": 4, "tomita1": 2, "tomita2": 3, "tomita3": 5, "tomita4": 4, "tomita5": 4, "tomita6": 3,
          "tomita7": 5}  # fmt: skip


def bits(text):
    return "".join(str(SYMBOLS.index(word)) for word in text.split())


@pytest.fixture(scope="module", params=NAMES)
def made(request):
    return request.param, formal.splits(request.param)


@pytest.mark.parametrize("name", NAMES)
def test_definition_and_automaton_agree_on_every_string_of_up_to_twelve_symbols(name):
    language = LANGUAGES[name]
    for length in range(13):
        for string in map("".join, product("01", repeat=length)):
            ends_in = language.automaton.labels[language.automaton.end(map(int, string))]
            assert (ends_in == ACCEPTED) == language.holds(string), string
    assert len(minimal(language.automaton)) == len(language.automaton) == STATES[name]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("0110", ["0110"], ["", "01101", "0010"]),
        ("000", ["000", "10001"], ["", "00100"]),
        ("tomita1", ["", "111"], ["0", "1101"]),
        ("tomita2", ["", "1010"], ["0101", "101"]),
        ("tomita3", ["", "000", "110", "100", "0011"], ["10", "1110", "100110", "11100011"]),
        ("tomita4", ["", "00100"], ["000", "10001"]),
        ("tomita5", ["", "0110", "11"], ["01", "0", "111"]),
        ("tomita6", ["", "01", "000", "111"], ["0", "011", "00"]),
        ("tomita7", ["", "0101", "0011000111"], ["01010", "1010110"]),
    ],
)
def test_known_members(name, inside, outside):
    assert all(map(LANGUAGES[name].holds, inside)) and not any(map(LANGUAGES[name].holds, outside))


def test_labels_are_true_and_equally_frequent(made):
    name, splits = made
    assert {split: len(texts) for split, texts in splits.items()} == SIZES
    for texts in splits.values():
        assert set(Counter(text.label for text in texts).values()) == {len(texts) // 2}
        assert all((text.label == ACCEPTED) == LANGUAGES[name].holds(bits(text.text)) for text in texts)


def test_test_strings_are_longer_than_training_strings_where_the_language_has_such(made):
    name, splits = made
    for split, texts in splits.items():
        least, most = LENGTHS[split]
        for text in texts:
            length = len(bits(text.text))
            assert length <= most + 1  # a near miss may have one more
            assert length >= least - 1 or (name == "0110" and 3 <= length <= 5)
    assert LENGTHS["test"][0] > LENGTHS["train"][1] + 1


def test_strings_of_a_length_are_drawn_evenly():
    language, rng = LANGUAGES["tomita4"], Random(0)
    counts = Counter(formal.draw(language, ACCEPTED, (4, 4), rng) for _ in range(13 * 400))
    assert len(counts) == 13 == formal.completions(language.automaton, ACCEPTED, 4)[4][0]  # 16 less 3 with 000
    assert all(320 < count < 480 for count in counts.values())


def test_near_misses_are_among_the_rejected():
    texts = [bits(text.text) for text in formal.splits("tomita1")["test"] if text.label != ACCEPTED]
    near = sum(string.count("0") == 1 for string in texts)
    assert 0.35 < near / len(texts) < 0.6


def test_a_seed_makes_one_data_set_on_every_python():
    digest = hashlib.sha256()
    for name in NAMES:
        for texts in formal.splits(name, 0).values():
            digest.update(repr([(text.text, text.label) for text in texts]).encode())
    assert digest.hexdigest()[:16] == "e2215bb1a3c29105"
    assert formal.splits("000", 1)["train"] != formal.splits("000", 0)["train"]


def test_labels_are_two():
    assert all(set(language.automaton.labels) == set(LABELS) for language in LANGUAGES.values())
