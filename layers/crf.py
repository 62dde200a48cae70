"""The linear-chain conditional random field, as a Keras layer that can be used alone.

With potentials u [t, k] (what a network says of each tag at each step), transitions A [k, k] (from the row's tag to the
column's), start s [k] and end e [k], a sequence of tags y scores

    score(y) = s[y_0] + sum_t u[t, y_t] + sum_t A[y_{t-1}, y_t] + e[y_last]        P(y) = exp(score(y)) / Z

log Z, the marginals P(y_t = k) and the best sequence come from sweeps over the time steps with alpha [k]:

    alpha_0 = s + u_0        alpha_t[j] = add_i(alpha_{t-1}[i] + A[i, j]) + u_t[j]

where `add` is log-sum-exp for log Z and the maximum for Viterbi.

Lafferty, McCallum, Pereira: Conditional random fields. ICML 2001. As the last layer of a tagger: Lample, Ballesteros,
Subramanian, Kawakami, Dyer: Neural architectures for named entity recognition. NAACL 2016.

The functions of this file are the definition, in `keras.ops`; on TensorFlow the layer calls the same mathematics with
a fast loop, `seqtasks.layers.kernels.crf`. Shapes: b sentences, t steps, k tags. Scores are natural logarithms.
"""

from __future__ import annotations

import sys

import keras
import numpy as np
from keras import ops

# What a forbidden step costs in log Z, in the likelihood and in the marginals. Finite, so that gold tags that break the
# rule (hand-made data does) have a likelihood and a gradient; exp(-50) is nothing beside any path that is allowed.
FORBIDDEN = -50.0
# What it costs in Viterbi: more than any sum of potentials, and a sum of millions of them is still a float32.
NEVER = -1e30


