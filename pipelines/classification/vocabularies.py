"""What a classifier fixes from the training split: words, characters and labels; and texts as tokens and as ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from seqtasks.config import ClassificationConfig
from seqtasks.errors import DataError, RunError
from seqtasks.pipelines import files
from seqtasks.pipelines.batches import EncodedSentences
from seqtasks.pipelines.encoding import TokenEncoder, normalise
from seqtasks.pipelines.pretrained import normalised
from seqtasks.pipelines.tokenizer import chunks, tokenize
from seqtasks.pipelines.vocabulary import Vocabulary
from seqtasks.tasks.examples import LabelledText

UNKNOWN_LABEL = -1
"""Stands where the truth is a label that the training split never has."""


@dataclass(frozen=True)
class TokenisedTexts:
    """A split as tokens: each distinct token once, and where it occurs.

    Attributes:
        forms: The distinct tokens, by first occurrence.
        index: Row in `forms` of each token, [N] int32.
        starts: Text s has the positions `starts[s]` to `starts[s + 1]`, [S + 1].
    """

    forms: tuple[str, ...]
    index: np.ndarray
    starts: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text, [S]."""
        return np.diff(self.starts)

    def begins(self, most: int) -> TokenisedTexts:
        """The first `most` tokens of each text, 0: all; and what is no longer there is no form any more."""
        if not most:
            return self
        within = np.arange(len(self.index)) - np.repeat(self.starts[:-1], self.lengths)
        kept, index = np.unique(self.index[within < most], return_inverse=True)
        starts = np.cumsum([0, *np.minimum(self.lengths, most)])
        return TokenisedTexts(tuple(self.forms[form] for form in kept), index.astype(np.int32), starts)

    def joined(self) -> Iterator[str]:
        """Each text as its tokens with spaces between."""
        return map(self.text, range(len(self.starts) - 1))

    def text(self, at: int) -> str:
        """A text as its tokens with spaces between."""
        return " ".join(self.forms[form] for form in self.index[self.starts[at] : self.starts[at + 1]])


@dataclass(frozen=True)
class EncodedTexts:
    """A split as ids.

    Attributes:
        tokens: Words and spellings; its tags mean nothing.
        labels: Label ids, [S] int32, `UNKNOWN_LABEL` where the training split lacks the label.
    """

    tokens: EncodedSentences
    labels: np.ndarray

    def batch(self, rows: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The texts `rows` [n], padded to the longest: the network's inputs, and the labels [n]."""
        return self.tokens.batch(rows)[0], self.labels[rows]


@dataclass(frozen=True)
class Vocabularies:
    """What the training split fixes.

    Attributes:
        words: Normalised words.
        characters: Single characters; empty where spelling is not looked at.
        labels: Labels; ids from 0.
        by_character: Whether scripts without spaces are read by characters.
        word_units: Width of the word embedding: the configuration's, or that of the pretrained vectors.
    """

    words: Vocabulary
    characters: Vocabulary
    labels: Vocabulary
    by_character: bool
    word_units: int

    @classmethod
    def fit(
        cls,
        texts: Sequence[LabelledText],
        tokens: TokenisedTexts,
        config: ClassificationConfig,
        by_character: bool,
        pretrained: Sequence[str] = (),
    ) -> Vocabularies:
        """From the training split alone, but for the words that pretrained vectors bring along.

        Raises:
            DataError: Fewer than two labels.
        """
        labels = Vocabulary.fit((text.label for text in texts), first=0)
        if len(labels) < 2:
            raise DataError(
                "fewer than two labels in the training split",
                where=texts[0].source if texts else "",
                received=", ".join(labels.entries) or "no text",
                hint="another --label-column",
            )
        forms = np.array([*normalised(tokens.forms), ""], object)
        words = Vocabulary.fit(forms[tokens.index], min_count=config.min_count)
        spelled = "".join(tokens.forms) if config.characters != "none" else ""
        return cls(
            words=Vocabulary([*words.entries, *(word for word in pretrained if word not in words.ids)]),
            characters=Vocabulary.fit(spelled),
            labels=labels,
            by_character=by_character,
            word_units=config.word_units,
        )

    def save(self, folder: Path) -> None:
        """Writes a file each."""
        self.words.save(folder / "words.json")
        self.characters.save(folder / "characters.json")
        self.labels.save(folder / "labels.json")
        facts = {"by_character": self.by_character, "word_units": self.word_units}
        files.write_json(folder / "classification.json", facts)

    @classmethod
    def load(cls, folder: Path) -> Vocabularies:
        """Reads what `save` wrote.

        Raises:
            RunError: A file is missing or damaged.
        """
        facts = files.read_json(folder / "classification.json")
        try:
            by_character, word_units = facts["by_character"], facts["word_units"]
        except (KeyError, TypeError) as error:
            raise RunError("a damaged file", where=str(folder / "classification.json"), hint="--fresh") from error
        return cls(
            words=Vocabulary.load(folder / "words.json"),
            characters=Vocabulary.load(folder / "characters.json"),
            labels=Vocabulary.load(folder / "labels.json", first=0),
            by_character=by_character,
            word_units=word_units,
        )


def tokenised(texts: Sequence[LabelledText], by_character: bool) -> TokenisedTexts:
    """A split's tokens by the one tokeniser, in memory of the distinct ones."""
    ids: dict[bytes, int] = {}
    index, lengths = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for chunk in chunks(text.text for text in texts):
        tokens, _, _, counts = (part.numpy() for part in tokenize(tf.constant(chunk), by_character))
        flat = tokens[np.arange(tokens.shape[1]) < counts[:, None]]
        index.append(np.fromiter((ids.setdefault(token, len(ids)) for token in flat), np.int32, len(flat)))
        lengths.append(counts)
    forms = tuple(token.decode() for token in ids)
    return TokenisedTexts(forms, np.concatenate(index), np.cumsum(np.concatenate(lengths)))


def encode(
    texts: Sequence[LabelledText], tokens: TokenisedTexts, vocabularies: Vocabularies, encoder: TokenEncoder, most: int
) -> EncodedTexts:
    """A split as ids.

    Args:
        most: Only so many tokens of a text are kept, its first; 0: all.
    """
    kept = np.minimum(tokens.lengths, most) if most else tokens.lengths
    starts = np.concatenate([[0], np.cumsum(kept)])
    index = tokens.index
    if most:
        parts = [tokens.index[begin : begin + size] for begin, size in zip(tokens.starts[:-1], kept, strict=True)]
        index = np.concatenate([index[:0], *parts])
    forms = tf.constant(tokens.forms, tf.string)
    words = tf.cast(encoder.words.lookup(normalise(forms)), tf.int32).numpy()
    spelled = len(vocabularies.characters.entries) > 0
    nothing = np.broadcast_to(np.int32(0), [max(1, len(index))])
    sentences = EncodedSentences(
        # a split of empty texts only still has something to index
        words=words[index] if len(index) else nothing,
        forms=index if spelled and len(index) else nothing,
        tags=nothing,
        spellings=encoder.spell(forms).numpy() if spelled and len(index) else np.zeros([1, 1], np.int32),
        starts=starts,
    )
    labels = [vocabularies.labels.ids.get(text.label, UNKNOWN_LABEL) for text in texts]
    return EncodedTexts(sentences, np.array(labels, np.int32))
