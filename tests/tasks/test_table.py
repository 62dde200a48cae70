"""The table of tasks and the files agree, and every declaration holds together."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

from seqtasks import tasks
from seqtasks.errors import ConfigError
from seqtasks.tasks import TASKS, load_task, schemes
from seqtasks.tasks.task import Known


def test_table_and_files_agree():
    names = [module.name for module in pkgutil.iter_modules(tasks.__path__)]
    declared = {name for name in names if hasattr(importlib.import_module(f"seqtasks.tasks.{name}"), "TASK")}
    assert declared == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_every_declaration(name):
    task = load_task(name)
    assert (task.name, task.summary) == (name, TASKS[name])
    assert task.citation and task.samples and task.formats and task.baselines and task.schemes
    assert all(isinstance(sample, task.example_type) for sample in task.samples)
    for baseline in task.baselines:
        importlib.import_module(f"seqtasks.tasks.baselines.{baseline}")


@pytest.mark.parametrize("name", TASKS)
def test_samples_score_perfectly_against_themselves(name):
    task = load_task(name)
    scheme = schemes.detect_scheme(task.samples, task.schemes)
    assert [warning for sample in task.samples for warning in schemes.check_tags(sample, scheme)] == []
    assert task.score(task.samples, [sample.tags for sample in task.samples], Known())[0].value == 1.0


@pytest.mark.parametrize("name", TASKS)
def test_demo(name):
    task = load_task(name)
    splits = task.demo(0)
    assert set(splits) == {"train", "dev", "test"}
    assert schemes.detect_scheme(splits["train"], task.schemes) in task.schemes


@pytest.mark.parametrize(("wrong", "nearest"), [("net", "ner"), ("post", "pos")])
def test_unknown_task_names_the_nearest(wrong, nearest):
    with pytest.raises(ConfigError, match=f"received '{wrong}'; allowed: pos, ner.*; try: {nearest}"):
        load_task(wrong)


def test_tasks_import_no_tensorflow():
    code = "import sys; from seqtasks.tasks import TASKS, load_task; [load_task(name) for name in TASKS]; "
    code += "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    subprocess.run([sys.executable, "-c", code], check=True)
