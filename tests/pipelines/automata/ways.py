"""Ways of a made-up network, whose states are known."""

import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np

from seqtasks.pipelines.classification.trajectories import Trajectories
from seqtasks.tasks.automaton import Automaton


def followed(automaton: Automaton, strings: Sequence[Sequence[int]], noise: float = 0.0, seed: int = 0) -> Trajectories:
    """Ways of a network that is an automaton: its states are corners of a cube, with noise.

    Args:
        automaton: Its labels are sorted.
        strings: Numbers of symbols; word ids are those and 4.
    """
    rng = np.random.default_rng(seed)
    labels = tuple(sorted(set(automaton.labels)))
    corners = np.eye(len(automaton))
    states = [automaton.end(string[: step + 1]) for string in strings for step in range(len(string))]
    return Trajectories(
        words=("<padding>", "<unknown>", "<begin>", "<end>", *automaton.alphabet),
        labels=labels,
        tokens=np.array([symbol + 4 for string in strings for symbol in string], int),
        starts=np.cumsum([0, *map(len, strings)]),
        states=((corners[states] + noise * rng.standard_normal([len(states), len(corners)])).astype(np.float32),),
        answers=np.array([labels.index(automaton.labels[state]) for state in states], int),
        empty=labels.index(automaton.labels[automaton.start]),
        gold=np.array([labels.index(automaton.labels[automaton.end(string)]) for string in strings]),
    )


def peak(call: Callable) -> int:
    """Bytes that are allocated at most while something is called."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
