"""Kills runs again and again and checks that each ends, bit for bit, as one that was never killed.

    python benchmarks/kill.py ner --kills 20 [-- any option of `seqtasks run`]

Kills fall, in turn, at start-up, within an epoch, while a checkpoint is being written and while scores or predictions
are; the moments within these follow from --kill-seed (--seed is the training's). After a kill of the last kind, or
after the last one, the run is let end and compared, and the next begins in a new folder. A kill that came too late is
tried again. Prints each kill, each comparison and, last, how many kills there were and how many of the runs' ends were
equal; exit status 1 if one was not, or if too many kills came too late.

The runs read the demo corpus (or --data); --examples N takes the first N of each of its splits.
"""

from __future__ import annotations

import argparse
import dataclasses
import faulthandler
import importlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

MOMENTS = ("at start-up", "within an epoch", "while a checkpoint is written", "while a score is written")

LATE = 3
"""Kills in a row that may come too late."""


def main() -> int:
    arguments, options = parse(sys.argv[1:])
    command = [sys.executable, __file__, "--child", str(arguments.examples), "run", arguments.task, *options]
    chance = random.Random(arguments.kill_seed)
    with tempfile.TemporaryDirectory() as name:
        whole, folders = Path(name, "whole"), (Path(name, f"killed-{number}") for number in range(1, 1 << 20))
        started = time.perf_counter()
        _finish(command, whole)
        seconds = time.perf_counter() - started
        print(f"a run that is not killed: {seconds:.1f} s", flush=True)
        ends = list(rounds(command, folders, chance, seconds, arguments.kills, arguments.first_moment))
        kills, different = sum(kills for _, kills in ends), 0
        for folder, kills_here in ends:
            found = compare(whole, folder)
            different += bool(found)
            print(f"{folder.name}, {kills_here} kills: {', '.join(found) or 'equal bit for bit'}", flush=True)
    print(f"{kills} of {arguments.kills} kills; {len(ends) - different} of {len(ends)} ends equal bit for bit")
    return different > 0 or kills < arguments.kills


def parse(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and those of `seqtasks run` as they stand."""
    # without abbreviations: an option of the training that is short for one of ours would be taken away from it
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("task")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--kill-seed", type=int, default=0)
    parser.add_argument("--first-moment", type=int, default=0, help="Where in the turn to begin: 0 to 3.")
    parser.add_argument("--examples", type=int, default=0)
    arguments, options = parser.parse_known_args(words)
    return arguments, [word for word in options if word != "--"]


def rounds(
    command: list[str], folders: Iterator[Path], chance: random.Random, seconds: float, wanted: int, first: int = 0
) -> Iterator[tuple[Path, int]]:
    """Runs that were killed and then ended: each one's folder, and how often it was killed.

    Args:
        seconds: What a run takes that is not killed.
        wanted: Kills in all.
        first: The moment to begin with.
    """
    done = late = here = 0
    folder = next(folders)
    while done < wanted and late < LATE:
        moment = MOMENTS[(first + done) % len(MOMENTS)]
        told = kill(command, folder, moment, chance, seconds)
        print(f"kill {done + 1}, {moment}: {told or 'the run had ended before'}", flush=True)
        done, here, late = done + bool(told), here + bool(told), 0 if told else late + 1
        if not told or moment == MOMENTS[-1] or done == wanted:
            _finish(command, folder, seconds)
            yield folder, here
            folder, here = next(folders), 0


def kill(command: list[str], out: Path, moment: str, chance: random.Random, seconds: float) -> str:
    """Starts the run, waits for the moment and kills it; says what it left, or nothing where it had ended before."""
    # what an earlier kill left half-written is not what is waited for
    before = _partial(out)
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    if moment == MOMENTS[0]:
        _wait(process, lambda: (out / ".lock").exists() or (out / "config.toml").exists())
        time.sleep(chance.uniform(0, 0.1) * seconds)
    elif moment == MOMENTS[1]:
        changed = _changed(out)
        _wait(process, lambda: _changed(out) > changed)
        time.sleep(chance.uniform(0, 0.1) * seconds)
    else:
        names = ("checkpoint",) if moment == MOMENTS[2] else ("predictions", "")
        _wait(process, lambda: any(_partial(out, name) - before for name in names))
    if process.poll() is not None:
        return ""
    process.kill()
    process.wait()
    left = sorted(path.rpartition("/")[2] for path, _ in _partial(out) - before)
    return f"killed{', leaving ' + ', '.join(left) if left else ''}"


def compare(whole: Path, killed: Path) -> list[str]:
    """What differs between two runs: their last states, best weights, histories, scores or predictions."""
    different = [name for name in ("history.csv", "model.weights.h5") if _bytes(whole / name) != _bytes(killed / name)]
    with np.load(whole / "checkpoint/state.npz") as one, np.load(killed / "checkpoint/state.npz") as other:
        different += [f"state {name}" for name in one.files if one[name].tobytes() != other[name].tobytes()]
    scores = [(run / "scores.json").read_text().replace(str(run), "") for run in (whole, killed)]
    predictions = [[_bytes(path) for path in sorted((run / "predictions").iterdir())] for run in (whole, killed)]
    return different + ["scores"] * (scores[0] != scores[1]) + ["predictions"] * (predictions[0] != predictions[1])


def child(words: list[str]) -> None:
    """`seqtasks` with the first examples of a task's demo corpus: NUMBER run TASK OPTIONS…"""
    from seqtasks.cli import main as program

    faulthandler.enable()
    count, task = int(words[0]), importlib.import_module(f"seqtasks.tasks.{words[2]}")
    if count:
        whole = task.TASK.demo
        task.TASK = dataclasses.replace(
            task.TASK, demo=lambda seed: {split: examples[:count] for split, examples in whole(seed).items()}
        )
    program(words[1:], prog_name="seqtasks")


def _finish(command: list[str], out: Path, seconds: float = 0.0) -> None:
    """Lets a run end; one that hangs is ended, and says where it hung.

    Args:
        seconds: What a run takes that is not killed; 0: not known.
    """
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        said = process.communicate(timeout=max(600, 10 * seconds) if seconds else None)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        said = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"the run failed with status {process.returncode}\n{said[-6000:]}")


def _wait(process: subprocess.Popen, reached: Callable[[], bool]) -> None:
    while process.poll() is None and not reached():
        time.sleep(0.0001)


def _partial(out: Path, name: str | None = None) -> set[tuple[str, int]]:
    """The half-written files, of all folders or of one alone, and when each was last written to."""
    folders = [out / name] if name is not None else [out, *(path for path in out.glob("*") if path.is_dir())]
    found = set()
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                found |= {
                    (entry.path, entry.stat().st_mtime_ns)
                    for entry in entries
                    # the best weights come with every checkpoint; they are no score
                    if entry.name.startswith(".partial-") and (name != "" or "scores" in entry.name)
                }
        except OSError:  # not there yet, or gone between two looks
            continue
    return found


def _changed(out: Path) -> float:
    path = out / "checkpoint/state.npz"
    return path.stat().st_mtime if path.exists() else 0.0


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        sys.exit(main())
