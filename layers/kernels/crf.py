"""The linear-chain CRF on TensorFlow: the mathematics of `seqtasks.layers.crf`, with few operations a time step.

Three things make it fast on a CPU:

- the sum over the previous tag is one small matrix product, of probabilities scaled by their maximum (`_sweep`);
- the gradient of log Z is written out, marginals and expected transition counts from one forward and one backward
  sweep, instead of derived through the loop (`log_partition`);
- Viterbi keeps no back pointers: it finds the one it needs from the stored scores on its way back (`viterbi`).

Everything is core TensorFlow (while loops over TensorArrays, dynamic batch and time), so that it can be exported, and
bit-deterministic where op determinism is on. Shapes: b sentences, t steps, k tags.
"""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.gradients import gradient_by_hand

# exp(-80) is still a normal float32 (they end at exp(-87)): no product of a probability's maximum, 1, with a
# transition is ever 0, so no logarithm is ever infinite.
LOWEST = -80.0


def log_partition(potentials, lengths, transitions, start, end):
    """log Z of each sentence, with a hand-written gradient (first order only).

    Args:
        potentials: float [b, t, k], finite on padding.
        lengths: int32 [b], the number of real steps; the others, on the right, count nothing.
        transitions: float [k, k], from the row's tag to the column's.
        start: float [k].
        end: float [k].

    Returns:
        float [b]; 0 for a sentence without a real step.
    """

    @gradient_by_hand
    def with_gradient(potentials, transitions, start, end):
        forward = _sweep(potentials, transitions, start)

        def gradient(upstream):
            backward = _backward(potentials, lengths, transitions, end)
            marginal = upstream[:, None, None] * _normalised(forward + backward - potentials, lengths)
            pairs = _expected_pairs(forward, backward, lengths, transitions, upstream)
            return marginal, pairs, tf.reduce_sum(marginal[:, 0], 0), tf.reduce_sum(_last(marginal, lengths), 0)

        return _total(forward, lengths, transitions, end), gradient

    return with_gradient(_with_a_step(potentials), transitions, start, end)


def marginals(potentials, lengths, transitions, start, end):
    """P(tag at t = k | potentials), float [b, t, k], 0 on padding. Arguments as `log_partition`."""
    steps = _with_a_step(potentials)
    scores = _sweep(steps, transitions, start) + _backward(steps, lengths, transitions, end) - steps
    return _normalised(scores, lengths)[:, : tf.shape(potentials)[1]]


def viterbi(potentials, lengths, transitions, start, end):
    """The best sequence of tags.

    Args: as `log_partition`; a forbidden step is one of very low (finite) score.

    Returns:
        tags int32 [b, t], 0 on padding, and their score, float [b]. Among equals: the lowest last tag, then the lowest
        tag before it, and so on.
    """
    steps = _with_a_step(potentials)
    # best[b, t, j]: the score of the best path that is in j at t, less the best ones of the steps before, so that it
    # stays small, and so exact, however long the sentence
    best = _loop(steps, start, lambda x: tf.reduce_max(_relative(x)[:, :, None] + transitions, 1))
    tags = _walk_back(best, lengths, transitions, end)
    taken_out = tf.where(_real(steps, lengths)[:, 1:], tf.reduce_max(best, -1)[:, :-1], 0.0)
    score = tf.reduce_sum(taken_out, 1) + tf.reduce_max(_last(best, lengths) + end, -1)
    tags = tf.where(_real(steps, lengths), tags, 0)
    return tags[:, : tf.shape(potentials)[1]], tf.where(lengths > 0, score, 0.0)


def _walk_back(best, lengths, transitions, end):
    """tags[t] = argmax_i(best[t, i] + transitions[i, tags[t + 1]]), int32 [b, t]; at the last real step, `end`."""
    count = tf.shape(end)[0]
    into = tf.concat([tf.transpose(transitions), end[None]], 0)  # [k + 1, k]: the last row is the step to the end
    best = tf.transpose(best, [1, 0, 2])
    time = tf.shape(best)[0]
    steps = tf.TensorArray(best.dtype, time, element_shape=best.shape[1:]).unstack(best)
    tags = tf.TensorArray(tf.int32, time, element_shape=lengths.shape)

    def step(t, following, tags):
        following = tf.where(t + 1 >= lengths, count, following)
        tag = tf.argmax(steps.read(t) + tf.gather(into, following), -1, output_type=tf.int32)
        return t - 1, tag, tags.write(t, tag)

    loop = (time - 1, tf.zeros_like(lengths), tags)
    tags = tf.while_loop(lambda t, *_: t >= 0, step, loop, parallel_iterations=1)[2]
    return tf.transpose(tags.stack())


