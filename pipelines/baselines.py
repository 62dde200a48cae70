"""The baselines of a run: fitted with it, kept in its folder, and scored beside the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqtasks.errors import RunError
from seqtasks.pipelines import files
from seqtasks.pipelines.family import Family
from seqtasks.tasks.baselines import load_baseline
from seqtasks.tasks.task import Score, Task


def fit(task: Task, model: Family, train: Sequence[Any], folder: Path) -> dict[str, Any]:
    """Fits a task's baselines on the training split, writes them into the folder, and returns them by name."""
    # a view each: it may be read once only
    fitted = {name: load_baseline(name).fit(model.baseline_view(train)) for name in task.baselines}
    for name, baseline in fitted.items():
        if hasattr(baseline, "to_arrays"):
            files.write_arrays(folder / f"{name}.npz", baseline.to_arrays())
        else:
            files.write_json(folder / f"{name}.json", baseline.to_json())
    return fitted


def load(task: Task, folder: Path) -> dict[str, Any]:
    """What `fit` wrote.

    Raises:
        RunError: A file is missing or damaged.
    """
    return {name: _load(load_baseline(name), folder / name) for name in task.baselines}


def scores(task: Task, model: Family, fitted: Mapping[str, Any], examples: Sequence[Any]) -> dict[str, list[Score]]:
    """Each baseline's scores on the examples."""
    return {name: _scores(task, model, baseline, examples) for name, baseline in fitted.items()}


def _load(kind: type, path: Path) -> Any:
    as_arrays = hasattr(kind, "from_arrays")
    path = path.with_suffix(".npz" if as_arrays else ".json")
    found = files.read_arrays(path) if as_arrays else files.read_json(path)
    try:
        return kind.from_arrays(found) if as_arrays else kind.from_json(found)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise RunError("a damaged file", where=str(path), received=str(error), hint="--fresh") from error


def _scores(task: Task, model: Family, baseline, examples) -> list[Score]:
    answers = model.baseline_answers(baseline.predict(model.baseline_inputs(examples)))
    return task.score(examples, answers, model.known)
