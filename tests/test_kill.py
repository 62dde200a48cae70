"""A run that is killed, started again, and ends as if it had never been killed."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import TINY

ROOT = Path(__file__).resolve().parent.parent


def test_the_trainings_own_options_reach_it():
    spec = importlib.util.spec_from_file_location("kill", ROOT / "benchmarks/kill.py")
    kill = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kill)
    arguments, options = kill.parse(["ner", "--kills", "2", "--kill-seed", "9", "--", "--seed", "5", "--epochs", "1"])
    assert (arguments.kills, arguments.kill_seed) == (2, 9)
    assert options == ["--seed", "5", "--epochs", "1"]


def test_a_killed_run_ends_as_one_that_never_was(data_folder):
    options = [part for name, value in TINY.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/kill.py", "ner", "--kills", "3", "--data", data_folder, *options],
        capture_output=True,
        text=True,
        cwd=data_folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills = re.findall(r"^kill \d, .+: (killed|had ended before)", done.stdout, re.M)
    assert kills == ["killed"] * 3, done.stdout
    assert done.stdout.endswith("equal bit for bit\n")
