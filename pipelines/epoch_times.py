"""How long the epochs of several runs took, kept beside them: for their own files are equal bit for bit."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqtasks.pipelines import files
from seqtasks.pipelines.run import Reporter

COLUMNS = ("run", "epoch", "seconds", "tokens_per_second")


class EpochTimes:
    """The file of the times: a line an epoch, written anew with each.

    Args:
        path: The CSV file; what it holds already is read.
    """

    def __init__(self, path: Path):
        self.path = path
        self.rows: list[dict[str, Any]] = []
        if path.exists():
            with open(path, encoding="utf-8", newline="") as stream:
                self.rows = [{name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(stream)]

    def drop(self, run: str) -> None:
        """Forgets a run that is trained anew."""
        self.rows = [row for row in self.rows if row["run"] != run]

    def add(self, run: str, epoch: int, seconds: float | None, tokens_per_second: float) -> None:
        """Writes down an epoch; `seconds` is None for a part of one."""
        taken = "" if seconds is None else round(seconds, 3)
        self.rows.append(dict(zip(COLUMNS, (run, epoch, taken, round(tokens_per_second, 1)), strict=True)))
        files.write_csv(self.path, self.rows)

    def median(self, column: str, runs: Sequence[str]) -> float | None:
        """Over the epochs of these runs; None where nothing was written down."""
        found = [float(row[column]) for row in self.rows if row["run"] in runs and row[column] != ""]
        return statistics.median(found) if found else None


class TimedReporter:
    """Passes on what one run tells, and writes down its epochs' times.

    Args:
        reporter: Who is told.
        times: Where they are written down.
        run: The run's name there.
        updates: After how many the run ends, within an epoch too; 0: with an epoch.
    """

    def __init__(self, reporter: Reporter, times: EpochTimes, run: str, updates: int):
        self._reporter, self._times, self._run, self._updates = reporter, times, run, updates
        self._from_start, self._tokens, self._training, self._started = False, 0, 0.0, 0.0

    def say(self, line: str) -> None:
        self._reporter.say(line)

    def warn(self, line: str) -> None:
        self._reporter.warn(line)

    def epoch_begins(self, epoch: int, steps: int, step: int) -> None:
        # the rest of an epoch that was broken off is no epoch's time
        self._from_start = step == 0
        self._tokens, self._started = 0, time.perf_counter()
        self._reporter.epoch_begins(epoch, steps, step)

    def update(self, step: int, units: int, loss: float) -> None:
        self._tokens += units
        # up to the last update, so that scoring is left out
        self._training = time.perf_counter() - self._started
        self._reporter.update(step, units, loss)

    def epoch_ends(self, row: dict[str, Any], best: bool, seconds: float) -> None:
        if self._from_start and self._tokens:
            # an epoch that the updates end may be a part of one
            whole = seconds if row["updates"] != self._updates else None
            self._times.add(self._run, row["epoch"], whole, self._tokens / self._training)
        self._reporter.epoch_ends(row, best, seconds)
