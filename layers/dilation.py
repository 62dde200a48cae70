"""A recurrence that skips steps back in time: each step reads the state so many steps before it.

Dilated recurrent skip connections (Chang et al. 2017, arXiv 1710.02224, equation 4): h_t = cell(x_t, h_{t-s}). The
steps t, t + s, t + 2s, ... form a sequence of their own, so that a skip of s is s interleaved sequences side by side in
the batch (ibid., figure 2): any layer and any kernel runs it as it is, in 1/s of the turns.
"""

from __future__ import annotations

from keras import ops


def interleave(sequences, skip: int):
    """Sequences [n, t, ...] to their interleaved parts [n * skip, ceil(t / skip), ...], zeros after the last step.

    Row i * skip + r holds the steps r, r + skip, r + 2 skip, ... of row i.
    """
    shape = ops.shape(sequences)
    padding = [[0, 0], [0, -shape[1] % skip], *([0, 0] for _ in shape[2:])]
    padded = ops.pad(sequences, padding)
    steps = ops.shape(padded)[1] // skip
    parts = ops.reshape(padded, (shape[0], steps, skip, *shape[2:]))
    return ops.reshape(ops.swapaxes(parts, 1, 2), (shape[0] * skip, steps, *shape[2:]))


def join(parts, skip: int, time):
    """The inverse of `interleave`: [n * skip, u, ...] to [n, time, ...]."""
    shape = ops.shape(parts)
    rows = ops.reshape(parts, (shape[0] // skip, skip, *shape[1:]))
    return ops.reshape(ops.swapaxes(rows, 1, 2), (shape[0] // skip, skip * shape[1], *shape[2:]))[:, :time]


def interleaved_mask(sequences, mask, skip: int):
    """The mask of the interleaved parts, [n * skip, ceil(t / skip)]: False at what `interleave` adds, too."""
    if mask is None:
        mask = ops.ones(ops.shape(sequences)[:2], dtype="bool")
    return interleave(ops.cast(mask, "bool"), skip)


def run_dilated(layer, sequences, mask, skip: int, training):
    """A recurrent layer that returns sequences, or both directions of one, over [n, t, features] with a skip.

    The step before step t is t - skip, backwards t + skip; masked steps between steps of one part are passed over as
    in any recurrence. Padding changes nothing: a step's part follows from its place alone, and what completes a part
    is masked. Recurrent dropout draws one mask for each part, for each has a state of its own.

    Args:
        layer: From (sequences, mask, training) to [n, t, width].
        mask: [n, t], False where a step is skipped, or None.
        skip: 1 is the layer alone.
    """
    if skip == 1:
        return layer(sequences, mask=mask, training=training)
    parts = interleave(sequences, skip)
    outputs = layer(parts, mask=interleaved_mask(sequences, mask, skip), training=training)
    return join(outputs, skip, ops.shape(sequences)[1])
