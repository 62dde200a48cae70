"""Clusters of states."""

from itertools import pairwise, product

import numpy as np
import pytest

from seqtasks.config import CLUSTERINGS
from seqtasks.pipelines.automata.clusters import PULL, along_texts, cluster
from seqtasks.pipelines.classification import trajectories
from seqtasks.tasks.formal import LANGUAGES
from tests.pipelines.automata.ways import followed, peak

STRINGS = [string for length in range(6) for string in product(range(2), repeat=length)]
TOMITA7 = LANGUAGES["tomita7"].automaton


@pytest.mark.parametrize("kind", CLUSTERINGS)
def test_clouds_that_lie_apart_are_found(kind):
    ways = followed(TOMITA7, STRINGS, noise=0.03)
    found = cluster(ways, 5, kind)
    corners = ways.states[0].argmax(axis=1)
    assert len(set(zip(corners.tolist(), found.tolist(), strict=True))) == len(set(found.tolist())) == 5
    _, first = np.unique(found, return_index=True)
    assert list(first) == sorted(first)  # numbered by first occurrence
    np.testing.assert_array_equal(found, cluster(ways, 5, kind))


def test_no_more_clusters_than_states_that_differ():
    assert set(cluster(followed(TOMITA7, STRINGS), 9, "k-means++").tolist()) == {0, 1, 2, 3, 4}


def test_a_cell_state_counts_too():
    ways = followed(TOMITA7, STRINGS[:40])
    blind = np.zeros_like(ways.states[0])
    assert set(cluster(ways.with_states(blind), 2, "k-means++").tolist()) == {0}
    found = cluster(ways.with_states(blind, ways.states[0]), 5, "k-means++")
    np.testing.assert_array_equal(found, cluster(ways, 5, "k-means++"))


def test_the_way_along_a_text_is_the_cheapest_of_all():
    rng = np.random.default_rng(1)
    strings = [string for length in (0, 1, 4, 3, 0, 5) for string in [(0,) * length]]
    ways = followed(TOMITA7, strings)
    distances = rng.random([13, 3])
    for price in (0.0, 0.2, 0.6, 5.0):
        found = along_texts(distances, ways, price)
        for begin, end in zip(ways.starts[:-1], ways.starts[1:], strict=True):

            def cost(numbers, begin=begin, price=price):
                apart = sum(distances[begin + step, number] for step, number in enumerate(numbers))
                return apart + price * sum(a != b for a, b in pairwise(numbers))

            cheapest = min(map(cost, product(range(3), repeat=end - begin)))
            assert cost(found[begin:end].tolist()) == pytest.approx(cheapest)
    np.testing.assert_array_equal(along_texts(distances, ways, 0.0), distances.argmin(axis=1))


def test_the_way_along_a_text_is_the_same_beside_any_other_texts(monkeypatch):
    rng = np.random.default_rng(2)
    ways = followed(TOMITA7, [(0,) * length for length in (3, 0, 40, 1, 7, 7, 2, 0, 90, 5)])
    distances = rng.random([155, 4], np.float32)
    beside = along_texts(distances, ways, 0.3)
    assert len(list(ways.groups())) == 1
    monkeypatch.setattr(trajectories, "BATCH_TOKENS", 1)
    assert len(list(ways.groups())) == 8
    np.testing.assert_array_equal(along_texts(distances, ways, 0.3), beside)


def test_a_long_text_among_short_ones_takes_no_memory_for_those():
    ways = followed(TOMITA7, [(0,) * 5000, *[(0, 0)] * 500])
    distances = np.ones([6000, 3])
    assert peak(lambda: along_texts(distances, ways, 0.3)) < 5_000_000  # padded: 90 MB


def test_neighbours_in_a_text_keep_a_state_between_two_clusters():
    """Two clouds on a line; in the first text one state has strayed a little beyond the middle."""
    ways = followed(TOMITA7, [(0,) * 7, (0,) * 6, (0,) * 6])
    line = np.array([0, 0.4, 0, 0.52, 0.4, 0, 0.4, *[0, 0.4, 0] * 2, *[1, 0.6, 1] * 2], np.float32)
    ways = ways.with_states(line[:, None])
    assert cluster(ways, 2, "k-means++").tolist() == [0] * 3 + [1] + [0] * 9 + [1] * 6
    assert cluster(ways, 2, "k-means-x").tolist() == [0] * 13 + [1] * 6


def test_the_sum_that_k_means_x_lowers_is_no_larger_than_where_it_began():
    ways = followed(TOMITA7, STRINGS, noise=0.6)
    states = ways.states[0].astype(float)
    inside = np.ones(len(states), bool)
    inside[ways.starts[:-1][ways.lengths > 0]] = False

    def total(found, price):
        centres = np.stack([states[found == number].mean(axis=0) for number in range(found.max() + 1)])
        return ((states - centres[found]) ** 2).sum() + price * (inside & (found != np.roll(found, 1))).sum()

    plain, sticky = cluster(ways, 4, "k-means++"), cluster(ways, 4, "k-means-x")
    price = PULL * total(plain, 0) / len(states)
    assert total(sticky, price) < total(plain, price) - 1e-3
    assert total(sticky, 0) > total(plain, 0)
