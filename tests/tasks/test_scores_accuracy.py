"""Accuracy of tags."""

from __future__ import annotations

import math

import pytest

from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.scores import accuracy
from seqtasks.tasks.task import Known

GOLD = [TaggedSentence(("the", "dog", "barks"), ("D", "N", "V")), TaggedSentence(("The", "dog"), ("D", "NEW"))]


def test_score():
    scores = accuracy.score(GOLD, [["D", "N", "N"], ["D", "N"]], Known(frozenset({"the", "dog"})))
    assert [(score.name, score.value) for score in scores] == [
        ("accuracy", 3 / 5),
        ("accuracy[known]", 2 / 3),  # the dog dog; NEW is a tag that train never had
        ("accuracy[unknown]", 1 / 2),  # barks The: words are known letter for letter
    ]
    assert [score.signature for score in scores] == [
        "scheme:plain|matching:token|words:all|gold:5|correct:3",
        "scheme:plain|matching:token|words:known|gold:3|correct:2",
        "scheme:plain|matching:token|words:unknown|gold:2|correct:1",
    ]


def test_no_token_is_no_number():
    assert all(math.isnan(score.value) for score in accuracy.score([], [], Known()))


@pytest.mark.parametrize("predicted", [[["D", "N", "V"]], [["D", "N"], ["D", "N"]], [["D", "N", "V"], ["D", "N", "X"]]])
def test_lengths_must_agree(predicted):
    with pytest.raises(ValueError, match="sentence"):
        accuracy.score(GOLD, predicted, Known())


def test_gold_must_be_tagged():
    with pytest.raises(ValueError, match="0 gold tags"):
        accuracy.score([TaggedSentence(("a",))], [["X"]], Known())
