"""The CRF against enumeration of every sequence, and its kernel against its definition."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers import crf as definition
from seqtasks.layers.crf import CRF, FORBIDDEN
from seqtasks.layers.kernels import crf as kernel

K = 3
RULES = {
    "allowed": [[True, True, False], [True, True, True], [False, True, True]],
    "allowed_starts": [True, True, False],
    "allowed_ends": [False, True, True],
}

# Sentences of word ids, 0 on padding. Word 3 has the tag of the word before it (2 at the start): only the CRF can tell.
IDS = np.array([[1, 2, 3, 3], [3, 3, 1, 0], [2, 3, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0]])
TAGS = np.array([[0, 1, 1, 1], [2, 2, 0, -1], [1, 1, -1, -1], [2, -1, -1, -1], [-1, -1, -1, -1]])


def made(seed=0, tags=K, rules=None, scale=1.0):
    """A CRF with distinct random weights."""
    layer = CRF(**(rules or {}))
    layer.build((None, None, tags))
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape, scale=scale).astype("float32") for w in layer.weights])
    return layer


def random_batch(seed, batch, time, tags=K, scale=1.0):
    """Potentials [b, t, k], tags [b, t] and a mask with every length from time down to 0."""
    rng = np.random.default_rng(seed)
    potentials = rng.normal(size=(batch, time, tags), scale=scale).astype("float32")
    lengths = np.maximum(time - np.arange(batch), 0)
    return potentials, rng.integers(0, tags, size=(batch, time)), np.arange(time) < lengths[:, None]


def scored_paths(layer, potentials, penalty):
    """Every sequence of tags for potentials [t, k], with its score, by the sum in the module's docstring."""
    transitions, start, end = (np.asarray(w, "float64") for w in layer.get_weights())
    penalty = {False: penalty, True: 0.0}
    allowed, starts, ends = (np.asarray(rule) for rule in layer._rules)
    time, tags = potentials.shape
    for path in itertools.product(range(tags), repeat=time):
        score = sum(float(potentials[t, tag]) for t, tag in enumerate(path))
        score += sum(transitions[i, j] + penalty[allowed[i, j]] for i, j in itertools.pairwise(path))
        score += start[path[0]] + penalty[starts[path[0]]] + end[path[-1]] + penalty[ends[path[-1]]]
        yield path, score


def enumerated(layer, potentials, tags, penalty=FORBIDDEN):
    """log-likelihood, marginals [t, k] and the best path with its score, by enumeration."""
    paths = dict(scored_paths(layer, potentials, penalty))
    log_z = np.logaddexp.reduce(list(paths.values()))
    marginals = np.zeros(potentials.shape)
    for path, score in paths.items():
        marginals[np.arange(len(path)), path] += np.exp(score - log_z)
    best = max(paths, key=paths.get)
    return paths[tuple(tags)] - log_z, marginals, best, paths[best]


@pytest.mark.parametrize("rules", [None, RULES], ids=["free", "rules"])
@pytest.mark.parametrize("compiled", [True, False], ids=["graph", "eager"])
def test_equals_enumeration(rules, compiled):
    layer = made(rules=rules)
    potentials, tags, mask = random_batch(1, batch=5, time=5)
    calls = (layer.log_likelihood, layer.marginals, layer.viterbi)
    likelihood, marginals, viterbi = (tf.function(call) if compiled else call for call in calls)
    likelihoods, probabilities, (best, scores) = (
        likelihood(potentials, tags, mask),
        marginals(potentials, mask),
        viterbi(potentials, mask),
    )
    for row, length in enumerate(mask.sum(axis=1)):
        expected = enumerated(layer, potentials[row, :length], tags[row, :length])
        np.testing.assert_allclose(likelihoods[row], expected[0], rtol=1e-5)
        np.testing.assert_allclose(probabilities[row, :length], expected[1], atol=1e-5)
        assert tuple(np.asarray(best[row, :length])) == expected[2]
        np.testing.assert_allclose(scores[row], expected[3], rtol=1e-5)
        assert not np.any(best[row, length:]) and not np.any(probabilities[row, length:])


