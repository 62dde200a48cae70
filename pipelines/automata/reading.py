"""An automaton read off clustered states by counting, and what it answers without the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqtasks.pipelines.classification.trajectories import Trajectories
from seqtasks.tasks.automaton import Automaton


@dataclass(frozen=True)
class Reading:
    """What was counted, and the automaton that it makes.

    Attributes:
        automaton: State 0 stands before the first token, state i for cluster i - 1. Its symbols are the words that the
            texts hold, its labels the network's.
        words: The word id of each symbol, rising.
        moves: Transitions with their count: state, symbol, state after, count, [M, 4].
    """

    automaton: Automaton
    words: np.ndarray
    moves: np.ndarray

    @property
    def kept(self) -> float:
        """The share of the counted steps that the automaton takes, too: 1 where the clusters are deterministic."""
        before, symbol, after, count = self.moves.T
        return float(count[self.automaton.steps[before, symbol] == after].sum() / max(1, count.sum()))

    def answers(self, ways: Trajectories) -> np.ndarray:
        """The automaton's label for each text, as ids of the network's labels, [S].

        A word that the counted texts never held changes nothing.
        """
        # one column more, which leads from each state to itself
        whole = np.concatenate([self.automaton.steps, np.arange(len(self.automaton))[:, None]], axis=1)
        symbols = np.minimum(np.searchsorted(self.words, ways.tokens), len(self.words) - 1)
        symbols = np.where(self.words[symbols] == ways.tokens, symbols, len(self.words))
        walker = Automaton((*self.automaton.alphabet, ""), self.automaton.labels, whole)
        ends = np.full(len(ways.gold), walker.start)
        for texts, places, _ in ways.groups():
            ends[texts] = walker.ends(symbols[places], ways.lengths[texts])
        return np.array([ways.labels.index(label) for label in self.automaton.labels])[ends]


def read(ways: Trajectories, clusters: np.ndarray) -> Reading:
    """Counts what leads where (after Hou and Zhou 2018, arXiv 1810.10708).

    Of the successors that a state has under one word the most frequent is taken, as in the paper; of equally frequent
    ones the first. Chosen here: the state before the first token is one of its own, for it is one point and no cluster;
    a word that was never met in a state leads where it most often leads from all states; a state's label is the one
    that the network gives most often to the texts that end there, or, where none ends, to the texts up to there.

    Args:
        clusters: Of each state, [N], from 0; each number occurs.
    """
    labels = np.array(ways.labels)
    words, symbols = np.unique(ways.tokens, return_inverse=True)
    count = int(clusters.max(initial=-1)) + 2
    after = clusters + 1
    first = np.zeros(len(after), bool)
    first[ways.starts[:-1][ways.lengths > 0]] = True
    before = np.where(first, 0, np.roll(after, 1))
    moves, counts = np.unique(np.stack([before, symbols.reshape(-1), after], axis=1), axis=0, return_counts=True)
    steps = np.tile(_counted(symbols.reshape(-1), after, len(words), count).argmax(axis=1), (count, 1))
    # in rising order of counts, so that the most frequent is written last; of equal ones the first
    for row in np.lexsort((-moves[:, 2], counts)):
        steps[moves[row, 0], moves[row, 1]] = moves[row, 2]
    so_far = _counted(after, ways.answers, count, len(labels))
    whole = np.zeros(len(after), bool)
    whole[(ways.starts[1:] - 1)[ways.lengths > 0]] = True
    at_ends = _counted(after[whole], ways.answers[whole], count, len(labels))
    chosen = np.where(at_ends.any(axis=1), at_ends.argmax(axis=1), so_far.argmax(axis=1))
    chosen[0] = ways.empty
    alphabet = tuple(ways.words[word] for word in words)
    automaton = Automaton(alphabet, tuple(labels[chosen].tolist()), steps)
    return Reading(automaton, words, np.concatenate([moves, counts[:, None]], axis=1))


def _counted(rows: np.ndarray, columns: np.ndarray, height: int, width: int) -> np.ndarray:
    """How often each pair occurs, [height, width]."""
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)
