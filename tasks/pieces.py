"""Tokens split at signs and digits, as another tokeniser writes them, with tags that mark the same spans.

Tokenisers disagree: one keeps `@handle`, `U.S.` and `3pm`, another writes `@ handle`, `U . S .` and `3 pm`. A tagger
that was shown one way alone takes the other's pieces for something else; shown both, it bears either.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import groupby

from seqtasks.tasks import schemes
from seqtasks.tasks.examples import TaggedSentence

ADDRESS = "://"
"""Tokens that hold it stay whole, as tokenisers keep addresses."""


def pieces(token: str) -> list[str]:
    """Runs of letters (with their marks), runs of digits, and every other character alone."""
    if ADDRESS in token:
        return [token]
    found = []
    for kind, run in groupby(token, _kind):
        text = "".join(run)
        found += text if kind == "sign" else [text]
    return found or [token]


def split_tokens(sentence: TaggedSentence, scheme: str) -> TaggedSentence:
    """The sentence in pieces; the first carries on as its token did, and no span gains or loses a character.

    Args:
        scheme: The scheme of the sentence's tags, one that marks spans; the result's tags are written in it too.
    """
    parts = [pieces(token) for token in sentence.tokens]
    working = schemes.to_working(sentence.tags, scheme)
    tags = [tag for tag, found in zip(working, parts, strict=True) for tag in schemes.spread(tag, len(found))]
    lines = [line for line, found in zip(sentence.lines, parts, strict=False) for _ in found]
    return replace(
        sentence,
        tokens=tuple(piece for found in parts for piece in found),
        tags=schemes.from_working(tags, scheme),
        lines=tuple(lines),
    )


def _kind(character: str) -> str:
    if character.isalpha() or unicodedata.category(character).startswith(("M", "Cf")):
        return "letter"
    return "digit" if character.isdigit() else "sign"
