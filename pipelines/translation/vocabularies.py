"""What a translator fixes from the training split: the units of both sides; and pairs as ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import TranslationConfig
from seqtasks.errors import DataError, RunError
from seqtasks.pipelines import files, subwords, words
from seqtasks.pipelines.subwords import Subwords
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, RESERVED, Vocabulary
from seqtasks.pipelines.words import Words
from seqtasks.tasks.examples import SentencePair

SIDES = ("source", "target")
CHUNK = 512
"""Texts that are encoded at once; only speed and memory depend on it."""

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
        sides = {"source": [pair.text for pair in pairs], "target": [pair.translation for pair in pairs]}
        for name, texts in sides.items():
            if not any(text.strip() for text in texts):
                where = pairs[0].source if pairs else ""
                raise DataError(f"no word on the {name} side of the training split", where=where)
        if config.token_unit == "word":
            return cls(*(_words(sides[name], name == "target", config) for name in SIDES), joint=False)
        if config.joint:
            both = subwords.train([*sides["source"], *sides["target"]], config.vocabulary_size, config.token_unit)
            return cls(both, both, joint=True)
        models = (subwords.train(sides[name], config.vocabulary_size, config.token_unit) for name in SIDES)
        return cls(*models, joint=False)

    def encoders(self) -> tuple[Words | Subwords, Words | Subwords]:
        """What turns texts of the source and of the target into ids and back."""
        if self.joint:
            return (both := Subwords(self.source)), both
        return _encoder(self.source, joined=False), _encoder(self.target, joined=True)

    def save(self, folder: Path) -> None:
        """Writes a file a side, or one for both."""
        facts: dict = {"joint": self.joint, "models": {}}
        for name in SIDES[: 1 if self.joint else 2]:
            units = getattr(self, name)
            if isinstance(units, Vocabulary):
                units.save(folder / f"{name}.json")
                continue
            with files.replacing(folder / f"{name}.model") as path:
                path.write_bytes(units)
            facts["models"][name] = hashlib.sha256(units).hexdigest()
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
            _read_model(folder / f"{name}.model", models[name])
            if name in models
            else Vocabulary.load(folder / f"{name}.json")
            for name in SIDES[: 1 if joint else 2]
        ]
        return cls(sides[0], sides[-1], joint)


def _words(texts: Sequence[str], joined: bool, config: TranslationConfig) -> Vocabulary:
    tokens = (token for text in words.tokenised(texts, joined) for token in text.split(" ") if token)
    fitted = Vocabulary.fit(tokens, min_count=config.min_count)
    return Vocabulary(fitted.entries[: config.vocabulary_size - RESERVED])


def _encoder(units: Units, joined: bool) -> Words | Subwords:
    return Words(units, joined) if isinstance(units, Vocabulary) else Subwords(units)


def _read_model(path: Path, digest: str) -> bytes:
    try:
        model = path.read_bytes()
    except OSError as error:
        raise RunError("a file of the run is missing", where=str(path), received=error.strerror) from error
    # half a model may well load, and cut texts otherwise
    if hashlib.sha256(model).hexdigest() != digest:
        raise RunError("a damaged file", where=str(path), hint="--fresh")
    return model


@dataclass(frozen=True)
class EncodedPairs:
    """A split as flat ids; side s of pair p has the positions `starts[s][p]` to `starts[s][p + 1]`.

    Attributes:
        ids: Source and target, each [N] int32, without begin and end.
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
        lengths = self.lengths[side][rows] - 1
        steps = np.arange(lengths.max(initial=0) + 1)
        real = steps < lengths[:, None]
        if not real.any():
            return np.where(steps == lengths[:, None], EOS, PAD).astype(np.int32)
        units = self.ids[side][np.where(real, self.starts[side][rows][:, None] + steps, 0)]
        return np.where(real, units, np.where(steps == lengths[:, None], EOS, PAD)).astype(np.int32)


def encode(pairs: Sequence[SentencePair], encoders: Sequence[Words | Subwords]) -> EncodedPairs:
    """A split as ids, by the operations that the serving function runs."""
    sides = []
    for encoder, texts in zip(encoders, ([p.text for p in pairs], [p.translation for p in pairs]), strict=True):
        flat, lengths = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
        for begin in range(0, len(texts), CHUNK):
            ids, counts = (part.numpy() for part in encoder.encode(tf.constant(texts[begin : begin + CHUNK]))[:2])
            flat.append(ids[np.arange(ids.shape[1]) < counts[:, None]])
            lengths.append(counts)
        sides.append((np.concatenate(flat), np.cumsum(np.concatenate(lengths))))
    return EncodedPairs(*zip(*sides, strict=True))
