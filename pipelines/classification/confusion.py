"""The confusion matrix as a picture and as a table: which label is taken for which."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from seqtasks.pipelines import files, plots
from seqtasks.tasks.labelled import row_writer

MOST_LABELS = 1000
"""With more labels there is no matrix: nobody could read it, and its size is the square of theirs."""

MOST_NAMED = 100
"""With more labels only some of them have their names at the picture's sides."""

MOST_NUMBERED = 25
"""With more labels the cells are too small for their counts; the table has them."""


def save(counts: Mapping[tuple[str, str], int], labels: Sequence[str], path: Path) -> None:
    """Writes PATH.csv and PATH.png, where labels are not more than `MOST_LABELS`.

    Args:
        counts: (gold label, predicted label) to texts.
        labels: In the order of rows (gold) and columns (predicted).
    """
    if len(labels) > MOST_LABELS:
        return
    matrix = np.array([[counts.get((gold, found), 0) for found in labels] for gold in labels])
    with files.replacing(path.with_name(f"{path.name}.csv")) as target, open(target, "w", encoding="utf-8") as stream:
        write_row = row_writer(stream)
        write_row(["gold \\ predicted", *labels])
        for label, row in zip(labels, matrix.tolist(), strict=True):
            write_row([label, *row])
    # without the version of Matplotlib, so that equal runs have equal files whatever drew them
    plots.save(_drawn(matrix, labels), path.with_name(f"{path.name}.png"), dpi=100, metadata={"Software": None})


def _drawn(matrix: np.ndarray, labels: Sequence[str]):
    """A figure of the matrix; the table beside it has the names that the font has no signs for."""
    # the object-oriented interface: no window, and no figure that outlives this call
    from matplotlib.figure import Figure

    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    size = min(20.0, 3.0 + 0.6 * len(labels))
    figure = Figure(figsize=(size + 1.2, size), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    # a label is text, not mathematics between dollars
    names = [_short(label).replace("$", r"\$") for label in labels]
    shown = range(0, len(labels), math.ceil(len(labels) / MOST_NAMED))
    axes.set_xticks(shown, [names[at] for at in shown], rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(shown, [names[at] for at in shown])
    axes.set(xlabel="predicted", ylabel="gold")
    if len(labels) <= MOST_NUMBERED:
        for (row, column), count in np.ndenumerate(matrix):
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=shade)
    figure.colorbar(image, label="share of the gold label's texts", shrink=0.8)
    return figure


def _short(label: str, most: int = 24) -> str:
    label = " ".join(label.split())
    return label if len(label) <= most else label[: most - 1] + "…"
