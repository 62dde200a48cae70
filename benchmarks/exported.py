"""An exported model in a fresh environment with TensorFlow alone, against the run's own predictions.

    python benchmarks/exported.py pos --run RUN
    python benchmarks/exported.py translate --run RUN

Exports the run, makes a virtual environment, installs tensorflow alone (of a translator with subwords tensorflow-text
beside it), and asks it there: a tagger for the tags of the gold tokens of the run's predictions file, through the
signature `tokens`; a classifier for the labels of that file's texts, and a translator for their translations, through
`serving_default`. Prints the SavedModel's size and how many answers differ; exit status 1 if one does.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from seqtasks.config_translation import SUBWORDS
from seqtasks.tasks.scores.translation import one_line

SCRIPT = """
import json, sys
import tensorflow as tf
if "tensorflow-text" in sys.argv[4:]:
    import tensorflow_text
signatures = tf.saved_model.load(sys.argv[1]).signatures
texts = json.load(open(sys.argv[2], encoding="utf-8"))
answers = []
for begin in range(0, len(texts), 100):
    part = tf.constant(texts[begin : begin + 100])
    if "tokens" in signatures:
        found = signatures["tokens"](text=part)
        rows = zip(found["tags"].numpy(), found["lengths"].numpy())
        answers += [[tag.decode() for tag in row[:length]] for row, length in rows]
    else:
        found = signatures["serving_default"](text=part)
        answers += [[answer.decode()] for answer in found["label" if "label" in found else "translation"].numpy()]
json.dump({"tensorflow": tf.__version__, "answers": answers}, open(sys.argv[3], "w", encoding="utf-8"))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("--run", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # -P: the checkout's folder seqtasks is a part of the package only
        command = [sys.executable, "-P", "-m", "seqtasks", "export", arguments.task, "--run", str(arguments.run)]
        subprocess.run([*command, "--to", str(folder / "model")], check=True, stdout=subprocess.DEVNULL)
        size = sum(path.stat().st_size for path in (folder / "model").rglob("*") if path.is_file())
        print(f"SavedModel: {size / 1e6:.1f} MB", flush=True)
        texts, expected = _predictions(arguments.run / "predictions")
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        venv.create(folder / "fresh", with_pip=True)
        python = folder / "fresh/bin/python"
        packages = _packages(arguments.run)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        answers = folder / "answers.json"
        subprocess.run(
            [python, "-c", SCRIPT, folder / "model", folder / "texts.json", answers, *packages],
            check=True,
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        found = json.loads(answers.read_text(encoding="utf-8"))
    pairs = [
        pair for one, other in zip(expected, found["answers"], strict=True) for pair in zip(one, other, strict=True)
    ]
    # a predictions file of translations has a line each
    different = sum(ours != (one_line(theirs) if arguments.task == "translate" else theirs) for ours, theirs in pairs)
    beside = " and ".join([f"TensorFlow {found['tensorflow']}", *packages[1:]])
    print(f"{beside} alone: {different} of {len(pairs):,} answers to {len(texts):,} texts differ")
    return bool(different)


def _packages(run: Path) -> list[str]:
    """What a reader of the run's SavedModel needs."""
    model = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))["model"]
    subwords = model.get("token_unit") in SUBWORDS
    return ["tensorflow", "tensorflow-text"] if subwords else ["tensorflow"]


def _predictions(folder: Path) -> tuple[list[str], list[list[str]]]:
    """The texts to ask for, and what the run answered: a tag a token, one label, or one translation."""
    pairs = folder / "test.tsv"
    if pairs.exists():
        rows = [line.split("\t") for line in pairs.read_text(encoding="utf-8").split("\n")[:-1]]
        return [row[0] for row in rows], [[row[2]] for row in rows]
    table = folder / "test.csv"
    if table.exists():
        with open(table, encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [row["text"] for row in rows], [[row["predicted"]] for row in rows]
    blocks = (folder / "test.conll").read_text(encoding="utf-8").split("\n\n")
    sentences = [[line.split("\t") for line in block.split("\n")] for block in blocks if block]
    texts = [" ".join(row[0].replace(" ", "\u00a0") for row in sentence) for sentence in sentences]
    return texts, [[row[-1] for row in sentence] for sentence in sentences]


if __name__ == "__main__":
    sys.exit(main())
