"""Beam search against exhaustive search on a toy model, against greedy search, and alone against in company."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers.beam import Search, beam_search, greedy_search

BEGIN, END, UNITS, POSITIONS = 2, 3, 6, 3
ROWS = 4


class ToyMemory(NamedTuple):
    """A table of logits a row, [n, units, units]: the next unit's, given the last; and a bias that grows with time."""

    logits: tf.Tensor
    mask: tf.Tensor


RNG = np.random.default_rng(5)
LOGITS = RNG.normal(size=[ROWS, UNITS, UNITS], scale=2).astype("float32")
MASK = np.arange(POSITIONS) < np.array([3, 2, 1, 3])[:, None]
# the units before the last matter too: the state sums them
DRIFT = RNG.normal(size=[UNITS, UNITS]).astype("float32")
WEIGHTS = RNG.dirichlet(np.ones(POSITIONS), size=UNITS).astype("float32")  # attention, by the last unit


def step(units, states, memory):
    rows = tf.shape(memory.logits)[0]
    beams = tf.shape(units)[0] // tf.maximum(rows, 1)
    (state,) = states
    state = state + tf.gather(DRIFT, units)
    own = tf.gather(tf.repeat(memory.logits, beams, axis=0), units, batch_dims=1)
    weights = tf.reshape(tf.gather(WEIGHTS, units), [rows, beams, POSITIONS])
    return own + 0.3 * state, [state], weights


def searched(search, limits, rows=range(ROWS), run=beam_search, **options):
    rows = list(rows)
    return found_in_graph(LOGITS[rows], MASK[rows], [limits[row] for row in rows], search, run, **options)


def found_in_graph(logits, mask, limits, search, run, *arguments, **options):
    signature = [
        tf.TensorSpec([None, UNITS, UNITS]),
        tf.TensorSpec([None, POSITIONS], tf.bool),
        tf.TensorSpec([None], tf.int32),
    ]

    @tf.function(input_signature=signature)
    def found(logits, mask, limits):
        states = [tf.zeros([tf.shape(limits)[0], UNITS])]
        return run(step, states, ToyMemory(logits, mask), limits, search, *arguments, **options)

    return [part.numpy() for part in found(logits, mask, tf.constant(limits, tf.int32))]


def sequences(found, row):
    """The hypotheses of a row as tuples, with their scores."""
    units, lengths, scores, _ = found
    return [
        (tuple(units[row, k, : lengths[row, k]]), scores[row, k]) for k in range(units.shape[1]) if lengths[row, k] >= 0
    ]


def log_probabilities(row, sequence, banned=()):
    """log p of each unit, and the attention's weights at each step, by the definition."""
    state, last, total, weights = np.zeros(UNITS), BEGIN, 0.0, []
    for unit in (*sequence, END):
        state = state + DRIFT[last]
        logits = LOGITS[row, last] + 0.3 * state
        logits[list(banned)] = -np.inf
        total += logits[unit] - np.log(np.exp(logits).sum())
        weights.append(WEIGHTS[last])
        last = unit
    return total, np.sum(weights, axis=0)


def scored(row, sequence, search):
    total, coverage = log_probabilities(row, sequence, search.banned)
    length = len(sequence) + 1
    penalty = search.coverage_penalty * np.log(np.minimum(coverage[MASK[row]], 1)).sum()
    return total / ((5 + length) / 6) ** search.length_penalty + penalty


def exhaustive(row, limit, search):
    """Every sequence up to the limit, the best first."""
    usable = [unit for unit in range(UNITS) if unit != END and unit not in search.banned]
    every = [
        sequence
        for length in range(limit + 1)
        for sequence in itertools.product(usable, repeat=length)
        if not search.no_repeat or not repeats(sequence, search.no_repeat)
    ]
    return sorted(((sequence, scored(row, sequence, search)) for sequence in every), key=lambda item: -item[1])


