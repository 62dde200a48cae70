"""Ids of many texts, one behind the other, in as few bytes as they need."""

from __future__ import annotations

from array import array

import numpy as np


class FlatIds:
    """Grows by a chunk of texts at a time, and is never held twice.

    Args:
        size: Ids are below it.
    """

    def __init__(self, size: int):
        self._ids = array("h" if size <= 1 << 15 else "i")
        self._starts = array("q", [0])

    def add(self, ids: np.ndarray, lengths: np.ndarray) -> None:
        """Texts behind those that are there: their ids [n], and how many each has [s]."""
        self._ids.frombytes(ids.astype(self._ids.typecode).tobytes())
        self._starts.frombytes((self._starts[-1] + np.cumsum(lengths, dtype=np.int64)).tobytes())

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """All ids, [N] int16 or int32; text s has the positions `starts[s]` to `starts[s + 1]`, [S + 1] int64."""
        return np.asarray(self._ids), np.asarray(self._starts)
