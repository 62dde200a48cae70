"""What each unit of a translation attended to: drawn as a picture, or written as a page of HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqtasks.errors import ConfigError
from seqtasks.pipelines import files, plots

PAGE = ".html"
LONGEST, LARGEST = 400, 8_000
"""Inches of a picture's side, and square inches of the whole, that are drawn: some hundred million dots."""

_END = "■"  # the end of a sentence, which is no word


@dataclass(frozen=True)
class Alignment:
    """A text and its translation.

    Attributes:
        source: The text's units, the end last.
        target: The translation's units, the end last.
        weights: [target, source]; each row sums to 1.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: np.ndarray


def check_ending(path: Path) -> None:
    """Says early that a file's ending is neither a picture's nor a page's.

    Raises:
        ConfigError: It is neither.
    """
    if path.suffix.lower() not in (*plots.ENDINGS, PAGE):
        allowed = ", ".join((*plots.ENDINGS, PAGE))
        raise ConfigError("not a picture's ending", where=str(path), received=path.suffix, allowed=allowed)


def alignments(found: Mapping[str, Any]) -> list[Alignment]:
    """What the service's `alignment` returned, row by row; texts without a translation are left out."""
    rows = []
    for source, target, *lengths, weights in zip(
        *(np.asarray(found[name]) for name in ("source", "target", "source_lengths", "target_lengths", "weights")),
        strict=True,
    ):
        if not min(lengths):
            continue
        sides = [
            [unit.decode() for unit in row[:length]] for row, length in zip((source, target), lengths, strict=True)
        ]
        rows.append(Alignment(*((*side, _END) for side in sides), weights[: lengths[1] + 1, : lengths[0] + 1]))
    return rows


def save(rows: Sequence[Alignment], path: Path) -> None:
    """Writes a picture, or, where the ending says so, a page."""
    if path.suffix.lower() == PAGE:
        files.write_text(path, _page(rows))
    else:
        plots.save(_drawn(rows), path, dpi=110)


def _drawn(rows: Sequence[Alignment]):
    """A figure with a matrix for each text."""
    from matplotlib.figure import Figure

    sizes = [(1.5 + 0.38 * len(row.source), 1.5 + 0.3 * len(row.target)) for row in rows] or [(3, 1)]
    width, height = max(w for w, _ in sizes), sum(h for _, h in sizes)
    if max(width, height) > LONGEST or width * height > LARGEST:
        raise ConfigError(
            "texts too long for a picture", where="--attention", received=f"{width:.0f} by {height:.0f} inches",
            allowed=f"{LARGEST:,} square inches", hint="--attention FILE.html"
        )  # fmt: skip
    figure = Figure(figsize=(width, height), layout="constrained")
    every = figure.subplots(max(1, len(rows)), squeeze=False, height_ratios=[h for _, h in sizes])[:, 0]
    for axes in every[len(rows) :]:
        axes.axis("off")
    for axes, row in zip(every, rows, strict=False):
        axes.imshow(row.weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        # a unit is text, not mathematics between dollars
        names = [[unit.replace("$", r"\$") for unit in side] for side in (row.source, row.target)]
        axes.set_xticks(range(len(row.source)), names[0], rotation=45, ha="left", rotation_mode="anchor")
        axes.set_yticks(range(len(row.target)), names[1])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
    return figure


def _page(rows: Sequence[Alignment]) -> str:
    tables = "\n".join(map(_table, rows))
    style = "td,th{padding:2px 6px;font:13px sans-serif}th{font-weight:normal;text-align:right}table{margin:1em}"
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>attention</title>\n<style>{style}</style>\n{tables}\n'


def _table(row: Alignment) -> str:
    head = "".join(f"<th>{html.escape(unit)}</th>" for unit in row.source)
    lines = [
        f"<tr><th>{html.escape(unit)}</th>"
        + "".join(f'<td title="{w:.3f}" style="background:rgba(8,81,156,{w:.3f})"></td>' for w in weights)
        + "</tr>"
        for unit, weights in zip(row.target, row.weights, strict=True)
    ]
    return f"<table><tr><th></th>{head}</tr>\n" + "\n".join(lines) + "</table>"
