"""The run folder: all there is to know of a run, and the one place that knows the names of its files."""

from __future__ import annotations

import csv
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import tomli_w

from seqtasks import __version__
from seqtasks.config import FORMAT_VERSION, RunConfig, first_difference, read_table, resolve, sections
from seqtasks.errors import ConfigError, RunError
from seqtasks.pipelines import evaluation, files, serving
from seqtasks.pipelines.locking import LOCK, held
from seqtasks.tasks.task import Task

RUNS = Path("runs")
"""Where runs without `--out` go."""

_PARTS = (
    "config.toml",
    "environment.json",
    "vocabulary",
    "model.weights.h5",
    "checkpoint",
    "history.csv",
    "hashes.json",
    "scores.json",
    "predictions",
    "baselines",
    "plots",
    "tensorboard",
)

_SEALED = ("config.toml", "vocabulary", "baselines", "model.weights.h5", "history.csv")
"""What a finished run is read from. Its scores come last, after the seal; their shape is checked when they are read."""


@dataclass(frozen=True)
class RunFolder:
    """The paths inside a run's folder."""

    path: Path

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def vocabulary(self) -> Path:
        return self.path / "vocabulary"

    @property
    def weights(self) -> Path:
        """The best weights."""
        return self.path / "model.weights.h5"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint" / "state.npz"

    @property
    def scores_file(self) -> Path:
        return self.path / "scores.json"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions"

    @property
    def baselines(self) -> Path:
        return self.path / "baselines"

    @property
    def export(self) -> Path:
        """The SavedModel, where it goes into the run's folder."""
        return self.path / "export"

    @property
    def plots(self) -> Path:
        return self.path / "plots"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def started(self) -> bool:
        return self.config_file.exists()

    @property
    def finished(self) -> bool:
        """A run's scores are its last file."""
        return self.scores_file.exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it no other run may work here; a folder that is then still empty is removed.

        Raises:
            RunError: Another run is at work here, or the folder can't be written.
        """
        if self.path.exists() and not self.path.is_dir():
            self.check_ours()
        with held(self.path):
            yield

    def begin(self, config: RunConfig, hashes: Mapping[str, str]) -> None:
        """Writes what determines the run: the resolved configuration, the versions and the data's hashes."""
        files.write_json(self.path / "environment.json", {"versions": _versions(), "data": dict(hashes)})
        files.write_text(self.config_file, tomli_w.dumps(config.to_table()))

    def load_config(self, task: Task) -> RunConfig:
        """The run's configuration.

        Raises:
            RunError: No run, one of another task, or one of another format version.
            ConfigError: The file was edited into something that is no configuration.
        """
        if not self.started:
            raise RunError(
                "no run in the folder", where=str(self.path), hint=f"seqtasks run {task.name} --out {self.path}"
            )
        self.check_links()
        table = read_table(self.config_file)
        if table.get("format") != FORMAT_VERSION:
            raise RunError(
                "a run of another format version",
                where=str(self.config_file),
                received=table.get("format"),
                allowed=str(FORMAT_VERSION),
                hint="the version of seqtasks that wrote it, or --fresh",
            )
        if table.get("task") != task.name:
            raise RunError(
                "a run of another task",
                where=str(self.config_file),
                received=table.get("task"),
                allowed=task.name,
                hint=f"seqtasks eval {table.get('task')} --run {self.path}",
            )
        # a file cut between two lines is still TOML, and defaults would stand in for what is gone
        if not set(sections(task.example_type.family)) <= set(table):
            raise RunError("a damaged file", where=str(self.config_file), received="not all sections", hint="--fresh")
        return resolve(task.name, task.example_type.family, table, {}, str(self.config_file))

    def seal(self) -> None:
        """Writes the hashes of the files that the finished run will be read from."""
        files.write_json(self.path / "hashes.json", {name: files.sha256(self.path / name) for name in self._sealed()})

    def check_seal(self) -> None:
        """That each of these files is what it was when the run ended.

        Raises:
            RunError: One is damaged, missing, or one too many.
        """
        path = self.path / "hashes.json"
        kept = files.read_json(path)
        if not isinstance(kept, dict):
            raise RunError("a damaged file", where=str(path), hint="--fresh")
        found = self._sealed()
        for name in sorted({*kept, *found}):
            if name not in found or files.sha256(self.path / name) != kept.get(name):
                what = "a missing file" if name not in found else "a file that is not as the run left it"
                raise RunError(what, where=str(self.path / name), hint="--fresh, or a copy of the run's folder")

    def _sealed(self) -> list[str]:
        """Their names, as far as they are there; a half-written file is none."""
        paths = [path for part in _SEALED for path in (self.path / part, *(self.path / part).glob("*"))]
        names = [path.relative_to(self.path).as_posix() for path in paths if path.is_file()]
        return [name for name in names if not Path(name).name.startswith(".")]

    def read_scores(self) -> dict[str, Any]:
        """What `scores.json` holds.

        Raises:
            RunError: The file is missing or damaged.
        """
        found = files.read_json(self.scores_file)
        shape = {"task": str, "run": str, "data": str, "split": str, "scores": list, "baselines": dict}
        whole = isinstance(found, dict) and all(isinstance(found.get(name), kind) for name, kind in shape.items())
        tables = (found["scores"], *found["baselines"].values()) if whole else ([],)
        if not all(map(evaluation.are_scores, tables)) or not tables[0]:
            raise RunError("a damaged file", where=str(self.scores_file), hint="--fresh")
        return found

    def check_links(self) -> None:
        """That no part of the folder is a link to a place outside it.

        Raises:
            RunError: One is.
        """
        inside = self.path.resolve()
        for path in (self.path / part for part in (*_PARTS, self.export.name)):
            for link in (path, *(path.glob("*") if path.is_dir() else ())):
                if link.is_symlink() and not link.resolve().is_relative_to(inside):
                    raise RunError("a link out of the run's folder", where=str(link), hint="the file itself")

    def read_hashes(self) -> dict[str, str]:
        """The hashes of the data that `begin` recorded.

        Raises:
            RunError: Their file is missing or damaged.
        """
        path = self.path / "environment.json"
        found = files.read_json(path)
        if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
            raise RunError("a damaged file", where=str(path), hint="--fresh")
        return found["data"]

    def difference(self, task: Task, config: RunConfig, hashes: Mapping[str, str]) -> str:
        """How a run that is to start differs from the one in the folder; empty if it is the same."""
        ours, theirs = self.load_config(task), self.read_hashes()
        changed = [name for name in sorted({*hashes, *theirs}) if hashes.get(name) != theirs.get(name)]
        return first_difference(ours, config) or (f"the content of {changed[0]}" if changed else "")

    def is_ours(self) -> bool:
        """Whether nothing but a run is here, one that was killed at its start included."""
        if self.started:
            try:
                return {"format", "task"} <= set(read_table(self.config_file))
            except ConfigError:
                return False
        names = [path.name for path in self.path.iterdir()] if self.path.is_dir() else []
        # a run begins with its environment and its configuration, and is cleared of them last: no other part is alone
        alone = ("environment.json", LOCK)
        return all(name in alone or name.startswith((".partial-", ".replaced-")) for name in names)

    def check_ours(self) -> None:
        """Says whether a run may take this folder.

        Raises:
            RunError: It is a file, or holds files but no run.
        """
        if self.path.exists() and not (self.path.is_dir() and self.is_ours()):
            raise RunError("not a run's folder, and not empty", where=str(self.path), hint="another --out")

    def clear(self) -> None:
        """Removes a run's own files, and nothing else that a person may have put beside them.

        Raises:
            RunError: The folder is not ours.
        """
        self.check_ours()
        serving.remove(self.export)
        # the configuration last: without it a half-cleared folder would be nobody's
        for part in (*(path.name for path in self.path.glob(".partial-*")), *reversed(_PARTS)):
            target = self.path / part
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def write_history(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """A line an epoch."""
        files.write_csv(self.path / "history.csv", rows)

    def read_history(self) -> list[dict[str, str]]:
        """What `write_history` wrote.

        Raises:
            RunError: The file is missing.
        """
        path = self.path / "history.csv"
        try:
            with open(path, encoding="utf-8", newline="") as stream:
                return list(csv.DictReader(stream))
        except OSError as error:
            raise RunError("no history of the run", where=str(path), hint="--fresh") from error


def runs(task: Task, *, finished: bool) -> list[RunFolder]:
    """The runs of a task under `RUNS` that are finished, or unfinished; the newest first."""
    found = [RunFolder(path) for path in (RUNS / task.name).glob("*")]
    found = [run for run in found if run.started and run.finished == finished]
    return sorted(
        found, key=lambda run: (run.scores_file if finished else run.config_file).stat().st_mtime, reverse=True
    )


def finished_run(task: Task, path: str) -> RunFolder:
    """The run at `path`, or the newest finished one.

    Raises:
        RunError: There is none, it is not finished, or a file of it is damaged.
    """
    run = RunFolder(Path(path)) if path else next(iter(runs(task, finished=True)), None)
    if run is None:
        raise RunError(f"no finished run of {task.name}", where=str(RUNS / task.name), hint=f"seqtasks run {task.name}")
    run.load_config(task)
    if not run.finished:
        raise RunError(
            "the run is not finished", where=str(run.path), hint=f"seqtasks run {task.name} --out {run.path}"
        )
    run.check_seal()
    return run


def new_run(task: Task) -> RunFolder:
    """A folder of its own named by the time, which sorts the newest last; runs of one second have numbers behind it.

    Raises:
        RunError: The folder can't be made.
    """
    name, number = time.strftime("%Y%m%d-%H%M%S"), 1
    parent = RUNS / task.name
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            path = parent / (name if number == 1 else f"{name}-{number}")
            try:
                # making it is taking it: of two runs that start at once only one succeeds
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                return RunFolder(path)
    except OSError as error:
        raise RunError(
            "cannot make a folder for the run", where=str(error.filename), received=error.strerror
        ) from error


def _versions() -> dict[str, str]:
    packages = ["tensorflow", "keras", "numpy", "tensorflow-datasets", "scikit-learn", "conllu"]
    packages += ["sentencepiece", "sacrebleu", *(["tensorflow-text"] if sys.platform != "win32" else [])]
    return {
        "seqtasks": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: metadata.version(name) for name in packages},
    }
