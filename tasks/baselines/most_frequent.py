"""The most frequent tag of each word, without a look at its neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

from seqtasks.errors import DataError
from seqtasks.tasks.examples import TaggedSentence


class MostFrequentTag:
    """Gives a known word the tag it had most often in training, an unknown word the tag most frequent of all.

    Ties go to the tag that is more frequent over all words, then to the first in the order of code points.

    Args:
        words: Each known word's tag.
        default: The tag of unknown words.
    """

    def __init__(self, words: dict[str, str], default: str):
        self._words = words
        self._default = default

    @classmethod
    def fit(cls, sentences: Sequence[TaggedSentence]) -> Self:
        overall: Counter[str] = Counter()
        by_word: dict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            overall.update(sentence.tags)
            for token, tag in zip(sentence.tokens, sentence.tags, strict=bool(sentence.tags)):
                by_word[token][tag] += 1
        if not overall:
            raise DataError("no tagged token to fit the most frequent tag on")
        # From the best choice to the least: `max` keeps the first of equals.
        ranked = sorted(overall, key=lambda tag: (-overall[tag], tag))
        words = {word: max(ranked, key=counts.__getitem__) for word, counts in by_word.items()}
        return cls(words, ranked[0])

    def predict(self, sentences: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
        for tokens in sentences:
            yield tuple(self._words.get(token, self._default) for token in tokens)

    def to_json(self) -> dict[str, Any]:
        return {"default": self._default, "words": dict(self._words)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(dict(data["words"]), data["default"])
