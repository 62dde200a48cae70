"""An automaton as a picture: by Graphviz where it is installed, else states on a circle."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from seqtasks.pipelines import plots
from seqtasks.pipelines.files import replacing

MOST_ORDERS = 7
"""States besides the start of which all orders on the circle are tried; of more, exchanges of two."""

RADIUS = 0.36
"""Of a state, where neighbours on the circle are about 1.6 apart."""

FILLS = ("#fdd9b5", "#cfe3f5", "#d9ead3", "#ead1dc", "#fff2cc", "#d9d2e9")
"""Of labels, by the alphabet; the accepting one has a second ring besides."""

RARE = 0.02
"""Edges with many words that take a smaller share of their state's steps are left out."""

SECONDS = 60
"""That Graphviz has."""


def draw(title: str, found: dict[str, Any], path: Path) -> str:
    """Draws what `seqtasks.pipelines.automata.summary.summary` returns.

    Returns:
        What drew it: `graphviz` or `matplotlib`.
    """
    if (program := shutil.which("dot")) and _by_graphviz(program, dot(title, found), path):
        return "graphviz"
    _on_a_circle(title, found, path)
    return "matplotlib"


def shown_edges(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The edges that are drawn: all where each names all of its words."""
    return [edge for edge in found["edges"] if len(edge["words"]) == edge["kinds"] > 0 or edge["share"] >= RARE]


def caption(edge: dict[str, Any]) -> str:
    """The words of an edge; where they are not all, how many they are and the share of the state's steps."""
    words = ", ".join(edge["words"])
    if len(edge["words"]) == edge["kinds"]:
        return words
    return f"{words}, …\n{edge['kinds']:,} words, {edge['share']:.0%}"


def dot(title: str, found: dict[str, Any]) -> str:
    """The picture in Graphviz's language."""
    fills = _fills(found)
    lines = ["digraph automaton {", "  rankdir=LR; labelloc=t;", f"  label={_quoted(title)};"]
    lines += ['  node [fontname="Helvetica", style=filled]; edge [fontname="Helvetica"];', "  start [shape=point];"]
    for state, label in enumerate(found["states"]):
        shape = "doublecircle" if label == found["accepting"] else "circle"
        text = _quoted(f"{state}\n{label}")
        lines.append(f'  s{state} [shape={shape}, fillcolor="{fills[label]}", label={text}];')
    lines.append(f"  start -> s{found['start']};")
    for edge in shown_edges(found):
        lines.append(f"  s{edge['from']} -> s{edge['to']} [label={_quoted(caption(edge))}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _by_graphviz(program: str, source: str, path: Path) -> bool:
    """Whether Graphviz drew it."""
    with replacing(path) as temporary:
        command = [program, f"-T{path.suffix[1:].lower()}", "-Gdpi=130", "-o", str(temporary)]
        try:
            subprocess.run(command, input=source.encode(), check=True, capture_output=True, timeout=SECONDS)
        except (OSError, subprocess.SubprocessError):
            temporary.touch()
            return False
    return True


def _fills(found: dict[str, Any]) -> dict[str, str]:
    known = sorted({*found["states"], *([found["accepting"]] if found["accepting"] else [])})
    # the accepting label is the second, whatever its name
    known.sort(key=lambda label: label == found["accepting"])
    return {label: FILLS[index % len(FILLS)] for index, label in enumerate(known)}


def order_on_circle(count: int, start: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """States in an order, the start first, in which edges cross little and neighbours on the circle are near."""
    links = {tuple(sorted(edge)) for edge in edges if edge[0] != edge[1]}

    def cost(order: Sequence[int]) -> float:
        place = {state: index for index, state in enumerate(order)}
        chords = [sorted((place[a], place[b])) for a, b in links]
        crossings = sum(a < c < b < d or c < a < d < b for i, (a, b) in enumerate(chords) for c, d in chords[:i])
        length = sum(abs(math.sin(math.pi * (b - a) / count)) for a, b in chords)
        # of orders that are each other's mirror image the one that counts upwards
        return crossings + length + 1e-6 * sum(index * state for index, state in enumerate(reversed(order)))

    rest = [state for state in range(count) if state != start]
    if len(rest) <= MOST_ORDERS:
        return [start, *min(permutations(rest), key=lambda order: cost([start, *order]))]
    order, improved = [start, *rest], True
    while improved:
        improved = False
        for one in range(1, count):
            for other in range(one + 1, count):
                changed = order.copy()
                changed[one], changed[other] = order[other], order[one]
                if cost(changed) < cost(order) - 1e-9:
                    order, improved = changed, True
    return order


def _on_a_circle(title: str, found: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle

    edges = shown_edges(found)
    count = len(found["states"])
    order = order_on_circle(count, found["start"], [(edge["from"], edge["to"]) for edge in edges])
    wide = any("\n" in caption(edge) for edge in edges)
    radius = 0 if count == 1 else max(0.95, (0.34 if wide else 0.27) * count) * (1.35 if wide else 1)
    places = {
        state: (-radius * math.cos(2 * math.pi * index / count), radius * math.sin(2 * math.pi * index / count))
        for index, state in enumerate(order)
    }
    reach = radius + (1.5 if wide else 1.15)
    figure = Figure(figsize=(2 * reach * 1.35, 2 * reach * 1.35 + 0.4), layout="constrained")
    axes = figure.add_subplot()
    fills = _fills(found)
    circles = {}
    for state, label in enumerate(found["states"]):
        circles[state] = axes.add_patch(
            Circle(places[state], RADIUS, facecolor=fills[label], edgecolor="0.2", zorder=3)
        )
        if label == found["accepting"]:
            axes.add_patch(Circle(places[state], RADIUS - 0.05, fill=False, edgecolor="0.2", zorder=4))
        name = f"{state}\n{label if len(label) <= 9 else label[:8] + '…'}".replace("$", r"\$")
        axes.text(*places[state], name, ha="center", va="center", fontsize=8, zorder=5)
    pairs = {(edge["from"], edge["to"]) for edge in edges}
    for edge in edges:
        ends = edge["from"], edge["to"]
        text = caption(edge).replace("$", r"\$")
        if ends[0] == ends[1]:
            _loop(axes, places[ends[0]], radius, text)
        else:
            _edge(
                axes,
                [places[end] for end in ends],
                [circles[end] for end in ends],
                0.24 if ends[::-1] in pairs else 0.1,
                text,
            )
    x, y = places[found["start"]]
    axes.annotate("", (x - RADIUS, y), (x - RADIUS - 0.45, y), arrowprops={"arrowstyle": "-|>", "color": "0.2"})
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.axis("off")
    figure.suptitle(title.replace("$", r"\$"), fontsize=10)
    plots.save(figure, path)


def _edge(axes, ends, circles, bend: float, text: str) -> None:
    """An arrow between two states, bent to its left, with its words at the middle."""
    from matplotlib.patches import FancyArrowPatch

    (x0, y0), (x1, y1) = ends
    axes.add_patch(
        FancyArrowPatch(
            (x0, y0),
            (x1, y1),
            connectionstyle=f"arc3,rad={bend}",
            patchA=circles[0],
            patchB=circles[1],
            arrowstyle="-|>",
            mutation_scale=13,
            color="0.35",
            zorder=2,
        )
    )
    # a quadratic curve through the control point that arc3 takes: its middle lies half way to it
    middle = (x0 + x1) / 2 + bend * (y1 - y0) / 2, (y0 + y1) / 2 - bend * (x1 - x0) / 2
    _words(axes, middle, text)


def _loop(axes, place, radius: float, text: str) -> None:
    """An arrow from a state to itself, on the side away from the circle's middle."""
    from matplotlib.patches import FancyArrowPatch

    x, y = place
    away = math.atan2(y, x) if radius else math.pi / 2
    # the start's own arrow comes from the left
    away = away + 0.9 if abs(abs(away) - math.pi) < 0.1 else away
    ends = [(x + RADIUS * math.cos(away + turn), y + RADIUS * math.sin(away + turn)) for turn in (0.5, -0.5)]
    axes.add_patch(
        FancyArrowPatch(
            *ends,
            connectionstyle="arc3,rad=-1.9",
            arrowstyle="-|>",
            mutation_scale=12,
            color="0.35",
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )
    _words(axes, (x + (RADIUS + 0.42) * math.cos(away), y + (RADIUS + 0.42) * math.sin(away)), text)


def _words(axes, place, text: str) -> None:
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    axes.text(*place, text, ha="center", va="center", fontsize=7.5, zorder=6, bbox=box)