def repeats(sequence, size):
    grams = [sequence[at : at + size] for at in range(len(sequence) - size + 1)]
    return len(set(grams)) < len(grams)


LIMITS = [3, 2, 3, 0]
SEARCHES = {
    "plain": Search(BEGIN, END, (0, BEGIN), 400, length_penalty=0.0),
    "length": Search(BEGIN, END, (0, BEGIN), 400, length_penalty=1.3),
    "coverage": Search(BEGIN, END, (0, BEGIN), 400, length_penalty=0.7, coverage_penalty=0.5),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_beam_as_wide_as_all_finds_what_exhaustive_search_finds(name):
    search = SEARCHES[name]
    found = searched(search, LIMITS)
    for row in range(ROWS):
        expected = exhaustive(row, LIMITS[row], search)
        ours = sequences(found, row)
        assert [sequence for sequence, _ in ours] == [sequence for sequence, _ in expected]
        np.testing.assert_allclose([s for _, s in ours], [s for _, s in expected], atol=1e-4)


def test_the_penalties_change_the_order():
    def orders(search):
        return [[sequence for sequence, _ in sequences(searched(search, [3] * 4), row)[:8]] for row in range(4)]

    assert orders(SEARCHES["plain"]) != orders(SEARCHES["length"])
    assert orders(SEARCHES["coverage"]) != orders(replace(SEARCHES["coverage"], coverage_penalty=0.0))


@pytest.mark.parametrize("size", [1, 2])
def test_no_ngram_occurs_twice(size):
    search = Search(BEGIN, END, (0, BEGIN), 300, length_penalty=1.0, no_repeat=size)
    limits = [4, 3, 2, 1]
    found = searched(search, limits)
    for row in range(ROWS):
        ours = [sequence for sequence, _ in sequences(found, row)]
        assert not any(repeats(sequence, size) for sequence in ours)
        # the probability of what is out of reach goes to the others: only the set is the same
        assert set(ours) == {sequence for sequence, _ in exhaustive(row, limits[row], search)}


def narrow_reference(row, limit, search):
    """The same search, a row at a time and a hypothesis at a time, in plain Python."""
    alive, pool, ended = [((), 0.0)], [], 0
    for time in range(limit + 1):
        options = []
        for at, (sequence, total) in enumerate(alive):
            for unit in range(UNITS):
                if unit not in search.banned:
                    options.append((total + stepped(row, sequence, unit, search), at, unit))
        options.sort(key=lambda option: -option[0])
        kept = options[: search.width] if time < limit else [option for option in options if option[2] == END]
        for score, at, unit in kept:
            if unit == END:
                ended += 1
                pool.append((alive[at][0], score / ((5 + time + 1) / 6) ** search.length_penalty))
        going = [option for option in options if option[2] != END][: search.width]
        alive = [((*alive[at][0], unit), score) for score, at, unit in going]
        if ended >= search.width or time == limit:
            break
    return sorted(pool, key=lambda item: -item[1])[: search.width]


def stepped(row, sequence, unit, search):
    state, last = np.zeros(UNITS), BEGIN
    for each in sequence:
        state, last = state + DRIFT[last], each
    logits = LOGITS[row, last] + 0.3 * (state + DRIFT[last])
    logits[list(search.banned)] = -np.inf
    return logits[unit] - np.log(np.exp(logits).sum())


@pytest.mark.parametrize("width", [1, 2, 3, 4, 6])
def test_a_narrow_beam_is_the_search_that_is_described(width):
    search = Search(BEGIN, END, (0, BEGIN), width, length_penalty=2.0)
    limits = [9, 8, 10, 4]
    found = searched(search, limits)
    for row in range(ROWS):
        expected = narrow_reference(row, limits[row], search)
        ours = sequences(found, row)
        assert [sequence for sequence, _ in ours] == [sequence for sequence, _ in expected]
        np.testing.assert_allclose([s for _, s in ours], [s for _, s in expected], atol=1e-4)


@pytest.mark.parametrize("coverage", [0.0, 0.5])
def test_a_beam_of_one_is_greedy_search(coverage):
    search = Search(BEGIN, END, (0, BEGIN), 1, 1.0, coverage, no_repeat=3)
    limits = [9, 4, 12, 0]
    one, other = searched(search, limits), searched(search, limits, run=greedy_search)
    for row in range(ROWS):
        assert sequences(one, row)[0][0] == sequences(other, row)[0][0]
    np.testing.assert_allclose(one[2], other[2], atol=1e-5)
    length = one[1].max()
    np.testing.assert_array_equal(one[3][:, :, :length], other[3][:, :, :length])


@pytest.mark.parametrize("run", [beam_search, greedy_search])
def test_a_row_alone_is_the_row_in_company(run):
    search = Search(BEGIN, END, (0, BEGIN), 3, 1.0, 0.2)
    limits = [7, 3, 5, 0]
    together = searched(search, limits, run=run)
    for row in range(ROWS):
        alone = searched(search, limits, [row], run=run)
        ours, theirs = sequences(together, row), sequences(alone, 0)
        assert [sequence for sequence, _ in ours] == [sequence for sequence, _ in theirs]
        np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], atol=1e-5)


