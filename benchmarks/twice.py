"""Runs one command twice, in processes of their own, and checks that the two ends are equal bit for bit.

    python benchmarks/twice.py --tasks pos,ner --cells lstm,gru --examples 40 [-- any option of `seqtasks run`]

Without options: every task with every cell, on the first 60 examples of each split of its demo corpus. The two
processes go through the pairs in opposite orders, and with different seeds of Python's hashes, so that nothing that is
left of a run before, and no order of a set, can hide. Prints a line a pair; exit status 1 if one differs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from seqtasks.layers import CELLS
from seqtasks.tasks import TASKS

Pair = tuple[str, str]
"""A task and a cell."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--in-turn", action="store_true", help="Each task with one cell, each cell with one task.")
    parser.add_argument("--examples", type=int, default=60)
    arguments, options = parser.parse_known_args()
    options = [word for word in options if word != "--"]
    tasks, cells = arguments.tasks.split(","), arguments.cells.split(",")
    pairs = [(task, cell) for task in tasks for cell in cells]
    if arguments.in_turn:
        count = max(len(tasks), len(cells))
        pairs = [(tasks[at % len(tasks)], cells[at % len(cells)]) for at in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, ordered in ((1, pairs), (2, pairs[::-1])):
            words = [f"{task}:{cell}" for task, cell in ordered]
            command = [sys.executable, __file__, "--child", str(folder / str(number)), str(arguments.examples)]
            done = subprocess.run(
                [*command, ",".join(words), *options],
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONHASHSEED": str(number)},
            )
            if done.returncode:
                raise SystemExit(f"a run failed with status {done.returncode}\n{done.stderr[-3000:]}")
        different = [_differs(folder, pair) for pair in pairs]
    print(f"{len(pairs) - sum(different)} of {len(pairs)} equal bit for bit")
    return any(different)


def child(words: list[str]) -> None:
    """All runs of one process: FOLDER EXAMPLES TASK:CELL,… OPTIONS…"""
    kill = _kill()
    folder, examples, pairs, *options = words
    for task, cell in (pair.split(":") for pair in pairs.split(",")):
        out = str(Path(folder) / f"{task}-{cell}")
        try:
            kill.child([examples, "run", task, "--cell", cell, *options, "--out", out])
        except SystemExit as ended:
            if ended.code:
                raise


def _differs(folder: Path, pair: Pair) -> bool:
    runs = [folder / number / "-".join(pair) for number in ("1", "2")]
    found = _kill().compare(*runs)
    print(f"{pair[0]} {pair[1]}: {', '.join(found) or 'equal bit for bit'}", flush=True)
    return bool(found)


def _kill():
    """The script beside this one, which has what both need."""
    spec = importlib.util.spec_from_file_location("kill", Path(__file__).with_name("kill.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        sys.exit(main())
