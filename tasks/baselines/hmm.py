"""A bigram hidden Markov model: tags make tags, tags make words; unknown words are told by their endings.

Brants (2000), TnT: a statistical part-of-speech tagger, https://aclanthology.org/A00-1031: deleted interpolation of the
transitions, suffixes for unknown words; here with tag bigrams, where TnT has trigrams.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from seqtasks.errors import DataError
from seqtasks.tasks.examples import TaggedSentence

# Brants (2000), section 2.3: suffixes of at most 10 characters, learnt from words seen at most 10 times.
LONGEST_SUFFIX = 10
RARE = 10
# Brants takes the deviation of the tags' shares, about 0.05, which trusts a suffix seen once nearly wholly. On the
# development part of English EWT, 1 is best of 0.05, 0.2, 0.5, 1 and 2: 74 instead of 71 % of unknown words are right.
THETA = 1.0


class BigramHMM:
    """Finds the tags with the highest P(tags, words), the sentence's begin and end included, by Viterbi's algorithm.

    Ties go to the tag that is first in the order of code points, decided from the sentence's end backwards.

    Args:
        words: Each known word's count with each tag.
        transitions: Count of each tag (column) after each tag (row), tags in the order of code points. The last row
            is the sentence's begin, the last column its end.
    """

    def __init__(self, words: Mapping[str, Mapping[str, int]], transitions: Sequence[Sequence[int]]):
        self._words = {word: dict(counts) for word, counts in words.items()}
        self._transitions = [list(row) for row in transitions]
        self._tags = sorted({tag for counts in self._words.values() for tag in counts})
        word_counts = self._word_counts()
        tag_counts = sum(word_counts.values())
        with np.errstate(divide="ignore"):  # log 0 = -inf: a known word never has a tag it was not seen with
            self._emissions = {word: np.log(counts / tag_counts) for word, counts in word_counts.items()}
            log_transitions = np.log(interpolated(np.array(self._transitions, float)))
        self._first, self._last = log_transitions[-1, :-1], log_transitions[:-1, -1]
        self._between = log_transitions[:-1, :-1]
        self._suffixes = SuffixModel(word_counts, tag_counts)

    @classmethod
    def fit(cls, sentences: Sequence[TaggedSentence]) -> Self:
        words: dict[str, Counter[str]] = defaultdict(Counter)
        pairs: Counter[tuple[str | None, str | None]] = Counter()
        for sentence in sentences:
            if not sentence.tags:
                continue
            for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
                words[token][tag] += 1
            pairs.update(zip((None, *sentence.tags), (*sentence.tags, None), strict=True))
        if not words:
            raise DataError("no tagged token to fit the hidden Markov model on")
        states = [*sorted({tag for counts in words.values() for tag in counts}), None]
        return cls(words, [[pairs[before, after] for after in states] for before in states])

    def predict(self, sentences: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
        for tokens in sentences:
            yield tuple(self._tags[state] for state in self._best_path(tokens))

    def to_json(self) -> dict[str, Any]:
        return {"words": self._words, "transitions": self._transitions}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(data["words"], data["transitions"])

    def _word_counts(self) -> dict[str, np.ndarray]:
        index = {tag: position for position, tag in enumerate(self._tags)}
        vectors = {}
        for word, counts in self._words.items():
            vectors[word] = np.zeros(len(index))
            for tag, count in counts.items():
                vectors[word][index[tag]] = count
        return vectors

    def _emission(self, word: str) -> np.ndarray:
        """log P(word | tag), up to one constant for all tags."""
        known = self._emissions.get(word)
        return self._suffixes.emission(word) if known is None else known

    def _known_in_lower_case(self, word: str) -> str:
        """The first word of a sentence has a capital for its place; unknown with it, it may be known without."""
        lower = word.lower()
        return lower if word not in self._emissions and lower in self._emissions else word

    def _best_path(self, tokens: Sequence[str]) -> list[int]:
        if not tokens:
            return []
        score = self._first + self._emission(self._known_in_lower_case(tokens[0]))
        back = []
        for token in tokens[1:]:
            through = score[:, None] + self._between
            back.append(through.argmax(axis=0))
            score = through.max(axis=0) + self._emission(token)
        path = [int((score + self._last).argmax())]
        for best in reversed(back):
            path.append(int(best[path[-1]]))
        return path[::-1]


class SuffixModel:
    """P(word | tag) of unknown words, from their last characters.

    P(tag | n last letters) = (the tag's share of words that end so + THETA * P(tag | n - 1 last letters)) / (1 + THETA)

    from the tag's share in the whole corpus up to the longest suffix that was seen. Bayes' rule turns it round; P(word)
    is the same for every tag and left out. Words with and without an initial capital are counted apart.
    Brants (2000), section 2.3.

    Args:
        word_counts: Each known word's count with each tag.
        tag_counts: Each tag's count.
    """

    def __init__(self, word_counts: Mapping[str, np.ndarray], tag_counts: np.ndarray):
        self._shares = tag_counts / tag_counts.sum()
        self._counts: dict[tuple[bool, str], np.ndarray] = {}
        for word, counts in word_counts.items():
            if counts.sum() <= RARE:
                for key in _suffixes(word):
                    self._counts[key] = self._counts.get(key, 0) + counts

    def tags(self, word: str) -> np.ndarray:
        """P(tag | the word's suffixes)."""
        probabilities = self._shares
        for key in _suffixes(word):
            counts = self._counts.get(key)
            if counts is None:
                break
            probabilities = (counts / counts.sum() + THETA * probabilities) / (1 + THETA)
        return probabilities

    def emission(self, word: str) -> np.ndarray:
        """log P(word | tag), up to one constant for all tags."""
        return np.log(self.tags(word) / self._shares)


def _suffixes(word: str) -> list[tuple[bool, str]]:
    """The word's endings, from the empty one to the longest, each with whether the word has an initial capital."""
    capital = word[:1].isupper()
    return [(capital, word[len(word) - length :]) for length in range(min(len(word), LONGEST_SUFFIX) + 1)]


def interpolated(counts: np.ndarray) -> np.ndarray:
    """P(after | before) from the counts of pairs: a mixture of pair and single shares by deleted interpolation.

    Each pair is taken out of the counts and votes, as often as it occurred, for the share that then foretells it best;
    the votes are the mixture's weights. Each share has one vote to begin with, so that no pair of tags is impossible.
    A tie goes to the pair. Brants (2000), section 2.2.
    """
    before, after, total = counts.sum(axis=1, keepdims=True), counts.sum(axis=0), counts.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        without_pair = np.nan_to_num((counts - 1) / (before - 1), nan=0.0, posinf=0.0, neginf=0.0)
    without_single = (after - 1) / (total - 1)
    votes_pair = 1 + counts[without_pair >= without_single].sum()
    votes_single = 1 + counts[without_pair < without_single].sum()
    pair = counts / before
    return (votes_pair * pair + votes_single * after / total) / (votes_pair + votes_single)
