"""An automaton as a person sees it: states and edges, and the words that stand behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqtasks.pipelines.automata.reading import Reading
from seqtasks.tasks.automaton import merged

FEW = 12
"""With so many symbols or fewer each is named on its edge; with more, the most frequent ones."""

NAMED, TELLING = 4, 20
"""Words of an edge, and words of a label, that are named where there are many."""


def accepting(labels: Sequence[str]) -> str:
    """The label whose states are the accepting ones: `accepted`, else the last of two by the alphabet; else none."""
    known = sorted(set(labels))
    return "accepted" if "accepted" in known else known[-1] if len(known) == 2 else ""


def summary(reading: Reading, labels: Sequence[str]) -> dict[str, Any]:
    """The minimal automaton of a reading.

    Args:
        labels: All of the network's, which may have more than the states bear.

    Returns:
        `start`, `accepting` (a label, or empty), `symbols` (how many), `states` (a label each), and `edges`: `from`,
        `to`, `words` (the most frequent, or all in the alphabet's order where they are few), `kinds` (how many words
        lead there), `steps` (how often they were counted to do so) and `share` (of the steps
        that were counted in `from` and that the automaton takes).
    """
    small, of_state = merged(reading.automaton)
    before, symbol, after, count = reading.moves.T
    before, after = of_state[before], of_state[after]
    known = (before >= 0) & (small.steps[before, symbol] == after)
    counts = np.zeros(small.steps.shape, np.int64)
    np.add.at(counts, (before[known], symbol[known]), count[known])
    few = len(small.alphabet) <= FEW
    edges = []
    for state, row in enumerate(small.steps):
        for reached in np.unique(row).tolist():
            leading = np.flatnonzero(row == reached)
            steps = int(counts[state, leading].sum())
            ranked = leading if few else leading[np.argsort(-counts[state, leading], kind="stable")][:NAMED]
            edges.append(
                {
                    "from": state,
                    "to": reached,
                    "words": [small.alphabet[word] for word in ranked if few or counts[state, word]],
                    "kinds": len(leading) if few else int((counts[state, leading] > 0).sum()),
                    "steps": steps,
                    "share": steps / max(1, int(counts[state].sum())),
                }
            )
    return {
        "start": small.start,
        "accepting": accepting(labels),
        "symbols": len(small.alphabet),
        "states": list(small.labels),
        "edges": edges,
    }


def telling_words(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """For each label the words that lead to its states from states of other labels.

    Returns:
        By label the first `TELLING` of them: `word`, `turned` (how often it led there) and `met` (how often it was met
        in a state of another label), ranked by the lower end of the 95 % interval of turned / met (Wilson 1927).
    """
    before, symbol, after, count = reading.moves.T
    labels = np.array(reading.automaton.labels)
    found = {}
    for label in dict.fromkeys(reading.automaton.labels):
        elsewhere = labels[before] != label
        turning = elsewhere & (labels[after] == label)
        size = len(reading.words)
        met, turned = (np.bincount(symbol[rows], count[rows], size).astype(int) for rows in (elsewhere, turning))
        bounds = [_wilson(hits, total) for hits, total in zip(turned.tolist(), met.tolist(), strict=True)]
        ranked = sorted(np.flatnonzero(turned).tolist(), key=lambda word: (-bounds[word], word))[:TELLING]
        found[label] = [
            {"word": reading.automaton.alphabet[word], "turned": int(turned[word]), "met": int(met[word])}
            for word in ranked
        ]
    return found


def _wilson(hits: int, total: int, z: float = 1.96) -> float:
    """The lower end of the interval for a share."""
    if not total:
        return 0.0
    share = hits / total
    middle = share + z * z / (2 * total)
    return (middle - z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))) / (1 + z * z / total)
