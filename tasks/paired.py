"""Sentence pairs as a person wants to see them, and as a file beside what was predicted."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TextIO

from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.scores.translation import one_line
from seqtasks.tasks.shown import shortened

PLACES = 5
"""Lines of a fault that are named."""

LONG = 200
"""Words between blanks above which a side is called long: few sentences of any language are."""


def show(example: SentencePair) -> str:
    """A side a line; a long one is cut."""
    return "\n".join(map(shortened, (example.text, example.translation)))


def survey(examples: Sequence[SentencePair]) -> list[str]:
    """Counts, lengths, and what may be wrong: empty sides, long pairs, texts that occur twice."""
    lengths = [sorted(len(side.split()) for side in sides) for sides in _sides(examples)]
    distinct = len({(example.text, example.translation) for example in examples})
    return [
        f"pairs: {len(examples):,}",
        *(
            f"words between blanks, {name}: {sum(of):,}, median {of[len(of) // 2]:,}, longest {of[-1]:,}"
            for name, of in zip(("source", "target"), lengths, strict=True)
        ),
        *faults(examples),
        f"pairs that occur more than once: {len(examples) - distinct:,} too many",
    ]


def faults(examples: Sequence[SentencePair]) -> list[str]:
    """A line for each kind of pair that a person may not have meant, with its count and its first places."""
    told = []
    for condition, what, option in (
        (_lacks_a_side, "an empty side", "--drop-empty"),
        (lambda example: words(example) > LONG, f"more than {LONG} words on a side", f"--max-words {LONG}"),
    ):
        met = filter(condition, examples)
        first = list(itertools.islice(met, PLACES))
        count = len(first) + sum(1 for _ in met)
        if first:
            where = f"{first[0].place}: {what}: {count:,} pairs{_places(first, count)}"
            told.append(f"{where}; {option} leaves such training pairs out")
    return told


def _lacks_a_side(example: SentencePair) -> bool:
    return not example.text.strip() or not example.translation.strip()


def words(example: SentencePair) -> int:
    """Words between blanks of the longer side."""
    return max(len(example.text.split()), len(example.translation.split()))


def _places(first: Sequence[SentencePair], count: int) -> str:
    """The lines of the first of so many."""
    lines = [str(example.line) for example in first if example.line]
    return f" (lines {', '.join(lines)}{', …' if count > len(first) else ''})" if len(lines) > 1 else ""


def _sides(examples: Sequence[SentencePair]) -> tuple[list[str], list[str]]:
    return [example.text for example in examples], [example.translation for example in examples]


def write(examples: Iterable[SentencePair], predicted: Iterable[str], stream: TextIO) -> None:
    """TSV without a header: text, reference, translation; what would break a line is a space.

    `cut -f 3` of it is what sacreBLEU's command takes, and `cut -f 2` its reference.

    Raises:
        ValueError: Not as many translations as pairs.
    """
    for example, found in zip(examples, predicted, strict=True):
        stream.write("\t".join(map(one_line, (example.text, example.translation, found))) + "\n")
