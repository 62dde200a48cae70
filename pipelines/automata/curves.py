"""How good automata of more and more clusters are, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqtasks.pipelines import plots


def draw_curves(title: str, found: dict[str, Any], path: Path) -> None:
    """Draws accuracy and fidelity of `seqtasks.pipelines.extraction.automaton`'s rows, a panel a split."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    splits = list(found["splits"])
    figure = Figure(figsize=(0.8 + 4.4 * len(splits), 4.2), layout="constrained")
    panels = figure.subplots(1, len(splits), sharey=True, squeeze=False)[0]
    clusters = [row["clusters"] for row in found["rows"]]
    for axes, split in zip(panels, splits, strict=True):
        axes.axhline(
            found["splits"][split]["network"], color="0.5", linewidth=1, linestyle="--", label="network, accuracy"
        )
        # where both are equal both are seen
        for name, colour, style in (("accuracy", "#1f77b4", "o-"), ("fidelity", "#d95f02", "s:")):
            values = [row[split][name] for row in found["rows"]]
            hollow = "white" if name == "accuracy" else colour
            axes.plot(clusters, values, style, color=colour, markersize=7 if name == "accuracy" else 3.5,
                      markerfacecolor=hollow, label=f"automaton, {name}")  # fmt: skip
        axes.axvline(found["chosen"], color="0.8", linewidth=4, zorder=0, label="drawn")
        axes.set(title=f"{split}, {found['splits'][split]['texts']:,} texts", xlabel="clusters of hidden states")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.25)
    panels[0].set_ylabel("share of texts")
    panels[-1].legend(frameon=False, fontsize="small")
    figure.suptitle(title.replace("$", r"\$"))
    plots.save(figure, path)