def test_no_row_at_all():
    for run in (beam_search, greedy_search):
        found = searched(Search(BEGIN, END, (), 2), [], [], run=run)
        assert found[0].shape[0] == found[2].shape[0] == 0


def test_what_was_attended_to_is_told():
    search = Search(BEGIN, END, (0, BEGIN), 2)
    units, lengths, _, attended = searched(search, [6] * 4)
    for row in range(ROWS):
        for k in range(2):
            sequence = units[row, k, : lengths[row, k]]
            before = [BEGIN, *sequence][: len(sequence)]
            assert attended[row, k, : len(sequence)].tolist() == [WEIGHTS[unit].argmax() for unit in before]


def test_sampling_draws_by_probability():
    count = 4000
    rng = np.random.default_rng(3)
    drawn = tf.constant(rng.random([12, count]).astype("float32"))
    search = Search(BEGIN, END, (0, BEGIN), 1, length_penalty=0.0)
    same = [np.repeat(table[:1], count, axis=0) for table in (LOGITS, MASK)]
    for temperature in (1.0, 0.5):
        chance = lambda rows, time: tf.gather(drawn[time], rows)  # noqa: E731
        units, lengths, *_ = found_in_graph(*same, [6] * count, search, greedy_search, temperature, chance)
        first = np.where(lengths[:, 0] > 0, units[:, 0, 0], END)
        logits = LOGITS[0, BEGIN] + 0.3 * DRIFT[BEGIN]
        logits[[0, BEGIN]] = -np.inf
        expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
        shares = np.bincount(first, minlength=UNITS) / count
        np.testing.assert_allclose(shares, expected, atol=0.03)


def test_a_chance_of_almost_one_draws_no_banned_unit():
    search = Search(BEGIN, END, (0, 1, BEGIN, UNITS - 1), 1)
    for number in (0.0, 1 - 2**-24):
        chance = lambda rows, time, number=number: tf.fill(tf.shape(rows), number)  # noqa: E731
        units, lengths, _, _ = searched(search, [3] * 4, run=greedy_search, temperature=1.0, chance=chance)
        shown = {unit for row in range(4) for unit in units[row, 0, : lengths[row, 0]]}
        assert shown <= {4}


def test_a_graph_that_knows_the_rows_is_refused():
    limits = tf.constant([3, 3])
    memory = ToyMemory(tf.constant(LOGITS[:2]), tf.constant(MASK[:2]))
    with pytest.raises(ValueError, match="unknown to the graph, it is 2"):
        tf.function(lambda: beam_search(step, [tf.zeros([2, UNITS])], memory, limits, Search(BEGIN, END)))()
