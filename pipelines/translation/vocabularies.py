"""What a translator fixes from the training split: the units of both sides; and pairs as ids."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import TranslationConfig
from seqtasks.errors import DataError, RunError
from seqtasks.pipelines import files, spool, subwords, words
from seqtasks.pipelines.flat import FlatIds
from seqtasks.pipelines.subwords import Subwords
from seqtasks.pipelines.tokenizer import chunks
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, RESERVED, Vocabulary
from seqtasks.pipelines.words import Words
from seqtasks.tasks.examples import SentencePair

SIDES = ("source", "target")
Units = Vocabulary | bytes
"""The words of a side, or its SentencePiece model."""


@dataclass(frozen=True)
class Vocabularies:
    """The units of both sides.

    Attributes:
        source: Words, or a SentencePiece model.
        target: Likewise; where `joint`, the very same.
        joint: Whether both sides have the same units.
    """

    source: Units
    target: Units
    joint: bool

    @classmethod
    def fit(cls, pairs: Sequence[SentencePair], config: TranslationConfig) -> Vocabularies:
        """From the training split alone.

        Raises:
            ConfigError: Subwords can't be made of the texts, or not on this platform.
            DataError: No word on one of the sides.
        """
        for name, texts in zip(SIDES, _texts(pairs), strict=True):
            if not any(text.strip() for text in texts):
                where = pairs[0].source if pairs else ""
                raise DataError(f"no word on the {name} side of the training split", where=where)
        if config.token_unit == "word":
            source, target = _texts(pairs)
            return cls(_words(source, False, config), _words(target, True, config), joint=False)
        learnt = [itertools.chain(*_texts(pairs))] if config.joint else _texts(pairs)
        models = [subwords.train(texts, config.vocabulary_size, config.token_unit) for texts in learnt]
        return cls(models[0], models[-1], config.joint)

    def encoders(self) -> tuple[Words | Subwords, Words | Subwords]:
        """What turns texts of the source and of the target into ids and back."""
        if self.joint:
            return (both := Subwords(self.source)), both
        return _encoder(self.source, marked=False), _encoder(self.target, marked=True)

    def save(self, folder: Path) -> None:
        """Writes a file a side, or one for both."""
        facts: dict = {"joint": self.joint, "models": {}}
        for name in SIDES[: 1 if self.joint else 2]:
            units = getattr(self, name)
            if isinstance(units, Vocabulary):
                units.save(folder / f"{name}.json")
                continue
            facts["models"][name] = subwords.write(units, folder / f"{name}.model")
        files.write_json(folder / "translation.json", facts)

    @classmethod
    def load(cls, folder: Path) -> Vocabularies:
        """Reads what `save` wrote.

        Raises:
            RunError: A file is missing or damaged.
        """
        path = folder / "translation.json"
        facts = files.read_json(path)
        try:
            joint, models = facts["joint"], dict(facts["models"])
        except (KeyError, TypeError, ValueError) as error:
            raise RunError("a damaged file", where=str(path), hint="--fresh") from error
        sides = [
            subwords.read(folder / f"{name}.model", models[name])
            if name in models
            else Vocabulary.load(folder / f"{name}.json")
            for name in SIDES[: 1 if joint else 2]
        ]
        return cls(sides[0], sides[-1], joint)


def _words(texts: Iterable[str], marked: bool, config: TranslationConfig) -> Vocabulary:
    tokens = (token for text in words.tokenised(texts, marked=marked) for token in text.split(" ") if token)
    fitted = Vocabulary.fit(tokens, min_count=config.min_count)
    return Vocabulary(fitted.entries[: config.vocabulary_size - RESERVED])


def _encoder(units: Units, marked: bool) -> Words | Subwords:
    return Words(units, marked=marked) if isinstance(units, Vocabulary) else Subwords(units)


@dataclass(frozen=True)
class EncodedPairs:
    """A split as flat ids; side s of pair p has the positions `starts[s][p]` to `starts[s][p + 1]`.

    Attributes:
        ids: Source and target, each [N] int16 or int32, without begin and end.
        starts: Source and target, each [P + 1].
    """

    ids: tuple[np.ndarray, np.ndarray]
    starts: tuple[np.ndarray, np.ndarray]

    @property
    def lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Units of each side, [P], the end's included."""
        return np.diff(self.starts[0]) + 1, np.diff(self.starts[1]) + 1

    def batch(self, rows: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The pairs `rows` [n], padded to the longest.

        Returns:
            `source` [n, s] with its end, `target` [n, t] with its begin; and what follows each unit of `target`, [n,
            t], the end last, PAD behind it.
        """
        source, target = (self._padded(side, rows) for side in (0, 1))
        begin = np.full([len(rows), 1], BOS, np.int32)
        shown = np.concatenate([begin, target[:, :-1]], axis=1)
        # the end is not shown: nothing follows it
        return {"source": source, "target": np.where(target == PAD, PAD, shown)}, target

    def _padded(self, side: int, rows: np.ndarray) -> np.ndarray:
        """[n, t], the end behind each row's units."""
        begins = self.starts[side][rows]
        lengths = self.starts[side][rows + 1] - begins
        steps = np.arange(lengths.max(initial=0) + 1)
        real = steps < lengths[:, None]
        if not real.any():
            return np.where(steps == lengths[:, None], EOS, PAD).astype(np.int32)
        units = self.ids[side][np.where(real, begins[:, None] + steps, 0)]
        return np.where(real, units, np.where(steps == lengths[:, None], EOS, PAD)).astype(np.int32)


def encode(pairs: Sequence[SentencePair], encoders: Sequence[Words | Subwords]) -> EncodedPairs:
    """A split as ids, by the operations that the serving function runs."""
    sides = []
    for encoder, texts in zip(encoders, _texts(pairs), strict=True):
        found = FlatIds(encoder.size)
        for chunk in chunks(texts):
            ids, lengths = (part.numpy() for part in encoder.encode(tf.constant(chunk))[:2])
            found.add(ids[np.arange(ids.shape[1]) < lengths[:, None]], lengths)
        sides.append(found.arrays())
    return EncodedPairs(*zip(*sides, strict=True))


def _texts(pairs: Sequence[SentencePair]) -> tuple[Sequence[str], Sequence[str]]:
    """Sources and targets, each read when it is asked for."""
    return spool.Mapped(attrgetter("text"), pairs), spool.Mapped(attrgetter("translation"), pairs)
