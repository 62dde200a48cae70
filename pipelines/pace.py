"""How long an update takes on this machine: measured on a few of the training loop itself."""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqtasks.config import RunConfig
from seqtasks.pipelines import sources, training
from seqtasks.pipelines.family import family_of
from seqtasks.tasks.task import Task

FIRST = 20
"""Updates that are not measured: graphs are traced and caches filled."""

SECONDS = 15.0
"""How long is measured."""


def seconds_an_update(task: Task, config: RunConfig) -> float:
    """The seconds that an update takes with this configuration, by those of a short trial; nothing is kept."""
    train = sources.load(task, sources.absolute(config.data)).splits["train"]
    # as a run does, and at its speed
    keras.utils.set_random_seed(config.training.seed)
    tf.config.experimental.enable_op_determinism()
    model = family_of(task).fit(task, config, train)
    batches = model.training_batches(model.labelled(train))
    endless = replace(config.training, epochs=10**6, updates=0, patience=10**6)
    training.compile_model(model.network, endless, batches.steps(0))
    watch = _Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint"
        with contextlib.suppress(_EnoughError):
            training.train(model.network, endless, batches, path, watch, lambda: 0.0, lambda: None)
    keras.backend.clear_session()
    return watch.seconds / watch.updates


def updates_within(minutes: float, seconds: float) -> int:
    """The updates of so many seconds that fit; one at least."""
    return max(1, math.floor(60 * minutes / seconds))


class _EnoughError(Exception):
    """Ends the trial."""


class _Stopwatch:
    """The reporter of a trial: ends it when enough is measured."""

    def __init__(self):
        self.updates, self.seconds = -FIRST, 0.0
        self._started = time.perf_counter()

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None: ...

    def epoch_ends(self, row: dict[str, Any], best: bool, seconds: float) -> None: ...

    def update(self, step: int, units: int, loss: float) -> None:
        self.updates += 1
        if self.updates == 0:
            self._started = time.perf_counter()
        self.seconds = time.perf_counter() - self._started
        if self.updates > 0 and self.seconds >= SECONDS:
            raise _EnoughError
