"""Labelled texts as they are shown and counted."""

from __future__ import annotations

import csv
import io

from seqtasks.tasks import labelled
from seqtasks.tasks.examples import LabelDistribution, LabelledText


def test_an_example_is_shown_in_one_line():
    assert labelled.show(LabelledText("so\n good", "very\n\tfine")) == "very fine\tso good"


def test_predictions_read_back_whatever_a_text_holds():
    texts = ["a\rb", "a\nb", 'say "a, b"', "plain"]
    stream = io.StringIO(newline="")
    found = LabelDistribution(("x", "y\r"), (0.25, 0.75))
    labelled.write([LabelledText(text, "x") for text in texts], [found] * len(texts), stream)
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert rows[0] == ["text", "label", "predicted", "p[x]", "p[y\r]"]
    assert rows[1:] == [[text, "x", "y\r", "0.250000", "0.750000"] for text in texts]


def test_of_many_labels_the_most_frequent_are_counted_one_by_one():
    texts = [
        LabelledText(f"{number} {copy}", f"l{number}") for number in range(300) for copy in range(1 + (number < 20))
    ]
    [line] = [
        line
        for line in labelled.survey([*texts, LabelledText("x", "l0"), LabelledText("y", "a\nb")])
        if "labels" in line
    ]
    assert line.startswith("labels: 301: l0 3, l1 2, l10 2, ") and line.endswith(", … (301 in all)")
    assert line.count(",") == 20
    assert labelled.survey([LabelledText("x", "a\nb")])[2] == "labels: 1: a b 1"
