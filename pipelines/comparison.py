"""Runs that differ in one option and in the seed, and one table of them: means, deviations, parameters, speed."""

from __future__ import annotations

import functools
import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from seqtasks.config import RunConfig
from seqtasks.errors import ConfigError
from seqtasks.pipelines import files, pace, sources
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.epoch_times import EpochTimes, TimedReporter
from seqtasks.pipelines.family import family_of
from seqtasks.pipelines.locking import held
from seqtasks.pipelines.run_folder import RunFolder
from seqtasks.tasks.task import Task

SECONDS = "seconds.csv"
"""Of the epochs' times, beside the runs."""

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

    A finished run is read and not trained again, an unfinished one goes on. No other comparison may work in the folder.

    Args:
        folder: Of the runs, each in a folder `NAME-SEED`; what no file is to be named is `_` in NAME.
        minutes: Each variant has as many updates as it does in so many minutes, by `equal_minutes`; 0: its own.
        fresh: All are trained anew, and measured anew for the minutes.

    Returns:
        What `table.json` holds: a row a variant with `scores` (each `name`, `mean`, `deviation`, `values`; `dev` last),
        `signature` (of the main score, with the first seed),
        `units`, `parameters`, `epochs` and `updates` (means; an epoch that was begun counts), `seconds` an epoch
        (median), `tokens_per_second` of an epoch's updates (median; what counts as a token is the task's), and
        `baselines` (the scores of each, with the first seed).

    Raises:
        SeqtasksError: As `run` does; so too where a folder holds a run of another configuration, and where another
            comparison is at work.
    """
    with held(folder):
        if minutes:
            variants = equal_minutes(task, variants, minutes, folder, fresh)
        table = _compared(task, variants, seeds, folder, reporter, minutes, fresh)
        files.write_json(folder / "table.json", table)
        files.write_csv(folder / "table.csv", [_flat(row) for row in table["rows"]])
    return table


def _compared(
    task: Task,
    variants: Sequence[Variant],
    seeds: Sequence[int],
    folder: Path,
    reporter: conductor.Reporter,
    minutes: float,
    fresh: bool,
) -> dict[str, Any]:
    """The table; its runs are trained, as far as they are not."""
    times = EpochTimes(folder / SECONDS)
    rows, reports = [], []
    for variant, safe in zip(variants, _folder_names(variants), strict=True):
        names = [f"{safe}-{seed}" for seed in seeds]
        ran = []
        for seed, name in zip(seeds, names, strict=True):
            reporter.say(f"compare: {name}")
            # a folder that a person removed is trained anew, too
            if fresh or not RunFolder(folder / name).started:
                times.drop(name)
            timed = TimedReporter(reporter, times, name, variant.config.training.updates)
            config = replace(variant.config, training=replace(variant.config.training, seed=seed))
            ran.append(conductor.run(task, config, conductor.Place(str(folder / name), fresh), timed))
            # graphs of finished runs are of no use to the next
            keras.backend.clear_session()
        folders, reports = zip(*ran, strict=True)
        speed = {column: times.median(column, names) for column in ("seconds", "tokens_per_second")}
        rows.append({**_row(task, variant, reports, folders), **speed})
    return {
        "task": task.name,
        # the same for every variant: no option of the data is compared
        "data": reports[0]["data"],
        "split": reports[0]["split"],
        "seeds": list(seeds),
        "minutes": minutes or None,
        "rows": rows,
    }


def equal_minutes(
    task: Task, variants: Sequence[Variant], minutes: float, folder: Path, fresh: bool = False
) -> list[Variant]:
    """The variants with as many updates each as they do in so many minutes, here and by a short trial.

    Args:
        folder: Where the trials are kept, so that the same variants get the same updates again.
        fresh: All are tried anew.
    """
    path = folder / PACE
    known: dict[str, Any] = files.read_json(path) if path.exists() else {}
    found = []
    for variant in variants:
        table = variant.config.to_table()
        if fresh or known.get(variant.name, {}).get("config") != table:
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
    family = family_of(task)

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
        count: The number of weights of a configuration's network; it grows with the units (but for one step down where
            a projection between widths falls away).

    Raises:
        ConfigError: A variant has more weights than the first one, however few its units.
    """
    wanted = count(variants[0].config)
    return [variants[0], *(_sized(variant, wanted, count) for variant in variants[1:])]


def _sized(variant: Variant, wanted: int, count: Callable[[RunConfig], int]) -> Variant:
    def weights(units: int) -> int:
        return count(with_units(units))

    def with_units(units: int) -> RunConfig:
        return replace(variant.config, model=replace(variant.config.model, units=units))

    low, high = 1, 2
    if weights(low) > wanted:
        raise ConfigError(
            f"{variant.name} has more weights with one unit than the first variant has",
            where="--equal-parameters",
            received=f"{weights(low):,}",
            allowed=f"{wanted:,}",
            hint="the largest variant first, or without --equal-parameters",
        )
    while weights(high) < wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if weights(middle) < wanted else (low, middle)
    # of equally near ones the smaller
    nearest = min((low, high), key=lambda units: abs(weights(units) - wanted))
    return replace(variant, config=with_units(nearest))


def _row(
    task: Task, variant: Variant, reports: Sequence[dict[str, Any]], folders: Sequence[RunFolder]
) -> dict[str, Any]:
    for folder in folders:
        folder.check_seal()
    histories = [folder.read_history() for folder in folders]
    named = [_named(report["scores"]) for report in reports]
    # with one seed a score may be had that another lacks, as a floor that unknown words take away
    scores = {name: [of.get(name) for of in named] for name in dict.fromkeys(name for of in named for name in of)}
    scores["dev"] = [max(float(row["dev"]) for row in history) for history in histories]
    return {
        "variant": variant.name,
        "units": variant.config.model.units,
        "parameters": _parameters(task, folders[0]),
        "scores": [_summary(name, values) for name, values in scores.items()],
        "signature": reports[0]["scores"][0]["signature"],
        "baselines": {name: _named(of) for name, of in reports[0]["baselines"].items()},
        "epochs": statistics.mean(map(len, histories)),
        "updates": statistics.mean(int(history[-1]["updates"]) for history in histories),
    }


def _parameters(task: Task, folder: RunFolder) -> int:
    """The number of weights of a run's network."""
    return family_of(task).load(folder.load_config(task), folder.vocabulary).network.count_params()


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


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the CSV file has it."""
    scores = {f"{score['name']} {kind}": score[kind] for score in row["scores"] for kind in ("mean", "deviation")}
    return {**{key: value for key, value in row.items() if key not in ("scores", "baselines")}, **scores}
