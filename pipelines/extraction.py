"""What `inspect --automaton` finds: automata that speak for a classifier, and how well, by their clusters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqtasks.config import CLUSTERINGS, CLUSTERS, HIDDEN_STATES, ModelConfig, RunConfig
from seqtasks.errors import ConfigError, DataError
from seqtasks.layers import load_cell
from seqtasks.pipelines import plots, run, sources
from seqtasks.pipelines.automata.clusters import cluster
from seqtasks.pipelines.automata.curves import draw_curves
from seqtasks.pipelines.automata.drawing import draw
from seqtasks.pipelines.automata.reading import Reading, read
from seqtasks.pipelines.automata.summary import FEW, summary, telling_words
from seqtasks.pipelines.classification.trajectories import Trajectories
from seqtasks.pipelines.run_folder import RunFolder
from seqtasks.tasks.automaton import Automaton, difference, minimal
from seqtasks.tasks.task import Task

MOST_TOKENS = 200_000
"""Tokens of a split that are followed; of a larger one a sample of its texts."""


@dataclass(frozen=True)
class Settings:
    """How an automaton is read off.

    Attributes:
        clusters: Numbers of clusters to try, rising.
        clustering: One of `CLUSTERINGS`.
        state: One of `HIDDEN_STATES`.
    """

    clusters: tuple[int, ...] = tuple(CLUSTERS)
    clustering: str = CLUSTERINGS[0]
    state: str = HIDDEN_STATES[0]


def automaton(task: Task, run_path: str, picture: Path, settings: Settings) -> dict[str, Any]:
    """Reads automata off the states of a run's network on its training texts, and scores them on dev and test.

    Draws one of them: that of the fewest clusters with which it is as accurate on dev as the network, or if there is
    none the most accurate one. Beside it, with `-clusters` in the name, a plot of accuracy and fidelity.

    Args:
        run_path: The run's folder; empty: the newest finished run.
        picture: A file whose ending matplotlib knows: .png, .svg, .pdf.

    Returns:
        `cell`, `units`, `state`, `clustering`; `read` (`texts` and `tokens` that were counted); `splits` (`texts`, and
        the accuracy of the `network`); `rows`, one a number of `clusters`: `states` of the minimal automaton, `kept`
        (`Reading.kept`), and for each split `accuracy` and `fidelity`, the share of texts that it labels as the network
        does; `fewest`, for each split the fewest clusters with which it is as accurate as the network, or null;
        `chosen`; `automaton`, as `summary` describes it; for a formal language `language`: `states` of its minimal
        automaton, and a shortest string (`differs`) that both label differently, null where they are equivalent; where
        there are many symbols, `words` as `telling_words` has them; `pictures`, and what they were `drawn_by`;
        `warnings`.

    Raises:
        ConfigError: An ending that is no picture's; a network or a cell whose states are not what is asked for.
        RunError: There is no such run.
        DataError: No training text has a token.
    """
    plots.check_ending(picture)
    folder, config, ways, warnings = _followed(task, run_path, settings)
    train = ways.pop("train")
    readings = {count: read(train, cluster(train, count, settings.clustering)) for count in settings.clusters}
    found = _table(config.model, settings, train, ways, readings)
    reading = readings[found["chosen"]]
    found["automaton"] = summary(reading, train.labels)
    if config.data.data in task.automata:
        if compared := _compared(reading, task.automata[config.data.data]):
            found["language"] = compared
        else:
            warnings.append(f"{config.data.data}: not compared, for the network does not know all symbols")
    if len(reading.words) > FEW:
        found["words"] = telling_words(reading)
    data = config.data.data if config.data.data in task.made else Path(config.data.data).name or task.name
    name = f"{data}, {config.model.units} {config.model.cell}, run {folder.path.name}"
    curve = picture.with_name(f"{picture.stem}-clusters{picture.suffix}")
    draw_curves(f"Automata of {name}, {settings.clustering} of {settings.state}", found, curve)
    states = len(found["automaton"]["states"])
    title = f"{name}\n{states} states of {found['chosen']} clusters ({settings.clustering} of {settings.state})"
    found["drawn_by"] = draw(title, found["automaton"], picture)
    found["pictures"], found["warnings"] = [str(picture), str(curve)], warnings
    return {"task": task.name, "run": str(folder.path), "automaton": found}


def fewest(task: Task, run_path: str, most: int, clustering: str = CLUSTERINGS[0]) -> dict[str, Any]:
    """The fewest clusters, up to `most`, with which the automaton is as accurate on test as the network.

    Returns:
        `accuracy` of the network; `clusters`, null where there are none; and then the automaton's `states`, its
        `fidelity`, and for a formal language whether it is `equal` to the language's.

    Raises:
        As `automaton` does.
    """
    settings = Settings(tuple(range(2, most + 1)), clustering)
    _, config, ways, _ = _followed(task, run_path, settings)
    accuracy = _share(ways["test"].last == ways["test"].gold)
    for count in settings.clusters:
        reading = read(ways["train"], cluster(ways["train"], count, clustering))
        scores = _scores(reading, ways["test"])
        if scores["accuracy"] >= accuracy:
            found = {"clusters": count, "states": len(minimal(reading.automaton)), "fidelity": scores["fidelity"]}
            if config.data.data in task.automata:
                compared = _compared(reading, task.automata[config.data.data])
                found["equal"] = compared is not None and compared["differs"] is None
            return {"accuracy": accuracy, **found}
    return {"accuracy": accuracy, "clusters": None}


def _followed(
    task: Task, run_path: str, settings: Settings
) -> tuple[RunFolder, RunConfig, dict[str, Trajectories], list[str]]:
    """A run; its network's ways through each split that has texts with a label, with the training split's states; and
    warnings."""
    folder, config, model = run.load_run(task, run_path)
    _check_network(config.model, settings, str(folder.path))
    data = sources.load(task, config.data)
    warnings = sources.changed(data, folder.read_hashes())
    known = {split: model.labelled(texts) for split, texts in data.splits.items()}
    some = {split: _some(texts, model) for split, texts in known.items() if len(texts)}
    warnings += [
        f"{split}: {len(texts):,} of its {len(known[split]):,} texts, drawn at random, stand for all"
        for split, texts in some.items()
        if len(texts) < len(known[split])
    ]
    ways = {split: model.trajectories(texts) for split, texts in some.items()}
    if not len(ways["train"].tokens):
        raise DataError("no training text has a token", where=str(folder.path), hint="a run with other texts")
    if settings.state == "h":
        ways["train"] = ways["train"].with_states(*ways["train"].states[:1])
    return folder, config, ways, warnings


def _check_network(model: ModelConfig, settings: Settings, where: str) -> None:
    """A text's last state must be all that its answer depends on.

    Raises:
        ConfigError: It is not.
    """
    wanted = {"depth": 1, "bidirectional": False, "pooling": "last"}
    unlike = [f"{name} {getattr(model, name)}" for name, value in wanted.items() if getattr(model, name) != value]
    if unlike:
        raise ConfigError(
            "no automaton can be read off, for an answer depends on more than the last state of one layer",
            where=where,
            received=", ".join(unlike),
            allowed="a run with --depth 1 --no-bidirectional --pooling last",
            hint="--config automaton",
        )
    if settings.state == "hc" and len(load_cell(model.cell)(1).state_size) == 1:
        raise ConfigError("the cell has no cell state", where="--state hc", received=model.cell, hint="--state h")


def _some(texts: Sequence[Any], model) -> Sequence[Any]:
    """The texts, or as many of them, drawn with a fixed seed, as have `MOST_TOKENS`; in their order."""
    lengths = model.encode(texts).tokens.lengths
    if lengths.sum() <= MOST_TOKENS:
        return texts
    order = random.Random(0).sample(range(len(texts)), len(texts))
    kept = max(1, int(np.searchsorted(np.cumsum(lengths[order]), MOST_TOKENS, side="right")))
    return [texts[index] for index in sorted(order[:kept])]


def _table(
    model: ModelConfig,
    settings: Settings,
    train: Trajectories,
    ways: dict[str, Trajectories],
    readings: dict[int, Reading],
) -> dict[str, Any]:
    rows = []
    for count, reading in readings.items():
        scores = {split: _scores(reading, followed) for split, followed in ways.items()}
        rows.append({"clusters": count, "states": len(minimal(reading.automaton)), "kept": reading.kept, **scores})
    splits = {
        split: {"texts": len(followed.gold), "network": _share(followed.last == followed.gold)}
        for split, followed in ways.items()
    }
    fewest = {
        split: next((row["clusters"] for row in rows if row[split]["accuracy"] >= facts["network"]), None)
        for split, facts in splits.items()
    }
    best = max(rows, key=lambda row: row["dev"]["accuracy"])["clusters"]
    return {
        "cell": model.cell,
        "units": model.units,
        "state": settings.state,
        "clustering": settings.clustering,
        "read": {"split": "train", "texts": len(train.gold), "tokens": len(train.tokens)},
        "splits": splits,
        "rows": rows,
        "fewest": fewest,
        "chosen": fewest["dev"] or best,
    }


def _scores(reading: Reading, ways: Trajectories) -> dict[str, float]:
    answers = reading.answers(ways)
    return {"accuracy": _share(answers == ways.gold), "fidelity": _share(answers == ways.last)}


def _share(right: np.ndarray) -> float:
    return float(np.mean(right))


def _compared(reading: Reading, language: Automaton) -> dict[str, Any] | None:
    """The reading beside the language's own automaton; None where the network has not the language's symbols."""
    if set(reading.automaton.alphabet) != set(language.alphabet):
        return None
    witness = difference(reading.automaton, language)
    return {"states": len(minimal(language)), "differs": None if witness is None else " ".join(witness)}
