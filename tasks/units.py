"""Texts as ids of their units (words, characters or subwords), and the probabilities that a model gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

END, UNKNOWN = 0, 1
"""Ids of a text's end and of a unit that the training split does not have; the known units follow. There is no
padding and no beginning among them: each would be something that can come next and never does."""

FIRST = 2
"""The first known unit's id."""

PIECE = 1 << 16
"""Units of a text that are kept or left out together."""

PART = 1 << 22
"""Ids that are counted at once."""


@dataclass(frozen=True)
class UnitSequences:
    """A split as ids; text s, its end included, has the positions `starts[s]` to `starts[s + 1]`.

    Attributes:
        ids: [N] integers, of as few bytes as they need.
        starts: [S + 1] int64.
        size: Ids go from 0 to this, exclusive: all that can come next.
        unit: `word`, `char` or `subword`.
    """

    ids: np.ndarray
    starts: np.ndarray
    size: int
    unit: str

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Units of each text, its end included, [S]."""
        return np.diff(self.starts)

    @property
    def counts(self) -> np.ndarray:
        """How often each unit occurs, [size]."""
        # in parts, for `bincount` makes eight bytes of each id
        begins = range(0, len(self.ids), PART)
        parts = (np.bincount(self.ids[begin : begin + PART], minlength=self.size) for begin in begins)
        return sum(parts, np.zeros(self.size, np.int64))

    def thinned(self, most: int) -> UnitSequences:
        """Texts taken evenly, such that there are about `most` units; all where there are no more.

        What stands beyond a multiple of `PIECE` units counts as another text: few long ones can be thinned, too.
        """
        if len(self.ids) <= most:
            return self
        starts = np.union1d(self.starts, np.arange(0, len(self.ids), PIECE))
        lengths = np.diff(starts)
        # of each so many texts one: where the share of those before it passes a whole number
        share = np.arange(len(lengths) + 1) * most
        kept = np.diff(-(-share // len(self.ids))) > 0
        starts = np.concatenate([[0], np.cumsum(lengths[kept])])
        return replace(self, ids=self.ids[np.repeat(kept, lengths)], starts=starts)

    def answers(self, log_probabilities: np.ndarray, context: str) -> Iterator[UnitProbabilities]:
        """Each text's part of ln P [N] of all units.

        Args:
            context: As in `UnitProbabilities`.
        """
        for begin, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            unknown = int((self.ids[begin:end] == UNKNOWN).sum())
            yield UnitProbabilities(log_probabilities[begin:end], self.unit, context, unknown)


@dataclass(frozen=True, slots=True)
class UnitProbabilities:
    """What a language model says of a text.

    Attributes:
        log_probabilities: ln P of each unit given those before it, the text's end last, [t] float64.
        unit: `word`, `char` or `subword`.
        context: What a unit's probability is conditioned on: `carried`, the units before it in the split, of whatever
            text, the last 128 at least; `text`, those before it in its own text; `none`, nothing.
        unknown: Units that the training split does not have; they are foretold as one, whatever they are.
    """

    log_probabilities: np.ndarray
    unit: str
    context: str
    unknown: int

    @property
    def total(self) -> float:
        """ln P of the text."""
        return float(self.log_probabilities.sum())
