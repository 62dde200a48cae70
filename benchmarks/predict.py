"""Words a second and memory of `seqtasks predict` over many lines.

    python benchmarks/predict.py pos --run RUN --text LINES.txt --lines 100000

LINES.txt holds raw text, a line each; its lines are repeated to the number wanted. The command runs in a process of its
own; its memory is read every half second. Printed: words (tokens answered), seconds in all and from the first answer
on, words a second by both, and resident memory at a quarter, a half and the end of the answers.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("--run", required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=100_000)
    arguments = parser.parse_args()
    lines = arguments.text.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "lines.txt")
        with open(source, "w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in itertools.islice(itertools.cycle(lines), arguments.lines))
        # -P: the checkout's folder seqtasks is a part of the package only
        command = [
            sys.executable,
            "-P",
            "-m",
            "seqtasks",
            "predict",
            arguments.task,
            str(source),
            "--run",
            arguments.run,
        ]
        measure([*command, "--format", "text"])


def measure(command: list[str]) -> None:
    """Runs the command, counts the words on its standard output, and prints the figures."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    memory: list[float] = []
    threading.Thread(target=_watch, args=(process, memory), daemon=True).start()
    words, first, before = 0, None, 0
    for line in process.stdout:
        words += len(line.split())
        if first is None:
            first, before = time.perf_counter(), words
    ended = time.perf_counter()
    if process.wait():
        raise SystemExit(f"the command failed with status {process.returncode}")
    whole, steady = ended - started, ended - first
    print(f"words: {words:,}")
    print(f"in all: {whole:.1f} s, {words / whole:,.0f} words/s")
    print(f"from the first answer on: {steady:.1f} s, {(words - before) / steady:,.0f} words/s")
    answering = memory[int(len(memory) * (first - started) / whole) :]
    shown = [answering[int((len(answering) - 1) * share)] for share in (0.25, 0.5, 1.0)]
    print("resident memory at a quarter, a half, the end: " + ", ".join(f"{mebibytes:,.0f} MiB" for mebibytes in shown))


def _watch(process: subprocess.Popen, memory: list[float]) -> None:
    """Appends the resident memory in MiB every half second, where the system tells it (Linux)."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            return
        memory.append(int(line.split()[1]) / 1024)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
