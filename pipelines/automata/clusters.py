"""Clusters of hidden states, which become an automaton's states: by place alone, or with a view to the sequence."""

from __future__ import annotations

import numpy as np

from seqtasks.pipelines.classification.trajectories import Trajectories

MOST_FITTED = 20_000
"""States that centres are found by; of more a sample is drawn, and the others only go to the nearest centre."""

STARTS = 4
"""Draws of first centres, of which the one with the smallest squares in the end is taken."""

PULL = 1.0
"""The price of a change of cluster in `k-means-x`, in mean squared distances of a state from its centre."""

TURNS = 50
"""At most so many turns of `k-means-x`, which seldom takes ten."""


def cluster(ways: Trajectories, count: int, kind: str, seed: int = 0) -> np.ndarray:
    """The cluster of each state, [N], numbered from 0 by first occurrence; at most `count`.

    Args:
        kind: One of `seqtasks.config.CLUSTERINGS`: `k-means++`, or `k-means-x` after Hou and Zhou (2018, arXiv
            1810.10708). Of the paper are its name and the observation that it rests on: hidden states that are near
            each other in one sequence are near in space too. How that enters is defined here, and is not claimed to be
            the paper's way. Centres c and clusters z minimise

                sum_t |h_t - c_{z_t}|^2 + p * (the number of steps t with z_t unlike z_{t-1} in one text)

            so that a state between two centres stays with its neighbours in the text; the penalty on changes is that of
            Hallac et al. 2017 (arXiv 1706.03161). p is `PULL` times the mean of |h - c|^2 that `k-means++` reaches, and
            its centres are the first. In turns z is found exactly, by dynamic programming along each text, and c is the
            mean of its states, until z stays; each turn lowers the sum. A cluster that loses all states is left out.
        seed: Of the first centres.
    """
    states = np.concatenate(ways.states, axis=1)
    centres = _centres(states, count, seed)
    distances = _distances(states, centres)
    found = distances.argmin(axis=1)
    if kind == "k-means-x":
        price = PULL * float(distances.min(axis=1).mean())
        for _ in range(TURNS):
            before, found = found, along_texts(distances, ways, price)
            if np.array_equal(before, found):
                break
            used = np.unique(found)
            centres = np.stack([states[found == number].mean(axis=0) for number in used])
            found = np.searchsorted(used, found)
            distances = _distances(states, centres)
    _, first, numbers = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers.reshape(-1)]


def along_texts(distances: np.ndarray, ways: Trajectories, price: float) -> np.ndarray:
    """The clusters [N] with the least sum of distances and of a price for each change within a text.

    Args:
        distances: [N, clusters].
    """
    found = np.zeros(len(distances), np.int64)
    for _, places, real in ways.groups():
        # sums along a text are of double precision
        found[places[real]] = _cheapest(distances[places].astype(np.float64), real, price)[real]
    return found


def _cheapest(distances: np.ndarray, real: np.ndarray, price: float) -> np.ndarray:
    """As `along_texts`, of n texts [n, steps, clusters], of whose steps those count that are `real` [n, steps]."""
    rows, steps, count = distances.shape
    best = distances[:, 0]
    origins = np.zeros([rows, steps, count], np.int32)
    own = np.arange(count)
    for step in range(1, steps):
        nearest = best.argmin(axis=1)[:, None]
        moved = np.take_along_axis(best, nearest, axis=1) + price
        changes = moved < best
        here = real[:, step, None]
        origins[:, step] = np.where(changes & here, nearest, own)
        best = np.where(here, np.where(changes, moved, best) + distances[:, step], best)
    found = np.zeros([rows, steps], np.int64)
    last = best.argmin(axis=1)
    for step in range(steps - 1, -1, -1):
        found[:, step] = last
        last = origins[np.arange(rows), step, last]
    return found


def _centres(states: np.ndarray, count: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    if len(states) > MOST_FITTED:
        states = states[np.sort(np.random.default_rng(seed).permutation(len(states))[:MOST_FITTED])]
    count = min(count, len(np.unique(states, axis=0)))
    # one thread: sums keep their order, and beside other work threads wait for each other six times as long
    with threadpool_limits(1):
        return KMeans(count, init="k-means++", n_init=STARTS, random_state=seed).fit(states).cluster_centers_


def _distances(states: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared, [N, centres]."""
    squares = (states**2).sum(axis=1)[:, None] - 2 * states @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(squares, 0)
