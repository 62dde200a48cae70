"""The translator as a function from strings to strings: `predict` runs it, and the SavedModel holds it."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.config import TranslationConfig
from seqtasks.layers.beam import Found, Search, beam_search, greedy_search
from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.gradients import forward_only
from seqtasks.pipelines.subwords import Subwords
from seqtasks.pipelines.translation.network import TranslationNetwork
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, UNK
from seqtasks.pipelines.words import Words

REFUSED = float("-inf")
"""The score of a text that is too long to be translated; its translation is empty."""

_TEXTS = tf.TensorSpec([None], tf.string, name="text")
_ROOM = 10  # units that a translation may have beyond its share of the source's
_PRECISION = 1 << 24  # different numbers that are drawn


class TranslationService(tf.Module):
    """Raw text in, translations and their scores out.

    A text without a word has an empty translation of score 0. One of more than `max_source` units is refused: its
    translation is empty and its score `REFUSED`.

    Args:
        network: The trained network.
        encoders: What makes ids of source texts, and texts of target ids.
        config: How to search.
    """

    def __init__(
        self,
        network: TranslationNetwork,
        encoders: tuple[Words | Subwords, Words | Subwords],
        config: TranslationConfig,
    ):
        super().__init__()
        self.network, self.sources, self.targets = network, *encoders
        self._config = config
        # an unknown word has a word to stand in for it, an unknown piece has none
        banned = (PAD, BOS) if isinstance(self.targets, Words) else (PAD, BOS, UNK)
        self.search = Search(
            BOS,
            EOS,
            banned,
            width=config.beam,
            length_penalty=config.length_penalty,
            coverage_penalty=config.coverage_penalty if config.attention != "none" else 0.0,
            no_repeat=config.no_repeat,
        )
        # frozen into a function each, so that `predict` and the export run one and the same graph
        self.text = tf.function(self._text, input_signature=[_TEXTS])
        self.greedy = tf.function(self._greedy, input_signature=[_TEXTS])
        self.nbest = tf.function(self._nbest, input_signature=[_TEXTS])
        self.alignment = tf.function(self._alignment, input_signature=[_TEXTS])

    @property
    def signatures(self) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """Signature name to function."""
        return {"serving_default": self.text, "greedy": self.greedy, "nbest": self.nbest}

    @property
    def tracked(self) -> list:
        """What an export has to track: tables and models. It finds the variables by itself."""
        same = self.sources is self.targets
        return [*self.sources.tables, *([] if same else self.targets.tables)]

    def _text(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Raw text [n]: the best translation and its score, each [n]; with a temperature one that is drawn."""
        translations, scores = self._translate(text, self._sampled if self._config.temperature else self._beam)
        return {"translation": translations[:, 0], "score": scores[:, 0]}

    def _greedy(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `_text`, by the best unit at every step."""
        translations, scores = self._translate(text, self._best)
        return {"translation": translations[:, 0], "score": scores[:, 0]}

    def _nbest(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """All translations that the beam search kept and their scores, [n, beam], the best first.

        Where there are fewer, empty ones of score `REFUSED` stand behind them.
        """
        translations, scores = self._translate(text, self._beam)
        return {"translations": translations, "scores": scores}

    def _alignment(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """The units of texts [n] and of their translations, their numbers, and the attention's weights [n, t, s]."""
        ids, lengths, _, taken = self._read(text)
        found = self._search(text, ids, lengths, taken, self._beam)
        units, counts = found.units[:, 0], tf.maximum(found.lengths[:, 0], 0)
        ended = tf.pad(units, [[0, 0], [0, 1]]) + EOS * tf.one_hot(counts, tf.shape(units)[1] + 1, dtype=tf.int32)
        begun = tf.concat([tf.fill([tf.shape(units)[0], 1], BOS), units], axis=1)
        with forward_only(), without_cudnn(self.network):
            weights = self.network.attended(_with_end(ids, lengths), begun)
        return {
            "source": tf.pad(self.sources.pieces(ids), [[0, 0], [0, 1]], constant_values=""),
            "target": self.targets.pieces(ended),
            "source_lengths": lengths,
            "target_lengths": counts,
            "weights": weights,
        }

    def _translate(self, text: tf.Tensor, search) -> tuple[tf.Tensor, tf.Tensor]:
        """Texts [n] to translations and scores, [n, k]."""
        ids, lengths, words, taken = self._read(text)
        found = self._search(text, ids, lengths, taken, search)
        width = found.scores.shape[1]
        there = (found.lengths >= 0) & taken[:, None]
        flat = [tf.reshape(part, [tf.size(found.scores), -1]) for part in (found.units, found.attended)]
        counts = tf.reshape(tf.where(there, found.lengths, 0), [-1])
        if isinstance(self.targets, Subwords):
            translations = self.targets.decode(flat[0], counts)
        elif self._config.replace_unknown and self._config.attention != "none":
            # the end may be what was attended to most: then nothing is put there
            shown = tf.pad(words, [[0, 0], [0, 1]], constant_values="")
            instead = tf.gather(tf.repeat(shown, width, axis=0), flat[1], batch_dims=1)
            translations = self.targets.decode(flat[0], counts, instead)
        else:
            translations = self.targets.decode(flat[0], counts)
        scores = tf.where(there, found.scores, REFUSED)
        empty = (lengths == 0)[:, None] & (tf.range(width) == 0)
        return (
            tf.where(there, tf.reshape(translations, [-1, width]), ""),
            tf.where(empty, 0.0, scores),
        )

    def _read(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Ids [n, s], their numbers [n], the words [n, s], and which texts are translated at all."""
        ids, lengths, *words = self.sources.encode(text)
        taken = (lengths > 0) & (lengths <= self._config.max_source)
        # a text that is refused must not make the others wait
        longest = tf.maximum(tf.reduce_max(tf.concat([[1], tf.where(taken, lengths, 0)], axis=0)), 1)
        ids = tf.where(taken[:, None], ids, PAD)[:, :longest]
        return ids, lengths, (words[0][:, :longest] if words else ids), taken

    def _search(self, text, ids, lengths, taken, search) -> Found:
        lengths = tf.where(taken, lengths, 0)
        most = tf.cast(tf.floor(self._config.max_ratio * tf.cast(lengths, tf.float32)), tf.int32) + _ROOM
        with forward_only(), without_cudnn(self.network):
            encoded = self.network.encode(_with_end(ids, lengths))
            return search(text, encoded, tf.where(taken, most, 0))

    def _beam(self, text, encoded, limits) -> Found:
        return beam_search(self.network.step, encoded.states, encoded.memory, limits, self.search)

    def _best(self, text, encoded, limits) -> Found:
        return greedy_search(self.network.step, encoded.states, encoded.memory, limits, self.search)

    def _sampled(self, text, encoded, limits) -> Found:
        def chance(rows, time):
            # of the text and the step alone, so that no text's draws depend on its company
            key = tf.strings.join([tf.gather(text, rows), tf.strings.as_string(time)], separator="\x01")
            drawn = tf.strings.to_hash_bucket_strong(key, _PRECISION, [self._config.sampling_seed, 1])
            return tf.cast(drawn, tf.float32) / _PRECISION

        options = {"temperature": self._config.temperature, "chance": chance}
        return greedy_search(self.network.step, encoded.states, encoded.memory, limits, self.search, **options)


def _with_end(ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Ids [n, s] with the end behind the first `lengths` [n] of each row, [n, s + 1]."""
    ended = tf.pad(ids, [[0, 0], [0, 1]])
    return tf.where(tf.range(tf.shape(ended)[1]) == lengths[:, None], EOS, ended)
