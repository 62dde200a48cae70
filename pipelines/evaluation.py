"""Which split is scored, scores in the one shape they have everywhere, and labels that the training split lacks."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seqtasks.config import DataConfig
from seqtasks.errors import DataError
from seqtasks.pipelines.family import Family
from seqtasks.pipelines.sources import Data
from seqtasks.tasks.task import Score, Task


def report(
    task: str, run: str, data: str, split: str, scores: Sequence[Score], baselines: Mapping[str, Sequence[Score]]
) -> dict[str, Any]:
    """The contents of `scores.json` and of `--json`; the first score is the task's main one."""
    return {
        "task": task,
        "run": run,
        "data": data,
        "split": split,
        "scores": plain(scores),
        "baselines": {name: plain(found) for name, found in baselines.items()},
    }


def plain(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """JSON data; a score that is not defined, or infinite, is null, for JSON has neither."""
    rows = [dataclasses.asdict(score) for score in scores]
    return [{**row, "value": row["value"] if math.isfinite(row["value"]) else None} for row in rows]


def are_scores(found: Any) -> bool:
    """Whether this is a list of scores as `plain` writes them."""
    kinds = {"name": str, "value": (int, float, type(None)), "signature": str}
    return isinstance(found, list) and all(
        isinstance(row, dict) and all(name in row and isinstance(row[name], kind) for name, kind in kinds.items())
        for row in found
    )


def unknown_labels(places: Iterable[tuple[str, str]]) -> list[str]:
    """A warning with count and first place for each label that the training split lacks.

    Args:
        places: (label, `file:line`) of every such gold label, in order.
    """
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for label, place in places:
        counts[label] += 1
        first.setdefault(label, place)
    return [
        f"{first[label]}: the label {label!r} ({count} in all) is not in the training split: wrong by definition"
        for label, count in counts.items()
    ]


def chosen_split(model: Family, data: Data, split: str | None, config: DataConfig) -> str:
    """The split to score: the one named, else the first that has a truth to compare with, or failing that the first.

    Raises:
        DataError: There is none.
    """
    labelled = [name for name, examples in data.splits.items() if model.labelled(examples)]
    chosen = split or next(iter([*labelled, *data.splits]), "test")
    if chosen not in data.splits:
        raise DataError(
            f"the data has no {chosen} split",
            where=config.data or config.train or config.dev or config.test or "the demo corpus",
            received=", ".join(data.names) or None,
            allowed="a file of that split",
            hint="--split train" if set(data.names) == {"train"} else f"--{chosen} FILE",
        )
    return chosen


def dev_scorer(task: Task, model: Family, dev: Sequence[Any]) -> Callable[[], float]:
    """A function that predicts the dev split and says its score, after each epoch."""
    encoded = model.encode(dev)

    def score() -> float:
        value = model.dev_score(task, dev, model.predict_dev(encoded))
        # not defined: nothing to find, and nothing found
        return 0.0 if math.isnan(value) else value

    return score
