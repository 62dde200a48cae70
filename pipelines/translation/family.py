"""The translation family's answers: units, encoding, model, translations, serving."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import RunConfig
from seqtasks.errors import ConfigError, DataError
from seqtasks.layers.decoder import AttentionDecoder
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines import batches, spool, subwords, words
from seqtasks.pipelines.family import LOOKED_AT, Family
from seqtasks.pipelines.prediction import answer_lines
from seqtasks.pipelines.translation import alignment
from seqtasks.pipelines.translation.network import TranslationNetwork
from seqtasks.pipelines.translation.output import WRITERS
from seqtasks.pipelines.translation.service import TranslationService
from seqtasks.pipelines.translation.vocabularies import EncodedPairs, Vocabularies, encode
from seqtasks.pipelines.vocabulary import PAD
from seqtasks.tasks import paired
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.scores import translation
from seqtasks.tasks.task import Task

_INPUTS = {"source": tf.TensorSpec([None, None], tf.int32), "target": tf.TensorSpec([None, None], tf.int32)}


LONG_AT_ONCE = 16
"""Long sources that are cut into units at once."""


class TrainingBatches:
    """The training split cut into batches; see `seqtasks.pipelines.family.Batches`."""

    signature = (_INPUTS, tf.TensorSpec([None, None], tf.int32))

    def __init__(self, pairs: EncodedPairs, config: RunConfig):
        self._pairs, self._training, self._budget = pairs, config.training, config.model.batch_tokens
        self._sizes = np.maximum(*pairs.lengths)

    def steps(self, epoch: int) -> int:
        return len(self._plan(epoch))

    def epoch(self, epoch: int, step: int) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        for rows in self._plan(epoch)[step:]:
            yield self._pairs.batch(rows)

    def units(self, inputs: dict[str, np.ndarray], targets: np.ndarray) -> int:
        """Of the target side, the ends included."""
        return int((targets != PAD).sum())

    def _plan(self, epoch: int) -> list[np.ndarray]:
        training = self._training
        return batches.shuffled(self._sizes, training.batch_size, training.seed, epoch, self._budget)


class Translator(Family):
    """A translator of one run: its units, its network and what they do with texts.

    Args:
        config: The run's configuration.
        vocabularies: From `fit` or `load`.
    """

    writers = WRITERS
    signatures = {
        "serving_default": ("translation", "score"),
        "greedy": ("translation", "score"),
        "nbest": ("translations", "scores"),
    }
    """What an exported translator answers by: signature to outputs."""

    def __init__(self, config: RunConfig, vocabularies: Vocabularies):
        self.config, self.vocabularies = config, vocabularies
        self.encoders = vocabularies.encoders()
        sizes = tuple(encoder.size for encoder in self.encoders)
        self.network = TranslationNetwork(sizes, config.model)
        # one real call makes every weight
        self.network({name: tf.ones([1, 1], tf.int32) for name in _INPUTS})
        self._service: TranslationService | None = None

    @classmethod
    def fit(cls, task: Task, config: RunConfig, train: Sequence[SentencePair]) -> Translator:
        """A new translator with the training split's units and fresh weights.

        Raises:
            ConfigError: Subwords can't be made of the texts, or not on this platform.
            DataError: No word on one of the sides.
        """
        if config.model.token_unit != "word":
            subwords.check_platform("--token-unit")
        return cls(config, Vocabularies.fit(train, config.model))

    @classmethod
    def load(cls, config: RunConfig, folder: Path) -> Translator:
        """A translator with the units that `save` wrote; weights are still to be loaded."""
        if config.model.token_unit != "word":
            subwords.check_platform("--token-unit")
        return cls(config, Vocabularies.load(folder))

    def save(self, folder: Path) -> None:
        """Writes the units of both sides."""
        self.vocabularies.save(folder)

    def training_batches(self, train: Sequence[SentencePair]) -> TrainingBatches:
        """The training split, encoded."""
        return TrainingBatches(encode(train, self.encoders), self.config)

    def encode(self, pairs: Sequence[SentencePair]) -> Sequence[str]:
        """A split's sources, for `predict`: the serving function reads raw text."""
        return spool.Mapped(attrgetter("text"), pairs)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """A translation each, by the serving function."""
        return [answer["translation"] for answer in answer_lines(self.service().text, texts)]

    def predict_dev(self, texts: Sequence[str]) -> list[str]:
        """A translation each, by greedy search: what is asked after every epoch must be quick."""
        return [answer["translation"] for answer in answer_lines(self.service().greedy, texts)]

    def dev_score(self, task: Task, pairs: Sequence[SentencePair], predicted: Sequence[str]) -> float:
        """BLEU, or where that says nothing, chrF2."""
        return translation.dev_score(pairs, predicted)

    def labelled(self, pairs: Sequence[SentencePair]) -> Sequence[SentencePair]:
        """All of them, where any has a translation; an empty one may be meant."""
        return pairs if any(pair.translation for pair in pairs) else []

    def check(self, pairs: Sequence[SentencePair]) -> list[str]:
        """Warnings about empty sides, long pairs, and what BLEU can't score.

        Raises:
            DataError: No pair has a translation.
        """
        if not pairs:
            raise DataError("no pair with a translation", hint="a split with both sides")
        return [*paired.faults(pairs), *self._untranslated(pairs), *_beyond_bleu(pairs)]

    def _untranslated(self, pairs: Sequence[SentencePair]) -> list[str]:
        """A warning about sources that the service refuses, if there are any."""
        most = self.config.model.max_source
        # hardly a unit is less than a character
        long = (pair for pair in pairs if len(pair.text) > most)
        count, first = 0, ""
        while part := list(itertools.islice(long, LONG_AT_ONCE)):
            lengths = self.encoders[0].encode(tf.constant([pair.text for pair in part]))[1].numpy()
            first = first or next((pair.place for pair, length in zip(part, lengths, strict=True) if length > most), "")
            count += int((lengths > most).sum())
        return [f"{first}: more than {most:,} units: {count:,} sources; such are not translated"] if count else []

    def baseline_view(self, pairs: Sequence[SentencePair]) -> Iterator[SentencePair]:
        """The pairs as words, which a baseline learns, whatever the network's units are."""
        sources = words.tokenised((pair.text for pair in pairs), marked=False)
        targets = words.tokenised((pair.translation for pair in pairs), marked=True)
        for pair, source, target in zip(pairs, sources, targets, strict=True):
            yield replace(pair, text=source, translation=target)

    def baseline_inputs(self, pairs: Sequence[SentencePair]) -> Iterable[str]:
        """What a baseline answers: the sources as words."""
        return words.tokenised(self.encode(pairs), marked=False)

    def baseline_answers(self, predicted: Iterable[str]) -> list[str]:
        """A baseline's words put together to texts."""
        rows = [line.split(" ") for line in predicted]
        return [words.detokenised(tf.constant([row])).numpy()[0].decode() for row in rows]

    @staticmethod
    def check_attention(config: RunConfig, path: Path) -> None:
        """Says, before anything is computed, that `draw_attention` can't draw.

        Raises:
            ConfigError: The file's ending is no picture's, or the model has no attention, or its answers are drawn.
        """
        alignment.check_ending(path)
        if config.model.attention == "none":
            raise ConfigError(
                "a run without attention has none to draw", where="--attention", received=str(path), hint="another run"
            )
        if config.model.temperature:
            raise ConfigError(
                "the attention is of the beam search, and --temperature draws the answers", where="--attention",
                received=config.model.temperature, hint="--temperature 0"
            )  # fmt: skip

    def draw_attention(self, texts: Sequence[str], path: Path) -> None:
        """Draws what each unit of the texts' translations attended to; raises as `check_attention` does."""
        self.check_attention(self.config, path)
        alignment.save(alignment.alignments(self.service().alignment(tf.constant(list(texts), tf.string))), path)

    def stacks(self, pairs: Sequence[SentencePair]) -> list[tuple[str, RecurrentStack | AttentionDecoder, *tuple]]:
        """Encoder and decoder: its name, itself, and what its `reads` takes of the pairs as a batch."""
        whole, _ = encode(pairs, self.encoders).batch(np.arange(len(pairs)))
        inputs = {side: units[:, :LOOKED_AT] for side, units in whole.items()}
        network = self.network
        return [
            ("encoder", network.stack, *network.features(inputs["source"])),
            ("decoder", network.decoder, *network.teaching(inputs)),
        ]

    def service(self) -> TranslationService:
        """Strings to strings; one for all, for its graphs take seconds to trace."""
        if self._service is None:
            self._service = TranslationService(self.network, self.encoders, self.config.model)
        return self._service


def _beyond_bleu(pairs: Sequence[SentencePair]) -> list[str]:
    """A warning where BLEU is 0 by definition."""
    if not translation.says_nothing(pairs):
        return []
    return [f"{pairs[0].source or 'the split'}: no translation of four words or more, so that its BLEU is 0"]


FAMILY = Translator