@pytest.mark.parametrize("name", ["log_partition", "marginals", "viterbi"])
def test_kernel_equals_definition(name):
    layer = made(seed=3, tags=11)
    potentials, _, mask = random_batch(4, batch=9, time=8, tags=11)
    lengths = tf.constant(mask.sum(axis=1), tf.int32)
    weights = [tf.cast(w, "float64") for w in layer.weights]
    arguments = (tf.constant(potentials, "float64"), lengths, *weights)
    ours, theirs = getattr(kernel, name)(*arguments), getattr(definition, name)(*arguments)
    for fast, plain in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        assert fast.dtype == plain.dtype
        np.testing.assert_allclose(fast, plain, atol=1e-12)


def gradients(log_partition, potentials, lengths, weights, upstream):
    inputs = [tf.convert_to_tensor(potentials), *map(tf.convert_to_tensor, weights)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(upstream * log_partition(inputs[0], lengths, *inputs[1:]))
    return tape.gradient(total, inputs)


def test_gradient_equals_autodiff_of_the_definition():
    layer = made(seed=5, tags=7)
    potentials, _, mask = random_batch(6, batch=8, time=7, tags=7)
    lengths = tf.constant(mask.sum(axis=1), tf.int32)
    upstream = tf.constant(np.random.default_rng(7).normal(size=8))
    weights = [tf.cast(w, "float64") for w in layer.weights]
    ours, theirs = (
        gradients(module.log_partition, potentials.astype("float64"), lengths, weights, upstream)
        for module in (kernel, definition)
    )
    for fast, plain in zip(ours, theirs, strict=True):
        assert np.abs(plain).max() > 0.1
        np.testing.assert_allclose(fast, plain, atol=1e-12)


def test_gradient_of_the_likelihood_equals_finite_differences():
    layer = made(seed=8, rules=RULES)
    potentials, tags, mask = random_batch(9, batch=4, time=4)
    potentials = tf.constant(potentials, "float64")
    with tf.GradientTape() as tape:
        tape.watch(potentials)
        total = tf.reduce_sum(layer.log_likelihood(potentials, tags, mask))
    gradient = tape.gradient(total, potentials).numpy()
    for place in np.ndindex(*potentials.shape):
        nudge = np.zeros(potentials.shape)
        nudge[place] = 1e-5
        up, down = (tf.reduce_sum(layer.log_likelihood(potentials + s * nudge, tags, mask)) for s in (1, -1))
        np.testing.assert_allclose(gradient[place], (up - down) / 2e-5, atol=1e-7)


@pytest.mark.parametrize("rules", [None, RULES], ids=["free", "rules"])
def test_the_likelihood_of_the_observed_tags_sums_over_the_others(rules):
    layer = made(rules=rules)
    potentials, tags, mask = random_batch(3, batch=4, time=4)
    observed = np.array([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]], bool)
    likelihoods = layer.log_likelihood(potentials, np.where(observed, tags, -1), mask, observed)
    for row, length in enumerate(mask.sum(axis=1)):
        paths = dict(scored_paths(layer, potentials[row, :length], FORBIDDEN))
        fixed = [(t, tags[row, t]) for t in range(length) if observed[row, t]]
        agreeing = [score for path, score in paths.items() if all(path[t] == tag for t, tag in fixed)]
        expected = np.logaddexp.reduce(agreeing) - np.logaddexp.reduce(list(paths.values()))
        np.testing.assert_allclose(likelihoods[row], expected, atol=1e-5)
    np.testing.assert_allclose(
        layer.log_likelihood(potentials, tags, mask, mask), layer.log_likelihood(potentials, tags, mask), atol=1e-5
    )


def test_the_gradient_of_the_observed_tags_likelihood():
    layer = made(rules=RULES)
    potentials, tags, mask = random_batch(3, batch=4, time=4)
    observed = np.random.default_rng(5).random(mask.shape) < 0.5
    potentials = tf.constant(potentials, "float64")

    def total(potentials):
        return tf.reduce_sum(layer.log_likelihood(potentials, tags, mask, observed))

    with tf.GradientTape() as tape:
        tape.watch(potentials)
        value = total(potentials)
    gradient = tape.gradient(value, potentials).numpy()
    direction = np.random.default_rng(6).normal(size=gradient.shape)
    slope = (total(potentials + 1e-5 * direction) - total(potentials - 1e-5 * direction)) / 2e-5
    assert abs(slope) > 0.1
    np.testing.assert_allclose((gradient * direction).sum(), slope, atol=1e-7)