@keras.saving.register_keras_serializable("seqtasks")
class CRF(keras.layers.Layer):
    """A linear-chain CRF over the tags of a sentence; equations in the module's docstring.

    Called as a layer it hands the potentials on, so that it can end a functional model, and owns the weights; the
    methods do the work. Padding is on the right; where it is not, a sentence's results are nan. A sentence that is all
    padding has log-likelihood 0 and no gradient.

        crf = CRF()
        model = keras.Model(ids, crf(keras.layers.Dense(k)(states), mask=mask))
        model.compile(loss=crf.loss, optimizer="adam")            # tags: -1 on padding
        tags, score = crf.viterbi(model(ids), mask)

    Weights, all trained: `transitions` [k, k], `start` [k], `end` [k].

    Args:
        allowed: bool [k, k], which tag may follow which; none: any.
        allowed_starts: bool [k], which tag may come first; none: any.
        allowed_ends: bool [k], which tag may come last; none: any.
        initializer: Of the weights; 0 is right, since the potentials beneath differ.

    Viterbi never yields a forbidden start, step or end. In the likelihood and the marginals a forbidden step is not
    impossible but `FORBIDDEN` (-50) worse, so that gold tags that break the rule keep the loss finite.

    Raises:
        ValueError: A matrix of another shape; rules that leave no sequence of some length.
    """

    def __init__(self, allowed=None, allowed_starts=None, allowed_ends=None, initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.allowed = _rule(allowed)
        self.allowed_starts = _rule(allowed_starts)
        self.allowed_ends = _rule(allowed_ends)
        self.initializer = keras.initializers.get(initializer)
        self.supports_masking = True  # `call` takes a mask that Keras hands down, too

    def build(self, input_shape):
        tags = input_shape[-1]
        self._rules = _checked_rules(self.allowed, self.allowed_starts, self.allowed_ends, tags)
        self.transitions = self.add_weight(shape=(tags, tags), initializer=self.initializer, name="transitions")
        self.start = self.add_weight(shape=(tags,), initializer=self.initializer, name="start")
        self.end = self.add_weight(shape=(tags,), initializer=self.initializer, name="end")

    def call(self, potentials, mask=None):
        """The potentials [b, t, k], with 0 on padding where a mask (bool [b, t]) is given."""
        if mask is None:
            return potentials
        return _without_padding(potentials, ops.cast(mask, "bool"))

    def compute_output_shape(self, input_shape):
        return input_shape

    def log_likelihood(self, potentials, tags, mask=None, observed=None):
        """log P(tags | potentials).

        Args:
            potentials: float [b, t, k].
            tags: int [b, t], from 0 to k - 1, with others the result is nan; anything on padding and where they are not
                observed.
            mask: bool [b, t], true on real steps, padding on the right; none: all are real.
            observed: bool [b, t], true where the tag is known: the likelihood is that of the known tags, summed over
                the others; none: all are known, which is faster. A mask is no place for gaps.

        Returns:
            float [b], float64 for float64 potentials, else float32.
        """
        potentials, mask, lengths, sound = self._prepared(potentials, mask)
        tags = ops.convert_to_tensor(tags)
        weights = self._weights(FORBIDDEN, potentials.dtype)
        log_z = _engine().log_partition(potentials, lengths, *weights)
        known = mask if observed is None else mask & ops.cast(observed, "bool")
        sound = sound * _nan_unless((tags >= 0) & (tags < potentials.shape[-1]) | ~known, potentials.dtype)
        if observed is None:
            return (path_score(potentials, tags, lengths, *weights) - log_z) * sound
        return (_engine().log_partition(_held_to(potentials, tags, observed), lengths, *weights) - log_z) * sound

    def marginals(self, potentials, mask=None):
        """P(y_t = k | potentials), float [b, t, k], 0 on padding. Arguments as in `log_likelihood`."""
        potentials, _, lengths, sound = self._prepared(potentials, mask)
        found = _engine().marginals(potentials, lengths, *self._weights(FORBIDDEN, potentials.dtype))
        return found * sound[:, None, None]

    def viterbi(self, potentials, mask=None):
        """The best sequence of tags among those allowed.

        Arguments as in `log_likelihood`.

        Returns:
            tags int32 [b, t], 0 on padding, and their score, float [b]. Among equally good ones: the lowest last tag,
            then the lowest before it, and so on. With padding that is not on the right all tags are -1.
        """
        potentials, _, lengths, sound = self._prepared(potentials, mask)
        tags, score = _engine().viterbi(potentials, lengths, *self._weights(NEVER, potentials.dtype))
        return ops.where(ops.isnan(sound)[:, None], -1, tags), score * sound

    @property
    def loss(self):
        """The loss for `model.compile(loss=crf.loss)`: see `CRFLoss`."""
        return CRFLoss(self)

    def get_config(self):
        rules = {name: getattr(self, name) for name in ("allowed", "allowed_starts", "allowed_ends")}
        return {
            **super().get_config(),
            **{name: None if rule is None else rule.tolist() for name, rule in rules.items()},
            "initializer": keras.initializers.serialize(self.initializer),
        }

    def _prepared(self, potentials, mask):
        """What every method needs; builds the layer if it is new.

        Returns:
            Potentials in float32 or float64, 0 on padding; the mask; each sentence's length; and 1 for each sentence,
            nan where its padding is not on the right.
        """
        potentials = ops.convert_to_tensor(potentials)
        if keras.backend.standardize_dtype(potentials.dtype) != "float64":
            potentials = ops.cast(potentials, "float32")  # half precision can't hold a sum over a sentence
        if not self.built:
            self.build(potentials.shape)
        if mask is None:
            mask = ops.ones(ops.shape(potentials)[:2], "bool")
        mask = ops.cast(mask, "bool")
        sound = _nan_unless(mask[:, :-1] | ~mask[:, 1:], potentials.dtype)
        return _without_padding(potentials, mask), mask, ops.sum(ops.cast(mask, "int32"), axis=1), sound

    def _weights(self, penalty, dtype):
        """transitions, start and end, with `penalty` on what is forbidden."""
        weights = (self.transitions, self.start, self.end)
        return tuple(
            ops.cast(weight, dtype) + ops.convert_to_tensor(penalty * ~rule, dtype)
            for weight, rule in zip(weights, self._rules, strict=True)
        )


@keras.saving.register_keras_serializable("seqtasks")
class CRFLoss(keras.losses.Loss):
    """Minus the log-likelihood a token: sum_b -log P(tags_b) / number of real tokens, for `model.compile`.

    It is called with tags, int [b, t], and the potentials [b, t, k] that the layer handed on. **Padding has tag -1**,
    on the right; it counts neither above nor below the line, so more of it changes nothing. `sample_weight` [b] weighs
    whole sentences, above and below the line. (Keras averages the batches of an epoch by their number of sentences.)

    Args:
        crf: The layer that ends the model. Keras does not save which one that is: to train or evaluate a loaded model,
            compile it again, `model.compile(loss=model.get_layer(...).loss, optimizer=model.optimizer)`.

    Raises:
        ValueError: A sample weight that is not one a sentence; a loss that was loaded without its layer.
    """

    def __init__(self, crf=None, name="crf"):
        super().__init__(name=name)
        # Not the layer itself: Keras saves weights by walking attributes, and would find the layer's here again.
        self._layer = lambda: crf

    def __call__(self, y_true, y_pred, sample_weight=None):
        # not `call`: the base class would make the tags float and average over padding
        crf = self._layer()
        if crf is None:
            raise ValueError(
                "The CRF's loss was loaded without its layer: compile again with the model's layer's loss."
            )
        tags = ops.cast(y_true, "int32")
        real = tags >= 0
        likelihood = crf.log_likelihood(y_pred, tags, real)
        tokens = ops.cast(ops.sum(ops.cast(real, "int32"), axis=1), likelihood.dtype)
        if sample_weight is not None:
            weight = _sentence_weight(sample_weight, likelihood.dtype)
            likelihood, tokens = likelihood * weight, tokens * weight
        return ops.divide_no_nan(-ops.sum(likelihood), ops.sum(tokens))

    def get_config(self):
        return {"name": self.name}


def path_score(potentials, tags, lengths, transitions, start, end):
    """score(tags) of the module's docstring, float [b]; 0 for a sentence without a real step. Arguments as below."""
    steps = ops.arange(ops.shape(potentials)[1])[None]
    real = ops.expand_dims(ops.cast(steps < lengths[:, None], potentials.dtype), -1)
    last = ops.expand_dims(ops.cast(steps == lengths[:, None] - 1, potentials.dtype), -1)
    chosen = ops.one_hot(tags, potentials.shape[-1], dtype=potentials.dtype) * real  # [b, t, k]
    within = ops.sum(chosen * (potentials + last * end), axis=(1, 2))
    between = ops.sum(ops.matmul(chosen[:, :-1], transitions) * chosen[:, 1:], axis=(1, 2))
    return within + between + ops.sum(chosen[:, :1] * start, axis=(1, 2))


def log_partition(potentials, lengths, transitions, start, end):
    """log Z of each sentence, float [b]; 0 for a sentence without a real step.

    Args:
        potentials: float [b, t, k], t known when the function is called; finite on padding.
        lengths: int [b], the number of real steps; the others, on the right, count nothing.
        transitions: float [k, k].
        start: float [k].
        end: float [k].
    """
    alpha = _sweep(_with_a_step(potentials), transitions, start, ops.logsumexp)
    return ops.where(lengths > 0, ops.logsumexp(_last(alpha, lengths) + end, axis=-1), 0.0)


def marginals(potentials, lengths, transitions, start, end):
    """P(y_t = k), float [b, t, k], 0 on padding: the sweeps from both sides meet. Arguments as in `log_partition`."""
    alpha = _sweep(_with_a_step(potentials), transitions, start, ops.logsumexp)
    reverse = _sweep(_reversed(_with_a_step(potentials), lengths), ops.transpose(transitions), end, ops.logsumexp)
    time = potentials.shape[1]
    scores = (alpha + _reversed(reverse, lengths))[:, :time] - potentials  # both hold the step's own potential
    real = ops.arange(time)[None] < lengths[:, None]
    return ops.where(real[..., None], ops.softmax(scores), 0.0)


def viterbi(potentials, lengths, transitions, start, end):
    """The best tags, int32 [b, t], 0 on padding, and their score [b]; ties as in `CRF.viterbi`."""
    best = _sweep(_with_a_step(potentials), transitions, start, ops.max)
    score = ops.max(_last(best, lengths) + end, axis=-1)
    tags, following = [], ops.zeros_like(lengths)
    for t in reversed(range(potentials.shape[1])):
        onward = ops.where((t + 1 >= lengths)[:, None], end, ops.take(ops.transpose(transitions), following, axis=0))
        following = ops.argmax(best[:, t] + onward, axis=-1)
        tags.append(ops.where(t < lengths, following, 0))
    tags = ops.stack(tags[::-1], axis=1) if tags else potentials[:, :, 0]
    return ops.cast(tags, "int32"), ops.where(lengths > 0, score, 0.0)


def _nan_unless(right, dtype):
    """1 for each row of booleans [b, t] that are all true, else nan, which nobody takes for a result: float [b]."""
    return ops.where(ops.all(right, axis=1), ops.ones([], dtype), ops.full([], float("nan"), dtype))


def _held_to(potentials, tags, observed):
    """Potentials that let only the observed tags pass."""
    others = ops.one_hot(tags, potentials.shape[-1], dtype=potentials.dtype) == 0
    return ops.where(ops.expand_dims(ops.cast(observed, "bool"), -1) & others, potentials + NEVER, potentials)


def _without_padding(potentials, mask):
    return ops.where(ops.expand_dims(mask, -1), potentials, ops.zeros_like(potentials))


def _sweep(potentials, transitions, first, add):
    """alpha of the module's docstring for every step, [b, t, k]."""
    alpha = [potentials[:, 0] + first]
    for t in range(1, potentials.shape[1]):
        alpha.append(add(alpha[-1][:, :, None] + transitions, axis=1) + potentials[:, t])
    return ops.stack(alpha, axis=1)


def _reversed(x, lengths):
    """x [b, t, k] with the real steps in reverse order, padding still on the right."""
    steps, lengths = ops.arange(x.shape[1])[None], lengths[:, None]
    order = ops.where(steps < lengths, lengths - 1 - steps, steps)
    return ops.take_along_axis(x, order[..., None], axis=1)


def _last(x, lengths):
    """x [b, t, k] at each sentence's last real step, [b, k]."""
    return ops.take_along_axis(x, ops.maximum(lengths - 1, 0)[:, None, None], axis=1)[:, 0]


def _with_a_step(potentials):
    """A batch of empty sentences is a batch too: it gets one step of padding."""
    return potentials if potentials.shape[1] else ops.pad(potentials, [[0, 0], [0, 1], [0, 0]])


def _engine():
    """The module that holds log_partition, marginals and viterbi: the kernel on TensorFlow, else this file."""
    if keras.backend.backend() == "tensorflow":
        from seqtasks.layers.kernels import crf as kernel

        return kernel
    return sys.modules[__name__]


def _sentence_weight(sample_weight, dtype):
    weight = ops.cast(sample_weight, dtype)
    if len(weight.shape) == 2 and weight.shape[1] == 1:
        weight = ops.squeeze(weight, 1)  # so Keras hands on a weight a sentence
    if len(weight.shape) != 1:
        raise ValueError(f"sample_weight must be one a sentence, received {tuple(weight.shape)}; padding has tag -1.")
    return weight


def _rule(rule):
    return None if rule is None else np.asarray(rule, dtype=bool)


def _checked_rules(allowed, starts, ends, tags):
    """The rules as arrays of the right shape, all true where none was given."""
    rules = (
        _checked_rule("allowed", allowed, (tags, tags)),
        _checked_rule("allowed_starts", starts, (tags,)),
        _checked_rule("allowed_ends", ends, (tags,)),
    )
    _check_that_sequences_exist(*rules)
    return rules


def _checked_rule(name, rule, shape):
    if rule is None:
        return np.ones(shape, bool)
    if rule.shape != shape:
        raise ValueError(f"{name} has shape {rule.shape}; for {shape[0]} tags it must be {shape}.")
    return rule


def _check_that_sequences_exist(allowed, starts, ends):
    """Follow the set of tags that can stand at step 1, 2, ... until it repeats: each must hold one that may end."""
    reached, seen = starts, set()
    while reached.tobytes() not in seen:
        seen.add(reached.tobytes())
        if not (reached & ends).any():
            raise ValueError(f"The rules allow no sequence of {len(seen)} tags.")
        reached = (reached[:, None] & allowed).any(axis=0)
