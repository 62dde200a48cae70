"""The example types: what one line, sentence or pair of a data set is, before any vocabulary or tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


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
