"""Baselines: what a plain model without a network reaches on the same data, fitted with every run and scored beside it.

Every tagging baseline keeps the contract of `Baseline`; tags are plain strings here, the scheme they are written in is
the caller's business. Equal data gives equal predictions: each baseline states how it breaks ties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol, Self

from seqtasks.errors import ConfigError
from seqtasks.tasks.examples import TaggedSentence

# Name (and module) to class. A module is imported on first use.
BASELINES = {
    "most_frequent": "MostFrequentTag",
    "hmm": "BigramHMM",
}


class Baseline(Protocol):
    """What a tagging baseline can do."""

    @classmethod
    def fit(cls, sentences: Sequence[TaggedSentence]) -> Self:
        """Learns from tagged sentences; raises `DataError` where there is no tagged token."""
        ...

    def predict(self, sentences: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
        """Yields the tags of each sentence's tokens, reading one sentence at a time; an empty sentence gets `()`."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, from which `from_json` makes a baseline that predicts the same."""
        ...

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self: ...


def load_baseline(name: str) -> type[Baseline]:
    """The class of the baseline called `name`."""
    if name not in BASELINES:
        raise ConfigError("no such baseline", received=name, allowed=", ".join(BASELINES))
    return getattr(import_module(f"{__name__}.{name}"), BASELINES[name])
