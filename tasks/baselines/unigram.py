"""The unigram model: how often a unit occurs, whatever stands before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

import numpy as np

from seqtasks.tasks.units import UnitProbabilities, UnitSequences


class Unigram:
    """P(unit) = (count + 1) / (all + size), with one added so that nothing is impossible (Laplace).

    Args:
        counts: Of each unit in the training split, [size].
    """

    def __init__(self, counts: np.ndarray):
        self._counts = counts
        self._logs = np.log((counts + 1) / (counts.sum() + len(counts)))

    @classmethod
    def fit(cls, texts: UnitSequences) -> Self:
        return cls(texts.counts)

    def predict(self, texts: UnitSequences) -> Iterator[UnitProbabilities]:
        """Yields an answer a text."""
        return texts.answers(self._logs[texts.ids], "none")

    def to_arrays(self) -> dict[str, np.ndarray]:
        return {"counts": self._counts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        return cls(arrays["counts"])