def test_every_weight_learns():
    layer = made()
    potentials, tags, mask = random_batch(2, batch=3, time=4)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer.log_likelihood(potentials, tags, mask))
    for gradient in tape.gradient(total, layer.trainable_variables):
        assert np.abs(gradient).min() > 1e-4


def test_more_padding_changes_nothing():
    layer = made(rules=RULES)
    potentials, tags, mask = random_batch(10, batch=4, time=5)

    def results(potentials, tags, mask):
        potentials = tf.constant(potentials)
        with tf.GradientTape() as tape:
            tape.watch(potentials)
            likelihood = layer.log_likelihood(potentials, tags, mask)
        gradient = tape.gradient(likelihood, potentials)
        return likelihood, gradient[:, :5], layer.marginals(potentials, mask)[:, :5], *layer.viterbi(potentials, mask)

    short = results(potentials, tags, mask)
    wider = ((0, 0), (0, 3))
    # what stands on padding must not matter, whatever it is
    noise = np.pad(potentials, (*wider, (0, 0)), constant_values=np.nan)
    long = results(noise, np.pad(tags, wider, constant_values=-1), np.pad(mask, wider))
    for a, b in zip(short, long, strict=True):
        b = np.asarray(b)
        np.testing.assert_allclose(a, b[:, :5] if b.ndim == 2 else b, atol=1e-5)


def test_a_sentence_of_padding_counts_nothing():
    layer = made()
    potentials, tags, mask = random_batch(11, batch=2, time=3)
    potentials, mask = tf.constant(potentials), mask & [[True], [False]]
    with tf.GradientTape() as tape:
        tape.watch(potentials)
        likelihood = layer.log_likelihood(potentials, tags, mask)
    assert likelihood[1] == 0 and likelihood[0] < 0
    assert not np.any(tape.gradient(likelihood, potentials)[1])
    assert layer.viterbi(potentials, mask)[1][1] == 0


# Keras has no maximum over an empty batch on every backend: that case is the kernel's alone
@pytest.mark.parametrize(("module", "shape"), [(kernel, (2, 0, K)), (kernel, (0, 4, K)), (definition, (2, 0, K))])
def test_empty_batches(module, shape):
    batch, time, _ = shape
    weights = [tf.convert_to_tensor(w) for w in made().weights]
    arguments = (tf.zeros(shape), tf.zeros(batch, tf.int32), *weights)
    tags, score = module.viterbi(*arguments)
    assert tags.shape == (batch, time) and tags.dtype == tf.int32
    assert module.marginals(*arguments).shape == shape
    assert module.log_partition(*arguments).shape == score.shape == (batch,)
    assert not np.any(score)


def test_the_loss_of_an_empty_batch_is_zero():
    layer = made()
    tags = -np.ones((2, 0), "int32")
    with tf.GradientTape() as tape:
        loss = layer.loss(tags, np.zeros((2, 0, K), "float32"))
    assert loss == 0
    assert not any(np.any(gradient) for gradient in tape.gradient(loss, layer.trainable_variables))


def test_what_is_forbidden_is_never_produced():
    layer = made(seed=12, rules=RULES, scale=5.0)
    allowed, starts, ends = (np.asarray(RULES[name]) for name in ("allowed", "allowed_starts", "allowed_ends"))
    potentials, _, mask = random_batch(13, batch=400, time=6, scale=300.0)
    potentials[:, 0, 2] += 2000  # they scream for what may not start, follow or end
    potentials[:, 3, 0], potentials[:, 4, 2] = 3000, 3000
    mask = np.repeat(mask[:6], 67, axis=0)[:400]
    best = np.asarray(layer.viterbi(potentials, mask)[0])
    for row, length in zip(best, mask.sum(axis=1), strict=True):
        path = row[:length]
        assert starts[path[0]] and ends[path[-1]]
        assert all(allowed[i, j] for i, j in itertools.pairwise(path))


