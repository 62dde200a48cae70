"""The tagging family's answers: vocabularies, encoding, model, predictions, serving."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import RunConfig
from seqtasks.errors import DataError
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines import batches, spool
from seqtasks.pipelines.batches import UNKNOWN_TAG, EncodedSentences
from seqtasks.pipelines.encoding import TokenEncoder
from seqtasks.pipelines.evaluation import unknown_labels
from seqtasks.pipelines.family import LOOKED_AT, Family
from seqtasks.pipelines.pretrained import pretrained
from seqtasks.pipelines.tagging.network import TaggingNetwork
from seqtasks.pipelines.tagging.output import WRITERS
from seqtasks.pipelines.tagging.service import TaggingService
from seqtasks.pipelines.tagging.vocabularies import Vocabularies, encode
from seqtasks.pipelines.word_features import INPUTS, beginnings
from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.pieces import pieces, split_tokens
from seqtasks.tasks.task import Known, Task

SCORING_BATCH = 256
"""Sentences tagged at once when nothing is learnt."""

OUTSIDE_SHIFTS = tuple(step / 4 for step in range(-8, 5))
"""What `calibrate` tries."""

SCORING_TOKENS = 1 << 14
"""Tokens tagged at once, padding included, so that long sentences cost no more memory than many."""

_TAGS = tf.TensorSpec([None, None], tf.int32)


class TrainingBatches:
    """The training split cut into batches; see `seqtasks.pipelines.family.Batches`.

    Args:
        sentences: The split; where tokens are to be split, followed by the same sentences in pieces.
        config: The run's.
        vocabulary_size: Word ids.
    """

    signature = (INPUTS, _TAGS)

    def __init__(self, sentences: EncodedSentences, config: RunConfig, vocabulary_size: int):
        self._sentences, self._training = sentences, config.training
        self._amount, self._share = config.model.word_dropout, config.model.split_tokens
        self._size = len(sentences.lengths) // (2 if self._share else 1)
        halves = np.split(sentences.words, [sentences.starts[self._size]])
        # a word that splitting leaves as it is stands in both
        self._counts = np.maximum(*(np.bincount(half, minlength=vocabulary_size) for half in halves))

    def steps(self, epoch: int) -> int:
        return -(-self._size // self._training.batch_size)

    def epoch(self, epoch: int, step: int) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        seed = self._training.seed
        chosen = batches.versions(self._size, self._share, seed, epoch)
        plan = batches.shuffled(self._sentences.lengths[chosen], self._training.batch_size, seed, epoch)
        for at, rows in enumerate(plan[step:], start=step):
            inputs, tags = self._sentences.batch(chosen[rows])
            inputs["words"] = batches.forget_words(inputs["words"], self._counts, self._amount, (seed, epoch, at))
            yield inputs, tags

    def units(self, inputs: dict[str, np.ndarray], targets: np.ndarray) -> int:
        return int((targets != UNKNOWN_TAG).sum())


class Tagger(Family):
    """A tagger of one run: its vocabularies, its network and what they do with sentences.

    Args:
        config: The run's configuration.
        vocabularies: From `fit` or `load`.
    """

    writers = WRITERS
    signatures = dict.fromkeys(("serving_default", "tokens"), ("tokens", "tags", "scores", "lengths"))
    """What an exported tagger answers by: signature to outputs."""

    def __init__(self, config: RunConfig, vocabularies: Vocabularies):
        self.config, self.vocabularies = config, vocabularies
        self.encoder = TokenEncoder(vocabularies.words, vocabularies.characters)
        self.network = TaggingNetwork(vocabularies, config.model)
        # one real call makes every weight; a batch of nothing but padding is the smallest
        self.network({name: tf.zeros([1, 1], tf.int32) for name in INPUTS})
        self._decode = tf.function(self.network.decode, input_signature=[INPUTS])

    @classmethod
    def fit(cls, task: Task, config: RunConfig, train: Sequence[TaggedSentence]) -> Tagger:
        """A new tagger with the training split's vocabularies and fresh weights.

        Raises:
            DataError: No tag, a tag of no scheme, or a fault in the vector file.
        """
        # of a sentence without tags nothing is learnt, and a word of it alone would have an embedding that nothing made
        train = spool.chosen(train, lambda sentence: bool(sentence.tags)) or train
        if not config.model.vectors:
            return cls(config, Vocabularies.fit(train, task.schemes, config.model))
        tokens = dict.fromkeys(token for sentence in train for token in sentence.tokens)
        if config.model.split_tokens:
            tokens = [part for token in tokens for part in (token, *pieces(token))]
        words, vectors = pretrained(config.model.vectors, tokens, config.model.vector_words)
        model = replace(config.model, word_units=vectors.shape[1])
        tagger = cls(config, Vocabularies.fit(train, task.schemes, model, words))
        rows = [tagger.vocabularies.words.ids[word] for word in words]
        tagger.network.set_vectors(rows, vectors)
        return tagger

    @classmethod
    def load(cls, config: RunConfig, folder: Path) -> Tagger:
        """A tagger with the vocabularies that `save` wrote; weights are still to be loaded."""
        return cls(config, Vocabularies.load(folder))

    def save(self, folder: Path) -> None:
        """Writes the vocabularies."""
        self.vocabularies.save(folder)

    def training_batches(self, train: Sequence[TaggedSentence]) -> TrainingBatches:
        """The training split, encoded."""
        if self.config.model.split_tokens:
            train = [*train, *(split_tokens(sentence, self.vocabularies.scheme) for sentence in train)]
        return TrainingBatches(
            encode(train, self.vocabularies, self.encoder), self.config, len(self.vocabularies.words)
        )

    def encode(self, sentences: Sequence[TaggedSentence]) -> EncodedSentences:
        """A split as ids, for `predict`."""
        return encode(sentences, self.vocabularies, self.encoder)

    def predict(self, sentences: EncodedSentences) -> list[tuple[str, ...]]:
        """Tags in the user's scheme, a tuple a sentence, in the sentences' order."""
        found: dict[int, tuple[str, ...]] = {}
        names, lengths = self.vocabularies.tags.entries, sentences.lengths
        for rows in batches.by_length(lengths, SCORING_BATCH, SCORING_TOKENS):
            inputs, _ = sentences.batch(rows)
            tags = self._decode(inputs)[0].numpy()
            for row, ids in zip(rows, tags, strict=True):
                working = tuple(names[tag] for tag in ids[: lengths[row]])
                found[row] = schemes.from_working(working, self.vocabularies.scheme)
        return [found[row] for row in range(len(lengths))]

    def calibrate(self, score: Callable[[], float]) -> str:
        """Shifts the outside tag's potential by what scores best on dev, so that neither precision nor recall starves.

        Training maximises likelihood, which the many tokens outside dominate; Minkov et al. 2006 ("NER systems that
        suit user's preferences") move the trade-off by this one number. Of equals the smallest shift is taken.

        Args:
            score: The dev score of the network as it stands.

        Returns:
            What was done, or an empty string.
        """
        shift = self.network.outside
        if shift is None or not self.config.model.tune_outside:
            return ""
        found = {}
        for value in sorted(OUTSIDE_SHIFTS, key=abs):
            shift.assign(value)
            found[value] = score()
        best = max(found, key=found.get)  # the first of equals
        shift.assign(best)
        return f"outside tag: shifted by {best:+.2f}, dev {found[0.0]:.4f} to {found[best]:.4f}"

    def dev_score(self, task: Task, sentences: Sequence[TaggedSentence], predicted: list[tuple[str, ...]]) -> float:
        """What chooses the best epoch: the task's main score."""
        return task.score(sentences, predicted, self.known)[0].value

    @property
    def known(self) -> Known:
        """What scores need of the training split."""
        return Known(frozenset(self.vocabularies.seen.entries), self.vocabularies.scheme)

    def labelled(self, sentences: Sequence[TaggedSentence]) -> Sequence[TaggedSentence]:
        """Those whose tags are known."""
        return spool.chosen(sentences, lambda sentence: bool(sentence.tags))

    def check(self, sentences: Sequence[TaggedSentence]) -> list[str]:
        """Warnings about the truth of a split that is to be scored.

        Raises:
            DataError: It holds no label that the training split has, or a tag of no scheme.
        """
        scheme, known = self.vocabularies.scheme, self.vocabularies.tags.ids
        warnings = [warning for sentence in sentences for warning in schemes.check_tags(sentence, scheme)]
        unknown = [
            (sentence.tags[index], sentence.place(index))
            for sentence in sentences
            for index, tag in enumerate(schemes.to_working(sentence.tags, scheme))
            if tag not in known
        ]
        if len(unknown) == sum(len(sentence.tags) for sentence in sentences):
            raise DataError(
                "no label that the training split has",
                where=sentences[0].source if sentences else "",
                received=unknown[0][0] if unknown else "no label at all",
                allowed=", ".join(sorted(known)),
                hint="--tag-column",
            )
        if scheme != schemes.PLAIN and not any(tag != "O" for sentence in sentences for tag in sentence.tags):
            where = sentences[0].source or "the split"
            warnings.append(f"{where}: no entity at all, so that its F1 says nothing")
        return warnings + unknown_labels(unknown)

    def baseline_view(self, sentences: Sequence[TaggedSentence]) -> Sequence[TaggedSentence]:
        """The sentences with working tags, which baselines learn."""

        def working(sentence: TaggedSentence) -> TaggedSentence:
            return replace(sentence, tags=schemes.to_working(sentence.tags, self.vocabularies.scheme))

        return spool.Mapped(working, sentences)

    def baseline_inputs(self, sentences: Sequence[TaggedSentence]) -> Iterator[tuple[str, ...]]:
        """What a baseline answers: the sentences' tokens."""
        return (sentence.tokens for sentence in sentences)

    def baseline_answers(self, predicted: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
        """A baseline's working tags in the user's scheme."""
        return [schemes.from_working(tags, self.vocabularies.scheme) for tags in predicted]

    def stacks(self, sentences: Sequence[TaggedSentence]) -> list[tuple[str, RecurrentStack, tf.Tensor, tf.Tensor]]:
        """Each stack of recurrent layers: its name, itself, what it reads of the sentences as a batch, and the mask."""
        inputs, _ = self.encode(sentences).batch(np.arange(len(sentences)))
        return [("words", self.network.stack, *self.network.features(beginnings(inputs, LOOKED_AT)))]

    def service(self) -> TaggingService:
        """Strings to strings."""
        return TaggingService(self.network, self.encoder, self.vocabularies)


FAMILY = Tagger
