"""Scores of classified texts, against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from seqtasks.tasks.examples import LabelDistribution, LabelledText
from seqtasks.tasks.scores import classification
from seqtasks.tasks.scores.classification import BINS, SMALLEST, calibration_error, confusion, score

LABELS = ("b", "a", "c")


def drawn(seed, count=200, labels=LABELS):
    """Gold texts and distributions that are right more often than not."""
    rng = np.random.default_rng(seed)
    gold = [LabelledText("", labels[index]) for index in rng.integers(len(labels), size=count)]
    chances = rng.dirichlet(np.ones(len(labels)), size=count)
    for text, row in zip(gold, chances, strict=True):
        row[labels.index(text.label)] += rng.random()
    chances /= chances.sum(axis=1, keepdims=True)
    return gold, [LabelDistribution(labels, tuple(row)) for row in chances.tolist()], chances


def values(gold, predicted):
    return {found.name: found.value for found in score(gold, predicted)}


@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_learns(seed):
    gold, predicted, chances = drawn(seed)
    truth, best = [text.label for text in gold], [found.best for found in predicted]
    found = values(gold, predicted)
    assert list(found)[:4] == ["accuracy", "macro_f1", "log_loss", "calibration_error"]
    assert found["accuracy"] == metrics.accuracy_score(truth, best)
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(truth, best, average="macro"), abs=1e-15)
    order = [LABELS.index(label) for label in sorted(LABELS)]
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, chances[:, order]), abs=1e-12)
    by_label = metrics.precision_recall_fscore_support(truth, best, labels=LABELS)
    for position, name in enumerate(("precision", "recall", "f1")):
        assert [found[f"{name}[{label}]"] for label in LABELS] == pytest.approx(by_label[position], abs=1e-15)
    matrix = metrics.confusion_matrix(truth, best, labels=LABELS)
    counts = confusion(gold, predicted)
    assert [[counts[x, y] for y in LABELS] for x in LABELS] == matrix.tolist()


def test_a_label_never_predicted_and_one_never_gold_count_as_scikit_learn_counts_them():
    gold = [LabelledText("", label) for label in "aab"]
    sure = {label: tuple(float(label == other) for other in LABELS) for label in LABELS}
    predicted = [LabelDistribution(LABELS, sure[label]) for label in "aac"]
    found = values(gold, predicted)
    assert found["macro_f1"] == metrics.f1_score(list("aab"), list("aac"), average="macro", zero_division=0)
    assert found["recall[b]"] == found["precision[b]"] == found["precision[c]"] == found["f1[c]"] == 0


def test_calibration_error_is_the_gap_in_each_bin():
    gold, predicted, _ = drawn(5, 500, ("x", "y"))
    sure = np.array([found.confidence for found in predicted])
    right = [text.label == found.best for text, found in zip(gold, predicted, strict=True)]
    accuracy, confidence = calibration_curve(right, sure, n_bins=BINS)
    sizes = np.histogram(sure, np.linspace(0, 1, BINS + 1))[0]
    expected = np.sum(np.abs(accuracy - confidence) * sizes[sizes > 0]) / len(gold)
    assert calibration_error(gold, predicted) == pytest.approx(expected, abs=1e-12)


def test_a_bin_holds_its_upper_bound():
    predicted = [LabelDistribution(("x", "y"), (sure, 1 - sure)) for sure in (0.6, 0.62)]  # 0.6 is 9 / 15
    gold = [LabelledText("", "x"), LabelledText("", "y")]
    assert calibration_error(gold, predicted) == pytest.approx((0.4 + 0.62) / 2)


def test_a_certain_classifier_is_calibrated_only_where_it_is_right():
    certain = [LabelDistribution(("x", "y"), (1.0, 0.0))] * 4
    gold = [LabelledText("", label) for label in "xxxy"]
    found = values(gold, certain)
    assert found["calibration_error"] == 0.25
    assert found["log_loss"] == pytest.approx(-math.log(SMALLEST) / 4)


def test_a_label_that_train_never_has_is_wrong_in_every_score():
    gold = [LabelledText("", "x"), LabelledText("", "new")]
    predicted = [LabelDistribution(("x", "y"), (0.9, 0.1))] * 2
    found = values(gold, predicted)
    assert found["accuracy"] == 0.5 and found["recall[new]"] == 0 and found["macro_f1"] == pytest.approx(1 / 3)
    assert found["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(SMALLEST)) / 2)


def test_of_equally_probable_labels_the_first_is_best():
    assert LabelDistribution(("b", "a"), (0.5, 0.5)).best == "b"


def test_signatures_count():
    gold, predicted, _ = drawn(0, 50)
    signatures = {found.name: found.signature for found in score(gold, predicted)}
    assert signatures["accuracy"].startswith("texts:50|correct:") and "bins:15" in signatures["calibration_error"]
    assert signatures["f1[a]"].startswith("label:a|gold:")


def test_what_does_not_go_together_is_refused_and_nothing_scores_nothing():
    with pytest.raises(ValueError, match="1 gold texts but 0"):
        score([LabelledText("", "x")], [])
    assert all(math.isnan(found.value) for found in score([], []))
    assert classification.log_loss([], []) != 0
