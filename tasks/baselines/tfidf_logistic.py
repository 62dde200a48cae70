"""A linear model: logistic regression on TF-IDF of words and pairs of words.

Wang and Manning 2012, Baselines and Bigrams: Simple, Good Sentiment and Topic Classification (ACL, P12-2018), found
such models hard to beat. Term frequencies are 1 + ln(count), inverse document frequencies smoothed, rows of length 1,
as scikit-learn's `TfidfVectorizer(sublinear_tf=True)` has them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np

from seqtasks.errors import DataError
from seqtasks.tasks.examples import LabelDistribution, LabelledText

# Weaker than scikit-learn's 1, which on the development part of SST-2 loses 0.9 points; 4, 10 and 30 are within 0.5.
STRENGTH = 10.0
ITERATIONS = 2000
MOST_CHARACTERS = 1 << 26  # learnt from: the terms of more would take more memory than the network does
MOST_WEIGHTS = 1 << 22  # likewise, and the optimiser holds some 40 numbers for each
CHUNK = 256  # texts of which the features are in memory at once


class TfidfLogistic:
    """Classifies texts that are tokenised: tokens joined by spaces; signs without a letter or digit do not count.

    Of equally probable labels the first in the order of code points is best.

    Args:
        labels: In the order of code points.
        terms: Words, and pairs of words joined by a space.
        idf: A term's inverse document frequency, [terms].
        weights: [labels, terms]; for two labels [1, terms], the second one's.
        bias: [labels] or [1].
    """

    def __init__(
        self, labels: Sequence[str], terms: Sequence[str], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray
    ):
        self._labels, self._terms = tuple(labels), list(terms)
        self._idf, self._weights, self._bias = idf, weights, bias
        self._counter = _counter({term: column for column, term in enumerate(self._terms)})

    @classmethod
    def fit(cls, texts: Sequence[LabelledText]) -> Self:
        """Learns from labelled texts; of more than `MOST_CHARACTERS` from a share of them, drawn with a fixed seed.

        It has at most `MOST_WEIGHTS` weights, and so only the most frequent terms where labels are many.

        Raises:
            DataError: Fewer than two labels.
        """
        from sklearn.linear_model import LogisticRegression

        labels = sorted({text.label for text in texts})
        if len(labels) < 2:
            raise DataError(
                "fewer than two labels in the training split",
                where=texts[0].source if texts else "",
                received=", ".join(labels) or "no text",
            )
        texts = _share(texts)
        counter = _counter(None, max(1, MOST_WEIGHTS // (len(labels) if len(labels) > 2 else 1)))
        try:
            counts = counter.fit_transform(text.text for text in texts)
        except ValueError:  # scikit-learn's word for a vocabulary without an entry
            counter = _counter({"": 0})
            counts = counter.transform(text.text for text in texts)
        terms = counter.get_feature_names_out().tolist()
        seen = np.bincount(counts.indices, minlength=len(terms))
        idf = np.log((1 + len(texts)) / (1 + seen)) + 1
        model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS)
        model.fit(_weighted(counts, idf), [text.label for text in texts])
        return cls(labels, terms, idf, model.coef_, model.intercept_)

    def predict(self, texts: Iterable[str]) -> Iterator[LabelDistribution]:
        """Yields a distribution a text, reading a few texts at a time."""
        chunk: list[str] = []
        for text in texts:
            chunk.append(text)
            if len(chunk) == CHUNK:
                yield from self._distributions(chunk)
                chunk = []
        if chunk:
            yield from self._distributions(chunk)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays, from which `from_arrays` makes a baseline that predicts the same."""
        words = json.dumps({"labels": self._labels, "terms": self._terms}).encode()
        return {
            "words": np.frombuffer(words, np.uint8),
            "idf": self._idf,
            "weights": self._weights,
            "bias": self._bias,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        words: dict[str, Any] = json.loads(arrays["words"].tobytes())
        return cls(words["labels"], words["terms"], arrays["idf"], arrays["weights"], arrays["bias"])

    def _distributions(self, texts: Sequence[str]) -> Iterator[LabelDistribution]:
        scores = _weighted(self._counter.transform(texts), self._idf) @ self._weights.T + self._bias
        if len(self._labels) == 2:
            scores = np.hstack([np.zeros_like(scores), scores])
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        for row in chances / chances.sum(axis=1, keepdims=True):
            yield LabelDistribution(self._labels, tuple(row.tolist()))


def _share(texts: Sequence[LabelledText]) -> Sequence[LabelledText]:
    """The texts, or as many of them as have about `MOST_CHARACTERS` in all, each label's first one among them."""
    size, first = 0, {}
    for at, text in enumerate(texts):
        size += len(text.text)
        first.setdefault(text.label, at)
    if size <= MOST_CHARACTERS:
        return texts
    kept = random.Random(0).sample(range(len(texts)), int(len(texts) * MOST_CHARACTERS / size))
    return [texts[at] for at in sorted({*kept, *first.values()})]


def _counter(vocabulary: Mapping[str, int] | None, most: int | None = None):
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(analyzer=_terms, vocabulary=vocabulary, max_features=most)


def _terms(text: str) -> list[str]:
    words = [token for token in text.lower().split(" ") if _WORD.search(token)]
    return words + [f"{left} {right}" for left, right in pairwise(words)]


_WORD = re.compile(r"[^\W_]")


def _weighted(counts: Any, idf: np.ndarray) -> Any:
    """Counts [n, terms] to TF-IDF with rows of length 1."""
    from sklearn.preprocessing import normalize

    values = counts.astype(float)
    values.data = 1 + np.log(values.data)
    values.data *= idf[values.indices]
    return normalize(values, copy=False)
