"""Examples of a large file: kept in a temporary file and read again when they are asked for, not held in memory."""

from __future__ import annotations

import json
import random
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import Any, BinaryIO

import numpy as np

from seqtasks.errors import DataError

LARGE = 1 << 28
"""Bytes of a file or split from which on its examples are not held in memory: there they take several times as much."""


class _Store:
    """A temporary file that is closed, and so gone, with the last sequence that needs it."""

    def __init__(self, stream: BinaryIO):
        self.stream = stream
        weakref.finalize(self, stream.close)


class Spooled(Sequence):
    """A sequence of examples of one type, in a file; 8 bytes of memory an example.

    Args:
        store: Its file holds each example's fields as a JSON array, a line each.
        begins: Where each example begins in it, [n] int64.
        kind: The examples' type.
    """

    def __init__(self, store: _Store, begins: np.ndarray, kind: type):
        self._store, self._begins, self._kind = store, begins, kind

    def __len__(self) -> int:
        return len(self._begins)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return Spooled(self._store, self._begins[index], self._kind)
        self._store.stream.seek(self._begins[index])
        fields = json.loads(self._store.stream.readline())
        return self._kind(*(tuple(value) if isinstance(value, list) else value for value in fields))

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]

    def chosen(self, condition: Callable[[Any], bool]) -> Spooled:
        """Those that meet a condition."""
        kept = np.fromiter((condition(example) for example in self), bool, len(self))
        return self.taken(np.flatnonzero(kept))

    def taken(self, rows: np.ndarray) -> Spooled:
        """Those at the indices `rows`, in that order."""
        return Spooled(self._store, self._begins[rows], self._kind)


class Mapped(Sequence):
    """What a function makes of each item of a sequence, made when it is asked for."""

    def __init__(self, function: Callable[[Any], Any], items: Sequence[Any]):
        self._function, self._items = function, items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return Mapped(self._function, self._items[index])
        return self._function(self._items[index])

    def __iter__(self) -> Iterator[Any]:
        return map(self._function, self._items)


def kept(examples: Iterable[Any], size: int) -> Sequence[Any]:
    """Examples of so many bytes: in memory where these are few, else as `spooled` has them."""
    return spooled(examples) if size >= LARGE else list(examples)


def spooled(examples: Iterable[Any]) -> Sequence[Any]:
    """Puts examples into a temporary file, where the system has those (`TMPDIR`); it vanishes with the process.

    Raises:
        DataError: There is no room for it, or a fault in the examples' own file.
    """
    # buffered in both directions; no name that anybody could open
    store = _Store(tempfile.TemporaryFile(buffering=1 << 16))  # noqa: SIM115
    begins, kind, at = [], None, 0
    chunk: list[int] = []
    try:
        for example in examples:
            kind = type(example)
            line = json.dumps(astuple(example), ensure_ascii=False).encode() + b"\n"
            store.stream.write(line)
            chunk.append(at)
            at += len(line)
            if len(chunk) == 1 << 16:
                begins.append(np.array(chunk, np.int64))
                chunk = []
        store.stream.flush()
    except OSError as error:
        raise DataError(
            "no room for the examples of a large file",
            where=tempfile.gettempdir(),
            received=error.strerror,
            hint="make space, or set TMPDIR to a folder on another disk",
        ) from error
    return Spooled(store, np.concatenate([*begins, np.array(chunk, np.int64)]), kind)


def chosen(examples: Sequence[Any], condition: Callable[[Any], bool]) -> Sequence[Any]:
    """The examples that meet a condition; the very same sequence where all do."""
    if all(map(condition, examples)):
        return examples
    if isinstance(examples, Spooled):
        return examples.chosen(condition)
    return [example for example in examples if condition(example)]


def parted(examples: Sequence[Any], count: int, seed: int) -> tuple[Sequence[Any], Sequence[Any]]:
    """All but `count` of the examples, and those: drawn at random, both parts in the order in which they stood.

    Read in another order than its own, a spooled part would cost a disk access an example.
    """
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    parts = [np.sort(np.array(rows, np.int64)) for rows in (order[:-count], order[-count:])]
    if isinstance(examples, Spooled):
        return examples.taken(parts[0]), examples.taken(parts[1])
    return [examples[row] for row in parts[0]], [examples[row] for row in parts[1]]