def _sweep(potentials, transitions, first):
    """Forward scores in log space, each step relative to the one before it.

    x_0 = potentials_0 + first; x_t = log(exp(x_{t-1} - max x_{t-1}) exp(transitions - max transitions)) + potentials_t

    The scores stay logarithms between the steps, so potentials of any size neither overflow nor vanish; taking the
    maximum out (`_total` adds it again) keeps them small, and so exact, however long the sentence.
    """
    matrix = _probabilities(transitions)
    return _loop(potentials, first, lambda x: tf.math.log(tf.matmul(_scaled(x), matrix)))


def _loop(potentials, first, step):
    """x_0 = potentials_0 + first; x_t = step(x_{t-1}) + potentials_t. Returns every x, [b, t, k]."""
    inputs = tf.transpose(potentials, [1, 0, 2])
    time = tf.shape(inputs)[0]
    steps = tf.TensorArray(inputs.dtype, time, element_shape=inputs.shape[1:]).unstack(inputs)
    outputs = tf.TensorArray(inputs.dtype, time, element_shape=inputs.shape[1:])

    def body(t, x, outputs):
        x = step(x) + steps.read(t)
        return t + 1, x, outputs.write(t, x)

    x = inputs[0] + first
    loop = (1, x, outputs.write(0, x))
    outputs = tf.while_loop(lambda t, *_: t < time, body, loop, parallel_iterations=1)[2]
    return tf.transpose(outputs.stack(), [1, 0, 2])


def _backward(potentials, lengths, transitions, end):
    """The sweep from the last real step to the first; like the forward one it holds the step's own potential."""
    swept = _sweep(tf.reverse_sequence(potentials, lengths, seq_axis=1), tf.transpose(transitions), end)
    return tf.reverse_sequence(swept, lengths, seq_axis=1)


def _total(forward, lengths, transitions, end):
    """log Z [b]: the last real step's scores, and what was taken out at the steps before it."""
    taken_out = tf.reduce_max(forward, -1)[:, :-1] + tf.reduce_max(transitions)
    taken_out = tf.where(_real(forward, lengths)[:, 1:], taken_out, 0.0)
    last = tf.reduce_logsumexp(_last(forward, lengths) + end, -1)
    return tf.where(lengths > 0, tf.reduce_sum(taken_out, 1) + last, 0.0)


def _expected_pairs(forward, backward, lengths, transitions, weight):
    """Sum over b and t of weight_b P(tag at t = i, tag at t + 1 = j), [k, k]: one matrix product for all steps."""
    before, after, matrix = _scaled(forward[:, :-1]), _scaled(backward[:, 1:]), _probabilities(transitions)
    total = tf.reduce_sum(tf.matmul(before, matrix) * after, -1)
    share = tf.where(_real(forward, lengths)[:, 1:], weight[:, None] / total, 0.0)
    return matrix * tf.einsum("bti,btj->ij", before * share[..., None], after)


def _normalised(scores, lengths):
    return tf.where(_real(scores, lengths)[..., None], tf.nn.softmax(scores), 0.0)


def _scaled(scores):
    return tf.exp(_relative(scores))


def _relative(scores):
    return scores - tf.reduce_max(scores, -1, keepdims=True)


def _probabilities(transitions):
    return tf.exp(tf.maximum(transitions - tf.reduce_max(transitions), LOWEST))


def _real(x, lengths):
    """bool [b, t]: the steps that are not padding."""
    return tf.sequence_mask(lengths, tf.shape(x)[1])


def _last(x, lengths):
    """x at each sentence's last real step, [b, k]."""
    return tf.gather(x, tf.maximum(lengths - 1, 0), batch_dims=1)


def _with_a_step(potentials):
    """A batch of empty sentences is a batch too: it gets one step of padding."""
    return tf.pad(potentials, [[0, 0], [0, tf.maximum(1 - tf.shape(potentials)[1], 0)], [0, 0]])
