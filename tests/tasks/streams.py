"""Streams that no file is long enough for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import cycle


class Cycle:
    """The same lines for ever."""

    def __init__(self, lines: Sequence[bytes]):
        self._lines = cycle(lines)

    def readline(self, size: int = -1) -> bytes:
        return next(self._lines)


class Endless(io.RawIOBase):
    """The same bytes for ever; `count` tells how many were read."""

    def __init__(self, piece: bytes):
        self.piece, self.count = piece * (1 + (1 << 16) // len(piece)), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        size = min(len(buffer), len(self.piece))
        buffer[:size] = self.piece[:size]
        self.count += size
        return size
