"""Word for word by IBM model 1: each source word's most probable translation, in the source's order.

Brown et al. 1993, The Mathematics of Statistical Machine Translation (Computational Linguistics 19, J93-2003), section
4.1. What a translator is worth beyond a dictionary is the distance to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from seqtasks.errors import DataError
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.thinning import thinned

ITERATIONS = 5
MOST_LINKS = 1 << 25
"""Of a source and a target word in one pair: more would take more memory than the network does."""

LONGEST = 512
"""Words of a side that are read, so that a pair of documents does not drive out all others."""
NULL = ""
"""The source word of target words that translate none; no token is the empty string."""


class WordForWord:
    """Translates tokens joined by spaces; an unknown word is its own translation.

    Of equally probable translations the first in the order of code points is taken.

    Args:
        words: Each known source word's translation.
    """

    def __init__(self, words: Mapping[str, str]):
        self._words = dict(words)

    @classmethod
    def fit(cls, pairs: Iterable[SentencePair]) -> Self:
        """Learns from pairs whose sides are tokens joined by spaces; of more than `MOST_LINKS` from every k-th pair.

        Raises:
            DataError: No pair with a word on both sides.
        """
        split = ((pair.text.split()[:LONGEST], pair.translation.split()[:LONGEST]) for pair in pairs)
        sides = thinned(filter(_links, split), _links, MOST_LINKS)
        if not sides:
            raise DataError("no pair with a word on both sides")
        sources = sorted({NULL, *(word for source, _ in sides for word in source)})
        targets = sorted({word for _, target in sides for word in target})
        table = _translation_table(sides, _numbers(sources), _numbers(targets))
        return cls({sources[s]: targets[t] for s, t in enumerate(table) if t >= 0 and sources[s] != NULL})

    def predict(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            yield " ".join(self._words.get(word, word) for word in text.split())

    def to_json(self) -> dict[str, Any]:
        return {"words": self._words}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(data["words"])


def _links(sides: tuple[Sequence[str], Sequence[str]]) -> int:
    """Of the words of a pair; none where a side is empty."""
    source, target = sides
    return (len(source) + 1) * len(target) if source else 0


def _numbers(words: Sequence[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


def _translation_table(sides, sources: Mapping[str, int], targets: Mapping[str, int]) -> np.ndarray:
    """For each source word the target word e with the highest t(e | f); -1 for a word that nothing can translate."""
    places, links = [], []
    place = 0
    for source, target in sides:
        # a word that occurs twice counts twice, as the model has it
        of_source = np.array([sources[NULL], *(sources[word] for word in source)])
        of_target = np.array([targets[word] for word in target])
        links.append((of_source[None] * len(targets) + of_target[:, None]).ravel())
        places.append(np.repeat(np.arange(place, place + len(target)), len(of_source)))
        place += len(target)
    # every link of a source and a target word in a sentence, by kind of link and by place of the target word
    kinds, kind = np.unique(np.concatenate(links), return_inverse=True)
    at = np.concatenate(places)
    source_of, target_of = np.divmod(kinds, len(targets))
    chance = np.ones(len(kinds))
    for _ in range(ITERATIONS):
        of_links = chance[kind]
        shares = of_links / np.bincount(at, weights=of_links)[at]
        counts = np.bincount(kind, weights=shares)
        chance = counts / np.bincount(source_of, weights=counts, minlength=len(sources))[source_of]
    best = np.full(len(sources), -1)
    # the last to be written stays: the highest chance, and of equals the first target word
    order = np.lexsort((-target_of, chance))
    best[source_of[order]] = target_of[order]
    return best
