"""What a classifier goes through on its texts: the state of its recurrent layer, and its answer, after each token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from seqtasks.layers.trajectory import trajectory
from seqtasks.pipelines.batches import by_length
from seqtasks.pipelines.classification.network import ClassificationNetwork
from seqtasks.pipelines.classification.vocabularies import EncodedTexts

BATCH, BATCH_TOKENS = 256, 1 << 15
"""Texts, and tokens with padding, that are followed at once."""


@dataclass(frozen=True)
class Trajectories:
    """The ways of S texts with N tokens in all; text s has the rows `starts[s]` to `starts[s + 1]`.

    Attributes:
        words: The vocabulary's words by id, as a person reads them.
        labels: The network's labels by id.
        tokens: Word ids, [N].
        starts: [S + 1].
        states: After each token: h, and where the cell has one c, each [N, units] float32.
        answers: The network's answer to the text up to each token, label ids [N].
        empty: Its answer to a text without a token, a label id.
        gold: The true labels' ids, [S]; -1 where the network has no such label.
    """

    words: tuple[str, ...]
    labels: tuple[str, ...]
    tokens: np.ndarray
    starts: np.ndarray
    states: tuple[np.ndarray, ...]
    answers: np.ndarray
    empty: int
    gold: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text, [S]."""
        return np.diff(self.starts)

    @property
    def last(self) -> np.ndarray:
        """The network's answer to each whole text, [S]."""
        if not len(self.tokens):
            return np.full(len(self.gold), self.empty)
        return np.where(self.lengths > 0, self.answers[np.maximum(self.starts[1:] - 1, 0)], self.empty)

    def groups(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """The texts with a token, those of similar length together: one long text alone would else pad all others.

        Yields:
            Texts [n], rising in length; the rows of their tokens, [n, longest], and which of those are real: the others
            are any row.
        """
        some = np.flatnonzero(self.lengths)
        for part in by_length(self.lengths[some], len(some), BATCH_TOKENS):
            texts = some[part]
            lengths, steps = self.lengths[texts], np.arange(self.lengths[texts].max())
            real = steps < lengths[:, None]
            yield texts, np.where(real, self.starts[texts][:, None] + steps, 0), real

    def with_states(self, *states: np.ndarray) -> Trajectories:
        """The same ways through other states."""
        return replace(self, states=states)


def trajectories(
    network: ClassificationNetwork, texts: EncodedTexts, words: Sequence[str], labels: Sequence[str]
) -> Trajectories:
    """Follows texts through a network of one layer in one direction, whose answer is made of the last state alone.

    Raises:
        ValueError: The network is another one; its states are not all that its answers depend on.
    """
    [layer] = network.stack.recurrent
    if network.pooling.kind != "last" or network.stack.bidirectional:
        raise ValueError("a network of one layer in one direction with the pooling last is needed")
    starts = texts.tokens.starts
    flat: list[np.ndarray] = []
    answers = np.zeros(starts[-1], np.int64)
    for rows in by_length(texts.tokens.lengths, BATCH, BATCH_TOKENS):
        inputs, _ = texts.batch(rows)
        features, mask = network.features(inputs, training=False)
        steps = trajectory(layer, tf.transpose(features, [1, 0, 2]), tf.transpose(mask))[1:]
        found = [np.stack([step[kind] for step in steps], axis=1) for kind in range(len(steps[0]))]
        real = mask.numpy()
        places = (starts[rows][:, None] + np.arange(real.shape[1]))[real]
        flat = flat or [np.zeros([starts[-1], state.shape[-1]], np.float32) for state in found]
        for all_of_kind, state in zip(flat, found, strict=True):
            all_of_kind[places] = state[real]
        answers[places] = np.argmax(network.logits(found[0][real]), axis=-1)
    return Trajectories(
        words=tuple(words),
        labels=tuple(labels),
        tokens=texts.tokens.words[: starts[-1]],
        starts=starts,
        states=tuple(flat),
        answers=answers,
        empty=int(np.argmax(network.logits(tf.zeros([1, layer.units])))),
        gold=texts.labels,
    )