def test_forbidden_paths_have_no_weight_in_log_z():
    layer = made(rules=RULES)
    potentials, tags, _ = random_batch(14, batch=1, time=4)
    _, marginals, *_ = enumerated(layer, potentials[0], tags[0], penalty=-1e9)
    np.testing.assert_allclose(layer.marginals(potentials)[0], marginals, atol=1e-6)


def test_gold_that_breaks_the_rules_keeps_the_loss_finite():
    layer = made(rules=RULES)
    potentials = tf.constant(random_batch(15, batch=1, time=3)[0])
    with tf.GradientTape() as tape:
        tape.watch(potentials)
        likelihood = layer.log_likelihood(potentials, [[2, 0, 0]])  # a bad start, a bad step, a bad end
    assert -200 < likelihood[0] < 3 * FORBIDDEN + 20
    gradient = tape.gradient(likelihood, potentials)
    assert np.isfinite(gradient).all() and gradient[0, 0, 2] > 0.9


def test_ties_go_to_the_lowest_tag():
    layer = CRF()
    tags, score = layer.viterbi(np.zeros((1, 4, 3), "float32"))
    assert tags.numpy().tolist() == [[0, 0, 0, 0]] and score == 0
    potentials = np.zeros((1, 2, 3), "float32")
    potentials[0, :, 1:] = 1
    assert layer.viterbi(potentials)[0].numpy().tolist() == [[1, 1]]
    assert definition.viterbi(potentials, np.array([2]), *layer.weights)[0].numpy().tolist() == [[1, 1]]


@pytest.mark.parametrize("rules", [None, RULES], ids=["free", "rules"])
def test_large_potentials(rules):
    """Against the definition in double precision; an exp-space sweep would lose every path that is not the first."""
    layer = made(seed=16, rules=rules)
    potentials, tags, mask = random_batch(17, batch=7, time=60, scale=1000.0)
    likelihood = layer.log_likelihood(potentials, tags, mask)
    exact = layer.log_likelihood(potentials.astype("float64"), tags, mask)
    np.testing.assert_allclose(likelihood, exact, rtol=1e-6)
    lengths, weights = (
        mask.sum(axis=1).astype("int32"),
        [tf.cast(w, "float64") for w in layer._weights(FORBIDDEN, "float32")],
    )
    marginals = definition.marginals(tf.constant(potentials, "float64"), tf.constant(lengths), *weights)
    np.testing.assert_allclose(layer.marginals(potentials, mask), marginals, atol=1e-3)
    plain = definition.log_partition(tf.constant(potentials, "float64"), tf.constant(lengths), *weights)
    fast = kernel.log_partition(tf.constant(potentials, "float64"), tf.constant(lengths), *weights)
    np.testing.assert_allclose(fast, plain, rtol=1e-12)


def test_a_path_that_falls_far_behind_can_win_again():
    """At step 0 tag 0 leads by 500; only tag 1 may be followed by tag 2, which the end asks for."""
    layer = CRF(allowed=[[True, True, False], [False, True, True], [False, False, True]])
    layer.build((None, None, 3))
    potentials = np.array([[[500, 0, -900], [0, -20, 0], [-900, -900, 900]]], "float32")
    marginals = layer.marginals(potentials)[0].numpy()
    expected = enumerated(layer, potentials[0], [0, 1, 2])[1]
    np.testing.assert_allclose(marginals, expected, atol=1e-5)


def test_the_best_path_of_a_long_sentence_is_exact():
    """Scores of thousands of steps would swallow what decides between two tags, were they kept whole."""
    rng = np.random.default_rng(5)
    potentials = rng.normal(size=(2, 20_000, 5), scale=0.02).astype("float32") + np.float32(30)
    lengths = tf.constant([20_000, 12_345])
    weights = [rng.normal(size=shape, scale=0.02).astype("float32") for shape in ((5, 5), (5,), (5,))]
    compiled = tf.function(kernel.viterbi)
    single, double = (
        compiled(tf.constant(potentials, dtype), lengths, *(tf.constant(w, dtype) for w in weights))
        for dtype in ("float32", "float64")
    )
    np.testing.assert_array_equal(single[0], double[0])
    np.testing.assert_allclose(single[1], double[1], rtol=1e-6)


