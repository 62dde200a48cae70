"""A recurrence with a gradient derived by hand: what the kernels of all cells have in common.

The forward loop holds only what depends on the state before. The backward loop carries the gradient of the states and
writes the gradient of each gate's sum; the gradients of the weights are then one product over all steps and rows.
A masked step keeps the state, and so passes the state's gradient on untouched.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import tensorflow as tf

from seqtasks.layers.kernels.scan import Lane, Tensors, scan


class Mathematics(Protocol):
    """One cell's equations. All tensors of one step are (batch, units), those of all steps (time, batch, units)."""

    saved: int  # how many tensors `step` saves for `factors`
    gates: int  # how many gates' sums there are

    def of_inputs(self, cell) -> tuple[Tensors, Tensors | None]:
        """For each gate the matrix that multiplies the inputs, (inputs, units), and the bias, (units,)."""

    def of_states(self, cell) -> Tensors:
        """The weights that multiply the states."""

    def step(self, weights: Tensors, sums: Tensors, states: Tensors, dropout) -> tuple[Tensors, Tensors]:
        """The states after one step and what the gradient needs, from the gates' sums over the inputs."""

    def factors(self, weights: Tensors, saved: Tensors, before: Tensors, after: Tensors) -> Tensors:
        """What `back` multiplies with: the local derivatives of all steps at once, given the states of all steps."""

    def transposed(self, weights: Tensors) -> Tensors:
        """The weights as `back` uses them."""

    def back(self, weights: Tensors, factors: Tensors, gradients: Tensors, dropout) -> tuple[Tensors, Tensors]:
        """The gradients of the states before the step and of the gates' sums, from those of the states after it."""

    def weight_gradients(
        self, weights: Tensors, saved: Tensors, before: Tensors, after: Tensors, sums: Tensors, dropout
    ) -> Tensors:
        """The gradient of each weight, given the gradients of the gates' sums at all steps."""


class Direction(NamedTuple):
    """What one direction of a recurrence is given.

    Attributes:
        sums: For each gate its sum over the inputs and the bias, (time, batch, units).
        states: The initial states, each (batch, units).
        weights: What multiplies the states, as the cell's mathematics wants them.
        dropout: For each gate the recurrent dropout's factors, (batch, units), or None.
        reverse: Whether the last step of the time axis comes first.
    """

    sums: Tensors
    states: Tensors
    weights: Tensors
    dropout: Tensors | None
    reverse: bool


class Run(NamedTuple):
    """What the forward loop leaves: the states after each step, what was saved at each step, the last states."""

    after: Tensors
    saved: Tensors
    last: Tensors


def recur(
    mathematics: Mathematics, directions: list[Direction], mask: tf.Tensor | None
) -> list[tuple[tf.Tensor, Tensors]]:
    """Run the directions side by side.

    Args:
        mathematics: The cell's equations.
        directions: One or two.
        mask: (time, batch, 1), False where a step is skipped.

    Returns:
        For each direction the first state after each step, (time, batch, units), and the last states.
    """
    fixed = [(direction.dropout, direction.reverse) for direction in directions]

    def rebuilt(learned):
        return [Direction(*of, *rest) for of, rest in zip(learned, fixed, strict=True)]

    @tf.custom_gradient
    def run(*learned):
        runs = _forward(mathematics, rebuilt(learned), mask)
        results = [(ran.after[0], ran.last) for ran in runs]

        def gradient(*upstream):
            upstream = tf.nest.pack_sequence_as(results, upstream)
            return _once(lambda learned, runs, upstream: _backward(mathematics, rebuilt(learned), runs, upstream, mask))(
                learned, runs, upstream
            )

        return results, gradient

    return run(*[(direction.sums, direction.states, direction.weights) for direction in directions])


def _forward(mathematics, directions, mask) -> list[Run]:
    def lane(direction):
        def step(states, reads):
            sums, masked = reads[: mathematics.gates], reads[mathematics.gates :]
            after, saved = mathematics.step(direction.weights, sums, states, direction.dropout)
            if masked:
                after = _chosen(masked[0], after, states)
            return after, (*after, *saved)

        return Lane(step, direction.states, (*direction.sums, *_some(mask)), direction.reverse)

    lanes = [lane(direction) for direction in directions]
    count = len(directions[0].states)
    return [Run(w[:count], w[count:], last) for last, w in scan(lanes, count + mathematics.saved)]


def _backward(mathematics, directions, runs, upstream, mask):
    """The gradients of the sums, the initial states and the weights of each direction."""

    def lane(direction, ran, before, outputs, last):
        weights = mathematics.transposed(direction.weights)
        factors = mathematics.factors(direction.weights, ran.saved, before, ran.after)

        def step(gradients, reads):
            gradients = (gradients[0] + reads[0], *gradients[1:])
            factors, masked = reads[1 : len(reads) - len(_some(mask))], reads[len(reads) - len(_some(mask)) :]
            active = _where(masked, gradients)
            passed, sums = mathematics.back(weights, factors, active, direction.dropout)
            return _kept(masked, passed, gradients), sums

        return Lane(step, last, (outputs, *factors, *_some(mask)), not direction.reverse)

    befores = [_before(direction, ran) for direction, ran in zip(directions, runs, strict=True)]
    lanes = [lane(*of, *up) for *of, up in zip(directions, runs, befores, upstream, strict=True)]
    return [
        (sums, states, mathematics.weight_gradients(d.weights, ran.saved, before, ran.after, sums, d.dropout))
        for d, ran, before, (states, sums) in zip(directions, runs, befores, scan(lanes, mathematics.gates), strict=True)
    ]


def _before(direction: Direction, ran: Run) -> Tensors:
    """The states before each step."""
    if direction.reverse:
        return tuple(tf.concat([a[1:], s[None]], 0) for a, s in zip(ran.after, direction.states, strict=True))
    return tuple(tf.concat([s[None], a[:-1]], 0) for a, s in zip(ran.after, direction.states, strict=True))


def _some(mask) -> Tensors:
    return () if mask is None else (mask,)


def _chosen(mask, new: Tensors, old: Tensors) -> Tensors:
    return tuple(tf.where(mask, n, o) for n, o in zip(new, old, strict=True))


def _where(masked: Tensors, gradients: Tensors) -> Tensors:
    return tuple(tf.where(masked[0], g, tf.zeros_like(g)) for g in gradients) if masked else gradients


def _kept(masked: Tensors, passed: Tensors, gradients: Tensors) -> Tensors:
    return _chosen(masked[0], passed, gradients) if masked else passed


def _once(function):
    """The function, with a gradient that raises: a gradient derived by hand can't be differentiated again."""

    @tf.custom_gradient
    def run(*inputs):
        def gradient(*_):
            raise NotImplementedError('The fused kernel has no second derivative; build the layer with kernel="generic"')

        return function(*inputs), gradient

    return run
