"""An automaton as a picture: by Graphviz where it is installed, else states on a circle."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from seqtasks.pipelines import plots
from seqtasks.pipelines.automata.summary import FEW
from seqtasks.pipelines.files import replacing

MOST_ORDERS = 7
"""States besides the start of which all orders on the circle are tried; of more, exchanges of two."""

MOST_COMPARED = 3e7
"""Pairs of edges that a round of such exchanges compares, some seconds; with more, states stay in their order."""

RADIUS = 0.36
"""Of a state, where neighbours on the circle are about 1.6 apart."""

FILLS = ("#fdd9b5", "#cfe3f5", "#d9ead3", "#ead1dc", "#fff2cc", "#d9d2e9")
"""Of labels, by the alphabet; the accepting one has a second ring besides."""

INCHES = 1.35
"""Of the picture for what is 1 long in it."""

MOST_DOTS = 5e7
"""Of the picture; four bytes each are held at once. With more states and edges it is coarser."""

MOST_PLACED = 300
"""Edges whose words are put where they cover least; of more, each in its edge's middle: places are compared by twos."""

RARE = 0.02
"""Where symbols are many, edges with a smaller share of their state's steps are left out."""

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
    """The edges that are drawn: all where symbols are few, else those of some share of their state's steps."""
    few = found["symbols"] <= FEW
    return [edge for edge in found["edges"] if edge["words"] and (few or edge["share"] >= RARE)]


def caption(edge: dict[str, Any]) -> str:
    """The words of an edge; where they are not all, how many they are and the share of the state's steps."""
    if len(edge["words"]) == edge["kinds"]:
        return ", ".join(edge["words"])
    # words may be commas themselves
    return f"{'  '.join(edge['words'])}  …\n{edge['kinds']:,} words, {edge['share']:.0%}"


def dot(title: str, found: dict[str, Any]) -> str:
    """The picture in Graphviz's language."""
    fills = _fills(found)
    lines = ["digraph automaton {", "  rankdir=LR; labelloc=t;", f"  label={_quoted(title)};"]
    lines += ['  node [fontname="Helvetica", style=filled]; edge [fontname="Helvetica"];', "  start [shape=point];"]
    for state, label in enumerate(found["states"]):
        shape = "doublecircle" if label == found["accepting"] else "circle"
        text = _quoted(f"q{state}\n{label}")
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
    try:
        with replacing(path) as temporary:
            command = [program, f"-T{path.suffix[1:].lower()}", "-Gdpi=130", "-o", str(temporary)]
            subprocess.run(command, input=source.encode(), check=True, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.SubprocessError):
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
    order = [start, *rest]
    if (count * len(links)) ** 2 > MOST_COMPARED:
        return order
    least, improved = cost(order), True
    while improved:
        improved = False
        for one in range(1, count):
            for other in range(one + 1, count):
                changed = order.copy()
                changed[one], changed[other] = order[other], order[one]
                if (found := cost(changed)) < least - 1e-9:
                    order, least, improved = changed, found, True
    return order