def test_half_precision_is_computed_in_single():
    layer = made()
    potentials, tags, mask = random_batch(18, batch=3, time=5)
    half = potentials.astype("float16")
    np.testing.assert_array_equal(
        layer.log_likelihood(half, tags, mask), layer.log_likelihood(half.astype("float32"), tags, mask)
    )


def test_batch_equals_single():
    layer = made()
    potentials, tags, mask = random_batch(19, batch=5, time=5)
    together = layer.log_likelihood(potentials, tags, mask), layer.marginals(potentials, mask)
    best = layer.viterbi(potentials, mask)[0]
    for row in range(5):
        one = slice(row, row + 1)
        alone = layer.log_likelihood(potentials[one], tags[one], mask[one])
        np.testing.assert_allclose(together[0][one], alone, atol=1e-5)
        np.testing.assert_allclose(together[1][one], layer.marginals(potentials[one], mask[one]), atol=1e-5)
        np.testing.assert_array_equal(best[one], layer.viterbi(potentials[one], mask[one])[0])


def test_no_mask_means_all_real():
    layer = made()
    potentials, tags, _ = random_batch(20, batch=2, time=3)
    everything = np.ones((2, 3), bool)
    np.testing.assert_array_equal(
        layer.log_likelihood(potentials, tags), layer.log_likelihood(potentials, tags, everything)
    )
    np.testing.assert_array_equal(layer.marginals(potentials), layer.marginals(potentials, everything))


def test_call_hands_the_potentials_on():
    layer = made()
    potentials, _, mask = random_batch(21, batch=2, time=3)
    np.testing.assert_array_equal(layer(potentials), potentials)
    np.testing.assert_array_equal(layer(potentials, mask=mask), potentials * mask[..., None])


def test_a_mask_that_keras_hands_down_changes_no_loss():
    ids = keras.Input((None,), dtype="int32")
    keras.utils.set_random_seed(3)
    layer = made()
    model = keras.Model(ids, layer(keras.layers.Dense(K)(keras.layers.Embedding(6, 8, mask_zero=True)(ids))))
    model.compile(loss=layer.loss)
    assert not np.any(model(IDS)[IDS == 0])
    expected = layer.loss(TAGS, model(IDS))
    np.testing.assert_allclose(model.evaluate(IDS, TAGS, batch_size=5, verbose=0), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"allowed": [[True, True]]}, r"allowed has shape \(1, 2\); for 3 tags it must be \(3, 3\)"),
        ({"allowed_ends": [True]}, "allowed_ends has shape"),
        ({"allowed": np.zeros((3, 3), bool)}, "no sequence of 2 tags"),
        ({"allowed_starts": [True, False, False], "allowed_ends": [False, True, True]}, "no sequence of 1 tags"),
    ],
)
def test_rules_that_cannot_be(rules, message):
    with pytest.raises(ValueError, match=message):
        CRF(**rules).build((None, None, 3))


def test_config_round_trip():
    layer = CRF(**RULES, initializer="ones", name="last")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()
    assert again.get_config()["allowed"] == RULES["allowed"]


# -- in a model -----------------------------------------------------------------------------------------------------


def tagger(vocabulary=6, rules=None):
    """Ids to potentials, each from its own word alone."""
    ids = keras.Input((None,), dtype="int32")
    mask = ids > 0
    potentials = keras.layers.Dense(K)(keras.layers.Embedding(vocabulary, 8)(ids))
    return keras.Model(ids, CRF(**(rules or {}), name="crf")(potentials, mask=mask))


def compiled(model):
    model.compile(loss=model.get_layer("crf").loss, optimizer=keras.optimizers.Adam(0.1))
    return model


