"""Automata against what they answer on every string up to a length."""

from itertools import product

import numpy as np
import pytest

from seqtasks.tasks.automaton import Automaton, difference, from_rows, merged, minimal

AB = ("a", "b")


def strings(longest, alphabet=AB):
    return [string for length in range(longest + 1) for string in product(alphabet, repeat=length)]


def answers(automaton, longest):
    return [automaton.answer(string) for string in strings(longest, sorted(automaton.alphabet))]


def drawn(rng, states, symbols=AB, labels="xy"):
    steps = rng.integers(states, size=(states, len(symbols)))
    return Automaton(tuple(symbols), tuple(rng.choice(list(labels), states)), steps, int(rng.integers(states)))


def test_an_even_number_of_as():
    even = from_rows(AB, ("yes", "no"), [(1, 0), (0, 1)])
    assert [even.answer(string) for string in ("", "a", "ab", "aba", "baab")] == ["yes", "no", "no", "yes", "yes"]
    padded = np.array([[0, 1, 0], [1, 0, 99]])  # a b a; b a
    assert even.ends(padded, np.array([3, 2])).tolist() == [0, 1]
    assert even.ends(np.zeros([2, 0], int), np.zeros(2, int)).tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(40))
def test_the_minimal_automaton_answers_alike_and_none_is_smaller(seed):
    rng = np.random.default_rng(seed)
    automaton = drawn(rng, int(rng.integers(1, 9)), labels="xyz"[: 2 + seed % 2])
    small = minimal(automaton)
    # automata of n and m states that differ do so on a string shorter than n + m
    assert answers(small, 9) == answers(automaton, 9) and len(small) <= len(automaton)
    # each state is the end of a string, and no two states answer all continuations alike
    ends = {small.end(AB.index(symbol) for symbol in string) for string in strings(8)}
    assert ends == set(range(len(small))) and small.start == 0
    futures = {tuple(answers(Automaton(AB, small.labels, small.steps, state), 8)) for state in range(len(small))}
    assert len(futures) == len(small)


def test_states_that_are_one_in_the_minimal_automaton_are_told():
    automaton = from_rows(AB, ("x", "y", "x", "y", "y"), [(1, 2), (1, 1), (3, 0), (3, 1), (0, 0)])
    small, of_state = merged(automaton)
    assert (small.labels, small.steps.tolist()) == (("x", "y"), [[1, 0], [1, 1]])
    assert of_state.tolist() == [0, 1, 0, 1, -1]


@pytest.mark.parametrize("seed", range(40))
def test_equivalence_is_that_of_all_short_strings(seed):
    rng = np.random.default_rng((1, seed))
    one = drawn(rng, 4)
    steps = one.steps.copy()
    if seed % 2:  # else they are equal
        steps[rng.integers(4), rng.integers(2)] = rng.integers(4)
    order = rng.permutation(4)  # states renamed: old to new
    back = np.argsort(order)
    other = Automaton(AB, tuple(one.labels[i] for i in back), order[steps[back]], int(order[one.start]))
    unlike = [string for string in strings(8) if one.answer(string) != other.answer(string)]
    found = difference(one, other)
    assert (found is None) == (not unlike)
    if unlike:
        assert found in unlike and len(found) == len(unlike[0])
    same = (minimal(one).labels, minimal(one).steps.tolist()) == (minimal(other).labels, minimal(other).steps.tolist())
    assert same == (found is None)


def test_symbols_may_stand_in_another_order():
    one = from_rows(AB, ("x", "y"), [(1, 0), (1, 0)])  # ends with a
    other = from_rows(("b", "a"), ("x", "y"), [(0, 1), (0, 1)])
    assert difference(one, other) is None
    assert difference(one, from_rows(("b", "a"), ("x", "y"), [(1, 0), (1, 0)])) == ("a",)
    with pytest.raises(ValueError, match="alphabets differ"):
        difference(one, from_rows("ac", ("x",), [(0, 0)]))


def test_tables_of_another_shape_or_with_unknown_states_are_refused():
    with pytest.raises(ValueError, match=r"steps must be \[states, symbols\] = \(1, 2\)"):
        from_rows(AB, ("x",), [(0,)])
    with pytest.raises(ValueError, match="states are 0 to 0, received"):
        from_rows(AB, ("x",), [(0, 1)])
