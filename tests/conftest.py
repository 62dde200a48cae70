"""A tiny data set in files and a tiny finished run, made once for all tests that need them."""

import csv
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import pytest

TINY = {
    "units": 8,
    "depth": 1,
    "word_units": 8,
    "character_units": 4,
    "spelling_units": 6,
    "dropout": 0.2,
    "epochs": 3,
    "batch_size": 16,
    "learning_rate": 0.01,
    "warmup": 5,
    "average": 0.5,
    "checkpoint_every": 3,
}
"""Options of a model that learns something within seconds."""


class Quiet:
    """A reporter that remembers what it was told."""

    def __init__(self):
        self.said, self.warned, self.rows = [], [], []

    def say(self, line):
        self.said.append(line)

    def warn(self, line):
        self.warned.append(line)

    def epoch_begins(self, epoch, steps, step): ...

    def update(self, step, units, loss): ...

    def epoch_ends(self, row, best, seconds):
        self.rows.append(row)


def write_conll(path: Path, sentences) -> Path:
    lines = ["".join(f"{token}\t{tag}\n" for token, tag in zip(s.tokens, s.tags, strict=True)) for s in sentences]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory) -> Path:
    """A part of the demo corpus as CoNLL files, a split each."""
    from seqtasks.tasks import demo

    folder = tmp_path_factory.mktemp("data")
    splits = demo.entities(0)
    for split, count in (("train", 120), ("dev", 30), ("test", 40)):
        write_conll(folder / f"{split}.conll", splits[split][:count])
    return folder


def write_csv(path: Path, texts) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([("text", "label"), *((text.text, text.label) for text in texts)])
    return path


@pytest.fixture(scope="session")
def opinion_folder(tmp_path_factory) -> Path:
    """A part of the demo corpus's opinions as CSV files; among them an empty text and one with a line end."""
    from seqtasks.tasks import demo
    from seqtasks.tasks.examples import LabelledText

    folder = tmp_path_factory.mktemp("opinions")
    odd = [LabelledText("", "negative"), LabelledText("Good,\nin the end.", "positive")]
    splits = demo.opinions(0)
    for split, count in (("train", 120), ("dev", 30), ("test", 40)):
        write_csv(folder / f"{split}.csv", [*splits[split][:count], *odd])
    return folder


def tiny_run(task_name: str, data_folder: Path, out: Path, fresh: bool = False, **options):
    """Runs a task on the tiny data; returns the folder, the report and the reporter."""
    from seqtasks.config import resolve
    from seqtasks.pipelines import run as conductor
    from seqtasks.tasks import load_task

    task = load_task(task_name)
    flags = {**TINY, "data": str(data_folder), **options}
    config = resolve(task.name, task.example_type.family, {}, flags)
    reporter = Quiet()
    folder, report = conductor.run(task, config, conductor.Place(str(out), fresh), reporter)
    return folder, report, reporter


@pytest.fixture(scope="session")
def ner_run(data_folder, tmp_path_factory) -> Path:
    """The folder of a finished tiny run of ner."""
    return tiny_run("ner", data_folder, tmp_path_factory.mktemp("runs") / "ner")[0].path


@pytest.fixture(scope="session")
def sentiment_run(opinion_folder, tmp_path_factory) -> Path:
    """The folder of a finished tiny run of sentiment."""
    return tiny_run("sentiment", opinion_folder, tmp_path_factory.mktemp("runs") / "sentiment")[0].path


def tiny_task(name: str, count: int = 40):
    """Any task with the first examples of its demo corpus only."""
    from dataclasses import replace

    from seqtasks.tasks import load_task

    task = load_task(name)
    splits = {split: examples[:count] for split, examples in task.demo(0).items()}
    return replace(task, demo=lambda seed: splits)


def tiny_options(name: str) -> dict:
    """Of `TINY` what a task's family knows."""
    import dataclasses

    from seqtasks.config import sections
    from seqtasks.tasks import load_task

    kinds = sections(load_task(name).example_type.family).values()
    known = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    return {option: value for option, value in TINY.items() if option in known}


def tiny_config(task, **options):
    """A configuration that trains within seconds on a task's demo corpus."""
    from seqtasks.config import resolve

    flags = {**tiny_options(task.name), "epochs": 1, **options}
    return resolve(task.name, task.example_type.family, {}, flags)


@pytest.fixture(scope="session")
def any_run(tmp_path_factory):
    """A function from a task's name to the folder of a finished tiny run on its demo corpus.

    Its attribute `renamed` tells what took its place by renaming.
    """
    import functools

    from seqtasks.pipelines import run as conductor

    renamed: set[Path] = set()

    @functools.cache
    def folder(name: str) -> Path:
        task = tiny_task(name)
        place = conductor.Place(str(tmp_path_factory.mktemp("any") / name))
        replace = os.replace
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", lambda old, new: (replace(old, new), renamed.add(Path(new))))
            return conductor.run(task, tiny_config(task), place, Quiet())[0].path

    folder.renamed = renamed
    return folder
