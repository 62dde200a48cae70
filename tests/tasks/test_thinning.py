"""A bounded part of many items."""

import pytest

from seqtasks.tasks.thinning import thinned


@pytest.mark.parametrize(("most", "step"), [(100, 1), (99, 2), (50, 2), (49, 4), (13, 8), (1, 128)])
def test_every_kth_item_is_kept_until_they_are_few_enough(most, step):
    assert thinned(iter(range(100)), lambda _: 1, most) == list(range(0, 100, step))


def test_sizes_count():
    assert thinned(["aa", "b", "cc", "d", "ee"], len, 8) == ["aa", "b", "cc", "d", "ee"]
    assert thinned(["aa", "b", "cc", "d", "ee"], len, 7) == ["aa", "cc", "ee"]
    assert thinned([], len, 7) == []
    assert thinned(["a much too long one", "a"], len, 7) == ["a much too long one"]
