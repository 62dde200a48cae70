"""Both directions of a recurrent layer, side by side in one loop."""

from __future__ import annotations

import keras

from seqtasks.layers.fused import Fused


@keras.saving.register_keras_serializable("seqtasks")
class Bidirectional(keras.layers.Bidirectional):
    """`keras.layers.Bidirectional` with the same arguments, weights, configuration and files.

    Where both layers run on a fused kernel of one kind, their steps share one time loop, so that two cores are busy;
    else this is Keras's own. A masked step keeps the state: over right padding the backward direction starts at each
    row's last real step.
    """

    def call(self, sequences, initial_state=None, mask=None, training=None):
        if not self.is_fused():
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        layers = [self.forward_layer, self.backward_layer]
        states = self._states(layers, sequences, initial_state)
        from seqtasks.layers.kernels.run import run_layers

        ran = run_layers(layers, sequences, states, mask, bool(training))
        for layer in layers:
            layer.cell.reset_dropout_mask()
            layer.cell.reset_recurrent_dropout_mask()
        return self._merged(ran)

    def is_fused(self) -> bool:
        """Whether the next call runs both directions in one loop."""
        forward, backward = self.forward_layer, self.backward_layer
        return (
            isinstance(forward, Fused)
            and type(forward) is type(backward)
            and forward.mathematics_key() == backward.mathematics_key()
            and self.compute_dtype == forward.compute_dtype == backward.compute_dtype
            and not (self.stateful or forward.activity_regularizer or backward.activity_regularizer)
            and forward.is_fused()
            and backward.is_fused()
        )

    def _states(self, layers, sequences, initial_state):
        if initial_state is None:
            return [layer.get_initial_state(keras.ops.shape(sequences)[0]) for layer in layers]
        half = len(initial_state) // 2
        return [
            [keras.ops.convert_to_tensor(state, dtype=self.compute_dtype) for state in part]
            for part in (initial_state[:half], initial_state[half:])
        ]

    def _merged(self, ran):
        (last, outputs, states), (last_back, outputs_back, states_back) = ran
        if self.return_sequences:
            merged = self._merge(outputs, keras.ops.flip(outputs_back, axis=1))
        else:
            merged = self._merge(last, last_back)
        if not self.return_state:
            return merged
        return (*(merged if self.merge_mode is None else (merged,)), *states, *states_back)

    def _merge(self, forward, backward):
        ways = {
            "concat": lambda: keras.ops.concatenate([forward, backward], axis=-1),
            "sum": lambda: forward + backward,
            "ave": lambda: (forward + backward) / 2,
            "mul": lambda: forward * backward,
            None: lambda: (forward, backward),
        }
        return ways[self.merge_mode]()
