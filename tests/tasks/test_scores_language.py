"""Perplexity and bits, by hand."""

import dataclasses
import math

import numpy as np
import pytest

from seqtasks.tasks import demo_language
from seqtasks.tasks.examples import Text
from seqtasks.tasks.scores import language
from seqtasks.tasks.units import UnitProbabilities, UnitSequences


def said(*chances, unit="word", unknown=0):
    return UnitProbabilities(np.log(chances), unit, "text", unknown)


def values(gold, predicted):
    return {score.name: score.value for score in language.score(gold, predicted)}


def test_the_end_counts_as_a_unit_a_character_and_a_word():
    gold = [Text(" ab c ", "x"), Text("d", "x")]  # ab c end | d end
    found = values(gold, [said(0.5, 0.25, 0.5), said(0.125, 1.0)])
    bits = 1 + 2 + 1 + 3
    assert found["perplexity"] == pytest.approx(2 ** (bits / 5))
    assert found["bits_per_character"] == pytest.approx(bits / (5 + 2))
    assert found["bits_per_word"] == pytest.approx(bits / (3 + 2))
    assert "floor" not in found


def test_of_characters_the_bits_are_the_perplexitys():
    found = values([Text("ab c", "x")], [said(0.5, 0.25, 0.5, 0.5, 0.125, unit="char")])
    assert found["perplexity"] == pytest.approx(2 ** found["bits_per_character"])


def test_the_signature_tells_what_was_counted():
    score = language.score([Text("a b"), Text("c")], [said(0.5, 0.5, 0.5, unknown=1), said(0.5, 0.5, unknown=1)])[0]
    assert score.signature == "unit:word|tokens:5|end:counted|texts:2|context:text|unknown:2"


def test_the_floor_stands_beside_the_demo_corpus():
    gold = demo_language.language()["dev"][:50]
    least = demo_language.surprise(gold)
    units = [len(text.text.split()) + 1 for text in gold]
    # a model that spreads the grammar's own surprise evenly is at the floor
    even = [said(*[math.exp(-least / sum(units))] * count) for count in units]
    found = values(gold, even)
    assert found["perplexity"] == pytest.approx(found["floor"]) and found["above_floor"] == pytest.approx(0, abs=1e-9)
    worse = values(gold, [said(*np.exp(answer.log_probabilities - 0.1)) for answer in even])
    assert worse["above_floor"] == pytest.approx(math.exp(0.1) - 1)
    even[0] = dataclasses.replace(even[0], unknown=1)
    assert "floor" not in values(gold, even)


def test_nothing_has_no_score_and_numbers_must_match():
    assert math.isnan(values([], [])["perplexity"])
    with pytest.raises(ValueError, match="1 texts but 0 answers"):
        language.score([Text("a")], [])


def test_sequences_give_each_text_its_part():
    texts = UnitSequences(np.array([2, 0, 1, 1, 0]), np.array([0, 2, 5]), 3, "word")  # a end | unk unk end
    first, second = texts.answers(np.arange(5.0), "text")
    assert first.log_probabilities.tolist() == [0, 1] and second.total == 9
    assert (first.unknown, second.unknown) == (0, 2)
    assert len(texts) == 2
