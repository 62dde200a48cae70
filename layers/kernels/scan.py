"""The time loop of the kernels: one `tf.while_loop` that carries one or two directions side by side.

Two directions in one loop are two chains of operations that don't wait for each other, so that TensorFlow's executor keeps
two cores busy with whole products. Measured, that was as fast as two loops and faster than one batched product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

Tensors = tuple[tf.Tensor, ...]


class Lane(NamedTuple):
    """One direction: `step(states, reads) -> (states, writes)`, run once for each time step.

    Attributes:
        step: The function of one step. Its writes have the shape of the first state.
        states: What the first step starts from, each (batch, units).
        reads: What is read at every step, each (time, batch, ...).
        reverse: Whether the last step of the time axis comes first. Reads and writes keep their place on the axis.
    """

    step: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]]
    states: Tensors
    reads: Tensors
    reverse: bool


def scan(lanes: list[Lane], writes: int) -> list[tuple[Tensors, Tensors]]:
    """Run all lanes over the time axis.

    Args:
        lanes: The directions, equal in time steps and batch.
        writes: How many tensors a step writes.

    Returns:
        For each lane its states after the last step, and what it wrote, each (time, batch, units).
    """
    length = tf.shape(lanes[0].reads[0])[0]
    reads = [[_filled(length, read) for read in lane.reads] for lane in lanes]
    arrays = [[_empty(length, lane.states[0]) for _ in range(writes)] for lane in lanes]
    states = [list(lane.states) for lane in lanes]

    def body(time, states, arrays):
        stepped = [
            _step(lane, length - 1 - time if lane.reverse else time, *of_lane)
            for lane, *of_lane in zip(lanes, reads, states, arrays, strict=True)
        ]
        return time + 1, [states for states, _ in stepped], [arrays for _, arrays in stepped]

    _, states, arrays = tf.while_loop(
        lambda time, *_: time < length,
        body,
        (tf.constant(0), states, arrays),
        shape_invariants=(tf.TensorShape([]), _loosened(states), tf.nest.map_structure(_of_array, arrays)),
    )
    return [(tuple(last), tuple(a.stack() for a in written)) for last, written in zip(states, arrays, strict=True)]


def _step(lane: Lane, index, reads, states, arrays):
    states, writes = lane.step(tuple(states), tuple(array.read(index) for array in reads))
    return list(states), [array.write(index, value) for array, value in zip(arrays, writes, strict=True)]


def _filled(length, tensor: tf.Tensor) -> tf.TensorArray:
    # Not cleared after a read: in eager mode that would lose what the gradient's loop reads again.
    array = tf.TensorArray(tensor.dtype, length, clear_after_read=False, element_shape=tensor.shape[1:])
    return array.unstack(tensor)


def _empty(length, like: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(like.dtype, length, element_shape=[None, like.shape[-1]])


def _loosened(states):
    return tf.nest.map_structure(lambda state: tf.TensorShape([None, state.shape[-1]]), states)


def _of_array(array):
    return tf.TensorShape(None)
