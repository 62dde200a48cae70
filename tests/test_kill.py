"""Runs that are killed, started again, and end as if they had never been; and one command twice, with equal bits."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqtasks.layers import CELLS
from seqtasks.tasks import TASKS
from tests.conftest import tiny_options

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def call(script: str, *options: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, *options],
        capture_output=True,
        text=True,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def options_of(*tasks: str) -> list[str]:
    """The tiny options that all of these tasks know, as words."""
    known = [tiny_options(task) for task in tasks]
    shared = {name: value for name, value in known[0].items() if all(name in other for other in known)}
    return [part for name, value in shared.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def test_the_trainings_own_options_reach_it():
    spec = importlib.util.spec_from_file_location("kill", BENCHMARKS / "kill.py")
    kill = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kill)
    arguments, options = kill.parse(["ner", "--kills", "2", "--kill-seed", "9", "--", "--seed", "5", "--epochs", "1"])
    assert (arguments.kills, arguments.kill_seed) == (2, 9)
    assert options == ["--seed", "5", "--epochs", "1"]


@pytest.mark.parametrize("task", TASKS)
def test_a_killed_run_ends_as_one_that_never_was(task):
    # one task is killed at every kind of moment, each other one within an epoch
    count, first = ("4", "0") if task == "ner" else ("1", "1")
    said = call("kill.py", task, "--kills", count, "--first-moment", first, "--examples", "120", *options_of(task))
    assert len(re.findall(r"^kill \d, .+: killed", said, re.M)) == int(count), said
    assert re.search(rf"^{count} of {count} kills; (\d) of \1 ends equal bit for bit\n\Z", said, re.M), said


def test_one_command_twice_gives_equal_bits():
    count = max(len(TASKS), len(CELLS))
    options = [*options_of(*TASKS), "--epochs", "1"]
    said = call("twice.py", "--in-turn", "--examples", "40", *options)
    assert said.endswith(f"{count} of {count} equal bit for bit\n"), said
    assert all(re.search(rf"\b{name}\b", said) for name in (*TASKS, *CELLS)), said
