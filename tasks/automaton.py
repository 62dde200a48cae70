"""Deterministic finite automata whose states bear labels: what they answer, the smallest equal one, equivalence."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Automaton:
    """A complete deterministic automaton: each state has one successor for each symbol, and a label.

    With two labels the states of one of them are the accepting ones; with more it is a Moore machine.

    Attributes:
        alphabet: The symbols.
        labels: The label of each state, [states].
        steps: The successor by state and symbol, [states, symbols] int.
        start: The state before the first symbol.

    Raises:
        ValueError: The table has another shape, or names a state that is none.
    """

    alphabet: tuple[str, ...]
    labels: tuple[str, ...]
    steps: np.ndarray
    start: int = 0

    def __post_init__(self):
        shape = (len(self.labels), len(self.alphabet))
        if np.shape(self.steps) != shape:
            raise ValueError(f"steps must be [states, symbols] = {shape}, received {np.shape(self.steps)}")
        named = {self.start, *np.unique(self.steps).tolist()}
        if not named <= set(range(len(self.labels))):
            raise ValueError(f"states are 0 to {len(self.labels) - 1}, received {sorted(named)}")

    def __len__(self) -> int:
        return len(self.labels)

    def end(self, symbols: Iterable[int]) -> int:
        """The state after a string, given as numbers of symbols."""
        state = self.start
        for symbol in symbols:
            state = int(self.steps[state, symbol])
        return state

    def answer(self, symbols: Iterable[str]) -> str:
        """The label of the state after a string."""
        numbers = {symbol: number for number, symbol in enumerate(self.alphabet)}
        return self.labels[self.end(numbers[symbol] for symbol in symbols)]

    def ends(self, symbols: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The state after each of many strings.

        Args:
            symbols: Numbers of symbols, [n, t]; anything beyond a string's length.
            lengths: [n].

        Returns:
            [n].
        """
        states = np.full(len(lengths), self.start)
        for step, column in enumerate(symbols.T):
            states = np.where(step < lengths, self.steps[states, np.where(step < lengths, column, 0)], states)
        return states


def minimal(automaton: Automaton) -> Automaton:
    """The smallest automaton that answers every string alike, its states numbered breadth first from the start, 0.

    So numbered, automata over one alphabet are equivalent exactly where the tables and labels of their minimal ones are
    equal.
    """
    return merged(automaton)[0]


def merged(automaton: Automaton) -> tuple[Automaton, np.ndarray]:
    """The minimal automaton, and each state's state in it, [states]; -1 for states that the start does not reach.

    By refinement of the partition by labels until a block's states agree in their successors' blocks (Moore 1956,
    Gedanken-experiments on sequential machines).
    """
    reached = _breadth_first(automaton.steps, automaton.start)
    place = np.full(len(automaton), -1)
    place[reached] = np.arange(len(reached))
    steps = place[automaton.steps[reached]]
    _, blocks = np.unique([automaton.labels[state] for state in reached], return_inverse=True)
    while True:
        seen = np.concatenate([blocks[:, None], blocks[steps]], axis=1)
        refined = np.unique(seen, axis=0, return_inverse=True)[1].reshape(-1)
        if refined.max() == blocks.max():
            break
        blocks = refined
    first = np.array([np.flatnonzero(blocks == block)[0] for block in range(blocks.max() + 1)])
    by_block = blocks[steps[first]]
    order = _breadth_first(by_block, int(blocks[0]))
    number = np.argsort(order)
    labels = tuple(automaton.labels[reached[first[block]]] for block in order)
    of_state = np.where(place >= 0, number[blocks[place]], -1)
    return Automaton(automaton.alphabet, labels, number[by_block[order]]), of_state


def difference(one: Automaton, other: Automaton) -> tuple[str, ...] | None:
    """A shortest string that two automata label differently, or None where they are equivalent.

    Breadth first through the pairs of states that one string reaches in both (Hopcroft and Karp 1971).

    Raises:
        ValueError: They have not the same symbols.
    """
    if sorted(one.alphabet) != sorted(other.alphabet):
        raise ValueError(f"alphabets differ: {one.alphabet} and {other.alphabet}")
    columns = [other.alphabet.index(symbol) for symbol in one.alphabet]
    start = (one.start, other.start)
    before: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        pair = waiting.popleft()
        if one.labels[pair[0]] != other.labels[pair[1]]:
            return _string_to(pair, before)
        for symbol, column, after in zip(one.alphabet, columns, one.steps[pair[0]].tolist(), strict=True):
            reached = (after, int(other.steps[pair[1], column]))
            if reached not in before:
                before[reached] = pair, symbol
                waiting.append(reached)
    return None


def _string_to(pair, before) -> tuple[str, ...]:
    found = []
    while before[pair] is not None:
        pair, symbol = before[pair]
        found.append(symbol)
    return tuple(reversed(found))


def _breadth_first(steps: np.ndarray, start: int) -> list[int]:
    """The states that the start reaches, by first visit, symbols in order."""
    order, known = [start], {start}
    for state in order:
        for after in dict.fromkeys(steps[state].tolist()):
            if after not in known:
                known.add(after)
                order.append(after)
    return order


def from_rows(alphabet: Sequence[str], labels: Sequence[str], rows: Sequence[Sequence[int]]) -> Automaton:
    """An automaton written down by hand: a row of successors a state, the first state the start."""
    return Automaton(tuple(alphabet), tuple(labels), np.array(rows))