# Keras 3.15 saves its variables with NumPy 1's signature of __array__
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_fit_overfits_a_handful_and_is_saved(tmp_path):
    keras.utils.set_random_seed(1)
    model = compiled(tagger())
    losses = model.fit(IDS, TAGS, epochs=80, batch_size=5, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.05 < 0.5 < losses[0]
    best = model.get_layer("crf").viterbi(model(IDS), IDS > 0)[0]
    np.testing.assert_array_equal(np.where(IDS > 0, best, -1), TAGS)

    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.get_layer("crf").viterbi(again(IDS), IDS > 0)[0], best)
    with pytest.raises(ValueError, match="compile again"):
        again.evaluate(IDS, TAGS, verbose=0)
    again.compile(loss=again.get_layer("crf").loss, optimizer=again.optimizer)
    np.testing.assert_allclose(again.evaluate(IDS, TAGS, verbose=0), model.evaluate(IDS, TAGS, verbose=0), rtol=1e-6)


def test_the_loss_is_the_mean_over_real_tokens():
    keras.utils.set_random_seed(2)
    model = compiled(tagger())
    layer = model.get_layer("crf")
    layer.set_weights(made().get_weights())
    likelihood = layer.log_likelihood(model(IDS), TAGS, TAGS >= 0).numpy()
    expected = -likelihood.sum() / 10  # ten tags in TAGS are real
    np.testing.assert_allclose(layer.loss(TAGS, model(IDS)), expected, rtol=1e-6)
    wider = np.pad(IDS, ((0, 0), (0, 4))), np.pad(TAGS, ((0, 0), (0, 4)), constant_values=-1)
    np.testing.assert_allclose(model.evaluate(*wider, batch_size=5, verbose=0), expected, rtol=1e-6)


def test_sample_weights_weigh_sentences():
    layer = made()
    potentials, tags, _ = random_batch(22, batch=2, time=4)
    second = layer.loss(tags[1:], potentials[1:])
    np.testing.assert_allclose(layer.loss(tags, potentials, sample_weight=[0.0, 3.0]), second, rtol=1e-6)
    with pytest.raises(ValueError, match="one a sentence"):
        layer.loss(tags, potentials, sample_weight=np.ones((2, 4)))


# -- elsewhere ------------------------------------------------------------------------------------------------------


def run_python(code, *arguments, **environment):
    """The output of `code` in a fresh process."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    done = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def exported(path):
    """A SavedModel: potentials and lengths in, tags, score and marginals out."""
    layer = made(rules=RULES)

    def serve(potentials, lengths):
        mask = tf.sequence_mask(lengths, tf.shape(potentials)[1])
        tags, score = layer.viterbi(potentials, mask)
        return {"tags": tags, "score": score, "marginals": layer.marginals(potentials, mask)}

    archive = keras.export.ExportArchive()
    archive.track(layer)
    signature = [
        tf.TensorSpec([None, None, K], tf.float32, name="potentials"),
        tf.TensorSpec([None], tf.int32, name="lengths"),
    ]
    archive.add_endpoint("serving_default", serve, input_signature=signature)
    archive.write_out(str(path), verbose=False)
    return layer


def test_export_runs_in_tensorflows_cpp_loader(tmp_path):
    layer = exported(tmp_path / "model")
    potentials, _, mask = random_batch(23, batch=6, time=5)
    np.savez(tmp_path / "inputs.npz", potentials=potentials, lengths=mask.sum(axis=1).astype("int32"))
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", "run", "--dir", tmp_path / "model"]
    command += ["--tag_set", "serve", "--signature_def", "serving_default", "--outdir", tmp_path]
    command += ["--inputs", f"potentials={tmp_path}/inputs.npz[potentials];lengths={tmp_path}/inputs.npz[lengths]"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    tags, score = layer.viterbi(potentials, mask)
    np.testing.assert_array_equal(np.load(tmp_path / "tags.npy"), tags)
    np.testing.assert_allclose(np.load(tmp_path / "score.npy"), score, atol=1e-5)
    np.testing.assert_allclose(np.load(tmp_path / "marginals.npy"), layer.marginals(potentials, mask), atol=1e-5)


def test_export_serves_empty_batches(tmp_path):
    exported(tmp_path / "model")
    serve = tf.saved_model.load(tmp_path / "model").signatures["serving_default"]
    for batch, time in ((2, 0), (0, 3), (0, 0)):
        served = serve(potentials=tf.zeros([batch, time, K]), lengths=tf.zeros(batch, tf.int32))
        assert served["tags"].shape == (batch, time)


NUMPY = """
import numpy as np, sys
from seqtasks.layers.crf import CRF
data = dict(np.load(sys.argv[1]))
layer = CRF()
layer.build((None, None, 3))
layer.set_weights([data[name] for name in ("transitions", "start", "end")])
potentials, tags, mask = data["potentials"], data["tags"], data["mask"]
best, score = layer.viterbi(potentials, mask)
np.savez(sys.argv[1], likelihood=layer.log_likelihood(potentials, tags, mask), best=best, score=score,
         marginals=layer.marginals(potentials, mask), loss=layer.loss(np.where(mask, tags, -1), potentials))
