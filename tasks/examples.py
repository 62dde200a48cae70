"""The example types: what one line, sentence or pair of a data set is, before any vocabulary or tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MISSING_LABEL = ""
"""Stands where a text's label is not known; no file's label is empty."""


class Placed:
    """What has a `source` and a `line` in it."""

    __slots__ = ()

    @property
    def place(self) -> str:
        """`file:line`, as error messages show it."""
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence of tokens with one tag each.

    Attributes:
        tokens: The words; a token may hold any character, a space too.
        tags: One tag a token, or empty where the truth is not known.
        source: The file or data set it was read from.
        lines: The line (from 1) of each token in `source`, or empty where there are no lines.
    """

    family: ClassVar[str] = "tagging"

    tokens: tuple[str, ...]
    tags: tuple[str, ...] = ()
    source: str = ""
    lines: tuple[int, ...] = ()

    def place(self, index: int) -> str:
        """`file:line` of the token at `index`, as error messages show it."""
        return f"{self.source}:{self.lines[index]}" if self.lines else self.source


@dataclass(frozen=True, slots=True)
class LabelledText(Placed):
    """A text, of a word or of many pages, with one label.

    Attributes:
        text: Raw text; it may be empty and may hold line ends.
        label: Its class, or empty where the truth is not known.
        source: The file or data set it was read from.
        line: The line (from 1) in `source` where it begins, or 0 where there are no lines.
    """

    family: ClassVar[str] = "classification"

    text: str
    label: str = MISSING_LABEL
    source: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Text(Placed):
    """A sentence, a paragraph or a document: what a language model gives a probability.

    Attributes:
        text: Raw text; it may hold line ends. White space at both ends is no part of what is modelled.
        source: The file or data set it was read from.
        line: The line (from 1) in `source` where it begins, or 0 where there are no lines.
    """

    family: ClassVar[str] = "language"

    text: str
    source: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class LabelDistribution:
    """What a classifier says of a text: the probability of each label.

    Attributes:
        labels: The labels it knows, in an order of its own.
        probabilities: One a label; they sum to 1 up to rounding.
    """

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def best(self) -> str:
        """The most probable label; of equals the first."""
        return self.labels[self.probabilities.index(max(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The probability of the best label."""
        return max(self.probabilities)

    def probability(self, label: str) -> float:
        """The probability of a label, 0 of an unknown one."""
        return self.probabilities[self.labels.index(label)] if label in self.labels else 0.0


@dataclass(frozen=True, slots=True)
class SentencePair(Placed):
    """A text and its translation.

    Attributes:
        text: The source side; it may be empty.
        translation: The target side; it may be empty, too: that of an empty text is.
        source: The file or data set that the text was read from.
        line: The line (from 1) in `source`, or 0 where there are no lines.
    """

    family: ClassVar[str] = "translation"

    text: str
    translation: str = ""
    source: str = ""
    line: int = 0
