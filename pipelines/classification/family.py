"""The classification family's answers: vocabularies, encoding, model, predictions, serving."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import RunConfig
from seqtasks.errors import DataError
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines import batches, spool
from seqtasks.pipelines.classification import confusion
from seqtasks.pipelines.classification.network import ClassificationNetwork
from seqtasks.pipelines.classification.output import WRITERS
from seqtasks.pipelines.classification.service import ClassificationService
from seqtasks.pipelines.classification.trajectories import Trajectories, trajectories
from seqtasks.pipelines.classification.vocabularies import (
    EncodedTexts,
    Vocabularies,
    encode,
    tokenised,
)
from seqtasks.pipelines.encoding import TokenEncoder
from seqtasks.pipelines.evaluation import unknown_labels
from seqtasks.pipelines.family import LOOKED_AT, Family
from seqtasks.pipelines.memo import Memo
from seqtasks.pipelines.pretrained import pretrained
from seqtasks.pipelines.tokenizer import mostly_unspaced
from seqtasks.pipelines.vocabulary import PAD
from seqtasks.pipelines.word_features import INPUTS, beginnings
from seqtasks.tasks.examples import LabelDistribution, LabelledText
from seqtasks.tasks.scores import classification
from seqtasks.tasks.task import Task

SCORING_BATCH, SCORING_TOKENS = 256, 1 << 16
"""Texts, and tokens with padding, classified at once when nothing is learnt."""

_LABELS = tf.TensorSpec([None], tf.int32)


class TrainingBatches:
    """The training split cut into batches; see `seqtasks.pipelines.family.Batches`."""

    signature = (INPUTS, _LABELS)

    def __init__(self, texts: EncodedTexts, config: RunConfig, vocabulary_size: int):
        self._texts, self._training, self._model = texts, config.training, config.model
        self._counts = np.bincount(texts.tokens.words, minlength=vocabulary_size)
        self._lengths = texts.tokens.lengths

    def steps(self, epoch: int) -> int:
        return len(self._plan(epoch))

    def epoch(self, epoch: int, step: int) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        seed, amount = self._training.seed, self._model.word_dropout
        for at, rows in enumerate(self._plan(epoch)[step:], start=step):
            inputs, labels = self._texts.batch(rows)
            inputs["words"] = batches.forget_words(inputs["words"], self._counts, amount, (seed, epoch, at))
            yield inputs, labels

    def units(self, inputs: dict[str, np.ndarray], targets: np.ndarray) -> int:
        return int((inputs["words"] != PAD).sum())

    def _plan(self, epoch: int) -> list[np.ndarray]:
        training = self._training
        return batches.shuffled(self._lengths, training.batch_size, training.seed, epoch, self._model.batch_tokens)


class Classifier(Family):
    """A classifier of one run: its vocabularies, its network and what they do with texts.

    Args:
        config: The run's configuration.
        vocabularies: From `fit` or `load`.
        label_weights: What a text of each label counts for in the loss, [labels]; only training asks.
    """

    writers = WRITERS
    signatures = {"serving_default": ("label", "score", "labels", "scores")}
    """What an exported classifier answers by: signature to outputs; and by `cut`, which older ones lack."""

    def __init__(self, config: RunConfig, vocabularies: Vocabularies, label_weights: np.ndarray | None = None):
        self.config, self.vocabularies = config, vocabularies
        self.encoder = TokenEncoder(vocabularies.words, vocabularies.characters)
        weights = np.ones(len(vocabularies.labels)) if label_weights is None else label_weights
        self.network = ClassificationNetwork(vocabularies, config.model, weights)
        # one real call makes every weight; a batch of nothing but padding is the smallest
        self.network({name: tf.zeros([1, 1], tf.int32) for name in INPUTS})
        self._decode = tf.function(self.network.decode, input_signature=[INPUTS])
        # network and baselines, and every stage, ask for the tokens of the same few splits
        self._tokens = Memo(lambda texts: tokenised(texts, vocabularies.by_character))

    @classmethod
    def fit(cls, task: Task, config: RunConfig, train: Sequence[LabelledText]) -> Classifier:
        """A new classifier with the training split's vocabularies and fresh weights.

        Raises:
            DataError: Fewer than two labels, or a fault in the vector file.
        """
        train = labelled(train)
        unit = config.model.token_unit
        by_character = mostly_unspaced(text.text for text in train) if unit == "auto" else unit == "character"
        tokens = tokenised(train, by_character)
        model, words, vectors = config.model, [], None
        # a word that is never read would have an embedding that nothing made
        read = tokens.begins(model.max_tokens)
        if model.vectors:
            words, vectors = pretrained(model.vectors, read.forms, model.vector_words)
            model = replace(model, word_units=vectors.shape[1])
        vocabularies = Vocabularies.fit(train, read, model, by_character, words)
        made = cls(config, vocabularies, _label_weights(train, vocabularies, model.class_weights))
        made._tokens.put(train, tokens)
        if vectors is not None:
            rows = [vocabularies.words.ids[word] for word in words]
            made.network.set_vectors(rows, vectors)
        return made

    @classmethod
    def load(cls, config: RunConfig, folder: Path) -> Classifier:
        """A classifier with the vocabularies that `save` wrote; weights are still to be loaded."""
        return cls(config, Vocabularies.load(folder))

    def save(self, folder: Path) -> None:
        """Writes the vocabularies."""
        self.vocabularies.save(folder)

    def training_batches(self, train: Sequence[LabelledText]) -> TrainingBatches:
        """The training split, encoded."""
        return TrainingBatches(self.encode(train), self.config, len(self.vocabularies.words))

    def encode(self, texts: Sequence[LabelledText]) -> EncodedTexts:
        """A split as ids, for `predict`."""
        return encode(texts, self._tokens(texts), self.vocabularies, self.encoder, self.config.model.max_tokens)

    def predict(self, texts: EncodedTexts) -> list[LabelDistribution]:
        """A distribution a text, in the texts' order."""
        scores = np.zeros([len(texts.labels), len(self.vocabularies.labels)])
        for rows in batches.by_length(texts.tokens.lengths, SCORING_BATCH, SCORING_TOKENS):
            scores[rows] = self._decode(texts.batch(rows)[0]).numpy()
        return [LabelDistribution(self.vocabularies.labels.entries, tuple(row)) for row in scores.tolist()]

    def dev_score(self, task: Task, texts: Sequence[LabelledText], predicted: list[LabelDistribution]) -> float:
        """What chooses the best epoch: the geometric mean of the probabilities of the right labels, exp(-log-loss).

        Among some hundred dev texts the number of right ones goes up and down by chance from epoch to epoch; this moves
        with every text, and does not reward confidence that is wrong. Labels that the training split lacks are left
        out.
        """
        known = self.vocabularies.labels.ids
        pairs = [(text, found) for text, found in zip(texts, predicted, strict=True) if text.label in known]
        return math.exp(-classification.log_loss(*zip(*pairs, strict=True)))

    def labelled(self, texts: Sequence[LabelledText]) -> Sequence[LabelledText]:
        """Those whose label is known."""
        return labelled(texts)

    def check(self, texts: Sequence[LabelledText]) -> list[str]:
        """Warnings about the truth, and the lengths, of a split that is to be scored.

        Raises:
            DataError: It holds no label that the training split has.
        """
        known = self.vocabularies.labels.ids
        unknown = [(text.label, text.place) for text in texts if text.label not in known]
        if len(unknown) == len(texts):
            raise DataError(
                "no label that the training split has",
                where=texts[0].source if texts else "",
                received=unknown[0][0] if unknown else "no label at all",
                allowed=", ".join(sorted(known)),
                hint="--label-column",
            )
        return [*self._cut(texts), *unknown_labels(unknown)]

    def baseline_view(self, texts: Sequence[LabelledText]) -> Sequence[LabelledText]:
        """The texts as tokens, which baselines learn; whole ones, however many tokens the network reads."""
        tokens = self._tokens(texts)
        return spool.Mapped(lambda at: replace(texts[at], text=tokens.text(at)), range(len(texts)))

    def baseline_inputs(self, texts: Sequence[LabelledText]) -> Iterator[str]:
        """What a baseline answers: the texts as tokens."""
        return self._tokens(texts).joined()

    def baseline_answers(self, predicted: Iterable[LabelDistribution]) -> list[LabelDistribution]:
        """A baseline's distributions, as they are."""
        return list(predicted)

    def plot(self, texts: Sequence[LabelledText], predicted: Sequence[LabelDistribution], folder: Path) -> None:
        """The confusion matrix, as a picture and as a table."""
        counts = classification.confusion(texts, predicted)
        labels = sorted({*self.vocabularies.labels.entries, *(text.label for text in texts)})
        confusion.save(counts, labels, folder / "confusion")

    def stacks(self, texts: Sequence[LabelledText]) -> list[tuple[str, RecurrentStack, tf.Tensor, tf.Tensor]]:
        """Each stack of recurrent layers: its name, itself, what it reads of the texts as a batch, and the mask."""
        inputs, _ = self.encode(texts).batch(np.arange(len(texts)))
        return [("words", self.network.stack, *self.network.features(beginnings(inputs, LOOKED_AT)))]

    def trajectories(self, texts: Sequence[LabelledText]) -> Trajectories:
        """The states and answers after each token, of a network whose last state is all that its answer depends on."""
        words = ("<padding>", "<unknown>", "<begin>", "<end>", *self.vocabularies.words.entries)
        return trajectories(self.network, self.encode(texts), words, self.vocabularies.labels.entries)

    def service(self) -> ClassificationService:
        """Strings to strings."""
        return ClassificationService(self.network, self.encoder, self.vocabularies, self.config.model.max_tokens)

    def _cut(self, texts: Sequence[LabelledText]) -> list[str]:
        most = self.config.model.max_tokens
        cut = int((self._tokens(texts).lengths > most).sum()) if most else 0
        if not cut:
            return []
        return [f"{texts[0].source}: {cut:,} of {len(texts):,} texts have more than {most:,} tokens (--max-tokens): "
                "the network reads their first ones only"]  # fmt: skip


def labelled(texts: Sequence[LabelledText]) -> Sequence[LabelledText]:
    """Those whose label is known; the very same sequence where all are."""
    return spool.chosen(texts, lambda text: bool(text.label))


def _label_weights(texts: Sequence[LabelledText], vocabularies: Vocabularies, kind: str) -> np.ndarray:
    """1, or for `balanced` texts / (labels * texts of the label), so that the mean over the split is 1."""
    ids = [vocabularies.labels.ids[text.label] for text in texts]
    counts = np.bincount(ids, minlength=len(vocabularies.labels))
    return np.ones(len(counts)) if kind == "none" else len(ids) / (len(counts) * counts)


FAMILY = Classifier
