"""The demo corpus's language view: sentences as words between blanks, and how probable the grammar makes each.

The vocabulary is closed: all names may stand in every split, and each split is drawn independently. A sentence's
probability is the sum over its derivations, by the inside algorithm (Baker 1979; Lari and Young 1990); what it leaves
of surprise is the floor that no model of this corpus gets under.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from seqtasks.tasks.demo import Grammar, Slot, derive, grammar, tokens
from seqtasks.tasks.demo_words import NAMES
from seqtasks.tasks.examples import Text
from seqtasks.tasks.task import Splits

SIZES = {"train": 60000, "dev": 1000, "test": 1000}

SOURCE = "demo"


def language(seed: int = 0) -> Splits:
    """The view of sentences as running words."""
    rules = grammar({symbol: names.split() for symbol, names in NAMES.items()})
    splits = {}
    for split, size in SIZES.items():
        random = Random(f"{seed} language {split}")
        splits[split] = tuple(Text(" ".join(tokens(derive(rules, "sentence", random))), SOURCE) for _ in range(size))
    return splits


def surprise(texts: Sequence[Text]) -> float | None:
    """The sum of -ln P over texts that are all from the demo corpus; None where one is not, or is not the grammar's."""
    if not texts or any(text.source != SOURCE for text in texts):
        return None
    found = [_sentence().probability(text.text) for text in texts]
    return -math.fsum(map(math.log, found)) if all(found) else None


@cache
def _sentence() -> Inside:
    return Inside(grammar({symbol: names.split() for symbol, names in NAMES.items()}), "sentence")


class _Symbol(NamedTuple):
    """A symbol's alternatives.

    Attributes:
        words: A single word to the share of the alternatives that are this word alone.
        rules: The other alternatives: share, and parts that are words (strings) or symbols (in a tuple of one).
    """

    words: Mapping[str, float]
    rules: Sequence[tuple[float, tuple[str | tuple[str], ...]]]


class Inside:
    """The probability that a symbol derives a string.

    Args:
        rules: A grammar in which no symbol leads back to itself.
        symbol: Where derivations begin.
    """

    def __init__(self, rules: Grammar, symbol: str):
        self._start = symbol
        self._symbols = {name: _symbol(alternatives) for name, alternatives in rules.items()}

    def probability(self, text: str) -> float:
        """Of words with blanks between; the first has a capital, as every sentence's first word does.

        The sum over all derivations whose words, with the first one's first letter made a capital, are these.
        """
        words = text.split(" ")
        found: dict[tuple[str, int], dict[int, float]] = {}

        def ends(symbol: str, start: int) -> dict[int, float]:
            """Where derivations of the symbol from `start` may end, and the probability that they do."""
            if (symbol, start) not in found:
                found[symbol, start] = self._ends(symbol, start, words, ends)
            return found[symbol, start]

        return ends(self._start, 0).get(len(words), 0.0)

    def _ends(self, symbol: str, start: int, words: Sequence[str], ends) -> dict[int, float]:
        of = self._symbols[symbol]
        total: dict[int, float] = {}
        if start < len(words) and (share := _share(of.words, words[start], start)):
            total[start + 1] = share
        for share, parts in of.rules:
            reached = {start: share}
            for part in parts:
                if isinstance(part, str):
                    reached = {
                        at + 1: chance
                        for at, chance in reached.items()
                        if at < len(words) and (part if at else _capital(part)) == words[at]
                    }
                else:
                    after: dict[int, float] = {}
                    for at, chance in reached.items():
                        for end, further in ends(part[0], at).items():
                            after[end] = after.get(end, 0.0) + chance * further
                    reached = after
                if not reached:
                    break
            for end, chance in reached.items():
                total[end] = total.get(end, 0.0) + chance
        return total


def _symbol(alternatives) -> _Symbol:
    weights = sum(rule.weight for rule in alternatives)
    words: dict[str, float] = {}
    rules = []
    for rule in alternatives:
        share = rule.weight / weights
        parts = tuple((part.symbol,) if isinstance(part, Slot) else part.text for part in rule.parts)
        if len(parts) == 1 and isinstance(parts[0], str):
            words[parts[0]] = words.get(parts[0], 0.0) + share
        else:
            rules.append((share, parts))
    return _Symbol(words, rules)


def _share(shares: Mapping[str, float], word: str, start: int) -> float:
    """Of the word; at the sentence's beginning, of all whose first letter made a capital gives it."""
    if start:
        return shares.get(word, 0.0)
    return sum(share for known, share in shares.items() if _capital(known) == word)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
