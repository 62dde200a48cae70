"""Scores of one label a text: accuracy, macro F1, log-loss, calibration, and each label's precision and recall."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqtasks.tasks.examples import LabelDistribution, LabelledText
from seqtasks.tasks.task import Known, Score

BINS = 15
"""Of the calibration error, as in Guo et al. 2017."""

SMALLEST = float(np.finfo(float).eps)
"""What a probability of 0 counts as in the log-loss, and how far below 1 one of 1 is taken, as in scikit-learn."""


def score(
    gold: Sequence[LabelledText], predicted: Sequence[LabelDistribution], known: Known | None = None
) -> list[Score]:
    """`accuracy`, `macro_f1`, `log_loss`, `calibration_error`, and `precision`, `recall`, `f1` of each label.

    The accuracy is the share of texts whose most probable label is the gold one. Macro F1 is the mean of the labels'
    F1, each label counting alike. Labels are those that occur, as gold or as predicted: so what is predicted has a part
    in which labels the mean is over, and a label that only one of two classifiers predicts counts (with F1 0) for that
    one alone. Where a label was never predicted (or is never gold) its precision (or recall) and its F1 are 0. The
    log-loss is in natural units a text; a gold label that the classifier does not know has probability 0.

    Args:
        gold: Texts with labels.
        predicted: A distribution a text.
        known: Not used; every task's score takes it.

    Raises:
        ValueError: Different numbers of texts and distributions.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold texts but {len(predicted)} predictions")
    counts = confusion(gold, predicted)
    by_label = _of_labels(counts)
    labels = sorted(by_label)
    right = sum(found.correct for found in by_label.values())
    macro = sum(by_label[label].f1 for label in labels) / len(labels) if labels else math.nan
    total = f"texts:{len(gold)}"
    return [
        Score("accuracy", right / len(gold) if gold else math.nan, f"{total}|correct:{right}"),
        Score("macro_f1", macro, f"{total}|labels:{len(labels)}|average:macro"),
        Score("log_loss", log_loss(gold, predicted), f"{total}|unit:nat|smallest:{SMALLEST:.3g}"),
        Score("calibration_error", calibration_error(gold, predicted), f"{total}|bins:{BINS}|width:equal|norm:1"),
        *(
            Score(f"{name}[{label}]", getattr(by_label[label], name), f"label:{label}|{by_label[label]}")
            for name in ("precision", "recall", "f1")
            for label in labels
        ),
    ]


def confusion(gold: Sequence[LabelledText], predicted: Sequence[LabelDistribution]) -> Counter[tuple[str, str]]:
    """How often each pair of (gold label, predicted label) occurs."""
    return Counter((text.label, found.best) for text, found in zip(gold, predicted, strict=True))


def log_loss(gold: Sequence[LabelledText], predicted: Sequence[LabelDistribution]) -> float:
    """The mean of -ln P(gold label), each P at least `SMALLEST` and at most 1 - `SMALLEST`."""
    chances = [found.probability(text.label) for text, found in zip(gold, predicted, strict=True)]
    return float(-np.mean(np.log(np.clip(chances, SMALLEST, 1 - SMALLEST)))) if chances else math.nan


def calibration_error(gold: Sequence[LabelledText], predicted: Sequence[LabelDistribution]) -> float:
    """The expected calibration error: |accuracy - mean confidence| in each bin of confidence, weighted by its texts.

    Guo, Pleiss, Sun and Weinberger 2017, On Calibration of Modern Neural Networks (arXiv 1706.04599), equation 5.
    """
    if not gold:
        return math.nan
    sure = np.array([found.confidence for found in predicted])
    right = np.array([text.label == found.best for text, found in zip(gold, predicted, strict=True)], float)
    # bin m holds ((m - 1) / M, m / M]
    bins = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=right - sure, minlength=BINS)
    return float(np.abs(gaps).sum() / len(gold))


@dataclass(frozen=True)
class _OfLabel:
    """Texts of a label that are right, that are gold and that are predicted."""

    correct: int
    gold: int
    predicted: int

    @property
    def precision(self) -> float:
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.correct / (self.gold + self.predicted)

    def __str__(self) -> str:
        return f"gold:{self.gold}|predicted:{self.predicted}|correct:{self.correct}"


def _of_labels(counts: Counter[tuple[str, str]]) -> dict[str, _OfLabel]:
    """Each label that occurs, as gold or as predicted."""
    gold, predicted = Counter(), Counter()
    for (truth, found), count in counts.items():
        gold[truth] += count
        predicted[found] += count
    return {label: _OfLabel(counts[label, label], gold[label], predicted[label]) for label in gold | predicted}
