"""An exported tagger in a fresh environment with TensorFlow alone, against the run's own predictions.

    python benchmarks/exported.py pos --run RUN

Exports the run, makes a virtual environment, installs tensorflow alone, and tags the gold tokens of the
run's predictions file through the signature `tokens` there. Prints the SavedModel's size and how many tags differ; exit
status 1 if one does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

SCRIPT = """
import json, sys
import tensorflow as tf
tagger = tf.saved_model.load(sys.argv[1]).signatures["tokens"]
sentences = json.load(open(sys.argv[2], encoding="utf-8"))
answers = []
for begin in range(0, len(sentences), 100):
    found = tagger(text=tf.constant(sentences[begin : begin + 100]))
    rows = zip(found["tags"].numpy(), found["lengths"].numpy())
    answers += [[tag.decode() for tag in row[:length]] for row, length in rows]
json.dump({"tensorflow": tf.__version__, "tags": answers}, open(sys.argv[3], "w", encoding="utf-8"))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("--run", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "seqtasks", "export", arguments.task, "--run", str(arguments.run)]
        subprocess.run([*command, "--to", str(folder / "model")], check=True, stdout=subprocess.DEVNULL)
        size = sum(path.stat().st_size for path in (folder / "model").rglob("*") if path.is_file())
        print(f"SavedModel: {size / 1e6:.1f} MB", flush=True)
        blocks = (arguments.run / "predictions/test.conll").read_text(encoding="utf-8").split("\n\n")
        rows = [[line.split("\t") for line in block.split("\n")] for block in blocks if block]
        sentences = [" ".join(row[0].replace(" ", "\u00a0") for row in sentence) for sentence in rows]
        (folder / "sentences.json").write_text(json.dumps(sentences), encoding="utf-8")
        venv.create(folder / "fresh", with_pip=True)
        python = folder / "fresh/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tensorflow"], check=True)
        answers = folder / "answers.json"
        subprocess.run(
            [python, "-c", SCRIPT, folder / "model", folder / "sentences.json", answers],
            check=True,
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        found = json.loads(answers.read_text(encoding="utf-8"))
    tags = [
        (ours[-1], theirs)
        for one, other in zip(rows, found["tags"], strict=True)
        for ours, theirs in zip(one, other, strict=True)
    ]
    different = sum(ours != theirs for ours, theirs in tags)
    print(
        f"TensorFlow {found['tensorflow']} alone: {different} of {len(tags):,} tags in {len(rows):,} sentences differ"
    )
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
