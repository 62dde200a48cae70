"""The language model as functions from strings: `predict`, `score` and `sample` run them, the SavedModel holds them."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.config_language import MOST_WRITTEN
from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.gradients import forward_only
from seqtasks.pipelines.language.choice import draw
from seqtasks.pipelines.language.encoder import UnitEncoder
from seqtasks.pipelines.language.network import LanguageNetwork
from seqtasks.tasks.units import END, UNKNOWN

_TEXTS = tf.TensorSpec([None], tf.string, name="text")
_PROMPT = {
    "prompt": tf.TensorSpec([None], tf.string, name="prompt"),
    "length": tf.TensorSpec([], tf.int32, name="length"),
    "temperature": tf.TensorSpec([], tf.float32, name="temperature"),
    "seed": tf.TensorSpec([None], tf.int64, name="seed"),
}
_FILTERS = {
    "top_k": tf.TensorSpec([], tf.int32, name="top_k"),
    "top_p": tf.TensorSpec([], tf.float32, name="top_p"),
    "unknown": tf.TensorSpec([], tf.bool, name="unknown"),
}


class LanguageService(tf.Module):
    """Strings in, log-probabilities, or strings that go on, out.

    Args:
        network: The trained network.
        encoder: The units it was trained with.
    """

    def __init__(self, network: LanguageNetwork, encoder: UnitEncoder):
        super().__init__()
        self.network, self.encoder = network, encoder
        # frozen into a function each, so that the commands and the export run one and the same graph
        self.score = tf.function(self._score, input_signature=[_TEXTS])
        self.sample = tf.function(self._sample, input_signature=list(_PROMPT.values()))
        self.sample_top = tf.function(self._sample_top, input_signature=[*_PROMPT.values(), *_FILTERS.values()])

    @property
    def signatures(self) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """Signature name to function."""
        return {
            "serving_default": self.score,
            "score": self.score,
            "sample": self.sample,
            "sample_top": self.sample_top,
        }

    @property
    def tracked(self) -> list:
        """What an export has to track: the tables. It finds the variables by itself, and would write them twice."""
        return self.encoder.tables

    def _score(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Texts [n], each alone: ln P float64, perplexity, counted units (its end is one) and unknown ones, all [n]."""
        ids = self.encoder(text)
        end = tf.fill([tf.shape(text)[0], 1], END)
        counts = tf.cast(ids.row_lengths(), tf.int32) + 1
        read, targets = (_padded(tf.concat(parts, axis=1)) for parts in ((end, ids), (ids, end)))
        # padding comes after all that is counted, and so changes nothing: no mask
        with forward_only(), without_cudnn(self.network):
            found, _ = self.network.advance(read, targets, self.network.zero_states(tf.shape(text)[0]))
        # in double precision, for a sum over hundreds of units has no six digits in single
        real = tf.sequence_mask(counts, tf.shape(targets)[1], tf.float64)
        total = tf.reduce_sum(tf.cast(found, tf.float64) * real, axis=1)
        return {
            "log_probability": total,
            "perplexity": tf.exp(-total / tf.cast(counts, tf.float64)),
            "tokens": counts,
            "unknown": tf.reduce_sum(tf.cast(tf.ragged.map_flat_values(tf.equal, ids, UNKNOWN), tf.int32), axis=1),
        }

    def _sample(self, prompt, length, temperature, seed) -> dict[str, tf.Tensor]:
        """As `_sample_top` without its filters, and never an unknown unit."""
        return self._sample_top(prompt, length, temperature, seed, tf.constant(0), tf.constant(1.0), tf.constant(False))

    def _sample_top(self, prompt, length, temperature, seed, top_k, top_p, unknown) -> dict[str, tf.Tensor]:
        """Goes on from prompts.

        Args:
            prompt: Strings [n]; an empty one begins a text.
            length: Units to add at most, and no more than `MOST_WRITTEN`; a text that comes to its end is shorter.
            temperature: Of the softmax; 0 takes the most probable unit each time.
            seed: A number for each prompt [n]; what is drawn for it follows from this number and the prompt alone.
            top_k: Draw among the k most probable units; 0: among all.
            top_p: Draw among the most probable units that have this share together; 1: among all.
            unknown: Whether the unknown unit may be drawn.

        Returns:
            `text` [n], the prompt and what goes on with it; `units` [n], how many were added.
        """
        ids = self.encoder(prompt, begun=True)
        count = tf.shape(prompt)[0]
        read = _padded(tf.concat([tf.fill([count, 1], END), ids], axis=1))
        mask = tf.sequence_mask(ids.row_lengths() + 1, tf.shape(read)[1])
        with forward_only(), without_cudnn(self.network):
            outputs, states = self.network.read(read, self.network.zero_states(count), mask, training=False)
            last = tf.gather(outputs, ids.row_lengths(), batch_dims=1)
            uniform = _uniform(seed, tf.clip_by_value(length, 0, MOST_WRITTEN))
            written = self._write(last, states, uniform, (temperature, top_k, top_p, unknown))
        added = tf.reduce_sum(tf.math.cumprod(tf.cast(written != END, tf.int32), axis=1), axis=1)
        new = tf.RaggedTensor.from_tensor(written, lengths=tf.cast(added, tf.int64))
        return {"text": self.encoder.continued(prompt, ids, new), "units": added}

    def _write(self, last, states, uniform, how) -> tf.Tensor:
        """Units [n, t] drawn one after another, until each text has its end or `uniform` [n, length] is used up."""
        flat = tf.nest.flatten(states)

        def goes_on(at, written, done, *_):
            return (at < tf.shape(uniform)[1]) & ~tf.reduce_all(done)

        def step(at, written, done, last, *flat):
            units = draw(self.network.softmax.logits(last), uniform[:, at], *how)
            units = tf.where(done, END, units)
            before = tf.nest.pack_sequence_as(states, flat)
            outputs, after = self.network.read(units[:, None], before, training=False)
            written = tf.concat([written, units[:, None]], axis=1)
            return at + 1, written, done | (units == END), outputs[:, 0], *tf.nest.flatten(after)

        count = tf.shape(last)[0]
        start = (tf.constant(0), tf.zeros([count, 0], tf.int32), tf.zeros([count], tf.bool), last, *flat)
        widths = [last.shape[-1], *(state.shape[-1] for state in flat)]
        shapes = [[], [None, None], [None], *([None, width] for width in widths)]
        invariants = tuple(tf.TensorShape(shape) for shape in shapes)
        return tf.while_loop(goes_on, step, start, shape_invariants=invariants)[1]


def _padded(ids: tf.RaggedTensor) -> tf.Tensor:
    """[n, t], of one step at least even where there is no text: the network can't run over none."""
    width = tf.reduce_max(tf.concat([ids.row_lengths(), tf.constant([1], tf.int64)], axis=0))
    return ids.to_tensor(END, shape=tf.stack([-1, width]))


def _uniform(seed: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Numbers in [0, 1), [n, length]: each row from its own seed, whatever stands beside it."""

    def row(number):
        return tf.random.stateless_uniform([length], seed=tf.stack([number, 0]), alg="philox")

    # one more, because `map_fn` can't map an empty tensor
    one_more = tf.concat([seed, tf.zeros([1], tf.int64)], axis=0)
    return tf.map_fn(row, one_more, fn_output_signature=tf.TensorSpec([None], tf.float32))[:-1]
