"""The classifier as a function from strings to strings: `predict` runs it, and the SavedModel holds it."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.gradients import forward_only
from seqtasks.pipelines.classification.network import ClassificationNetwork
from seqtasks.pipelines.classification.vocabularies import Vocabularies
from seqtasks.pipelines.encoding import TokenEncoder
from seqtasks.pipelines.tokenizer import tokenize


class ClassificationService(tf.Module):
    """Raw text in, labels and their probabilities out; core TensorFlow operations only.

    Args:
        network: The trained network.
        encoder: The lookup tables it was trained with.
        vocabularies: Its labels, and whether it reads characters.
        most: Only so many tokens of a text are read, its first; 0: all.
    """

    def __init__(self, network: ClassificationNetwork, encoder: TokenEncoder, vocabularies: Vocabularies, most: int):
        super().__init__()
        self.network, self.encoder, self._most = network, encoder, most
        self._by_character = vocabularies.by_character
        self._labels = tf.constant(vocabularies.labels.entries)
        # frozen into a function, so that `predict` and the export run one and the same graph
        self.text = tf.function(self._text, input_signature=[tf.TensorSpec([None], tf.string, name="text")])

    @property
    def signatures(self) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """Signature name to function."""
        return {"serving_default": self.text}

    @property
    def tracked(self) -> list:
        """What an export has to track: the tables. It finds the variables by itself, and would write them twice."""
        return self.encoder.tables

    def _text(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Raw text [n] to answers.

        Returns:
            `label` and `score` [n], the best label and its probability; `labels` and `scores` [n, labels], all of them;
            `cut` [n], whether only the text's first tokens were read.
        """
        tokens, _, _, lengths = tokenize(text, self._by_character)
        cut = lengths > self._most if self._most else tf.zeros_like(lengths, tf.bool)
        if self._most:
            tokens, lengths = tokens[:, : self._most], tf.minimum(lengths, self._most)
        encoded = self.encoder(tokens, lengths, spelling=self.network.spelling is not None)
        with forward_only(), without_cudnn(self.network):
            scores = self.network.decode(encoded._asdict())
        best = tf.argmax(scores, axis=-1, output_type=tf.int32)  # of equals the first
        return {
            "label": tf.gather(self._labels, best),
            "score": tf.gather(scores, best, batch_dims=1),
            "labels": tf.tile(self._labels[None], [tf.shape(scores)[0], 1]),
            "scores": scores,
            "cut": cut,
        }
