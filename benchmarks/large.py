"""The memory in which a model is trained on a file that is larger than memory should be.

    python benchmarks/large.py pos --bytes 2e9 --limit 8 [-- any option of `seqtasks run`]

Makes a training file of that many bytes from a seed, and small files for dev and test: words drawn by Zipf's law from
--words; sentences of 5 to 40 words in CoNLL columns for a tagger, a line each for a language model, with their words in
reverse order beside them for a translator, texts of 20 to 400 words in JSON lines for a classifier. Starts `seqtasks
run` on them, waits until it has trained --updates updates, and stops it. Prints the largest resident memory, the
largest anonymous memory (what the system can't write back to a file) and the seconds until the first checkpoint; exit
status 1 if the resident memory is above --limit GiB. Needs up to four times the file's size on disk.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from memory import spelled

from seqtasks.tasks import load_task

TAGS = ("NOUN", "VERB", "ADJ", "ADP", "DET", "PRON", "PUNCT", "X")
EVERY = 50
"""Updates between two checkpoints."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("task")
    parser.add_argument("--bytes", type=float, default=2e9)
    parser.add_argument("--limit", type=float, default=8.0)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--words", type=int, default=200_000, help="different words in the files")
    arguments, options = parser.parse_known_args()
    make, ending = MAKERS[load_task(arguments.task).example_type.family]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for split, size, seed in (("train", arguments.bytes, 0), ("dev", 1e5, 1), ("test", 1e5, 2)):
            count = write(folder / f"{split}.{ending}", make(np.random.default_rng(seed), arguments.words), int(size))
            print(f"{split}: {count:,} bytes", flush=True)
        # -P: the checkout's folder seqtasks is a part of the package only
        command = [sys.executable, "-P", "-m", "seqtasks"]
        command += ["run", arguments.task, "--data", name, "--out", f"{name}/run"]
        command += ["--checkpoint-every", str(EVERY), *(word for word in options if word != "--")]
        peak, anonymous, seconds = watch(command, folder / "run" / "checkpoint" / "state.npz", arguments.updates)
    print(f"resident {peak:.2f} GiB, anonymous {anonymous:.2f} GiB at most; {seconds:.0f} s to the first checkpoint")
    return peak > arguments.limit


def watch(command: list[str], checkpoint: Path, updates: int) -> tuple[float, float, float]:
    """Runs the command until so many updates are done; its largest memory in GiB, and seconds to a checkpoint."""
    started, first, seen, changed = time.perf_counter(), 0.0, 0, 0.0
    peak = anonymous = 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    status = Path(f"/proc/{process.pid}/status")
    try:
        while process.poll() is None and seen * EVERY < updates:
            rows = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            peak = max(peak, int(rows.get("VmHWM", "0 kB").split()[0]) / (1 << 20))
            anonymous = max(anonymous, int(rows.get("RssAnon", "0 kB").split()[0]) / (1 << 20))
            if checkpoint.exists() and checkpoint.stat().st_mtime > changed:
                changed, seen = checkpoint.stat().st_mtime, seen + 1
                first = first or time.perf_counter() - started
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    if not seen:
        raise SystemExit("the run ended before its first checkpoint")
    return peak, anonymous, first


def write(path: Path, parts: Iterator[str], size: int) -> int:
    """Writes parts until there are so many bytes; returns their number."""
    total = 0
    with open(path, "wb") as stream:
        while total < size:
            total += stream.write(next(parts).encode())
    return total


def columns(rng: np.random.Generator, words: int) -> Iterator[str]:
    """Sentences as CoNLL columns, a thousand at a time."""
    tag_of = rng.integers(len(TAGS), size=words).tolist()
    lines = [f"{spelled(number)}\t{TAGS[tag]}\n" for number, tag in enumerate(tag_of)]
    for drawn, lengths in _drawn(rng, words, 5, 40):
        yield "".join("".join(lines[next(drawn)] for _ in range(length)) + "\n" for length in lengths)


def texts(rng: np.random.Generator, words: int) -> Iterator[str]:
    """Labelled texts as JSON lines, a thousand at a time; the label follows from the first word."""
    forms = [spelled(number) for number in range(words)]
    for drawn, lengths in _drawn(rng, words, 20, 400):
        rows = ([next(drawn) for _ in range(length)] for length in lengths)
        yield "".join(
            json.dumps({"text": " ".join(forms[word] for word in row), "label": row[0] % 2}) + "\n" for row in rows
        )


def sentences(rng: np.random.Generator, words: int) -> Iterator[str]:
    """A sentence a line, a thousand at a time."""
    for rows in _rows(rng, words):
        yield "".join(" ".join(row) + "\n" for row in rows)


def pairs(rng: np.random.Generator, words: int) -> Iterator[str]:
    """Sentence pairs as TSV, a thousand at a time."""
    for rows in _rows(rng, words):
        yield "".join(" ".join(row) + "\t" + " ".join(reversed(row)) + "\n" for row in rows)


def _rows(rng: np.random.Generator, words: int) -> Iterator[list[list[str]]]:
    """The words of a thousand sentences."""
    forms = [spelled(number) for number in range(words)]
    for drawn, lengths in _drawn(rng, words, 5, 40):
        yield [[forms[next(drawn)] for _ in range(length)] for length in lengths]


def _drawn(
    rng: np.random.Generator, words: int, shortest: int, longest: int
) -> Iterator[tuple[Iterator[int], list[int]]]:
    """A thousand examples' words as numbers, and their lengths, again and again."""
    bounds = np.cumsum(1 / (np.arange(1, words + 1) + 2.7))
    while True:
        lengths = rng.integers(shortest, longest + 1, size=1000)
        drawn = np.searchsorted(bounds, rng.random(lengths.sum()) * bounds[-1])
        yield iter(np.minimum(drawn, words - 1).tolist()), lengths.tolist()


MAKERS = {
    "tagging": (columns, "conll"),
    "classification": (texts, "jsonl"),
    "language": (sentences, "txt"),
    "translation": (pairs, "tsv"),
}
"""What makes a family's file, and the file's ending."""


if __name__ == "__main__":
    sys.exit(main())
