"""Training: `fit` an epoch at a time, with checkpoints between updates, until the dev score stops rising."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from seqtasks.config import TrainingConfig
from seqtasks.errors import RunError
from seqtasks.pipelines import checkpoint, optimizers
from seqtasks.pipelines.checkpoint import Progress
from seqtasks.pipelines.family import Batches


class Reporter(Protocol):
    """Who is told how training goes; the command line draws bars."""

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None: ...

    def update(self, step: int, units: int, loss: float) -> None: ...

    def epoch_ends(self, row: dict[str, Any], best: bool, seconds: float) -> None: ...


def compile_model(model: keras.Model, config: TrainingConfig, steps: int) -> None:
    """Gives a model the optimiser that `seqtasks.pipelines.optimizers.make` makes.

    Args:
        steps: Updates an epoch, from which the schedule's length follows.
    """
    # XLA brings nothing here on a CPU, and op determinism switches it off anyway
    model.compile(optimizer=optimizers.make(config, steps), jit_compile=False)
    model.optimizer.build(model.trainable_variables)


def train(
    model: keras.Model,
    config: TrainingConfig,
    batches: Batches,
    path: Path,
    reporter: Reporter,
    score_dev: Callable[[], float],
    save_best: Callable[[], None],
) -> Progress:
    """Trains from the checkpoint at `path`, or from the start, until epochs, updates or patience are used up.

    Args:
        model: Built and compiled.
        path: The checkpoint file.
        score_dev: The dev score of the model as it stands; higher is better.
        save_best: Keeps the model as it stands as the best.

    Returns:
        The progress at the end.
    """
    progress = checkpoint.load(path, model) if path.exists() else Progress()
    while not progress.finished:
        started = time.perf_counter()
        loss = _fit_epoch(model, config, batches, path, reporter, progress)
        with averaged_weights(model):
            score = score_dev()
            best = progress.best_score is None or score > progress.best_score
            if best:
                progress.best_score, progress.best_epoch = score, progress.epoch
                save_best()
        row = _end_epoch(progress, config, loss, score, model.optimizer)
        optimizers.after_epoch(model.optimizer, config, best)
        reporter.epoch_ends(row, best, time.perf_counter() - started)
        checkpoint.save(path, model, progress)
    return progress


def _end_epoch(
    progress: Progress, config: TrainingConfig, loss: float, score: float, optimizer: keras.optimizers.Optimizer
) -> dict[str, Any]:
    """Writes the epoch into the history, goes on to the next, and decides whether there is one; returns the row."""
    updates, learning_rate = int(optimizer.iterations), float(optimizer.learning_rate)
    row = {
        "epoch": progress.epoch + 1, "updates": updates, "loss": loss, "dev": score, "learning_rate": learning_rate
    }  # fmt: skip
    progress.history.append(row)
    stale = progress.epoch - progress.best_epoch >= config.patience
    progress.epoch, progress.step = progress.epoch + 1, 0
    done = updates >= config.updates if config.updates else progress.epoch >= config.epochs
    progress.finished = stale or done
    return row


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Within it the model holds its averaged weights (Polyak and Juditsky 1992), where the optimiser keeps them."""
    optimizer = model.optimizer
    if not optimizer.use_ema or int(optimizer.iterations) == 0:
        yield
        return
    variables = model.trainable_variables
    current = [np.asarray(variable) for variable in variables]
    for variable, average in zip(variables, optimizer._model_variables_moving_average, strict=True):
        variable.assign(average)
    try:
        yield
    finally:
        for variable, value in zip(variables, current, strict=True):
            variable.assign(value)


def _fit_epoch(model, config, batches, path, reporter, progress) -> float:
    """The rest of an epoch; returns the mean loss over the whole of it."""
    steps = batches.steps(progress.epoch)
    if config.updates:
        steps = min(steps, config.updates - int(model.optimizer.iterations) + progress.step)
    watcher = _Watcher(config, path, reporter, progress, steps)
    reporter.epoch_begins(progress.epoch, steps, progress.step)

    first = progress.step

    def draw():
        for inputs, targets in itertools.islice(batches.epoch(progress.epoch, first), steps - first):
            watcher.units.append(batches.units(inputs, targets))
            yield inputs, targets

    dataset = tf.data.Dataset.from_generator(draw, output_signature=batches.signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps - first)).prefetch(4)
    # nothing is left to tune, and the tuner's thread often keeps the iterator from being closed for a minute
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = dataset.with_options(options)
    model.fit(
        dataset, initial_epoch=progress.epoch, epochs=progress.epoch + 1, shuffle=False, verbose=0, callbacks=[watcher]
    )
    return watcher.loss


class _Watcher(keras.callbacks.Callback):
    """Counts updates, writes checkpoints, and carries the epoch's running loss over an interruption."""

    def __init__(self, config: TrainingConfig, path: Path, reporter: Reporter, progress: Progress, steps: int):
        super().__init__()
        self.config, self.path, self.reporter, self.progress, self.steps = config, path, reporter, progress, steps
        self.units: list[int] = []
        self.loss = math.nan
        self._carried: list[np.ndarray] = []

    def set_model(self, model):
        super().set_model(model)
        # fit is about to reset the metrics; after an interruption they hold the first part of the epoch
        self._carried = [np.asarray(variable) for variable in model.metrics_variables] if self.progress.step else []

    def on_epoch_begin(self, epoch, logs=None):
        for variable, value in zip(self.model.metrics_variables, self._carried, strict=False):
            variable.assign(value)

    def on_train_batch_end(self, batch, logs=None):
        self.loss = float(logs["loss"])
        if not math.isfinite(self.loss):
            raise RunError(
                "the loss is no finite number",
                where=f"epoch {self.progress.epoch + 1}, update {self.progress.step + 1}",
                received=self.loss,
                hint="--fresh with a smaller --learning-rate or --clip-norm",
            )
        self.progress.step += 1
        self.reporter.update(self.progress.step, self.units[batch], self.loss)
        # the epoch's end writes its own, after the score
        if self.progress.step % self.config.checkpoint_every == 0 and self.progress.step < self.steps:
            checkpoint.save(self.path, self.model, self.progress)
