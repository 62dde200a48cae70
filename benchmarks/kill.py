"""Kills a run again and again and checks that its end is, bit for bit, that of a run that was never killed.

    python benchmarks/kill.py ner --kills 3 [-- any option of `seqtasks run`]

Kills fall at start-up, between checkpoints within an epoch, and while a file is being written, in turn; the moments
within these follow from --kill-seed (--seed is the training's). Prints each kill and, last, whether all is equal; exit
status 1 if it is not.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

MOMENTS = ("start-up", "within an epoch", "while writing")


def main() -> int:
    arguments, options = parse(sys.argv[1:])
    command = [sys.executable, "-m", "seqtasks", "run", arguments.task, *options]
    chance = random.Random(arguments.kill_seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder, "whole"), Path(folder, "killed")
        started = time.perf_counter()
        subprocess.run([*command, "--out", str(whole)], check=True, capture_output=True)
        seconds = time.perf_counter() - started
        print(f"a run that is not killed: {seconds:.1f} s", flush=True)
        for kill in range(arguments.kills):
            moment = MOMENTS[kill % len(MOMENTS)]
            state = _kill(command, killed, moment, chance, seconds)
            print(f"kill {kill + 1}, {moment}: {state}", flush=True)
        subprocess.run([*command, "--out", str(killed)], check=True, capture_output=True)
        different = compare(whole, killed)
        print("equal bit for bit" if not different else f"different: {', '.join(different)}")
        return bool(different)


def parse(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and those of `seqtasks run` as they stand."""
    # without abbreviations: an option of the training that is short for one of ours would be taken away from it
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("task")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--kill-seed", type=int, default=0)
    arguments, options = parser.parse_known_args(words)
    return arguments, [word for word in options if word != "--"]


def compare(whole: Path, killed: Path) -> list[str]:
    """What differs between two runs: their last states, best weights, histories, scores or predictions."""
    different = [name for name in ("history.csv", "model.weights.h5") if _bytes(whole / name) != _bytes(killed / name)]
    with np.load(whole / "checkpoint/state.npz") as one, np.load(killed / "checkpoint/state.npz") as other:
        different += [f"state {name}" for name in one.files if one[name].tobytes() != other[name].tobytes()]
    scores = [(run / "scores.json").read_text().replace(str(run), "") for run in (whole, killed)]
    predictions = [[_bytes(path) for path in sorted((run / "predictions").iterdir())] for run in (whole, killed)]
    return different + ["scores"] * (scores[0] != scores[1]) + ["predictions"] * (predictions[0] != predictions[1])


def _kill(command: list[str], out: Path, moment: str, chance: random.Random, seconds: float) -> str:
    """Starts the run, waits for the moment, kills it; says how far it was."""
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    if moment == "start-up":
        _wait(process, lambda: (out / "config.toml").exists())
        time.sleep(chance.uniform(0, 0.1) * seconds)
    elif moment == "within an epoch":
        before = _changed(out)
        _wait(process, lambda: _changed(out) > before)
        time.sleep(chance.uniform(0, 0.1) * seconds)
    else:
        _wait(process, lambda: any(out.rglob(".partial-*")))
    if process.poll() is not None:
        return "had ended before"
    process.kill()
    process.wait()
    partial = [path.name for path in out.rglob(".partial-*")]
    return f"killed{', leaving ' + ', '.join(partial) if partial else ''}"


def _wait(process: subprocess.Popen, reached: Callable[[], bool]) -> None:
    while process.poll() is None and not reached():
        time.sleep(0.0002)


def _changed(out: Path) -> float:
    path = out / "checkpoint/state.npz"
    return path.stat().st_mtime if path.exists() else 0.0


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
