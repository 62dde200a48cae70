"""Ids that grow by chunks."""

import numpy as np
import pytest

from seqtasks.pipelines.flat import FlatIds


@pytest.mark.parametrize(("size", "kind"), [(1 << 15, np.int16), ((1 << 15) + 1, np.int32)])
def test_ids_are_kept_in_as_few_bytes_as_they_need(size, kind):
    found = FlatIds(size)
    assert [part.tolist() for part in found.arrays()] == [[], [0]]
    found.add(np.array([5, size - 1, 7], np.int64), np.array([2, 0, 1], np.int32))
    found.add(np.array([0], np.int32), np.array([1]))
    ids, starts = found.arrays()
    assert ids.dtype == kind and ids.tolist() == [5, size - 1, 7, 0] and starts.tolist() == [0, 2, 2, 3, 4]
