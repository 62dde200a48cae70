"""Interpolated modified Kneser-Ney smoothing of n-grams, of order 5 and without count cut-offs.

Chen and Goodman 1998, An empirical study of smoothing techniques for language modeling (TR-10-98), section 4.1.6:

    P(w | h) = max(0, a(h w) - D(a(h w))) / a(h .)  +  gamma(h) P(w | h without its first unit)
    gamma(h) = (D1 N1(h .) + D2 N2(h .) + D3+ N3+(h .)) / a(h .)

a is the count for the highest order, below it the number of distinct units that stand before the n-gram in training;
of n-grams that begin with a text's beginning, before which nothing stands, it is the count (Heafield et al. 2013,
P13-2121, section 3). N1, N2 and N3+ count the units that follow h with an a of 1, 2, and 3 or more. The discounts of
each order follow from its counts of counts n1 to n4 (ibid., equation 26):

    Y = n1 / (n1 + 2 n2)     D1 = 1 - 2 Y n2 / n1     D2 = 2 - 3 Y n3 / n2     D3+ = 3 - 4 Y n4 / n3

The lowest order is interpolated with 1 / size. Each text stands alone: its first unit has only the beginning before it,
and what a later one has before it goes back to the beginning at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

import numpy as np

from seqtasks.tasks.units import UnitProbabilities, UnitSequences

ORDER = 5
MOST_UNITS = 1 << 24  # learnt from: the n-grams of more would take more memory than the network does

# Where a text is so small or so even that the formulas give none, or one outside [0, k]: those of KenLM's
# --discount_fallback (Heafield et al. 2013).
FALLBACK = (0.5, 1.0, 1.5)


class Order(NamedTuple):
    """The n-grams of one order; an n-gram's number is its place in `keys`.

    Attributes:
        keys: Number of the n-gram without its last unit, times the number of unigrams, plus the last unit; rising,
            [n] int64. Of unigrams the unit itself.
        counts: a of each, [n] int64.
    """

    keys: np.ndarray
    counts: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """The number of each n-gram, -1 of one that the training split lacks."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


class KneserNey:
    """A 5-gram model over the ids of `UnitSequences`.

    Args:
        orders: Unigrams first. The last unigram is the text's beginning, which is never foretold.
        size: Ids that can come next.
    """

    def __init__(self, orders: list[Order], size: int):
        self._orders, self._size = orders, size
        self._discounts = [discounts(_foretold(order, at, size)) for at, order in enumerate(orders)]
        # of each context: a(h .) and gamma(h); the one context of the unigrams is the empty one
        self._contexts = [self._sums(at) for at in range(len(orders))]

    @classmethod
    def fit(cls, texts: UnitSequences) -> Self:
        """Counts the n-grams of the training split; of more than `MOST_UNITS` those of every k-th text."""
        texts = texts.thinned(MOST_UNITS)
        size, begin = texts.size, texts.size
        # unigrams are numbered by their unit, whether they occur or not
        orders = [Order(np.arange(size + 1), np.bincount(texts.ids, minlength=size + 1))]
        numbers = texts.ids.astype(np.int64)
        contexts = _before(numbers, texts, begin)
        for _ in range(1, ORDER):
            # where fewer units stand before than this order wants, there is no such n-gram
            there = np.flatnonzero(contexts >= 0)
            keys, first, inverse, counts = np.unique(
                contexts[there] * (size + 1) + texts.ids[there],
                return_index=True,
                return_inverse=True,
                return_counts=True,
            )
            lower = orders[-1]
            # each n-gram of this order is one more unit in front of the n-gram of the order below that ends with it
            kinds = np.bincount(numbers[there[first]], minlength=len(lower.keys))
            orders[-1] = Order(lower.keys, np.where(kinds > 0, kinds, lower.counts))
            orders.append(Order(keys, counts))
            numbers = np.full(len(texts.ids), -1)
            numbers[there] = inverse
            contexts = _before(numbers, texts, -1)
        return cls(orders, size)

    def predict(self, texts: UnitSequences) -> Iterator[UnitProbabilities]:
        """Yields an answer a text."""
        return texts.answers(np.log(self.probabilities(texts)), "text")

    def probabilities(self, texts: UnitSequences) -> np.ndarray:
        """P of each unit given up to four before it in its text, [N]."""
        ids, radix = texts.ids.astype(np.int64), self._size + 1
        found = np.full(len(ids), 1.0 / self._size)
        numbers = ids
        contexts = np.zeros(len(ids), np.int64)  # the empty one
        for at, order in enumerate(self._orders):
            if at:
                contexts = _before(numbers, texts, self._size if at == 1 else -1)
                keys = np.where(contexts >= 0, contexts * radix + ids, -1)
                numbers = order.find(keys)
            totals, gammas = self._contexts[at]
            known = contexts >= 0
            known[known] = totals[contexts[known]] > 0
            context, number = contexts[known], numbers[known]
            counts = np.where(number >= 0, order.counts[number], 0)
            kept = np.maximum(counts - self._discounts[at][np.minimum(counts, 3)], 0)
            found[known] = kept / totals[context] + gammas[context] * found[known]
        return found

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays; keys as differences, which take less space on disk."""
        parts = {"size": np.array(self._size)}
        for at, order in enumerate(self._orders, 1):
            parts |= {f"keys_{at}": np.diff(order.keys, prepend=0), f"counts_{at}": order.counts.astype(np.int32)}
        return parts

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        orders = [
            Order(np.cumsum(arrays[f"keys_{at}"]), arrays[f"counts_{at}"].astype(np.int64))
            for at in range(1, ORDER + 1)
        ]
        return cls(orders, int(arrays["size"]))

    def _sums(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """a(h .) and gamma(h) of each context of an order."""
        order = self._orders[at]
        if at:
            contexts, counts = order.keys // (self._size + 1), order.counts
            width = len(self._orders[at - 1].keys)
        else:
            counts = order.counts[: self._size]
            contexts, width = np.zeros(self._size, np.int64), 1
        totals = np.bincount(contexts, weights=counts, minlength=width)
        taken = np.bincount(contexts, weights=self._discounts[at][np.minimum(counts, 3)], minlength=width)
        return totals, np.divide(taken, totals, out=np.ones(width), where=totals > 0)


def discounts(counts: np.ndarray) -> np.ndarray:
    """0, D1, D2 and D3+ of one order, from the a of its n-grams."""
    n1, n2, n3, n4 = (int((counts == k).sum()) for k in (1, 2, 3, 4))
    if not (n1 and n2 and n3):
        return np.array([0.0, *FALLBACK])
    y = n1 / (n1 + 2 * n2)
    found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
    # a discount of 0 would leave nothing for what a context was never seen before
    sound = all(0 < value <= k for k, value in enumerate(found, 1))
    return np.array([0.0, *(found if sound else FALLBACK)])


def _foretold(order: Order, at: int, size: int) -> np.ndarray:
    """The a of n-grams that are foretold: all, but for the unigram of the text's beginning."""
    return order.counts if at else order.counts[:size]


def _before(numbers: np.ndarray, texts: UnitSequences, first: int) -> np.ndarray:
    """The number that stands one position earlier in the same text; at its first position `first`."""
    shifted = np.roll(numbers, 1)
    shifted[texts.starts[:-1]] = first
    return shifted
