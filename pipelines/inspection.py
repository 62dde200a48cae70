"""What `inspect` looks at in a finished run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqtasks.errors import DataError
from seqtasks.layers.gradient_flow import directions, gradient_reach, spectral_radii
from seqtasks.layers.stack import LayerReads
from seqtasks.pipelines import plots, run, sources
from seqtasks.pipelines.family import family_of
from seqtasks.pipelines.run_folder import finished_run
from seqtasks.tasks.task import Task

SAMPLE = 64
"""Examples of the dev split that stand for all."""

STATES = ("h", "c")
"""Of every cell, in its order: the output, and the cell state where there is one."""


def gradients(task: Task, run_path: str, picture: Path) -> dict[str, Any]:
    """How far gradients reach back in each recurrent layer of a run, and its spectral radii; draws them, too.

    Args:
        run_path: The run's folder; empty: the newest finished run.
        picture: A file whose ending matplotlib knows: .png, .svg, .pdf.

    Returns:
        `cell`, `units`, `split`, `examples` (how many), and for each layer and direction in `layers`: `stack`,
        `layer` (from 1), `direction`, `skip`, `spectral_radius` by gate, and `gradient`: for each state, `lag` (steps
        back), `gain` (the mean of `seqtasks.layers.gradient_flow.gradient_reach` over the sequences) and `sequences`
        (how many are that long).

    Raises:
        ConfigError: An ending that is no picture's.
        RunError: There is no such run.
        DataError: No dev example has two tokens.
    """
    plots.check_ending(picture)
    folder, config, model = run.load_run(task, run_path)
    data = sources.load(task, config.data, ("dev",))
    dev = model.labelled(data.splits["dev"])
    sample = [dev[index] for index in sorted(random.Random(0).sample(range(len(dev)), min(SAMPLE, len(dev))))]
    found = {
        "cell": config.model.cell,
        "units": config.model.units,
        "split": "dev",
        "examples": len(sample),
        "layers": [row for name, stack, *given in model.stacks(sample) for row in _of_stack(name, stack.reads(*given))],
    }
    if not any(curve["lag"] for row in found["layers"] for curve in row["gradient"].values()):
        raise DataError(
            "no dev example has two tokens, so that no gradient reaches back",
            where=str(folder.path),
            received=f"{len(dev):,} examples",
            allowed="one of two tokens or more",
            hint="a run with longer texts in --dev",
        )
    title = f"{task.name}, {config.model.depth} x {config.model.units} {config.model.cell}, run {folder.path.name}"
    plots.draw_gradients(title, found, picture)
    found["warnings"] = sources.changed(data, folder.read_hashes())
    return {"task": task.name, "run": str(folder.path), "gradients": found}


def check_attention(task: Task, run_path: str, path: Path, decoding: Mapping[str, Any] = run.AS_RUN) -> Path:
    """Says, before any answer is given, that `attention` can't draw; raises as it does. Returns the run's folder."""
    folder = finished_run(task, run_path)
    family_of(task).check_attention(run.decoded_by(task, folder.load_config(task), decoding), path)
    return folder.path


def attention(
    task: Task, run_path: str, texts: Sequence[str], path: Path, decoding: Mapping[str, Any] = run.AS_RUN
) -> None:
    """Draws what each unit of a text's answer attended to, for tasks whose answers are texts.

    Args:
        decoding: As in `seqtasks.pipelines.run.evaluate`.

    Raises:
        ConfigError: The file's ending is no picture's, or the run has no attention, or its answers are drawn.
    """
    run.load_run(task, run_path, decoding)[2].draw_attention(texts, path)


def _of_stack(name: str, layers: list[LayerReads]) -> Iterator[dict[str, Any]]:
    for index, (layer, skip, inputs, mask, start) in enumerate(layers, 1):
        for direction, one in directions(layer).items():
            gains = gradient_reach(one, inputs, mask, start=start)
            yield {
                "stack": name,
                "layer": index,
                "direction": direction,
                "skip": skip,
                "spectral_radius": spectral_radii(one),
                "gradient": {state: _curve(of_state, skip) for state, of_state in zip(STATES, gains, strict=False)},
            }


def _curve(gains: np.ndarray, skip: int) -> dict[str, list]:
    """The mean over the rows [n, lags] that are long enough; beyond all floats the largest, for JSON has no more."""
    sequences = (~np.isnan(gains)).sum(axis=0)
    reached = int((sequences > 0).sum())
    means = np.nan_to_num(np.nansum(gains[:, :reached], axis=0, dtype="float64") / sequences[:reached])
    return {
        "lag": [skip * lag for lag in range(1, reached + 1)],
        "gain": means.tolist(),
        "sequences": sequences[:reached].tolist(),
    }
