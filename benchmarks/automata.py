"""How many clusters of hidden states an automaton needs to answer as well as the network, by cell and language.

    python benchmarks/automata.py FILE.jsonl [--seeds 5] [--clustering k-means++] [--cells …] [--languages …]
    python benchmarks/automata.py FILE.jsonl --table

Trains `seqtasks run sentiment --data formal/LANGUAGE --config automaton --cell CELL --seed SEED` for every cell,
language and seed, and reads automata off each network with 2, 3, … clusters until one is as accurate on the test
strings as the network. Appends a line a network to the file and passes over those that it has, so that it can be
stopped and started again. The table says for each language and cell the mean over the seeds, and then whether cells
with fewer gates need fewer clusters: the paired differences to the LSTM, with the 95 % interval of a bootstrap over
networks within languages (each language counts alike, and these nine are taken as given; five seeds make such an
interval somewhat narrow), and the correlation of gates with the clusters' ranks within each set of five cells, beside
the share of the orders of the gate counts over the cells that correlate as much: five cells can't say more of gates.
A network that no automaton reaches with MOST clusters counts as one that needs one more.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

# networks and clusters are so small that threads cost more than they bring, above all beside other work
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

GATES = {"rnn": 0, "mgu": 1, "gru": 2, "lstm": 3, "peephole": 3}
MOST = 40
"""Clusters tried; a network that no automaton reaches with so many counts as one that needs one more."""
DRAWS = 10_000


def main() -> int:
    from seqtasks.config import CLUSTERINGS
    from seqtasks.tasks.formal import LANGUAGES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cells", default=",".join(GATES))
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--clustering", choices=CLUSTERINGS, default=CLUSTERINGS[0])
    parser.add_argument("--table", action="store_true", help="only show what the file has")
    arguments = parser.parse_args()
    if not arguments.table:
        found = rows(arguments.file)
        if other := {row["clustering"] for row in found} - {arguments.clustering}:
            raise SystemExit(f"{arguments.file} holds runs with {', '.join(other)}: another file for this clustering")
        known = {(row["language"], row["cell"], row["seed"]) for row in found}
        kinds = itertools.product(
            range(1, arguments.seeds + 1), arguments.languages.split(","), arguments.cells.split(",")
        )
        for seed, language, cell in kinds:
            if (language, cell, seed) not in known:
                row = measured(language, cell, seed, arguments.clustering)
                with open(arguments.file, "a", encoding="utf-8") as stream:
                    stream.write(json.dumps(row) + "\n")
                print(row, flush=True)
    show(rows(arguments.file))
    return 0


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def measured(language: str, cell: str, seed: int, clustering: str) -> dict:
    """One network: its accuracy on test, and the fewest clusters with which an automaton has that accuracy."""
    import keras

    from seqtasks.cli.options import recipes
    from seqtasks.config import read_table, resolve
    from seqtasks.pipelines import extraction, run
    from seqtasks.tasks import load_task

    started = time.perf_counter()
    task = load_task("sentiment")
    flags = {"data": f"formal/{language}", "cell": cell, "seed": seed}
    config = resolve(task.name, "classification", read_table(recipes()["automaton"]), flags)
    with tempfile.TemporaryDirectory() as folder:
        run.run(task, config, run.Place(str(Path(folder) / "run")), Silent())
        trained = time.perf_counter() - started
        found = extraction.fewest(task, str(Path(folder) / "run"), MOST, clustering)
    keras.backend.clear_session()
    seconds = {"trained": round(trained, 1), "seconds": round(time.perf_counter() - started, 1)}
    return {"language": language, "cell": cell, "seed": seed, "clustering": clustering, **found, **seconds}


class Silent:
    """A reporter that says nothing."""

    def __getattr__(self, name: str):
        return lambda *_: None


def show(found: list[dict]) -> None:
    """The table, and what it says of gates."""
    cells = [cell for cell in GATES if any(row["cell"] == cell for row in found)]
    languages = list(dict.fromkeys(row["language"] for row in found))
    print(f"{'language':10}" + "".join(f"{cell:>24}" for cell in cells))
    for language in [*languages, None]:
        line = f"{language or 'all':10}"
        for cell in cells:
            chosen = [row for row in found if row["cell"] == cell and language in (None, row["language"])]
            needed = [clusters(row) for row in chosen]
            if not chosen:
                line += f"{'-':>24}"
                continue
            accuracy = np.mean([row["accuracy"] for row in chosen])
            equal = sum(bool(row.get("equal")) for row in chosen)
            line += (
                f"{accuracy:10.4f} {np.mean(needed):5.1f} ({min(needed)}-{max(needed)})"[:24].rjust(20)
                + f" ={equal:<2}"
            )
        print(line)
    print("accuracy of the network on test; fewest clusters, mean (least-most); =: automata equal to the language's")
    if missed := sum(row["clusters"] is None for row in found):
        print(f"{missed} of {len(found)} networks were not reached with {MOST} clusters, and count as {MOST + 1}")
    compare(found, cells, languages)


def clusters(row: dict) -> int:
    return MOST + 1 if row["clusters"] is None else row["clusters"]


def compare(found: list[dict], cells: list[str], languages: list[str]) -> None:
    """The paired differences, and the rank correlation of gates and clusters."""
    table = {(row["language"], row["seed"], row["cell"]): clusters(row) for row in found}
    blocks = {language: sorted({row["seed"] for row in found if row["language"] == language}) for language in languages}
    whole = {
        language: np.array([[table[language, seed, cell] for cell in cells] for seed in seeds
                            if all((language, seed, cell) in table for cell in cells)])
        for language, seeds in blocks.items()
    }  # fmt: skip
    whole = {language: values for language, values in whole.items() if len(values)}
    if len(cells) < 2 or not whole:
        return
    rng = np.random.default_rng(0)
    base = cells.index("lstm") if "lstm" in cells else len(cells) - 1
    for index, cell in enumerate(cells):
        if index != base:
            parts = [values[:, index] - values[:, base] for values in whole.values()]
            mean = np.mean([part.mean() for part in parts])
            draws = [np.mean([rng.choice(part, len(part)).mean() for part in parts]) for _ in range(DRAWS)]
            low, high = np.quantile(draws, [0.025, 0.975])
            print(
                f"{cell} ({GATES[cell]} gates) less {cells[base]}: {mean:+.2f} clusters, 95 % {low:+.2f} to {high:+.2f}"
            )
    gates = np.array([GATES[cell] for cell in cells], float)
    stacked = np.concatenate(list(whole.values()))
    ranks = ranked(stacked)
    observed = correlation(ranks, gates)
    orders = [correlation(ranks, np.array(order)) for order in itertools.permutations(gates)]
    chance = np.mean(np.abs(orders) >= abs(observed) - 1e-12)
    print(
        f"gates and ranks of clusters, correlation over {len(stacked)} sets of cells: {observed:+.3f}; "
        f"{chance:.0%} of the orders of the gate counts over the cells give as much"
    )


def ranked(values: np.ndarray) -> np.ndarray:
    """Ranks within each row, equal values alike."""
    from scipy.stats import rankdata

    return rankdata(values, axis=1)


def correlation(ranks: np.ndarray, gates: np.ndarray) -> float:
    """Of ranks within rows, centred, and gates."""
    centred, gates = ranks - ranks.mean(axis=1, keepdims=True), gates - gates.mean()
    size = np.sqrt((centred**2).sum() * (gates**2).sum() * len(ranks))
    return float((centred * gates).sum() / size) if size else 0.0


if __name__ == "__main__":
    sys.exit(main())
