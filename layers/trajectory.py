"""The states that a recurrent layer goes through, every one of its cell's, which its output does not show."""

from __future__ import annotations

import tensorflow as tf


def trajectory(layer, inputs, real, start=None) -> list[list[tf.Tensor]]:
    """The states before the first step and after each, by the layer's own cell, one step at a time.

    Args:
        layer: A recurrent layer, one direction; dropout does not act.
        inputs: [t, n, features], in the order of reading.
        real: [t, n], False where a step is skipped: the states stay.
        start: The states before the first step, each [n, units]; None: the cell's own.

    Returns:
        t + 1 lists with each state of the cell, [n, units]: the output h and, where there is one, the cell state c.
    """
    states = layer.cell.get_initial_state(batch_size=inputs.shape[1]) if start is None else start
    found = [list(states)]
    for x, here in zip(inputs, real, strict=True):
        _, after = layer.cell(x, states, training=False)
        states = [tf.where(here[:, None], new, old) for new, old in zip(after, states, strict=True)]
        found.append(states)
    return found
