"""Texts in the one line that a person is shown."""

from __future__ import annotations

SHOWN = 300
"""Characters of a text that are shown."""


def one_line(text: str) -> str:
    """The text with one space for all white space between two words, none at its ends."""
    return " ".join(text.split())


def shortened(text: str) -> str:
    """`one_line` of the text, cut where it is long."""
    text = one_line(text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
