"""The language family's answers: vocabularies, encoding, model, probabilities, serving."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import RunConfig
from seqtasks.errors import DataError, RunError
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines.family import LOOKED_AT, Family
from seqtasks.pipelines.language.encoder import UnitEncoder
from seqtasks.pipelines.language.network import LanguageNetwork
from seqtasks.pipelines.language.output import WRITERS
from seqtasks.pipelines.language.service import LanguageService
from seqtasks.pipelines.language.streams import ScoringStreams, TrainingStreams, shifted
from seqtasks.pipelines.language.vocabularies import UNSPACED_HINT, Vocabularies
from seqtasks.pipelines.memo import Memo
from seqtasks.pipelines.tokenizer import mostly_unspaced
from seqtasks.tasks.examples import Text
from seqtasks.tasks.task import Task
from seqtasks.tasks.units import UNKNOWN, UnitProbabilities, UnitSequences

MANY_UNKNOWN = 0.1
"""Share of unknown units from which a split is told of: its perplexity says little."""


class LanguageModel(Family):
    """A language model of one run: its units, its network and what they do with texts.

    Args:
        config: The run's configuration.
        vocabularies: From `fit` or `load`.
    """

    writers = WRITERS
    signatures = {
        "serving_default": ("log_probability", "perplexity", "tokens", "unknown"),
        "sample": ("text", "units"),
        "sample_top": ("text", "units"),
    }
    """What an exported language model answers by: signature to outputs."""

    def __init__(self, config: RunConfig, vocabularies: Vocabularies):
        self.config, self.vocabularies = config, vocabularies
        self.encoder = UnitEncoder(vocabularies)
        self.network = LanguageNetwork(len(vocabularies), config.model)
        # one real call makes every weight
        self.network({"units": tf.zeros([1, 1], tf.int32), "fresh": tf.constant([True])})
        self._advance = tf.function(self.network.advance, reduce_retracing=True)
        # every stage asks for the ids of the same few splits
        self._sequences = Memo(self.encoder.sequences)

    @classmethod
    def fit(cls, task: Task, config: RunConfig, train: Sequence[Text]) -> LanguageModel:
        """A new language model with the training split's units and fresh weights.

        Raises:
            DataError: There is no unit in the training split.
        """
        made = cls(config, Vocabularies.fit(train, config.model))
        texts = made.encode(train)
        # the softmax begins as the unigram model, so that the first updates are not spent on finding it
        counts = texts.counts + 1.0
        made.network.softmax.bias.assign(np.log(counts / counts.sum()))
        return made

    @classmethod
    def load(cls, config: RunConfig, folder: Path) -> LanguageModel:
        """A language model with the units that `save` wrote; weights are still to be loaded."""
        return cls(config, Vocabularies.load(folder))

    def save(self, folder: Path) -> None:
        """Writes the vocabularies."""
        self.vocabularies.save(folder)

    def training_batches(self, train: Sequence[Text]) -> TrainingStreams:
        """The training split as streams; the network makes room for their states."""
        streams = TrainingStreams(self.encode(train), self.config.training)
        self.network.carry(streams.streams)
        return streams

    def encode(self, texts: Sequence[Text]) -> UnitSequences:
        """A split as ids, for `predict` and the baselines."""
        return self._sequences(texts)

    def predict(self, texts: UnitSequences) -> list[UnitProbabilities]:
        """ln P of every unit of each text, given the texts before it in the split, as `ScoringStreams` cuts it."""
        streams = ScoringStreams(texts)
        states, found = self.network.zero_states(streams.streams), []
        for units, targets in streams.batches():
            values, states = self._advance(units, targets, states)
            found.append(values.numpy())
        values = streams.joined(np.concatenate(found, axis=1).astype(np.float64))
        return list(texts.answers(values, "carried"))

    def dev_score(self, task: Task, texts: Sequence[Text], predicted: list[UnitProbabilities]) -> float:
        """What chooses the best epoch: the perplexity, as a negative number, for more is better.

        Raises:
            RunError: It is no finite number.
        """
        perplexity = task.score(texts, predicted, self.known)[0].value
        if perplexity is None or not math.isfinite(perplexity):
            hint = "--fresh with a smaller --learning-rate or --clip-norm"
            raise RunError("the perplexity on dev is no finite number", received=perplexity, hint=hint)
        return -perplexity

    def labelled(self, texts: Sequence[Text]) -> Sequence[Text]:
        """All: a text is its own truth."""
        return texts

    def check(self, texts: Sequence[Text]) -> list[str]:
        """A warning where much of a split is unknown.

        Raises:
            DataError: It holds no text, or nothing in it is known.
        """
        ids = self.encode(texts).ids
        unknown, units = int((ids == UNKNOWN).sum()), len(ids) - len(texts)
        if unknown == units:
            unit = self.vocabularies.unit
            unspaced = unit == "word" and mostly_unspaced(text.text for text in texts)
            raise DataError(
                "nothing that the training split has",
                where=texts[0].source if texts else "",
                received=texts[0].text if texts else "no text",
                hint=UNSPACED_HINT if unspaced else f"text of the same kind; units are {unit}s",
            )
        if unknown <= MANY_UNKNOWN * units:
            return []
        return [f"{texts[0].source}: {unknown / units:.0%} of the {self.vocabularies.unit}s are unknown; all count as "
                "one, and the perplexity says little"]  # fmt: skip

    def baseline_view(self, texts: Sequence[Text]) -> UnitSequences:
        """The texts as ids, which baselines count."""
        return self.encode(texts)

    def baseline_inputs(self, texts: Sequence[Text]) -> UnitSequences:
        """What a baseline gives probabilities to: the texts as ids."""
        return self.encode(texts)

    def baseline_answers(self, predicted: Iterable[UnitProbabilities]) -> list[UnitProbabilities]:
        """A baseline's answers, as they are."""
        return list(predicted)

    def stacks(self, texts: Sequence[Text]) -> list[tuple[str, RecurrentStack, tf.Tensor, tf.Tensor]]:
        """The stack of recurrent layers: its name, itself, what it reads of the texts as a batch, and the mask."""
        found = self.encode(texts)
        units = tf.RaggedTensor.from_row_lengths(shifted(found.ids), found.lengths)[:, :LOOKED_AT]
        features = self.network.features(units.to_tensor(), training=False)
        return [("units", self.network.stack, features, tf.sequence_mask(units.row_lengths()))]

    def service(self) -> LanguageService:
        """Strings to probabilities, and to strings."""
        return LanguageService(self.network, self.encoder)


FAMILY = LanguageModel
