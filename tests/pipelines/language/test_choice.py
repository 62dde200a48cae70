"""Drawing the next unit: the shares, the filters, and what must not be drawn."""

import numpy as np
import pytest
import tensorflow as tf

from seqtasks.pipelines.language.choice import draw
from seqtasks.tasks.units import UNKNOWN

CHANCES = np.array([0.05, 0.4, 0.25, 0.15, 0.1, 0.05])  # 1 is the unknown unit
POINTS = (np.arange(20000) + 0.5) / 20000


def shares(temperature=1.0, top_k=0, top_p=1.0, unknown=True, chances=CHANCES):
    logits = tf.constant(np.log(np.tile(chances, [len(POINTS), 1])), tf.float32)
    filters = tf.constant(temperature), tf.constant(top_k), tf.constant(top_p), tf.constant(unknown)
    drawn = draw(logits, tf.constant(POINTS, tf.float32), *filters).numpy()
    return np.bincount(drawn, minlength=len(chances)) / len(POINTS)


def kept(*units):
    """The shares where only these are left."""
    found = np.where(np.isin(np.arange(len(CHANCES)), units), CHANCES, 0)
    return found / found.sum()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, CHANCES),
        ({"unknown": False}, kept(0, 2, 3, 4, 5)),
        ({"temperature": 0.5}, CHANCES**2 / (CHANCES**2).sum()),
        ({"temperature": 0.0}, kept(1)),
        ({"temperature": 0.0, "unknown": False}, kept(2)),
        ({"temperature": 1e-9}, kept(1)),
        ({"top_k": 1}, kept(1)),
        ({"top_k": 3}, kept(1, 2, 3)),
        ({"top_k": 5}, CHANCES),  # two are equal at the edge
        ({"top_k": 99}, CHANCES),
        ({"top_p": 0.39}, kept(1)),
        ({"top_p": 0.41}, kept(1, 2)),
        ({"top_p": 0.66}, kept(1, 2, 3)),
        ({"top_p": 1e-6}, kept(1)),
        ({"top_p": 0.0}, kept(1)),
        ({"top_p": -1.0}, kept(1)),
        ({"temperature": float("inf")}, np.full(6, 1 / 6)),
        ({"temperature": float("inf"), "unknown": False}, [0.2, 0, 0.2, 0.2, 0.2, 0.2]),
        ({"temperature": float("nan")}, kept(1)),
        ({"top_k": 3, "top_p": 0.6}, kept(1, 2)),  # 0.4 / 0.8, then 0.25 / 0.8
        ({"top_k": 2, "unknown": False}, kept(2, 3)),
        ({"top_p": 0.3, "unknown": False}, kept(2)),
    ],
    ids=str,
)
def test_units_are_drawn_in_their_shares(options, expected):
    np.testing.assert_allclose(shares(**options), expected, atol=2e-4)


def test_the_unknown_unit_is_never_drawn_unless_asked_for():
    certain = np.array([1e-30, 1.0, 1e-30, 1e-30, 1e-30, 1e-30])
    assert shares(unknown=False, chances=certain)[UNKNOWN] == 0
    assert shares(chances=certain)[UNKNOWN] == 1


@pytest.mark.parametrize("point", [0.0, 1 - 2**-24])
def test_the_ends_of_the_interval_are_units_that_can_be(point):
    logits = tf.constant(np.random.default_rng(0).normal(size=[1, 10000]), tf.float32)
    logits = tf.concat([tf.fill([1, 3], -float("inf")), logits, tf.fill([1, 3], -float("inf"))], axis=1)
    drawn = draw(logits, tf.constant([point]), tf.constant(1.0), tf.constant(0), tf.constant(1.0), tf.constant(False))
    assert 3 <= int(drawn[0]) < 10003
