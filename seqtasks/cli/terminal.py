"""What a person sees: progress and talk on stderr, scores on stdout."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from seqtasks.cli.tables import print_table

WARNINGS_SHOWN = 5
"""More of them are counted, not shown."""

CLASSES_SHOWN, WORST_SHOWN = 50, 25
"""With more classes than the one only so many of the worst have a row."""

_OF_A_CLASS = re.compile(r"([^\[]+)\[(.*)\]", re.DOTALL)
"""A score of one class, `f1[LABEL]`; the label may hold anything."""


_RESULTS = re.compile(r"\|(predicted|correct|labels):[^|]*")
"""What a signature tells of the answers, and not of how they are scored."""


class Terminal:
    """Tells on stderr how a run goes; a bar where stderr is a terminal, a line an epoch everywhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[speed]} {task.fields[loss]}"),
        )
        # what is written to stdout goes there, and not to the bar's stream
        streams = {"redirect_stdout": False, "redirect_stderr": False}
        hidden = not self.console.is_terminal
        self.progress = Progress(*columns, console=self.console, transient=True, disable=hidden, **streams)
        self._warnings = 0

    def __enter__(self) -> Terminal:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
        if self._warnings > WARNINGS_SHOWN:
            self.say(f"warning: {self._warnings - WARNINGS_SHOWN} more, not shown")

    def say(self, line: str) -> None:
        self.console.print(line, markup=False)

    def warn(self, line: str) -> None:
        self._warnings += 1
        if self._warnings <= WARNINGS_SHOWN:
            self.say(f"warning: {line}")

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None:
        self._units, self._seconds, self._started = 0, 1e-9, time.perf_counter()
        self._bar = self.progress.add_task(f"epoch {epoch + 1}", total=steps, completed=step, speed="", loss="")

    def update(self, step: int, units: int, loss: float) -> None:
        self._units += units
        self._seconds = time.perf_counter() - self._started
        self.progress.update(self._bar, completed=step, speed=f"{self.speed:,.0f} tokens/s", loss=f"loss {loss:.4f}")

    def epoch_ends(self, row: dict[str, Any], best: bool, seconds: float) -> None:
        self.progress.remove_task(self._bar)
        self.say(
            f"epoch {row['epoch']:3d}  loss {row['loss']:8.4f}  dev {row['dev']:.4f}{' *' if best else '  '}  "
            f"{seconds:5.1f} s  {self.speed:,.0f} tokens/s"
        )

    @property
    def speed(self) -> float:
        """Tokens a second of this epoch's training, scoring left out."""
        return self._units / self._seconds


def show_scores(report: dict[str, Any], as_json: bool) -> None:
    """Prints a report's scores on stdout: as JSON, or as a table with a column for the network and each baseline."""
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    columns = {"network": report["scores"], **report["baselines"]}
    values = {column: {score["name"]: score["value"] for score in scores} for column, scores in columns.items()}
    names = list(dict.fromkeys(name for found in values.values() for name in found))
    parts = {name: match.groups() for name in names if (match := _OF_A_CLASS.fullmatch(name))}
    whole = {name: [found.get(name) for found in values.values()] for name in names if name not in parts}
    _print_table(f"{report['task']} on {report['split']} of {report['data']}", list(columns), whole)
    _show_classes(parts.values(), values["network"])
    click.echo(f"signature: {report['scores'][0]['signature']}\nrun: {report['run']}")


def _show_classes(parts: Iterable[tuple[str, str]], network: dict[str, float | None]) -> None:
    """Prints the network's scores of each class, or of the worst ones.

    Args:
        parts: (kind, class) of each score.
    """
    kinds, classes = (list(dict.fromkeys(found)) for found in zip(*parts, strict=True)) if parts else ([], [])
    title = "network, by class"
    if len(classes) > CLASSES_SHOWN:
        main = "f1" if "f1" in kinds else kinds[-1]
        # a score that is not defined is not the worst
        by_score = sorted(classes, key=lambda name: math.inf if (v := network.get(f"{main}[{name}]")) is None else v)
        title += f": the worst {WORST_SHOWN} of {len(classes)} by {main}; scores.json and --json have all"
        classes = by_score[:WORST_SHOWN]
    rows = [[" ".join(name.split()), *(_number(network.get(f"{kind}[{name}]")) for kind in kinds)] for name in classes]
    print_table(title, ["", *kinds], rows)


def show_comparison(table: dict[str, Any], folder: Path) -> None:
    """Prints a comparison: a row a variant, the main score and dev first, and the baselines' main scores below."""
    main = table["rows"][0]["scores"][0]["name"]
    rows = []
    for row in table["rows"]:
        scores = {score["name"]: score for score in row["scores"]}
        seconds = "-" if row["seconds"] is None else f"{row['seconds']:.1f}"
        speed = "-" if row["tokens_per_second"] is None else f"{row['tokens_per_second']:,.0f}"
        lengths = (f"{row['epochs']:.1f}", f"{row['updates']:,.0f}", seconds, speed)
        sizes = (str(row["units"]), f"{row['parameters']:,}", *lengths)
        rows.append([row["variant"], _spread(scores[main]), _spread(scores["dev"]), *sizes])
    rows += _baselines(table["rows"], main)
    each = f", the same {table['minutes']:g} minutes of training each" if table["minutes"] else ""
    print_table(
        f"{table['task']} on {table['split']} of {table['data']}, seeds {', '.join(map(str, table['seeds']))}{each}",
        ["", main, "dev", "units", "weights", "epochs", "updates", "s/epoch", "tokens/s"],
        rows,
    )
    signatures = {row["variant"]: _RESULTS.sub("", row["signature"]) for row in table["rows"]}
    if len(set(signatures.values())) > 1:
        click.echo(f"{main} is not reckoned alike, and so does not compare as it stands:")
        for variant, signature in signatures.items():
            click.echo(f"  {variant}: {signature}")
    click.echo(f"table: {folder / 'table.csv'}")


def _baselines(rows: Sequence[dict[str, Any]], main: str) -> list[list[str]]:
    """A line a baseline; where its score depends on what is compared, one a variant."""
    lines = []
    for name in rows[0]["baselines"]:
        values = [_number(row["baselines"][name][main]) for row in rows]
        if len(set(values)) == 1:
            lines.append([name, values[0]])
        else:
            lines += [[f"{name}, {row['variant']}", value] for row, value in zip(rows, values, strict=True)]
    return lines


def _spread(score: dict[str, Any]) -> str:
    """Mean and standard deviation."""
    deviation = "" if score["deviation"] is None else f" ± {_number(score['deviation'])}"
    return _number(score["mean"]) + deviation


def _print_table(title: str, columns: list[str], rows: dict[str, list[float | None]]) -> None:
    print_table(title, ["", *columns], [[name, *map(_number, values)] for name, values in rows.items()])


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4f}"
