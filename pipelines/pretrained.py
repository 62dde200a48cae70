"""Pretrained vectors for the words that a network looks up: under their normalised form, the first of equals counts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from seqtasks.pipelines.encoding import joinable, normalise
from seqtasks.pipelines.vectors import read_vectors


def normalised(tokens: Iterable[str]) -> list[str]:
    """Tokens under the form in which the vocabulary has them."""
    return [word.decode() for word in normalise(tf.constant(list(tokens), tf.string)).numpy()]


def pretrained(path: str, tokens: Iterable[str], head: int) -> tuple[list[str], np.ndarray]:
    """The vectors of a file for the training split's tokens, and for the first `head` other words in it.

    Returns:
        Normalised words, distinct, and their vectors, float32 [n, d].

    Raises:
        DataError: A fault in the file, as `read_vectors` names it.
    """
    distinct = dict.fromkeys(tokens)
    found, vectors = read_vectors(path, [*distinct, *normalised(distinct)], head)
    first = {word: row for row, word in reversed(list(enumerate(normalised(map(joinable, found)))))}
    return list(first), vectors[list(first.values())]
