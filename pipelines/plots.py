"""Pictures. Matplotlib is loaded on first use, without a window system and without its global state."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from seqtasks.errors import ConfigError
from seqtasks.pipelines.files import replacing

ENDINGS = (".png", ".svg", ".pdf")

DPI = 130

FEWEST = 5
"""Sequences that a mean needs to be drawn: the longest few would draw noise."""

_COLOURS = {"forward": "#1f77b4", "backward": "#d95f02"}
_LINES = {"h": "-", "c": "--"}
_MARKERS = {"forward": "o", "backward": "s"}


def check_ending(path: Path) -> None:
    """Says early, before anything is computed, that a file's ending is no picture's.

    Raises:
        ConfigError: It is none of `ENDINGS`.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError("not a picture's ending", where=str(path), received=path.suffix, allowed=", ".join(ENDINGS))


def draw_gradients(title: str, found: dict[str, Any], path: Path) -> None:
    """Draws what `seqtasks.pipelines.inspection.gradients` found: curves above, spectral radii below, by layer."""
    from matplotlib.figure import Figure

    columns = list(dict.fromkeys((row["stack"], row["layer"], row["skip"]) for row in found["layers"]))
    figure = Figure(figsize=(1.6 + 4.2 * len(columns), 6.4), layout="constrained")
    curves, radii = figure.subplots(2, len(columns), sharex="row", sharey="row", squeeze=False, height_ratios=(2.4, 1))
    for index, column in enumerate(columns):
        rows = [row for row in found["layers"] if (row["stack"], row["layer"], row["skip"]) == column]
        _draw_curves(curves[index], rows)
        _draw_radii(radii[index], rows)
        curves[index].set_title(_column_title(*column, several=len({stack for stack, _, _ in columns}) > 1))
    curves[0].set_ylabel("gain of the gradient (1: kept)")
    curves[0].legend(frameon=False, fontsize="small", title="with respect to", alignment="left")
    radii[0].set_ylabel("spectral radius")
    # one scale for all, which the highest point does not touch
    largest = max(radius for row in found["layers"] for radius in row["spectral_radius"].values())
    radii[0].set_ylim(0, 1.12 * max(1.0, largest))
    # a run's name is text, not mathematics between dollars
    figure.suptitle("How far the gradient reaches back\n" + title.replace("$", r"\$"))
    save(figure, path)


def save(figure, path: Path, dpi: float = DPI, **options: Any) -> None:
    """Writes a figure, whole or not at all; `options` are of Matplotlib's `savefig`."""
    with replacing(path) as temporary, warnings.catch_warnings():
        # of scripts that the font lacks it draws boxes
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(temporary, dpi=dpi, **options)


def _column_title(stack: str, layer: int, skip: int, several: bool) -> str:
    read = f", reads {skip} steps back" if skip > 1 else ""
    return f"{f'{stack}, ' if several else ''}layer {layer}{read}"


def _draw_curves(axes, rows: list[dict[str, Any]]) -> None:
    from matplotlib.ticker import MaxNLocator

    for row in rows:
        for state, curve in row["gradient"].items():
            enough = [count >= min(FEWEST, curve["sequences"][0]) for count in curve["sequences"]]
            points = [
                (lag, gain) for lag, gain, drawn in zip(curve["lag"], curve["gain"], enough, strict=True) if drawn
            ]
            axes.plot(
                *zip(*points, strict=True) if points else ((), ()),
                color=_COLOURS[row["direction"]],
                linestyle=_LINES[state],
                marker="." if row["skip"] > 1 else "",
                label=f"{row['direction']} {state}",
            )
    axes.axhline(1, color="0.6", linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xlabel("steps back")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)


def _draw_radii(axes, rows: list[dict[str, Any]]) -> None:
    gates = list(rows[0]["spectral_radius"])
    for row in rows:
        aside = 0.12 * ((row["direction"] == "backward") - 0.5) if len(rows) > 1 else 0
        axes.plot(
            [place + aside for place in range(len(gates))],
            list(row["spectral_radius"].values()),
            linestyle="",
            marker=_MARKERS[row["direction"]],
            color=_COLOURS[row["direction"]],
            label=row["direction"],
        )
    axes.axhline(1, color="0.6", linewidth=0.8)
    axes.set_xticks(range(len(gates)), gates)
    axes.set_xlim(-0.5, len(gates) - 0.5)
    axes.set_xlabel("gate of the recurrent matrix")
    axes.grid(alpha=0.25, axis="y")
