"""Baselines: what a plain model without a network reaches on the same data, fitted with every run and scored beside it.

Every baseline keeps the contract of `Baseline`; tags are plain strings here, the scheme they are written in is the
caller's business, and so is the tokenisation of texts. Equal data gives equal predictions: each baseline states how it
breaks ties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol, Self

from seqtasks.errors import ConfigError

# Name (and module) to class. A module is imported on first use.
BASELINES = {
    "most_frequent": "MostFrequentTag",
    "hmm": "BigramHMM",
    "tfidf_logistic": "TfidfLogistic",
    "ibm1": "WordForWord",
    "unigram": "Unigram",
    "kneser_ney": "KneserNey",
}


class Baseline(Protocol):
    """What a baseline can do; one that is large has `to_arrays` and `from_arrays` in place of the JSON pair."""

    @classmethod
    def fit(cls, examples: Any) -> Self:
        """Learns from the family's view of a split; raises `DataError` where there is nothing to learn."""
        ...

    def predict(self, inputs: Iterable[Any]) -> Iterator[Any]:
        """Yields an answer an input, reading a few at a time.

        Of a tagger the input is a sentence's tokens, and the answer their tags; an empty sentence gets `()`.
        """
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, from which `from_json` makes a baseline that predicts the same."""
        ...

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self: ...


def load_baseline(name: str) -> type[Baseline]:
    """The class of the baseline called `name`.

    Raises:
        ConfigError: There is none.
    """
    if name not in BASELINES:
        raise ConfigError("no such baseline", received=name, allowed=", ".join(BASELINES))
    return getattr(import_module(f"{__name__}.{name}"), BASELINES[name])
