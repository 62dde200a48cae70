"""TF-IDF with logistic regression: scikit-learn's own answers, and back from plain arrays."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from seqtasks.errors import DataError
from seqtasks.tasks import demo
from seqtasks.tasks.baselines import tfidf_logistic
from seqtasks.tasks.baselines.tfidf_logistic import STRENGTH, TfidfLogistic
from seqtasks.tasks.examples import LabelledText

TEXTS = ["good film", "very good", "bad film", "not very bad", "a dull film !", "good good ? film", "", "dull"]


def fitted(labels):
    return TfidfLogistic.fit([LabelledText(text, label) for text, label in zip(TEXTS, labels, strict=True)])


@pytest.mark.parametrize("labels", ["ppnpnpnn", "ppnpdpnd"])
def test_probabilities_are_scikit_learns(labels):
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(vectors.fit_transform(TEXTS), list(labels))
    unseen = ["a good dull one", "GOOD film", "", "unheard of"]
    found = list(fitted(labels).predict(unseen))
    assert found[0].labels == tuple(model.classes_)
    assert np.allclose([one.probabilities for one in found], model.predict_proba(vectors.transform(unseen)), atol=1e-6)


def test_back_from_a_file_it_predicts_the_very_same():
    file = io.BytesIO()
    one = fitted("ppnpdpnd")
    np.savez(file, allow_pickle=False, **one.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        again = TfidfLogistic.from_arrays({name: arrays[name] for name in arrays.files})
    assert list(again.predict(TEXTS)) == list(one.predict(TEXTS))


def test_texts_without_a_word_are_classified_too():
    nothing = TfidfLogistic.fit([LabelledText("", "a"), LabelledText("!", "a"), LabelledText("?", "b")])
    [found] = nothing.predict(["word"])
    assert found.best == "a"


@pytest.mark.parametrize(("labels", "columns"), [("ppnpnpnn", 1), ("ppnpdpnd", 3)])
def test_weights_are_bounded_and_the_most_frequent_terms_are_kept(labels, columns, monkeypatch):
    monkeypatch.setattr(tfidf_logistic, "MOST_WEIGHTS", 3 * columns + 1)
    arrays = fitted(labels).to_arrays()
    assert arrays["weights"].shape == (columns, 3 + (columns == 1))
    assert {"good", "film"} <= set(json.loads(arrays["words"].tobytes())["terms"])


def test_one_label_teaches_nothing():
    for texts in ([], [LabelledText("x", "a", "f.csv")]):
        with pytest.raises(DataError, match="fewer than two labels"):
            TfidfLogistic.fit(texts)


def test_the_demo_corpus_is_beyond_it():
    splits = demo.opinions()
    baseline = TfidfLogistic.fit(splits["train"])
    answers = baseline.predict(text.text for text in splits["test"])
    right = [text.label == answer.best for text, answer in zip(splits["test"], answers, strict=True)]
    assert 0.5 < np.mean(right) <= 0.85
