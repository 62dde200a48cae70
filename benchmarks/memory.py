"""The memory in which a classifier trains on long documents.

    python benchmarks/memory.py --documents 1000 [-- any option of `seqtasks run`]

Makes documents of 1,000 to 2,500 words, two labels, from a seed (words drawn by Zipf's law from 50,000, some of them
told by the label), and runs `seqtasks run sentiment` on them for one epoch in a process of its own. Prints its
largest resident memory, baseline and scoring included; exit status 1 if it is above --limit GiB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

VOCABULARY, SHORTEST, LONGEST = 50_000, 1_000, 2_500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=4.0)
    arguments, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for split, count, seed in (("train", arguments.documents, 0), ("dev", 100, 1), ("test", 100, 2)):
            words = write(folder / f"{split}.jsonl", count, seed)
            print(f"{split}: {count:,} documents, {words:,} words", flush=True)
        # -P: the checkout's folder seqtasks is a part of the package only
        command = [sys.executable, "-P", "-m", "seqtasks"]
        command += ["run", "sentiment", "--data", name, "--out", str(folder / "run")]
        started = time.perf_counter()
        subprocess.run(
            [*command, "--epochs", "1", *(word for word in options if word != "--")],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - started
    # Linux counts in KiB; the child that used most
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 << 20)
    print(f"largest resident memory: {peak:.2f} GiB; {seconds:.0f} s in all")
    return peak > arguments.limit


def write(path: Path, count: int, seed: int) -> int:
    """Writes JSON lines; returns the number of words."""
    rng = np.random.default_rng(seed)
    ranks = np.arange(1, VOCABULARY + 1)
    chances = [1 / (ranks + 2.7), 1 / (ranks + 2.7)]
    chances[1][1000:2000] *= 2
    total = 0
    with open(path, "w", encoding="utf-8") as stream:
        for label in rng.integers(2, size=count).tolist():
            size = int(rng.integers(SHORTEST, LONGEST + 1))
            drawn = rng.choice(VOCABULARY, size=size, p=chances[label] / chances[label].sum())
            # letters alone, so that a word is one token
            text = " ".join(spelled(number) for number in drawn.tolist())
            stream.write(json.dumps({"text": text, "label": label}) + "\n")
            total += size
    return total


def spelled(number: int) -> str:
    """A word of letters alone, another one for each number."""
    letters = ""
    while True:
        letters += chr(ord("a") + number % 26)
        number //= 26
        if not number:
            return letters


if __name__ == "__main__":
    sys.exit(main())
