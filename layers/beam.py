"""Search for sequences in a TensorFlow graph: beam search, and greedy search with sampling; both over a whole batch.

A sequence that is finished stays as it is, and a row that is done leaves the batch, so that the products of later steps
get smaller; no row's result depends on its company. A hypothesis Y of |Y| units, the end's included, scores

    log P(Y) / lp(Y) + cp(X, Y),    lp(Y) = ((5 + |Y|) / 6) ** length_penalty,
    cp(X, Y) = coverage_penalty * sum over positions i of X of log(min(sum over steps j of p_ij, 1))

where p_ij is the attention's weight (Wu et al. 2016, arXiv 1609.08144, equation 14). A step ends those hypotheses whose
end is among the `width` best continuations of all; the others go on. A row is done when `width` hypotheses have ended
or when its limit is reached, where those under way are ended as they stand, with the end's probability counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from seqtasks.layers.categorical import drawn_index

_NEVER = -1e30
"""The score of what may not be."""

_LEAST_COVERED = 1e-6
"""What a position that was never attended to counts as under the logarithm."""


@dataclass(frozen=True)
class Search:
    """How sequences are looked for.

    Attributes:
        begin: The unit before the first.
        end: The unit that ends a sequence.
        banned: Units that are never chosen.
        width: Hypotheses under way, and kept, for each row.
        length_penalty: 0: none; the larger, the longer.
        coverage_penalty: 0: none.
        no_repeat: No n-gram of so many units occurs twice; 0: they may.
    """

    begin: int
    end: int
    banned: tuple[int, ...] = ()
    width: int = 5
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    no_repeat: int = 0


class Found(NamedTuple):
    """The sequences found, the best first.

    Attributes:
        units: [n, k, t], without the end, 0 behind it.
        lengths: [n, k], -1 where there are fewer than k.
        scores: [n, k] float32, as the module's docstring has it.
        attended: The position of the memory that each unit attended to most, [n, k, t].
    """

    units: tf.Tensor
    lengths: tf.Tensor
    scores: tf.Tensor
    attended: tf.Tensor


Step = Callable[[tf.Tensor, Any, Any], tuple[tf.Tensor, Any, tf.Tensor]]
"""(units [r k], states, memory of r rows) to (logits [r k, vocabulary], states, attention's weights [r, k, s])."""


def beam_search(step: Step, states: Any, memory: Any, limits: tf.Tensor, search: Search) -> Found:
    """The best sequences of each row.

    Args:
        step: One step; called once, while the graph is traced.
        states: A nest of tensors [n, ...], before the first step.
        memory: A nest of tensors [n, s, ...] or [n, s]; it has a `mask`, [n, s].
        limits: The most units of each row, the end not counted, [n] int32, at least 0; a graph must not know n.
        search: How to search.

    Returns:
        `search.width` sequences a row. Of equals the one with the lower unit comes first.

    Raises:
        ValueError: The graph knows n.
    """
    _check_unfixed(limits)
    count, width, positions = tf.shape(limits)[0], search.width, tf.shape(memory.mask)[1]
    covered = positions if search.coverage_penalty else 0
    alive = _Alive(
        rows=tf.range(count),
        # one hypothesis to begin with; the others stand for nothing
        scores=tf.tile([[0.0] + [_NEVER] * (width - 1)], [count, 1]),
        units=tf.zeros([count, width, 0], tf.int32),
        attended=tf.zeros([count, width, 0], tf.int32),
        coverage=tf.zeros([count, width, covered]),
        states=tf.nest.map_structure(lambda state: tf.repeat(state, width, axis=0), states),
        memory=memory,
        limits=limits,
        ended=tf.zeros([count], tf.int32),
    )
    pool = Found(
        units=tf.zeros([count, width, 0], tf.int32),
        lengths=tf.fill([count, width], -1),
        scores=tf.fill([count, width], _NEVER),
        attended=tf.zeros([count, width, 0], tf.int32),
    )

    def turn(time, alive, pool):
        return time + 1, *_turn(step, search, time, alive, pool)

    return _until_done(turn, alive, pool)


class _Alive(NamedTuple):
    """The hypotheses under way, of the r rows that are not done."""

    rows: tf.Tensor  # which they are, [r]
    scores: tf.Tensor  # log probabilities, [r, k]
    units: tf.Tensor  # [r, k, t]
    attended: tf.Tensor  # [r, k, t]
    coverage: tf.Tensor  # sums of the attention's weights, [r, k, s], or [r, k, 0]
    states: Any  # [r k, ...]
    memory: Any  # [r, ...]
    limits: tf.Tensor  # [r]
    ended: tf.Tensor  # hypotheses that have ended, [r]


def _turn(step: Step, search: Search, time, alive: _Alive, pool: Found) -> tuple[_Alive, Found]:
    width, rows = search.width, tf.size(alive.rows)
    # the hypotheses' last units; before the first step there is none
    last = tf.concat([tf.fill([rows, width, 1], search.begin), alive.units], axis=2)[:, :, -1]
    logits, states, weights = step(tf.reshape(last, [-1]), alive.states, alive.memory)
    logits = _allowed(logits, tf.reshape(alive.units, [rows * width, -1]), time, search)
    base = tf.reshape(alive.scores, [-1, 1]) - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
    ends = tf.reshape(logits[:, search.end] + base[:, 0], [rows, width])
    branches = min(width + 1, logits.shape[-1])
    # of each hypothesis the best alone can be among the best of all
    values, units = tf.math.top_k(logits, branches)
    values = tf.where(units == search.end, _NEVER, values + base)
    values, units = tf.reshape(values, [rows, width * branches]), tf.reshape(units, [rows, width * branches])
    attended = tf.argmax(weights, axis=-1, output_type=tf.int32)
    coverage = alive.coverage + weights if search.coverage_penalty else alive.coverage
    last_step = time >= alive.limits
    # the least score among the best continuations, ends included
    best = tf.math.top_k(tf.concat([ends, values], axis=1), width).values[:, -1:]
    ending = (ends > _NEVER / 2) & ((ends >= best) | last_step[:, None])
    scores = _normalised(ends, time, coverage, alive.memory.mask, search)
    pool = _pooled(pool, alive, tf.where(ending, scores, _NEVER), time)
    ended = alive.ended + tf.reduce_sum(tf.cast(ending, tf.int32), axis=1)
    scores, chosen = tf.math.top_k(values, width)
    going = ~last_step & (ended < width) & (scores[:, 0] > _NEVER / 2)
    kept = tf.cast(tf.where(going)[:, 0], tf.int32)
    parents = tf.gather(chosen // branches, kept)
    flat = tf.reshape(kept[:, None] * width + parents, [-1])

    def of_rows(tensor):
        return tf.gather(tensor, kept)

    def of_parents(tensor):
        return tf.gather(tf.gather(tensor, kept), parents, batch_dims=1)

    added = tf.gather(of_rows(units), of_rows(chosen), batch_dims=1)
    return _Alive(
        rows=of_rows(alive.rows),
        scores=of_rows(scores),
        units=tf.concat([of_parents(alive.units), added[:, :, None]], axis=2),
        attended=tf.concat([of_parents(alive.attended), of_parents(attended)[:, :, None]], axis=2),
        coverage=of_parents(coverage),
        states=tf.nest.map_structure(lambda state: tf.gather(state, flat), states),
        memory=tf.nest.map_structure(of_rows, alive.memory),
        limits=of_rows(alive.limits),
        ended=of_rows(ended),
    ), pool


def _pooled(pool: Found, alive: _Alive, scores, time) -> Found:
    """The pool with the hypotheses that end, [r, k]; those whose score is `_NEVER` do not. All get one unit wider."""
    width = pool.scores.shape[1]
    new = Found(alive.units, tf.where(scores > _NEVER / 2, time, -1), scores, alive.attended)
    pool, new = (found._replace(units=_wider(found.units), attended=_wider(found.attended)) for found in (pool, new))
    merged = [tf.concat([tf.gather(old, alive.rows), one], axis=1) for old, one in zip(pool, new, strict=True)]
    # an older hypothesis goes before an equal one
    _, order = tf.math.top_k(merged[2], width)
    at = alive.rows[:, None]
    return Found(
        *(
            tf.tensor_scatter_nd_update(old, at, tf.gather(both, order, batch_dims=1))
            for old, both in zip(pool, merged, strict=True)
        )
    )


def _wider(units):
    return tf.pad(units, [[0, 0], [0, 0], [0, 1]])


def greedy_search(
    step: Step,
    states: Any,
    memory: Any,
    limits: tf.Tensor,
    search: Search,
    temperature: float = 0.0,
    chance: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None,
) -> Found:
    """One sequence a row: the best unit at every step, or one drawn by probability. Arguments as in `beam_search`.

    Args:
        temperature: 0: the best. Else units are drawn from softmax(logits / temperature).
        chance: With a temperature: (rows [r], time) to one number from [0, 1) for each of those rows.
    """
    _check_unfixed(limits)
    count = tf.shape(limits)[0]
    empty = tf.zeros([count, 0], tf.int32)
    alive = _Walk(tf.range(count), tf.zeros([count]), states, memory, limits, _coverage(memory, search))
    found = Found(empty, tf.zeros([count], tf.int32), tf.zeros([count]), empty)

    def turn(time, alive, found):
        rows = tf.size(alive.rows)
        units = tf.gather(found.units, alive.rows)
        last = tf.concat([tf.fill([rows, 1], search.begin), units], axis=1)[:, -1]
        logits, states, weights = step(last, alive.states, alive.memory)
        logits = _allowed(logits, units, time, search)
        if temperature:
            chosen = drawn_index(tf.nn.softmax(logits / temperature), chance(alive.rows, time))
        else:
            chosen = _best(logits)
        last_step = time >= alive.limits
        chosen = tf.where(last_step, search.end, chosen)
        scores = alive.scores + tf.gather(logits, chosen, batch_dims=1) - tf.reduce_logsumexp(logits, axis=-1)
        coverage = alive.coverage + weights if search.coverage_penalty else alive.coverage
        normalised = _normalised(scores[:, None], time, coverage, alive.memory.mask, search)[:, 0]
        ends = chosen == search.end
        at = alive.rows[:, None]
        attended = tf.argmax(weights[:, 0], axis=-1, output_type=tf.int32)
        found = Found(
            units=_widened(found.units, at, tf.where(ends, 0, chosen)),
            lengths=tf.tensor_scatter_nd_update(found.lengths, at, tf.where(ends, time, time + 1)),
            scores=tf.tensor_scatter_nd_update(found.scores, at, normalised),
            attended=_widened(found.attended, at, tf.where(ends, 0, attended)),
        )
        kept = tf.where(~ends)[:, 0]
        after = alive._replace(scores=scores, states=states, coverage=coverage)
        return time + 1, tf.nest.map_structure(lambda tensor: tf.gather(tensor, kept), after), found

    return Found(*(tf.expand_dims(tensor, 1) for tensor in _until_done(turn, alive, found)))


class _Walk(NamedTuple):
    """The r rows whose sequence goes on."""

    rows: tf.Tensor
    scores: tf.Tensor
    states: Any
    memory: Any
    limits: tf.Tensor
    coverage: tf.Tensor


def _until_done(turn, alive, found: Found) -> Found:
    """What is found when no row is under way; a turn takes and gives the time, what is alive and what is found."""
    carried = (tf.constant(0), alive, found)
    return tf.while_loop(
        lambda time, alive, found: tf.size(alive.rows) > 0,
        turn,
        carried,
        shape_invariants=tf.nest.map_structure(_invariant, carried),
    )[2]


def _coverage(memory, search: Search):
    shape = tf.shape(memory.mask)
    return tf.zeros([shape[0], 1, shape[1] if search.coverage_penalty else 0])


def _widened(tensor, at, column):
    """[n, t] with one column more: at the rows `at` what is given, else 0."""
    return tf.concat([tensor, tf.scatter_nd(at, column, tf.shape(tensor)[:1])[:, None]], axis=1)


def _best(logits):
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def _normalised(scores, time, coverage, mask, search: Search):
    """Log probabilities [r, k] of hypotheses that end now, by length and coverage."""
    length = tf.cast(time + 1, tf.float32)
    scores = scores / ((5.0 + length) / 6.0) ** search.length_penalty
    if not search.coverage_penalty:
        return scores
    logs = tf.math.log(tf.clip_by_value(coverage, _LEAST_COVERED, 1.0))
    return scores + search.coverage_penalty * tf.reduce_sum(tf.where(mask[:, None], logs, 0.0), axis=-1)


def _allowed(logits, units, time, search: Search):
    """The logits [r, vocabulary], those of banned units and of n-grams' last units out of reach."""
    if search.banned:
        banned = tf.reduce_max(tf.one_hot(search.banned, logits.shape[-1], dtype=logits.dtype), axis=0)
        logits = tf.where(banned > 0, tf.constant(_NEVER, logits.dtype), logits)
    if not search.no_repeat:
        return logits
    return tf.cond(time >= search.no_repeat, lambda: _unrepeated(logits, units, search.no_repeat), lambda: logits)


def _unrepeated(logits, units, size: int):
    """Out of reach: what stood behind an earlier occurrence of the last size - 1 units, [r, t]."""
    starts = tf.shape(units)[1] - size + 1
    same = tf.ones([tf.shape(units)[0], starts], tf.bool)
    for offset in range(size - 1):
        same &= units[:, offset : offset + starts] == units[:, starts + offset, None]
    row, at = tf.unstack(tf.cast(tf.where(same), tf.int32), axis=1)
    repeated = tf.gather_nd(units, tf.stack([row, at + size - 1], axis=1))
    out = tf.fill(tf.shape(row), tf.constant(_NEVER, logits.dtype))
    return tf.tensor_scatter_nd_min(logits, tf.stack([row, repeated], axis=1), out)


def _check_unfixed(limits: tf.Tensor) -> None:
    """Where a graph knows the rows at the start, TensorFlow 2.21's constant folding takes them for every turn's."""
    if limits.shape[0] is not None and not tf.executing_eagerly():
        raise ValueError(f"the number of rows must be unknown to the graph, it is {limits.shape[0]}")


def _invariant(tensor: tf.Tensor) -> tf.TensorShape:
    """Rows leave, sequences get longer; the last dimension of states and memory stays."""
    if tensor.shape.rank == 0:
        return tensor.shape
    fixed = tensor.shape[-1] if tensor.dtype.is_floating and tensor.shape.rank > 1 else None
    return tf.TensorShape([None] * (tensor.shape.rank - 1) + [fixed])
