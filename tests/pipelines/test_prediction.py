"""Predictions over a stream: memory is bounded by characters, the order is the input's, faults come last."""

import threading

import pytest
import tensorflow as tf

from seqtasks.errors import DataError
from seqtasks.pipelines import prediction
from seqtasks.pipelines.prediction import answer_lines


class Echo:
    """A serving function that answers each line's words, and remembers the shape of every call."""

    def __init__(self):
        self.calls, self._lock = [], threading.Lock()

    def __call__(self, text):
        words = tf.strings.split(text)
        with self._lock:
            self.calls.append((len(text), int(tf.reduce_max(tf.strings.length(text)))))
        return {"tokens": words.to_tensor(""), "lengths": words.row_lengths()}


def test_answers_come_in_order_whatever_the_lengths(monkeypatch):
    monkeypatch.setattr(prediction, "CHUNK", 7)
    monkeypatch.setattr(prediction, "BATCH", 3)
    lines = [" ".join(["w"] * (31 * number % 23)) + f" {number}" for number in range(50)]
    assert [answer["tokens"] for answer in answer_lines(Echo(), lines)] == [line.split() for line in lines]


def test_a_call_holds_no_more_characters_than_the_budget():
    echo = Echo()
    lines = ["w " * 5000] * 30 + ["short"] * 300
    assert len(list(answer_lines(echo, lines))) == 330
    assert max(rows * longest for rows, longest in echo.calls) <= prediction.BATCH_CHARACTERS
    assert sum(rows for rows, _ in echo.calls) == 330


def test_a_chunk_of_long_lines_has_fewer_of_them():
    read = []

    def lines():
        for number in range(40):
            read.append(number)
            yield "x" * 100_000

    next(answer_lines(Echo(), lines()))
    assert len(read) == -(-prediction.CHUNK_CHARACTERS // 100_000)


def test_what_stands_before_a_fault_is_answered_first():
    def lines():
        yield "fine"
        raise DataError("a fault")

    found = answer_lines(Echo(), lines())
    assert next(found)["tokens"] == ["fine"]
    with pytest.raises(DataError):
        next(found)


def test_a_call_of_a_wide_search_has_few_lines():
    echo = Echo()
    assert len(list(answer_lines(echo, ["short"] * 300, beam=100))) == 300
    assert max(rows for rows, _ in echo.calls) == prediction.HYPOTHESES // 100
    assert len(list(answer_lines(echo, ["short"], beam=10**6))) == 1
