"""The tagger as a function from strings to strings: `predict` runs it, and the SavedModel holds it."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.gradients import forward_only
from seqtasks.pipelines.encoding import TokenEncoder
from seqtasks.pipelines.ragged import dense
from seqtasks.pipelines.tagging.network import TaggingNetwork
from seqtasks.pipelines.tagging.vocabularies import Vocabularies
from seqtasks.pipelines.tokenizer import tokenize
from seqtasks.tasks import schemes

_TEXTS = tf.TensorSpec([None], tf.string, name="text")


class TaggingService(tf.Module):
    """Strings in, tokens and tags in the user's own scheme out; core TensorFlow operations only.

    Args:
        network: The trained network.
        encoder: The lookup tables it was trained with.
        vocabularies: Its tags and their scheme.
    """

    def __init__(self, network: TaggingNetwork, encoder: TokenEncoder, vocabularies: Vocabularies):
        super().__init__()
        self.network, self.encoder = network, encoder
        self._rendered = _rendered(vocabularies)
        # frozen into a function each, so that `predict` and the export run one and the same graph
        self.text = tf.function(self._text, input_signature=[_TEXTS])
        self.tokens = tf.function(self._tokens, input_signature=[_TEXTS])

    @property
    def signatures(self) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """Signature name to function."""
        return {"serving_default": self.text, "tokens": self.tokens}

    @property
    def tracked(self) -> list:
        """What an export has to track: the tables. It finds the variables by itself, and would write them twice."""
        return self.encoder.tables

    def _text(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Raw text [n]: tokens, tags, scores, begin, end [n, t] (offsets in code points) and lengths [n]."""
        tokens, begin, end, lengths = tokenize(text)
        return {**self._tag(tokens, lengths), "begin": begin, "end": end}

    def _tokens(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Tokens joined by spaces [n]: tokens, tags, scores [n, t] and lengths [n]."""
        pieces = tf.strings.split(text, " ")
        pieces = tf.ragged.boolean_mask(pieces, tf.ragged.map_flat_values(tf.not_equal, pieces, ""))
        return self._tag(dense(pieces, ""), tf.cast(pieces.row_lengths(), tf.int32))

    def _tag(self, tokens: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        encoded = self.encoder(tokens, lengths)
        with forward_only(), without_cudnn(self.network):
            tags, scores = self.network.decode(encoded._asdict())
        before = tf.pad(tags[:, :-1] + 1, [[0, 0], [1, 0]])
        rendered = tf.gather_nd(self._rendered, tf.stack([before, tags], axis=-1))
        real = tf.sequence_mask(lengths, tf.shape(tokens)[1])
        return {"tokens": tokens, "tags": tf.where(real, rendered, ""), "scores": scores, "lengths": lengths}


def _rendered(vocabularies: Vocabularies) -> tf.Tensor:
    """Strings [1 + tags, tags]: a working tag in the user's scheme, given the tag before (row 0: none)."""
    tags = vocabularies.tags.entries
    return tf.constant([[schemes.render(before, tag, vocabularies.scheme) for tag in tags] for before in (None, *tags)])
