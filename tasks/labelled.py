"""Labelled texts as a person wants to see them, and as a file beside what was predicted."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from seqtasks.tasks.examples import LabelDistribution, LabelledText
from seqtasks.tasks.shown import one_line, shortened

LABELS_SHOWN = 20
"""Labels that are counted one by one."""


def show(example: LabelledText) -> str:
    """Label TAB text, in one line; a long text is cut."""
    return f"{one_line(example.label)}\t{shortened(example.text)}"


def survey(examples: Sequence[LabelledText]) -> list[str]:
    """Counts, lengths, the labels of most texts by falling count, and texts that occur twice or with two labels."""
    lengths = sorted(len(example.text.split()) for example in examples)
    labels = Counter(example.label for example in examples)
    ranked = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    counted = [f"{one_line(label)} {count:,}" for label, count in ranked[:LABELS_SHOWN]]
    if len(ranked) > LABELS_SHOWN:
        counted.append(f"… ({len(ranked):,} in all)")
    by_text: dict[str, set[str]] = {}
    for example in examples:
        by_text.setdefault(example.text, set()).add(example.label)
    return [
        f"texts: {len(examples):,}; empty: {sum(not example.text.strip() for example in examples):,}",
        f"words between blanks: median {lengths[len(lengths) // 2]:,}, longest {lengths[-1]:,}",
        f"labels: {len(labels):,}: {', '.join(counted)}",
        f"texts that occur more than once: {len(examples) - len(by_text):,} rows too many",
        f"texts with more than one label: {sum(len(found) > 1 for found in by_text.values()):,}",
    ]


def row_writer(stream: TextIO) -> Callable[[Sequence[object]], None]:
    """A function that writes rows of CSV as they read back: before Python 3.13 a carriage return brings no quotes."""
    plain, quoting = (
        csv.writer(stream, lineterminator="\n", quoting=how) for how in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
    )

    def write_row(row: Sequence[object]) -> None:
        (quoting if any("\r" in str(field) for field in row) else plain).writerow(row)

    return write_row


def write(examples: Iterable[LabelledText], predicted: Iterable[LabelDistribution], stream: TextIO) -> None:
    """CSV with a header: text, label, predicted, and a probability a label, as `p[LABEL]`.

    Raises:
        ValueError: Not as many predictions as texts.
    """
    write_row = row_writer(stream)
    for position, (example, found) in enumerate(zip(examples, predicted, strict=True)):
        if position == 0:
            write_row(["text", "label", "predicted", *(f"p[{label}]" for label in found.labels)])
        chances = [f"{chance:.6f}" for chance in found.probabilities]
        write_row([example.text, example.label, found.best, *chances])
