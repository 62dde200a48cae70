"""Runs that differ in one option and in the seed, and one table of them: means, deviations, parameters, speed."""

from __future__ import annotations

import csv
import functools
import io
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras

from seqtasks.config import RunConfig
from seqtasks.pipelines import files, pace, sources
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.run_folder import RunFolder
from seqtasks.tasks.task import Task

SECONDS = "seconds.csv"
"""How long each epoch took, beside the runs: their own files are equal bit for bit, and times never are."""

PACE = "seconds_an_update.json"
"""By these, and for which configurations, `equal_minutes` chose the updates: so the same command chooses them again."""


@dataclass(frozen=True)
class Variant:
    """One value of what is varied.

    Attributes:
        name: As the table and the folders show it.
        config: The run's, but for the seed.
    """

    name: str
    config: RunConfig


def compare(
    task: Task,
    variants: Sequence[Variant],
    seeds: Sequence[int],
    folder: Path,
    reporter: conductor.Reporter,
    minutes: float = 0.0,
    fresh: bool = False,
) -> dict[str, Any]:
    """Trains every variant with every seed, each in its own run folder, and writes `table.csv` and `table.json`.

    A finished run is read and not trained again, an unfinished one goes on.

    Args:
        folder: Of the runs, each in a folder `NAME-SEED`; what no file is to be named is `_` in NAME.
        minutes: Those that `equal_minutes` gave to each, for the table; 0: none.
        fresh: All are trained anew.

    Returns:
        What `table.json` holds: a row a variant with `scores` (each `name`, `mean`, `deviation`, `values`; `dev` last),
        `units`, `parameters`, `epochs` and `updates` (means; an epoch that was begun counts), `seconds` an epoch
        (median), `tokens_per_second` of an epoch's updates (median; what counts as a token is the task's); and the
        baselines' scores.

    Raises:
        SeqtasksError: As `run` does; so too where a folder holds a run of another configuration.
    """
    clock = _Clock(folder / SECONDS, reporter, fresh)
    rows, baselines = [], {}
    for variant, safe in zip(variants, _folder_names(variants), strict=True):
        reports, folders = [], []
        names = [f"{safe}-{seed}" for seed in seeds]
        for seed, name in zip(seeds, names, strict=True):
            clock.run, clock.updates = name, variant.config.training.updates
            reporter.say(f"compare: {name}")
            config = replace(variant.config, training=replace(variant.config.training, seed=seed))
            place = conductor.Place(str(folder / name), fresh)
            ran, report = conductor.run(task, config, place, clock)
            reports.append(report)
            folders.append(ran)
            # graphs of finished runs are of no use to the next
            keras.backend.clear_session()
        baselines = {name: _named(scores) for name, scores in reports[0]["baselines"].items()}
        rows.append(_row(task, variant, reports, folders, clock, names))
    table = {
        "task": task.name,
        "data": reports[0]["data"],
        "split": reports[0]["split"],
        "seeds": list(seeds),
        "minutes": minutes or None,
        "rows": rows,
        "baselines": baselines,
    }
    files.write_json(folder / "table.json", table)
    files.write_text(folder / "table.csv", _csv(table))
    return table


def equal_minutes(task: Task, variants: Sequence[Variant], minutes: float, folder: Path) -> list[Variant]:
    """The variants with as many updates each as they do in so many minutes, here and by a short trial."""
    path = folder / PACE
    known: dict[str, Any] = files.read_json(path) if path.exists() else {}
    found = []
    for variant in variants:
        table = variant.config.to_table()
        if known.get(variant.name, {}).get("config") != table:
            known[variant.name] = {"seconds": pace.seconds_an_update(task, variant.config), "config": table}
            files.write_json(path, known)
        updates = pace.updates_within(minutes, known[variant.name]["seconds"])
        config = replace(variant.config, training=replace(variant.config.training, updates=updates))
        found.append(replace(variant, config=config))
    return found


def _folder_names(variants: Sequence[Variant]) -> list[str]:
    """The variants' names as names of folders, each another one."""
    found: list[str] = []
    for variant in variants:
        name = re.sub(r"[^\w.+-]", "_", variant.name)
        found.append(name if name not in found else f"{name}-{len(found)}")
    return found


def parameter_counter(task: Task, config: RunConfig) -> Callable[[RunConfig], int]:
    """A function that tells the number of weights of a configuration's network, trained on the data of `config`."""
    train = sources.load(task, sources.absolute(config.data)).splits["train"]
    family = conductor.family_of(task)

    @functools.cache
    def vocabularies(sample: RunConfig):
        return family.fit(task, sample, train).vocabularies

    def count(other: RunConfig) -> int:
        # what no vocabulary depends on is left out, so that few are made
        sample = replace(other, model=replace(other.model, cell=config.model.cell, units=1))
        return family(other, vocabularies(sample)).network.count_params()

    return count


