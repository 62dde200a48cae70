"""The time loop of the kernels: one `tf.while_loop` that carries one or two directions side by side.

Two directions in one loop are two chains of operations that don't wait for each other, so that TensorFlow's executor
keeps two cores busy with whole products. Measured, that was as fast as two loops and faster than one batched product.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

Tensors = tuple[tf.Tensor, ...]
Arrays = tuple[tf.TensorArray, ...]

STRIDE = 4
"""Time steps in one turn of the loop. A turn costs as much as some operations: 5 to 13 % less time than with 1."""


class Lane(NamedTuple):
    """One direction: `step(states, reads) -> (states, writes)`, run once for each time step.

    Attributes:
        step: The function of one step.
        states: What the first step starts from, each (batch, units).
        reads: What is read at every step, with time in front.
        reverse: Whether the last step of the time axis comes first. Reads and writes keep their place on the axis.
    """

    step: Callable[[Tensors, Tensors], tuple[Tensors, Tensors]]
    states: Tensors
    reads: Tensors
    reverse: bool


def scan(lanes: Sequence[Lane], length: tf.Tensor, widths: Sequence[int]) -> list[tuple[Tensors, Arrays]]:
    """Run all lanes over the time axis.

    Args:
        lanes: The directions, equal in time steps and batch.
        length: The number of time steps.
        widths: The width of each tensor that a step writes; its shape is (batch, width).

    Returns:
        For each lane its states after the last step, and what its steps wrote.
    """
    written = [[_empty(length, lane.states[0].dtype, width) for width in widths] for lane in lanes]
    carried = (tf.constant(0), [list(lane.states) for lane in lanes], written)

    def step(time, states, written):
        stepped = [
            _step(lane, length - 1 - time if lane.reverse else time, *of_lane)
            for lane, *of_lane in zip(lanes, states, written, strict=True)
        ]
        return time + 1, [states for states, _ in stepped], [arrays for _, arrays in stepped]

    # the rest of the steps first: written out where their number is known, else a loop of its own
    known = lanes[0].reads[0].shape[0]
    rest = 0 if known is None else known % STRIDE
    carried = functools.reduce(lambda now, _: step(*now), range(rest), carried)
    for stride in (STRIDE,) if known is not None else (STRIDE, 1):
        carried = tf.while_loop(
            lambda time, *_, stride=stride: time + stride <= length,
            lambda *carried, stride=stride: functools.reduce(lambda now, _: step(*now), range(stride), carried),
            carried,
            shape_invariants=tf.nest.map_structure(_invariant, carried),
        )
    _, states, written = carried
    return [(tuple(last), tuple(arrays)) for last, arrays in zip(states, written, strict=True)]


def _step(lane: Lane, index, states, written):
    states, writes = lane.step(tuple(states), _read(lane.reads, index))
    return list(states), [array.write(index, value) for array, value in zip(written, writes, strict=True)]


def _read(tensors: Tensors, index) -> Tensors:
    """The tensors of one step. A slice of the first axis is most often no copy, which an array of steps would be."""
    begin = tf.reshape(index, [1])
    end, stride = begin + 1, tf.ones_like(begin)
    return tuple(tf.strided_slice(tensor, begin, end, stride, shrink_axis_mask=1) for tensor in tensors)


def _empty(length, dtype, width: int) -> tf.TensorArray:
    # Not cleared after a read: in eager mode the gradient's loop may read it more than once.
    return tf.TensorArray(dtype, length, clear_after_read=False, element_shape=[None, width])


def _invariant(value):
    """The batch may be known for one state and unknown for another."""
    if not tf.is_tensor(value):
        return tf.TensorShape(None)
    return tf.TensorShape([None, value.shape[-1]] if value.shape.rank else [])
