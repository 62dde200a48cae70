"""The n-gram baselines: against the formulas written out slowly, and that they are probabilities."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtasks.tasks import units
from seqtasks.tasks.baselines import kneser_ney
from seqtasks.tasks.baselines.kneser_ney import FALLBACK, ORDER, KneserNey, discounts
from seqtasks.tasks.baselines.unigram import Unigram
from seqtasks.tasks.units import END, UnitSequences

SIZE = 6
START = "<s>"


def sequences(texts, size=SIZE) -> UnitSequences:
    closed = [[*text, END] for text in texts]
    starts = np.cumsum([0, *map(len, closed)])
    return UnitSequences(np.array([unit for text in closed for unit in text], np.int32), starts, size, "word")


def random_texts(count, seed=0):
    rng = np.random.default_rng(seed)
    # units of unequal frequency, and habits: the next unit is often the last one plus one
    texts = []
    for _ in range(count):
        text = [int(rng.integers(2, SIZE))]
        while rng.random() < 0.8:
            text.append(2 + (text[-1] - 1) % 4 if rng.random() < 0.6 else int(rng.integers(2, SIZE)))
        texts.append(text)
    return texts


class Slow:
    """Chen and Goodman's formulas over tuples, one probability at a time."""

    def __init__(self, texts):
        raw = [Counter() for _ in range(ORDER + 1)]
        for text in texts:
            padded = [START, *text, END]
            for end in range(1, len(padded)):
                for order in range(1, min(ORDER, end + 1) + 1):
                    raw[order][tuple(padded[end + 1 - order : end + 1])] += 1
        self.a = [Counter() for _ in range(ORDER + 1)]
        self.a[ORDER] = raw[ORDER]
        for order in range(1, ORDER):
            left = defaultdict(set)
            for ngram in raw[order + 1]:
                left[ngram[1:]].add(ngram[0])
            for ngram, count in raw[order].items():
                self.a[order][ngram] = count if ngram[0] == START else len(left[ngram])
        self.discounts = [None, *(discounts(np.array(list(a.values()))) for a in self.a[1:])]

    def probability(self, unit, context):
        found = 1 / SIZE
        for order in range(1, min(ORDER, len(context) + 1) + 1):
            history = tuple(context[len(context) - order + 1 :])
            followers = {ngram[-1]: count for ngram, count in self.a[order].items() if ngram[:-1] == history}
            total = sum(followers.values())
            if not total:
                break
            taken = self.discounts[order]
            gamma = sum(taken[min(count, 3)] for count in followers.values()) / total
            count = followers.get(unit, 0)
            found = max(count - taken[min(count, 3)], 0) / total + gamma * found
        return found


@pytest.mark.parametrize("count", [1, 3, 400])
def test_kneser_ney_is_its_formulas(count):
    train, test = random_texts(count), random_texts(40, seed=1)
    slow, fast = Slow(train), KneserNey.fit(sequences(train))
    expected = []
    for text in test:
        context = [START]
        for unit in [*text, END]:
            expected.append(slow.probability(unit, context))
            context.append(unit)
    np.testing.assert_allclose(fast.probabilities(sequences(test)), expected, rtol=1e-10)


