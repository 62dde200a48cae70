"""The optimisers: what makes updates of gradients, and how the step size goes."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from seqtasks.config import TrainingConfig


def make(config: TrainingConfig, steps: int) -> keras.optimizers.Optimizer:
    """The optimiser of a run, with clipping and, where the configuration wants them, averaged weights.

    `adam` (Kingma and Ba 2015, arXiv 1412.6980) and `adamw` (Loshchilov and Hutter 2019, arXiv 1711.05101) warm up and
    decay along a half cosine; `sgd` keeps its step size until `after_epoch` takes it down.

    Args:
        steps: Updates an epoch, from which the schedule's length follows where the configuration does not give it.
    """
    options = {
        "use_ema": config.average > 0,
        "ema_momentum": math.exp(-1 / (steps * config.average)) if config.average else 0.0,
        "averaged_over": steps * config.average,
        "largest": config.clip_value,
        "global_clipnorm": config.clip_norm or None,
    }
    name = getattr(config, "optimizer", "adam")
    if name != "adam":
        options["weight_decay"] = config.weight_decay or None
    if name == "sgd":
        return _SGD(config.learning_rate, name="sgd", **options)
    return _Adam(_schedule(config, steps), beta_2=0.99, name=name, **options)


def after_epoch(optimizer: keras.optimizers.Optimizer, config: TrainingConfig, best: bool) -> None:
    """Takes the step size of `sgd` down after an epoch that brought no better dev score."""
    if isinstance(optimizer, _SGD) and not best:
        optimizer.learning_rate = float(optimizer.learning_rate) * config.plateau


def _schedule(config: TrainingConfig, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    updates = config.updates or steps * config.epochs
    warmup = min(config.warmup, updates // 2)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=max(1, updates - warmup),
        alpha=config.decay,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )


class _ClippedAndAveraged:
    """Clips by value and by norm both, where Keras's optimisers take one; and corrects averages for their start.

    Keras's average begins as the weights after the first update and still holds exp(-1) of them after as many updates
    as it is over. Here it is corrected, as Adam's moments are (section 3 of Kingma and Ba 2015): after t updates the
    weights after each of them have their shares of the geometric series, which sum to 1. Keras would also, at every
    `fit`'s end, here at every epoch's, put the averages in the weights' place.

    Args:
        largest: The largest single gradient; 0: no limit.
        averaged_over: Updates that the average is over.
    """

    def __init__(self, *args, largest: float = 0.0, averaged_over: float = 1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self._largest, self._averaged_over = largest, averaged_over

    def apply(self, grads, trainable_variables=None):
        if self._largest:
            grads = [None if g is None else keras.ops.clip(g, -self._largest, self._largest) for g in grads]
        return super().apply(grads, trainable_variables)

    def _update_model_variables_moving_average(self, trainable_variables):
        if self.use_ema:
            # with m = exp(-1 / n): (1 - m) / (1 - m ** t), which is 1 at the first update
            done = tf.cast(self.iterations + 1, tf.float32)
            share = math.expm1(-1 / self._averaged_over) / tf.math.expm1(-done / self._averaged_over)
            for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
                average.assign_add(tf.cast(share, variable.dtype) * (variable - average))

    def finalize_variable_values(self, var_list):
        pass


class _Adam(_ClippedAndAveraged, keras.optimizers.Adam):
    """One operation a variable where Keras takes a dozen, each over a matrix as large as the vocabulary."""

    def update_step(self, gradient, variable, learning_rate):
        done = tf.cast(self.iterations + 1, variable.dtype)
        at = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(self._momentums[at]),
            v=_handle(self._velocities[at]),
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), done),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), done),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=tf.cast(self.beta_1, variable.dtype),
            beta2=tf.cast(self.beta_2, variable.dtype),
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=gradient,
        )


class _SGD(_ClippedAndAveraged, keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        tf.raw_ops.ResourceApplyGradientDescent(
            var=_handle(variable), alpha=tf.cast(learning_rate, variable.dtype), delta=gradient
        )


def _handle(variable) -> tf.Tensor:
    """Of a TensorFlow variable, as Keras's backend hands it to an update, or of the Keras variable around one."""
    return variable.handle if isinstance(variable, tf.Variable) else variable.value.handle
