"""A split as contiguous streams: batches that follow one another in the text, for learning and for scoring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from seqtasks.config import LanguageTrainingConfig
from seqtasks.tasks.units import END, UnitSequences

NOTHING = -1
"""Stands as target where a stream has come to its end."""

WARM_UP = 128
"""Units that a scoring stream reads before it is scored: they stand for all that came before."""

SCORING_STREAMS = 32
"""Side by side at most, when nothing is learnt."""

SCORING_STEPS = 64
"""Units a call."""

INPUTS = {"units": tf.TensorSpec([None, None], tf.int32), "fresh": tf.TensorSpec([None], tf.bool)}


def shifted(ids: np.ndarray) -> np.ndarray:
    """What is read before each unit: the one before it; before the first the end of a text."""
    return np.concatenate([np.array([END], np.int32), ids[:-1]])


def _taught(ids: np.ndarray, places: np.ndarray, behind: int) -> tuple[np.ndarray, np.ndarray]:
    """What is read at places of a split and what is foretold there, int32; behind the split END and `behind`."""
    inside = places < len(ids)
    found = ids[np.where(inside, places, 0)]
    # before the first place a text has come to its end
    before = np.where(places > 0, ids[np.where(inside, places, 1) - 1], END)
    return np.where(inside, before, END).astype(np.int32), np.where(inside, found, behind).astype(np.int32)


class TrainingStreams:
    """The training split cut into streams of equal length; see `seqtasks.pipelines.family.Batches`.

    Batch b of an epoch holds the next `steps` units of every stream, so that the network's states go on from batch to
    batch (Mikolov et al. 2010; truncated back-propagation: Williams and Peng 1990). From the second epoch on the first
    batch is shorter by a number drawn anew, so that gradients are cut at other places. `fresh` is true where a stream
    begins.

    Args:
        texts: The split.
        config: The run's.
    """

    signature = (INPUTS, tf.TensorSpec([None, None], tf.int32))

    def __init__(self, texts: UnitSequences, config: LanguageTrainingConfig):
        self._ids, self._seed, self._window = texts.ids, config.seed, config.steps
        self.streams = min(config.batch_size, len(self._ids))
        self._length = -(-len(self._ids) // self.streams)

    def steps(self, epoch: int) -> int:
        return len(self._cuts(epoch)) - 1

    def epoch(self, epoch: int, step: int) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        cuts = self._cuts(epoch)
        begins = np.arange(self.streams)[:, None] * self._length
        for at in range(step, len(cuts) - 1):
            units, targets = _taught(self._ids, begins + np.arange(cuts[at], cuts[at + 1]), NOTHING)
            yield {"units": units, "fresh": np.full(self.streams, at == 0)}, targets

    def units(self, inputs: dict[str, np.ndarray], targets: np.ndarray) -> int:
        return int((targets != NOTHING).sum())

    def _cuts(self, epoch: int) -> list[int]:
        """Where batches begin, and the end."""
        first = 0
        if epoch and self._length > self._window:
            first = int(np.random.default_rng((self._seed, epoch)).integers(self._window))
        return [*([0] if first else []), *range(first, self._length, self._window), self._length]


class ScoringStreams:
    """A split cut into overlapping streams: each reads `WARM_UP` units of the one before it again, unscored.

    How many there are follows from the split alone, and so does every probability.

    Args:
        texts: The split.
    """

    def __init__(self, texts: UnitSequences):
        ids = texts.ids
        self.streams = max(1, min(SCORING_STREAMS, len(ids) // (8 * WARM_UP)))
        self._again = WARM_UP if self.streams > 1 else 0
        # streams times length, less what is read twice, is the split, up to a few units
        self._length = -(-(len(ids) + (self.streams - 1) * self._again) // self.streams)
        self._ids = ids

    @property
    def _begins(self) -> np.ndarray:
        return np.arange(self.streams) * (self._length - self._again)

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What is read and what is foretold, each [streams, t]; states go on from one to the next."""
        for begin in range(0, self._length, SCORING_STEPS):
            steps = np.arange(begin, min(begin + SCORING_STEPS, self._length))
            yield _taught(self._ids, self._begins[:, None] + steps, END)

    def joined(self, values: np.ndarray) -> np.ndarray:
        """What was found for each place of the streams [streams, length], as one value a unit of the split."""
        found = np.zeros(len(self._ids), values.dtype)
        # a later stream has read less of what came before: it goes first, and the earlier one's scores over its own
        for begin, row in reversed(list(zip(self._begins, values, strict=True))):
            part = found[begin : begin + self._length]
            part[:] = row[: len(part)]
        return found