def test_the_formulas_are_used_where_they_are_defined():
    slow = Slow(random_texts(400))
    used = [tuple(of_order[1:]) != FALLBACK for of_order in slow.discounts[1:]]
    assert any(used) and not all(used)  # the test above sees both
    # n1 to n4 are 4, 3, 2, 1: Y = 4 / 10
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [9])
    np.testing.assert_allclose(discounts(counts), [0, 1 - 0.8 * 3 / 4, 2 - 1.2 * 2 / 3, 3 - 1.6 * 1 / 2])
    assert tuple(discounts(np.array([1, 1, 5]))[1:]) == FALLBACK
    # by its formula D3+ is 0 here, and what was never seen after such n-grams would have no probability at all
    assert tuple(discounts(np.repeat([1, 2, 3, 4], [4, 2, 2, 3]))[1:]) == FALLBACK


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.lists(st.integers(1, SIZE - 1), max_size=7), min_size=1, max_size=12),
    st.lists(st.integers(1, SIZE - 1), max_size=6),
)
def test_kneser_ney_sums_to_one_after_any_context(train, context):
    model = KneserNey.fit(sequences(train))
    total = 0.0
    for unit in range(SIZE):
        # the last but one position of each text is the unit after the context
        texts = sequences([[*context, unit]])
        total += model.probabilities(texts)[len(context)]
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("kind", [Unigram, KneserNey])
def test_what_is_kept_answers_the_same(kind):
    train, test = sequences(random_texts(50)), sequences(random_texts(20, seed=1))
    fitted = kind.fit(train)
    again = kind.from_arrays(fitted.to_arrays())
    for ours, theirs in zip(again.predict(test), fitted.predict(test), strict=True):
        assert np.array_equal(ours.log_probabilities, theirs.log_probabilities)
        assert np.isfinite(ours.log_probabilities).all()


def test_a_longer_context_foretells_more():
    train, test = sequences(random_texts(2000)), sequences(random_texts(200, seed=1))
    surprise = {kind: -sum(found.total for found in kind.fit(train).predict(test)) for kind in (Unigram, KneserNey)}
    assert surprise[KneserNey] < 0.9 * surprise[Unigram]


def test_unigrams_are_counts_with_one_added():
    found = Unigram.fit(sequences([[2, 2], [3]]))  # 2 2 end 3 end
    [answer] = found.predict(sequences([[2, 5]]))
    np.testing.assert_allclose(answer.log_probabilities, np.log([3 / 11, 1 / 11, 3 / 11]))
    assert math.isclose(answer.total, sum(np.log([3 / 11, 1 / 11, 3 / 11])))


def test_of_more_units_than_fit_texts_are_taken_evenly(monkeypatch):
    texts = random_texts(40)
    thin = KneserNey.fit(sequences(texts[::3]))
    monkeypatch.setattr(kneser_ney, "MOST_UNITS", len(sequences(texts).ids) // 3)
    fitted = KneserNey.fit(sequences(texts))
    assert all(np.array_equal(value, thin.to_arrays()[name]) for name, value in fitted.to_arrays().items())


def test_units_are_counted_in_parts_and_in_few_bytes(monkeypatch):
    texts = random_texts(40)
    whole = sequences(texts)
    monkeypatch.setattr(units, "PART", 7)
    assert whole.counts.tolist() == np.bincount(whole.ids, minlength=SIZE).tolist()
    few = UnitSequences(whole.ids.astype(np.int16), whole.starts, SIZE, "word")
    for name, value in KneserNey.fit(few).to_arrays().items():
        assert np.array_equal(value, KneserNey.fit(whole).to_arrays()[name])
    assert whole.thinned(len(whole.ids)) is whole
    # a long text is thinned by its pieces
    long = UnitSequences(np.arange(10), np.array([0, 10]), 11, "word")
    monkeypatch.setattr(units, "PIECE", 3)
    assert long.thinned(5).ids.tolist() == [0, 1, 2, 6, 7, 8] and long.thinned(5).starts.tolist() == [0, 3, 6]
    monkeypatch.undo()


def test_few_units_too_many_cost_few_units():
    texts = [[number] * 3 for number in range(20)]
    whole = UnitSequences(np.concatenate([[*text, END] for text in texts]), np.arange(0, 81, 4), 20, "word")
    for most, left_out in ((76, [19]), (72, [9, 19]), (20, [at for at in range(20) if at % 4])):
        kept = whole.thinned(most)
        assert abs(len(kept.ids) - most) < 4 and kept.lengths.tolist() == [4] * len(kept)
        assert set(range(20)) - set(kept.ids[::4].tolist()) == set(left_out)
