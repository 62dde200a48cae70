"""TensorBoard logs of a run, written by one more reporter that hands everything on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqtasks.errors import ConfigError, RunError
from seqtasks.pipelines import training


def check_installed() -> None:
    """Says it early, before anything is computed.

    Raises:
        ConfigError: The package tensorboard is not installed.
    """
    if find_spec("tensorboard") is None:
        raise ConfigError("TensorBoard is not installed", where="--tensorboard", hint='pip install "tensorboard>=2.21"')


class Reporter:
    """Writes the epoch's running loss at every update, and an epoch's row at its end.

    Args:
        reporter: Who is told as well.
        folder: Where the event files go; a resumed run adds one.
        network: Compiled; its optimiser counts the updates.

    Raises:
        RunError: The file system refused, for want of space or rights; every method may raise it.
    """

    def __init__(self, reporter: training.Reporter, folder: Path, network: keras.Model):
        self._reporter = reporter
        self._folder = folder
        with self._writing():
            self._writer = tf.summary.create_file_writer(str(folder))
        self._optimizer = network.optimizer

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None:
        self._reporter.epoch_begins(epoch, steps, step)

    def update(self, step: int, units: int, loss: float) -> None:
        with self._writing(), self._writer.as_default(int(self._optimizer.iterations)):
            tf.summary.scalar("running loss", loss)
        self._reporter.update(step, units, loss)

    def epoch_ends(self, row: Mapping[str, Any], best: bool, seconds: float) -> None:
        with self._writing():
            with self._writer.as_default(row["epoch"]):
                for name in ("loss", "dev", "learning_rate"):
                    tf.summary.scalar(f"epoch/{name}", row[name])
            self._writer.flush()
        self._reporter.epoch_ends(row, best, seconds)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except tf.errors.OpError as error:
            raise RunError(
                "cannot write",
                where=str(self._folder),
                received=error.message,
                hint="make space or choose another folder, then start the same command again",
            ) from error
