"""A recurrence with a gradient derived by hand: what the kernels of all cells have in common.

The forward loop holds only what depends on the state before. The backward loop carries the gradient of the states and
writes the gradients of the gates' sums; the gradients of the weights are then one product over all steps and rows.
A masked step keeps the state, and so passes the state's gradient on untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from seqtasks.layers.gradients import gradient_by_hand
from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.scan import Arrays, Lane, Tensors, scan


class Mathematics(Protocol):
    """One cell's equations: the step, and the step's derivative.

    Tensors of one step are (batch, width), those of all steps (time, batch, width). The gates stand in groups, each
    with one product of the inputs and one of the state; `sums` are the groups' sums over the inputs and the bias.
    """

    groups: int

    def widths(self, units: int) -> list[int]:
        """The widths of what `step` saves."""

    def of_inputs(self, cell) -> tuple[Tensors, Tensors]:
        """For each group what multiplies the inputs, and its bias if there are biases, from a Keras cell."""

    def of_states(self, cell) -> Tensors:
        """The weights that multiply the states, from a Keras cell."""

    def step(self, weights: Tensors, sums: Tensors, states: Tensors, dropout: Sequence) -> tuple[Tensors, Tensors]:
        """The states after one step, and what the derivative needs."""

    def turned(self, weights: Tensors) -> Tensors:
        """The weights as `back` multiplies with them: transposed once, before the loop."""

    def back(self, turned: Tensors, saved: Tensors, gradients: Tensors, dropout: Sequence) -> tuple[Tensors, Tensors]:
        """The gradients of the states before a step and of the groups' sums, from those of the states after it."""

    def weight_gradients(self, weights: Tensors, before: tf.Tensor, saved: Arrays, sums: Tensors, dropout) -> Tensors:
        """The gradient of each weight, from the first state before each step and the gradients of the groups' sums."""


class Direction(NamedTuple):
    """What one direction of a recurrence is given, for each group of gates where it says so.

    Attributes:
        matrices: For each group what multiplies the inputs, (inputs, width).
        biases: For each group its bias, (width,), or empty.
        states: The initial states, each (batch, units).
        weights: What multiplies the states, as the cell's mathematics wants them.
        input_dropout: For each group the factors of its inputs, (batch, inputs), or empty.
        dropout: For each group the recurrent dropout's factors, (batch, units), or empty.
        reverse: Whether the last step of the time axis comes first.
    """

    matrices: Tensors
    biases: Tensors
    states: Tensors
    weights: Tensors
    input_dropout: Tensors
    dropout: Tensors
    reverse: bool


class Run(NamedTuple):
    """What the forward loop leaves: the first state after each step, what the steps saved, the last states."""

    after: tf.Tensor
    saved: Arrays
    last: Tensors


def recur(
    mathematics: Mathematics, inputs: tf.Tensor, directions: Sequence[Direction], mask: tf.Tensor | None, keep: bool
) -> list[tuple[tf.Tensor, Tensors]]:
    """Run the directions side by side.

    Args:
        mathematics: The cell's equations.
        inputs: (time, batch, inputs).
        directions: One or two.
        mask: (time, batch, 1), False where a step is skipped, or None.
        keep: Whether to keep what the gradient needs; else the gradient runs the steps once more to have it.

    Returns:
        For each direction the first state after each step, (time, batch, units), and the last states.
    """
    masks = () if mask is None else (mask,)

    @gradient_by_hand
    def run(inputs, *learned):
        given = [direction._replace(**of) for direction, of in zip(directions, learned, strict=True)]
        runs = _forward(mathematics, inputs, given, masks, keep)
        results = [(ran.after, ran.last) for ran in runs]

        def gradient(*upstream):
            upstream = tf.nest.pack_sequence_as(results, upstream)
            kept = runs if keep else _forward(mathematics, inputs, given, masks, keep=True)
            return tf.nest.map_structure(_last, _backward(mathematics, inputs, given, kept, upstream, masks))

        return results, gradient

    return run(inputs, *[{name: getattr(direction, name) for name in LEARNED} for direction in directions])


LEARNED = ("matrices", "biases", "states", "weights")
"""What a direction has a gradient for."""


def _forward(mathematics, inputs, directions, masks, keep) -> list[Run]:
    def lane(direction):
        count = len(direction.matrices)

        def step(states, reads):
            sums, masked = reads[:count], reads[count:]
            after, saved = mathematics.step(direction.weights, sums, states, direction.dropout)
            after = _chosen(masked, after, states)
            return after, (after[0], *saved) if keep else after[:1]

        sums = gates.project(inputs, direction.matrices, direction.biases, direction.input_dropout)
        return Lane(step, direction.states, (*sums, *masks), direction.reverse)

    units = directions[0].states[0].shape[-1]
    widths = [units, *mathematics.widths(units)] if keep else [units]
    ran = scan([lane(direction) for direction in directions], tf.shape(inputs)[0], widths)
    return [Run(written[0].stack(), written[1:], last) for last, written in ran]


def _backward(mathematics, inputs, directions, runs, upstream, masks):
    """The gradient of the inputs, and for each direction those of what is learned."""

    def lane(direction, ran, outputs, last):
        turned = mathematics.turned(direction.weights)
        count = len(ran.saved)

        def step(gradients, reads):
            output, saved, masked = reads[0], reads[1 : 1 + count], reads[1 + count :]
            gradients = (gradients[0] + output, *gradients[1:])
            passed, sums = mathematics.back(turned, saved, _unmasked(masked, gradients), direction.dropout)
            return _chosen(masked, passed, gradients), sums

        return Lane(step, last, (outputs, *ran.saved, *masks), not direction.reverse)

    lanes = [lane(*of, *up) for *of, up in zip(directions, runs, upstream, strict=True)]
    widths = [matrix.shape[-1] for matrix in directions[0].matrices]
    gradients = [
        _gradients(mathematics, inputs, direction, ran, states, tuple(array.stack() for array in written))
        for direction, ran, (states, written) in zip(
            directions, runs, scan(lanes, tf.shape(inputs)[0], widths), strict=True
        )
    ]
    return tf.add_n([part for parts, _ in gradients for part in parts]), *[learned for _, learned in gradients]


def _gradients(mathematics, inputs, direction: Direction, ran: Run, states: Tensors, sums: Tensors):
    """The parts of the inputs' gradient, and the gradients of what is learned, from those of the groups' sums."""
    first = direction.states[0][None]
    before = tf.concat([ran.after[1:], first] if direction.reverse else [first, ran.after[:-1]], 0)
    learned = {
        "matrices": gates.matrix_gradients(inputs, sums, direction.input_dropout),
        "biases": tuple(tf.reduce_sum(total, [0, 1]) for total in sums) if direction.biases else (),
        "states": states,
        "weights": mathematics.weight_gradients(direction.weights, before, ran.saved, sums, direction.dropout),
    }
    return gates.input_gradients(sums, direction.matrices, direction.input_dropout), learned


def _chosen(masked: Tensors, new: Tensors, old: Tensors) -> Tensors:
    return tuple(tf.where(masked[0], n, o) for n, o in zip(new, old, strict=True)) if masked else tuple(new)


def _unmasked(masked: Tensors, gradients: Tensors) -> Tensors:
    return tuple(tf.where(masked[0], g, tf.zeros([], g.dtype)) for g in gradients) if masked else gradients


def _last(gradient: tf.Tensor) -> tf.Tensor:
    """A gradient derived by hand can't be differentiated again."""
    message = 'a fused kernel has no second derivative; build the layer with kernel="generic"'
    return tf.raw_ops.PreventGradient(input=gradient, message=message)