def equal_parameters(variants: Sequence[Variant], count: Callable[[RunConfig], int]) -> list[Variant]:
    """The variants with the units that bring each network's weights nearest to the first one's.

    Args:
        count: The number of weights of a configuration's network; it grows with the units.
    """
    wanted = count(variants[0].config)
    return [variants[0], *(_sized(variant, wanted, count) for variant in variants[1:])]


def _sized(variant: Variant, wanted: int, count: Callable[[RunConfig], int]) -> Variant:
    def weights(units: int) -> int:
        return count(with_units(units))

    def with_units(units: int) -> RunConfig:
        return replace(variant.config, model=replace(variant.config.model, units=units))

    low, high = 1, 2
    while weights(high) < wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if weights(middle) < wanted else (low, middle)
    # of equally near ones the smaller
    nearest = min((low, high), key=lambda units: abs(weights(units) - wanted))
    return replace(variant, config=with_units(nearest))


def _row(
    task: Task, variant: Variant, reports, folders: Sequence[RunFolder], clock: _Clock, names: Sequence[str]
) -> dict:
    histories = [folder.read_history() for folder in folders]
    scores = {name: [_named(report["scores"])[name] for report in reports] for name in _named(reports[0]["scores"])}
    scores["dev"] = [max(float(row["dev"]) for row in history) for history in histories]
    return {
        "variant": variant.name,
        "units": variant.config.model.units,
        "parameters": _parameters(task, folders[0]),
        "scores": [_summary(name, values) for name, values in scores.items()],
        "epochs": statistics.mean(map(len, histories)),
        "updates": statistics.mean(int(history[-1]["updates"]) for history in histories),
        "seconds": clock.median("seconds", names),
        "tokens_per_second": clock.median("tokens_per_second", names),
    }


def _parameters(task: Task, folder: RunFolder) -> int:
    """The number of weights of a run's network."""
    return conductor.family_of(task).load(folder.load_config(task), folder.vocabulary).network.count_params()


def _named(scores: Iterable[dict[str, Any]]) -> dict[str, float | None]:
    """The scores of the whole, not those of single classes."""
    return {score["name"]: score["value"] for score in scores if "[" not in score["name"]}


def _summary(name: str, values: list[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    return {
        "name": name,
        "mean": statistics.mean(known) if known else None,
        "deviation": statistics.stdev(known) if len(known) > 1 else None,
        "values": values,
    }


def _csv(table: dict[str, Any]) -> str:
    rows = []
    for row in table["rows"]:
        scores = {f"{score['name']} {kind}": score[kind] for score in row["scores"] for kind in ("mean", "deviation")}
        rows.append({**{key: value for key, value in row.items() if key != "scores"}, **scores})
    return _as_csv(rows)


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@dataclass
class _Clock:
    """Passes on what a run tells, and writes down each epoch's seconds, and its words a second, scoring left out."""

    path: Path
    reporter: conductor.Reporter
    fresh: bool = False
    run: str = ""
    updates: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self):
        if self.path.exists() and not self.fresh:
            with open(self.path, encoding="utf-8", newline="") as stream:
                self.rows = [
                    {**row, "tokens_per_second": row.get("tokens_per_second", "")} for row in csv.DictReader(stream)
                ]

    def __getattr__(self, name: str):
        return getattr(self.reporter, name)

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None:
        # the rest of an epoch that was broken off is no epoch's time
        self._whole = step == 0
        self._tokens, self._training, self._started = 0, 1e-9, time.perf_counter()
        self.reporter.epoch_begins(epoch, steps, step)

    def update(self, step: int, units: int, loss: float) -> None:
        self._tokens += units
        self._training = time.perf_counter() - self._started
        self.reporter.update(step, units, loss)

    def epoch_ends(self, row: dict[str, Any], best: bool, seconds: float) -> None:
        if self._whole:
            # an epoch that the updates end may be a part of one
            time_taken = round(seconds, 3) if row["updates"] != self.updates else ""
            found = {"seconds": time_taken, "tokens_per_second": round(self._tokens / self._training, 1)}
            self.rows.append({"run": self.run, "epoch": row["epoch"], **found})
            files.write_text(self.path, _as_csv(self.rows))
        self.reporter.epoch_ends(row, best, seconds)

    def median(self, column: str, names: Sequence[str]) -> float | None:
        """Of what was written down of these runs' epochs; None where nothing was."""
        found = [float(row[column]) for row in self.rows if row["run"] in names and row[column] != ""]
        return statistics.median(found) if found else None
