"""A recurrence with a gradient derived by hand: what the kernels of all cells have in common.

The forward loop holds only what depends on the state before. The local derivatives of all steps are computed at once
after it; the backward loop carries the gradient of the states, multiplies it with them, and writes the gradients of
the gates' sums; the gradients of the weights are then one product over all steps and rows. A masked step keeps the
state, and so passes the state's gradient on untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from seqtasks.layers.gradients import gradient_by_hand
from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.scan import Lane, Tensors, scan


class Steps(NamedTuple):
    """All steps of a course that was run, each tensor (time, batch, width).

    Attributes:
        before: The states before each step.
        after: The states after it; after a masked one those before it.
        saved: What the steps saved for their derivative.
    """

    before: Tensors
    after: Tensors
    saved: Tensors


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

    def factors(self, weights: Tensors, steps: Steps, dropout: Sequence) -> Tensors:
        """The local derivatives that `back` multiplies with, of all steps at once."""

    def back(self, turned: Tensors, factors: Tensors, gradients: Tensors, dropout: Sequence) -> tuple[Tensors, Tensors]:
        """The gradients of the states before a step and of the groups' sums, from those of the states after it."""

    def weight_gradients(self, weights: Tensors, steps: Steps, sums: Tensors, dropout: Sequence) -> Tensors:
        """The gradient of each weight from the gradients of the groups' sums."""


class Course(NamedTuple):
    """What one course of a recurrence, a layer's own, is given.

    Attributes:
        inputs: (time, batch, inputs).
        matrices: For each group of gates what multiplies the inputs, (inputs, width).
        biases: For each group its bias, (width,), or empty.
        states: The initial states, each (batch, units).
        weights: What multiplies the states, as the cell's mathematics wants them.
        masks: (time, batch, 1), False where a step is skipped; or empty.
        input_dropout: For each group the factors of its inputs, (batch, inputs), or empty.
        dropout: For each group the recurrent dropout's factors, (batch, units), or empty.
        reverse: Whether the last step of the time axis comes first.
    """

    inputs: tf.Tensor
    matrices: Tensors
    biases: Tensors
    states: Tensors
    weights: Tensors
    masks: Tensors
    input_dropout: Tensors
    dropout: Tensors
    reverse: bool


LEARNED = ("inputs", "matrices", "biases", "states", "weights")
"""What a course has a gradient for."""


class Run(NamedTuple):
    """What the forward loop leaves, (time, batch, width), and the last states.

    Attributes:
        after: The states after each step; without what the gradient needs only the first of them.
        saved: What the steps saved.
        last: The states after the last step, each (batch, units).
    """

    after: Tensors
    saved: Tensors
    last: Tensors


def recur(mathematics: Mathematics, courses: Sequence[Course], keep: bool) -> list[tuple[tf.Tensor, Tensors]]:
    """Run the courses side by side.

    Args:
        mathematics: The cell's equations.
        courses: One or two, equal in time steps.
        keep: Whether to keep what the gradient needs; else the gradient runs the steps once more to have it.

    Returns:
        For each course the first state after each step, (time, batch, units), and the last states.
    """

    @gradient_by_hand
    def run(*learned):
        given = [course._replace(**of) for course, of in zip(courses, learned, strict=True)]
        runs = _forward(mathematics, given, keep)
        results = [(ran.after[0], ran.last) for ran in runs]

        def gradient(*upstream):
            upstream = tf.nest.pack_sequence_as(results, upstream)
            kept = runs if keep else _forward(mathematics, given, keep=True)
            return tf.nest.map_structure(_first_order_only, _backward(mathematics, given, kept, upstream))

        return results, gradient

    return run(*[{name: getattr(course, name) for name in LEARNED} for course in courses])


def _forward(mathematics, courses, keep) -> list[Run]:
    def lane(course):
        count = len(course.matrices)

        def step(states, reads):
            sums, masked = reads[:count], reads[count:]
            after, saved = mathematics.step(course.weights, sums, states, course.dropout)
            after = _chosen(masked, after, states)
            return after, (*after, *saved) if keep else after[:1]

        sums = gates.project(course.inputs, course.matrices, course.biases, course.input_dropout)
        return Lane(step, course.states, (*sums, *course.masks), course.reverse)

    units, count = courses[0].states[0].shape[-1], len(courses[0].states) if keep else 1
    widths = [units] * count + (mathematics.widths(units) if keep else [])
    ran = scan([lane(course) for course in courses], tf.shape(courses[0].inputs)[0], widths)
    stacked = [(tuple(array.stack() for array in written), last) for last, written in ran]
    return [Run(written[:count], written[count:], last) for written, last in stacked]


def _backward(mathematics, courses, runs, upstream):
    """For each course the gradients of what is learned."""

    def lane(course, steps, outputs, last):
        turned = mathematics.turned(course.weights)
        factors = mathematics.factors(course.weights, steps, course.dropout)
        count = len(factors)

        def step(gradients, reads):
            output, local, masked = reads[0], reads[1 : 1 + count], reads[1 + count :]
            gradients = (gradients[0] + output, *gradients[1:])
            passed, sums = mathematics.back(turned, local, _unmasked(masked, gradients), course.dropout)
            return _chosen(masked, passed, gradients), sums

        return Lane(step, last, (outputs, *factors, *course.masks), not course.reverse)

    steps = [_steps(course, ran) for course, ran in zip(courses, runs, strict=True)]
    lanes = [lane(*of, *up) for *of, up in zip(courses, steps, upstream, strict=True)]
    widths = [matrix.shape[-1] for matrix in courses[0].matrices]
    ran_back = scan(lanes, tf.shape(courses[0].inputs)[0], widths)
    return [
        _gradients(mathematics, *of, states, tuple(array.stack() for array in written))
        for *of, (states, written) in zip(courses, steps, ran_back, strict=True)
    ]


def _steps(course: Course, ran: Run) -> Steps:
    before = [
        tf.concat([after[1:], first[None]] if course.reverse else [first[None], after[:-1]], 0)
        for first, after in zip(course.states, ran.after, strict=True)
    ]
    return Steps(tuple(before), ran.after, ran.saved)


def _gradients(mathematics, course: Course, steps: Steps, states: Tensors, sums: Tensors):
    """The gradients of what is learned, from those of the first states and of the groups' sums."""
    return {
        "inputs": tf.add_n(gates.input_gradients(sums, course.matrices, course.input_dropout)),
        "matrices": gates.matrix_gradients(course.inputs, sums, course.input_dropout),
        "biases": tuple(tf.reduce_sum(total, [0, 1]) for total in sums) if course.biases else (),
        "states": states,
        "weights": mathematics.weight_gradients(course.weights, steps, sums, course.dropout),
    }


def _chosen(masked: Tensors, new: Tensors, old: Tensors) -> Tensors:
    return tuple(tf.where(masked[0], n, o) for n, o in zip(new, old, strict=True)) if masked else tuple(new)


def _unmasked(masked: Tensors, gradients: Tensors) -> Tensors:
    return tuple(tf.where(masked[0], g, tf.zeros([], g.dtype)) for g in gradients) if masked else gradients


def _first_order_only(gradient: tf.Tensor) -> tf.Tensor:
    """A gradient derived by hand can't be differentiated again."""
    message = 'a fused kernel has no second derivative; build the layer with kernel="generic"'
    return tf.raw_ops.PreventGradient(input=gradient, message=message)