def _on_a_circle(title: str, found: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle

    edges = shown_edges(found)
    count = len(found["states"])
    order = order_on_circle(count, found["start"], [(edge["from"], edge["to"]) for edge in edges])
    wide = any("\n" in caption(edge) for edge in edges)
    radius = 0 if count == 1 else max(0.95, 0.27 * count) * (1.7 if wide else 1)
    places = {
        state: (-radius * math.cos(2 * math.pi * index / count), radius * math.sin(2 * math.pi * index / count))
        for index, state in enumerate(order)
    }
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    fills, circles = _fills(found), {}
    for state, label in enumerate(found["states"]):
        circles[state] = Circle(places[state], RADIUS, facecolor=fills[label], edgecolor="0.2", zorder=3)
        axes.add_patch(circles[state])
        if label == found["accepting"]:
            axes.add_patch(Circle(places[state], RADIUS - 0.05, fill=False, edgecolor="0.2", zorder=4))
        name = f"q{state}\n{label if len(label) <= 9 else label[:8] + '…'}".replace("$", r"\$")
        axes.text(*places[state], name, ha="center", va="center", fontsize=8, zorder=5)
    taken = [Box(place, RADIUS, RADIUS) for place in places.values()]
    pairs = {(edge["from"], edge["to"]) for edge in edges}
    for edge in edges:
        ends = edge["from"], edge["to"]
        if ends[0] == ends[1]:
            curve, spots = _loop(places[ends[0]], radius, Box.of((0, 0), caption(edge)))
        else:
            bend = 0.24 if ends[::-1] in pairs else 0.1
            curve, spots = _bow(places[ends[0]], places[ends[1]], bend)
            curve |= {"patchA": circles[ends[0]], "patchB": circles[ends[1]]}
        around = taken if len(edges) <= MOST_PLACED else ()
        taken.append(_draw_edge(axes, curve, spots, caption(edge), around))
    x, y = places[found["start"]]
    axes.annotate("", (x - RADIUS, y), (x - RADIUS - 0.45, y), arrowprops={"arrowstyle": "-|>", "color": "0.2"})
    taken.append(Box((x - RADIUS - 0.25, y), 0.25, 0.1))
    left, right = (fold(box.centre[0] + sign * box.width for box in taken) for fold, sign in ((min, -1), (max, 1)))
    low, high = (fold(box.centre[1] + sign * box.height for box in taken) for fold, sign in ((min, -1), (max, 1)))
    axes.set(xlim=(left - 0.1, right + 0.1), ylim=(low - 0.1, high + 0.1), aspect="equal")
    axes.axis("off")
    width, height = max(3.5, INCHES * (right - left + 0.2)), INCHES * (high - low + 0.2) + 0.6
    figure.set_size_inches(width, height)
    figure.suptitle(title.replace("$", r"\$"), fontsize=10)
    plots.save(figure, path, dpi=min(plots.DPI, math.sqrt(MOST_DOTS / (width * height))))


@dataclass(frozen=True)
class Box:
    """Where something stands: its middle, and half its width and height."""

    centre: tuple[float, float]
    width: float
    height: float

    @classmethod
    def of(cls, centre: tuple[float, float], text: str) -> Box:
        """About as much room as small letters take."""
        lines = text.split("\n")
        return cls(centre, 0.034 * max(map(len, lines)) + 0.03, 0.075 * len(lines) + 0.02)

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        across = self.width + other.width - abs(self.centre[0] - other.centre[0])
        upwards = self.height + other.height - abs(self.centre[1] - other.centre[1])
        return max(0.0, across) * max(0.0, upwards)


def _bow(start, end, bend: float) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """An arrow bent to its left; and along it places for its words, the middle first."""
    (x0, y0), (x1, y1) = start, end
    # the quadratic curve that arc3 draws, by its control point
    x, y = (x0 + x1) / 2 + bend * (y1 - y0), (y0 + y1) / 2 - bend * (x1 - x0)
    spots = [
        ((1 - t) ** 2 * x0 + 2 * t * (1 - t) * x + t**2 * x1, (1 - t) ** 2 * y0 + 2 * t * (1 - t) * y + t**2 * y1)
        for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)
    ]
    return {"posA": start, "posB": end, "connectionstyle": f"arc3,rad={bend}"}, spots


def _loop(place, radius: float, box: Box) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """An arrow from a state to itself, on the side away from the circle's middle; and places for its words."""
    x, y = place
    away = math.atan2(y, x) if radius else math.pi / 2
    # the start's own arrow comes from the left
    away = away + 0.9 if abs(abs(away) - math.pi) < 0.1 else away
    ends = [(x + RADIUS * math.cos(away + turn), y + RADIUS * math.sin(away + turn)) for turn in (0.5, -0.5)]
    curve = {"posA": ends[0], "posB": ends[1], "connectionstyle": "arc3,rad=-1.9", "shrinkA": 0, "shrinkB": 0}
    far = RADIUS + 0.36
    spot = x + (far + box.width) * math.cos(away), y + (far + box.height) * math.sin(away)
    return curve, [spot]


def _draw_edge(axes, curve: dict[str, Any], spots, text: str, taken: Sequence[Box]) -> Box:
    """Draws the arrow, and its words at the spot where they cover least of what stands there; the first of equals."""
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(FancyArrowPatch(**curve, arrowstyle="-|>", mutation_scale=13, color="0.35", zorder=2))
    boxes = [Box.of(spot, text) for spot in spots]
    best = min(boxes, key=lambda box: sum(box.overlap(other) for other in taken))
    frame = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    shown = text.replace("$", r"\$")
    axes.text(*best.centre, shown, ha="center", va="center", fontsize=7.5, zorder=6, bbox=frame)
    return best
