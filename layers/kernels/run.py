"""From layers and batch-major tensors to a recurrence and back, as `keras.layers.RNN.inner_loop` has it."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels.layout import exchanged
from seqtasks.layers.kernels.recurrence import Course, recur


def run_layers(layers, sequences, states, mask, training):
    """Run one or two layers of one kind over the same sequences, side by side.

    Args:
        layers: The layers; one that goes backwards reads from the last step on.
        sequences: (batch, time, inputs).
        states: For each layer its initial states, each (batch, units).
        mask: (batch, time), False where a step is skipped, or None.
        training: Whether dropout acts. A gradient is right without it too, but takes a third longer.

    Returns:
        For each layer `(last_output, outputs, states)`, outputs (batch, time, units) in the order the layer read.
    """
    # Keras leaves whole numbers as they are
    inputs = exchanged(tf.cast(sequences, layers[0].compute_dtype))
    masks = () if mask is None else (_time_first(mask),)
    mathematics = layers[0].mathematics()
    courses = [
        _course(mathematics, layer, inputs, of_layer, masks, training)
        for layer, of_layer in zip(layers, states, strict=True)
    ]
    ran = recur(mathematics, courses, keep=bool(training))
    for after, last in ran:
        after.set_shape([*inputs.shape[:2], None])
        for state in last:
            state.set_shape([inputs.shape[1], None])
    return [_as_keras(*of) for of in zip(layers, courses, ran, strict=True)]


def _time_first(mask):
    mask = tf.cast(mask, tf.bool)
    return exchanged(mask if mask.shape.rank == 3 else mask[:, :, None])


def _course(mathematics, layer, inputs, states, masks, training) -> Course:
    cell = layer.cell
    on_inputs = cell.get_dropout_mask(inputs[0]) if training and 0 < cell.dropout < 1 else None
    on_states = cell.get_recurrent_dropout_mask(states[0]) if training and 0 < cell.recurrent_dropout < 1 else None
    matrices, biases = mathematics.of_inputs(cell)
    return Course(
        inputs,
        matrices,
        biases,
        tuple(states),
        mathematics.of_states(cell),
        masks,
        _for_each(on_inputs, len(matrices)),
        _for_each(on_states, len(matrices)),
        layer.go_backwards,
    )


def _for_each(dropout, groups: int):
    """Keras's cells keep one mask for all gates, or a list with one for each; then each gate is a group."""
    if dropout is None:
        return ()
    return tuple(dropout) if isinstance(dropout, (list, tuple)) else (dropout,) * groups


def _as_keras(layer, course: Course, ran):
    """A masked step repeats the output before it, zero at the start; or is zero, if the layer wants it so."""
    after, last = ran
    output = last[0]
    for mask in course.masks:
        shown = mask if layer.zero_output_for_mask else _begun(mask, layer.go_backwards)
        after = tf.where(shown, after, tf.zeros_like(after))
        output = tf.where(shown[0 if layer.go_backwards else -1], output, tf.zeros_like(output))
    if layer.go_backwards:
        after = tf.reverse(after, [0])
    return output, exchanged(after), list(last)


def _begun(mask, reverse: bool):
    """True from the first step that is not masked, in the order of reading."""
    return tf.cumsum(tf.cast(mask, tf.int32), axis=0, reverse=reverse) > 0
