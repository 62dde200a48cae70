"""A checkpoint: one file that holds all a run needs to go on as if it had never stopped."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqtasks.errors import RunError
from seqtasks.pipelines.files import replacing


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        epoch: The epoch under way, from 0.
        step: Updates of this epoch that are done.
        best_score: The best dev score so far, or None.
        best_epoch: The epoch that reached it.
        finished: Whether training has ended.
        history: A row an epoch: epoch, updates so far, loss, dev score, learning rate.
    """

    epoch: int = 0
    step: int = 0
    best_score: float | None = None
    best_epoch: int = -1
    finished: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)


def save(path: Path, model: keras.Model, progress: Progress) -> None:
    """Writes weights, seed generators, optimiser (with averages and schedule), the running loss and `progress`."""
    arrays = {f"{index}": np.asarray(variable) for index, variable in enumerate(_variables(model))}
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, progress=np.array(json.dumps(asdict(progress))), **arrays)


def load(path: Path, model: keras.Model) -> Progress:
    """Puts the state that `save` wrote into a model that is built and compiled alike.

    Raises:
        RunError: The file is damaged or belongs to another model.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            progress = Progress(**json.loads(str(arrays["progress"])))
            values = [arrays[str(index)] for index in range(len(arrays.files) - 1)]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(f"a damaged checkpoint: {error}", where=str(path), hint="--fresh") from error
    variables = _variables(model)
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise RunError("a checkpoint of another model", where=str(path), hint="--fresh")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return progress


def _variables(model: keras.Model) -> list[keras.Variable]:
    """All that changes in training: `model.variables` includes the seed generators and leaves out the optimiser's.

    States that a language model carries from batch to batch are no weights, and belong to `carried`.
    """
    return [*model.variables, *model.optimizer.variables, *model.metrics_variables, *getattr(model, "carried", ())]
