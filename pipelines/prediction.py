"""Predictions over a stream at constant memory: lines in, the serving function's answers out, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import tensorflow as tf

from seqtasks.errors import SeqtasksError

CHUNK = 8192
"""Lines read before any is answered: enough to sort into batches that pad little."""

BATCH = 256
"""Lines answered by one call."""

WORKERS = 2
"""Calls under way at once: one reads and looks up strings while another multiplies matrices."""

Answer = dict[str, Any]
"""A line's part of the function's outputs: output name to a list of values."""


def answer_lines(function: Callable[..., dict[str, tf.Tensor]], lines: Iterable[str]) -> Iterator[Answer]:
    """Runs a serving function over lines, a chunk at a time.

    Args:
        function: Takes `text` [n], returns padded outputs [n, t] and `lengths` [n].
        lines: Any number of them.

    Yields:
        For each line in order, each output's values up to the line's length; strings decoded.
    """
    stream = iter(lines)
    with ThreadPoolExecutor(WORKERS) as pool:
        fault = None
        while fault is None:
            chunk, fault = _chunk(stream)
            if not chunk:
                break
            order = np.argsort([len(line) for line in chunk], kind="stable")
            parts = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
            answers: list[Answer] = [{}] * len(chunk)
            for rows, found in zip(parts, pool.map(partial(_answer, function, chunk), parts), strict=True):
                for row, answer in zip(rows, found, strict=True):
                    answers[row] = answer
            yield from answers
    if fault:
        raise fault


def _chunk(stream: Iterator[str]) -> tuple[list[str], SeqtasksError | None]:
    """The next lines, and the fault that stands behind them: what came before it is answered first."""
    lines: list[str] = []
    try:
        for line in islice(stream, CHUNK):
            lines.append(line)
    except SeqtasksError as error:
        return lines, error
    return lines, None


def _answer(function, chunk: list[str], rows: np.ndarray) -> list[Answer]:
    outputs = {name: value.numpy() for name, value in function(text=tf.constant([chunk[row] for row in rows])).items()}
    lengths = outputs.pop("lengths")
    columns = {name: _plain(value) for name, value in outputs.items()}
    return [{name: values[row][:length] for name, values in columns.items()} for row, length in enumerate(lengths)]


def _plain(values: np.ndarray) -> list[list]:
    """Nested lists; bytes become strings."""
    if values.dtype == object:
        return [[value.decode("utf-8", "replace") for value in row] for row in values.tolist()]
    return values.tolist()