"""


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="Keras's NumPy backend needs jax")
def test_the_definition_runs_on_another_backend(tmp_path):
    layer = made()
    potentials, tags, mask = random_batch(24, batch=5, time=4)
    weights = dict(zip(("transitions", "start", "end"), layer.get_weights(), strict=True))
    np.savez(tmp_path / "data.npz", potentials=potentials, tags=tags, mask=mask, **weights)
    run_python(NUMPY, tmp_path / "data.npz", KERAS_BACKEND="numpy")
    there = np.load(tmp_path / "data.npz")
    best, score = layer.viterbi(potentials, mask)
    np.testing.assert_array_equal(there["best"], best)
    np.testing.assert_allclose(there["score"], score, atol=1e-5)
    np.testing.assert_allclose(there["likelihood"], layer.log_likelihood(potentials, tags, mask), atol=1e-5)
    np.testing.assert_allclose(there["marginals"], layer.marginals(potentials, mask), atol=1e-5)
    np.testing.assert_allclose(there["loss"], layer.loss(np.where(mask, tags, -1), potentials), atol=1e-5)


DETERMINED = """
import numpy as np, tensorflow as tf
from seqtasks.layers.crf import CRF
tf.config.experimental.enable_op_determinism()
layer, rng = CRF(), np.random.default_rng(0)
potentials = tf.constant(rng.normal(size=(32, 30, 17)), tf.float32)
tags = rng.integers(0, 17, size=(32, 30))
tags[np.arange(30) >= rng.integers(1, 31, size=(32, 1))] = -1
@tf.function
def step():
    with tf.GradientTape() as tape:
        tape.watch(potentials)
        loss = layer.loss(tags, potentials)
    return [loss, *tape.gradient(loss, [potentials, *layer.trainable_variables])]
layer.build((None, None, 17))
bits = {b"".join(x.numpy().tobytes() for x in step()) for _ in range(20)}
print(len(bits))
"""


def test_bits_repeat_under_op_determinism():
    assert run_python(DETERMINED).strip() == "1"


@pytest.mark.parametrize("compiled", [True, False], ids=["graph", "eager"])
def test_wrong_tags_and_padding_on_the_left_have_no_result(compiled):
    layer = made()
    potentials, tags, _ = random_batch(5, batch=3, time=3)
    mask = np.array([[True, True, True], [True, False, False], [False, True, True]])
    calls = (layer.log_likelihood, layer.marginals, layer.viterbi)
    likelihood, marginals, viterbi = (tf.function(call) if compiled else call for call in calls)
    for found in (likelihood(potentials, tags, mask), marginals(potentials, mask), viterbi(potentials, mask)[1]):
        assert np.isnan(found[2]).all() and np.isfinite(found[:2]).all()
    best, _ = viterbi(potentials, mask)
    assert np.all(best[2] == -1) and np.all(best[:2] >= 0)
    mask[2] = True
    tags[0, 1], tags[1, 1], tags[2, 2] = K, K, -1  # the second is on padding
    assert np.isnan(likelihood(potentials, tags, mask)).tolist() == [True, False, True]
    observed = np.array([[True, False, True]] * 3)
    assert np.isnan(likelihood(potentials, tags, mask, observed)).tolist() == [False, False, True]
    assert np.isnan(layer.loss(np.array([[K]]), potentials[:1, :1]))
