"""Predictions over a stream at constant memory: lines in, the serving function's answers out, in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from seqtasks.errors import SeqtasksError
from seqtasks.pipelines.batches import by_length

CHUNK = 8192
"""Lines read before any is answered: enough to sort into batches that pad little."""

CHUNK_CHARACTERS = 1 << 20
"""Characters read before any line is answered: a chunk of long lines has fewer of them."""

BATCH = 256
"""Lines answered by one call, and fewer where each has many hypotheses."""

HYPOTHESES = 2048
"""Lines times hypotheses of a search answered by one call: each has a probability for every unit."""

BATCH_CHARACTERS = 1 << 16
"""Characters answered by one call, padding included: a call's memory grows with its tokens, of whatever lines."""

LONGEST = 1 << 17
"""Characters of a line that is answered: so many tokens take 2 GiB in a network of the default size."""

WORKERS = 2
"""Calls under way at once: one reads and looks up strings while another multiplies matrices."""

Answer = dict[str, Any]
"""A line's part of the function's outputs: output name to a list of values, or to one value."""


def json_number(value: float, digits: int | None = 6) -> float | None:
    """The number as JSON may hold it: rounded, or null in the place of an infinite one and of none."""
    if not math.isfinite(value):
        return None
    return value if digits is None else round(value, digits)


def answer_lines(
    function: Callable[..., dict[str, tf.Tensor]], lines: Iterable[str], beam: int = 1
) -> Iterator[Answer]:
    """Runs a serving function over lines, a chunk at a time.

    Args:
        function: Takes `text` [n], returns padded outputs [n, t] and `lengths` [n], or, without `lengths`, outputs
            [n] and [n, k] of which all is meant.
        lines: Any number of them.
        beam: Hypotheses of each that the function holds at once.

    Yields:
        For each line in order, each output's values up to the line's length; strings decoded.
    """
    stream, batch = iter(lines), max(1, min(BATCH, HYPOTHESES // beam))
    with ThreadPoolExecutor(WORKERS) as pool:
        fault = None
        while fault is None:
            chunk, fault = _chunk(stream)
            if not chunk:
                break
            parts = list(by_length(np.array([len(line) for line in chunk]), batch, BATCH_CHARACTERS))
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
    room = CHUNK_CHARACTERS
    try:
        while len(lines) < CHUNK and room > 0 and (line := next(stream, None)) is not None:
            lines.append(line)
            room -= len(line)
    except SeqtasksError as error:
        return lines, error
    return lines, None


def _answer(function, chunk: list[str], rows: np.ndarray) -> list[Answer]:
    outputs = {name: value.numpy() for name, value in function(text=tf.constant([chunk[row] for row in rows])).items()}
    lengths = outputs.pop("lengths", None)
    columns = {name: _plain(value) for name, value in outputs.items()}
    if lengths is None:
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [{name: values[row][:length] for name, values in columns.items()} for row, length in enumerate(lengths)]


def _plain(values: np.ndarray) -> list:
    """Lists, or lists of lists; bytes become strings."""
    if values.dtype == object:
        flat = [value.decode("utf-8", "replace") for value in values.ravel()]
        return np.array(flat, object).reshape(values.shape).tolist()
    return values.tolist()
