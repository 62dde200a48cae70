"""The whole line of the language family on tiny data: run, eval, predict, score, sample, export."""

import io
import json
import math
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, DataError, RefusedLinesError, RunError
from seqtasks.layers import CELLS
from seqtasks.pipelines import checkpoint, prediction, sampling, scoring, serving, sources, spool, training
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.language import streams
from seqtasks.tasks import demo_language, load_task
from seqtasks.tasks.examples import Text
from seqtasks.tasks.units import END, UNKNOWN
from tests.conftest import TINY, Quiet, tiny_run
from tests.pipelines.test_run_folder import content
from tests.pipelines.test_training import PowerCutError, stop_after, weights

LM = load_task("lm")
LINES = ["Jordan may leave Paris .", "", "zzz leave Paris", "  \t ", "\x01", "May " * 40, "Will May ?"]


@pytest.fixture(scope="session")
def text_folder(tmp_path_factory):
    """A part of the demo corpus as plain text, a line a sentence."""
    folder = tmp_path_factory.mktemp("texts")
    splits = demo_language.language()
    for split, count in (("train", 250), ("dev", 40), ("test", 50)):
        lines = "".join(text.text + "\n" for text in splits[split][:count])
        (folder / f"{split}.txt").write_text("\n" + lines)
    return folder


@pytest.fixture(scope="module")
def lm_run(text_folder, tmp_path_factory):
    return tiny_run("lm", text_folder, tmp_path_factory.mktemp("runs") / "lm")[0].path


@pytest.fixture(scope="module")
def subword_run(text_folder, tmp_path_factory):
    options = {"epochs": 1, "unit": "subword", "pieces": 400}
    return tiny_run("lm", text_folder, tmp_path_factory.mktemp("runs") / "subwords", **options)[0].path


@pytest.fixture(scope="module")
def subword_model(subword_run):
    return conductor.load_run(LM, str(subword_run))[2]


@pytest.fixture
def model(lm_run):
    """The run's model, for tests that change its weights."""
    return conductor.load_run(LM, str(lm_run))[2]


@pytest.fixture(scope="module")
def service(lm_run):
    """Loaded and traced once."""
    return conductor.load_run(LM, str(lm_run))[2].service()


@pytest.fixture(scope="module")
def report(lm_run):
    return json.loads((lm_run / "scores.json").read_text())


@pytest.fixture(scope="module")
def exported(lm_run, tmp_path_factory):
    return conductor.export(LM, str(lm_run), str(tmp_path_factory.mktemp("export") / "model"))


def fitted(texts, scale=0.5, **flags):
    """A new language model with weights that are no longer near zero; large ones make it remember and be sure."""
    config = resolve("lm", "language", {}, {**TINY, "min_count": 1, **flags})
    model = conductor.family_of(LM).fit(LM, config, [Text(text) for text in texts])
    rng = np.random.default_rng(0)
    for weight in model.network.trainable_variables:
        weight.assign(rng.normal(size=weight.shape) * scale)
    return model


def question(text, output="tsv"):
    return conductor.Question(io.BufferedReader(io.BytesIO(text.encode())), "lines", False, output)


def scoring_of(text, run="", model="", choose=False):
    content = text if isinstance(text, bytes) else text.encode()
    return scoring.score(LM, str(run), str(model), io.BytesIO(content), "lines", choose)


def scored(text, run="", model="", choose=False):
    return list(scoring_of(text, run, model, choose))


def written(run="", model="", **wish):
    options = {
        "prompt": "",
        "length": 12,
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
        "unknown": False,
        "seed": 1,
        "count": 1,
    }
    found = sampling.sample(LM, str(run), str(model), sampling.Wish(**{**options, **wish}))
    return [answer["text"] for answer in found]


# --- the run's folder


def test_a_run_folder_holds_all_there_is_to_know(lm_run):
    names = {str(path.relative_to(lm_run)) for path in lm_run.rglob("*") if path.is_file()}
    assert {
        "config.toml",
        "scores.json",
        "model.weights.h5",
        "checkpoint/state.npz",
        "predictions/test.txt",
        "baselines/unigram.npz",
        "baselines/kneser_ney.npz",
        "vocabulary/units.json",
    } <= names
    assert not [name for name in names if ".partial" in name or name.endswith((".pkl", ".pickle"))]


def test_scores_have_the_one_shape_and_training_has_taught_something(report):
    names = [score["name"] for score in report["scores"]]
    assert names == ["perplexity", "bits_per_character", "bits_per_word"]
    assert [score["name"] for score in report["baselines"]["kneser_ney"]] == names
    values = {name: scores[0]["value"] for name, scores in report["baselines"].items()}
    assert values["kneser_ney"] < report["scores"][0]["value"] < values["unigram"]
    assert "unit:word" in report["scores"][0]["signature"] and "context:carried" in report["scores"][0]["signature"]


def test_the_written_predictions_give_the_written_score(lm_run, text_folder, report):
    rows = [line.split("\t") for line in (lm_run / "predictions/test.txt").read_text().splitlines()]
    assert [row[2] for row in rows] == (text_folder / "test.txt").read_text().split("\n")[1:-1]
    total, units = sum(float(row[0]) for row in rows), sum(int(row[1]) for row in rows)
    assert report["scores"][0]["value"] == pytest.approx(np.exp(-total / units), rel=1e-5)


def test_eval_finds_what_the_run_found(lm_run, report):
    assert conductor.evaluate(LM, str(lm_run), {}, None, Quiet()) == report


@pytest.mark.parametrize(
    "name", ["model.weights.h5", "vocabulary/units.json", "vocabulary/language.json", "baselines/kneser_ney.npz"]
)
def test_a_damaged_file_of_a_run_is_named(lm_run, tmp_path, name):
    shutil.copytree(lm_run, tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError) as caught:
        conductor.evaluate(LM, str(tmp_path / "run"), {}, None, Quiet())
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("stop_at", "options"), [(2, {"recurrent_dropout": 0.1}), (5, {"optimizer": "sgd", "learning_rate": 1e3})], ids=str
)
def test_a_stopped_run_goes_on_as_if_it_never_stopped(text_folder, tmp_path, monkeypatch, stop_at, options):
    """The states that are carried come from the checkpoint; so does the step size, which has fallen here."""
    options = {"batch_size": 8, "steps": 20, "plateau": 0.5, "patience": 9, **options}
    whole, _, reporter = tiny_run("lm", text_folder, tmp_path / "whole", **options)
    if "optimizer" in options:
        assert len({row["learning_rate"] for row in reporter.rows}) > 1
    stop_after(stop_at, monkeypatch)
    with pytest.raises(PowerCutError):
        tiny_run("lm", text_folder, tmp_path / "stopped", **options)
    monkeypatch.undo()
    resumed = tiny_run("lm", text_folder, tmp_path / "stopped", **options)[0]
    assert weights(resumed) == weights(whole)
    assert (resumed.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()


# --- learning


def losses_and_gradients(model, batches):
    """Of each batch in order, states carried, and nothing learnt in between."""
    found = []
    for inputs, targets in batches:
        with tf.GradientTape() as tape:
            outputs = model.network({name: tf.constant(value) for name, value in inputs.items()}, training=True)
            loss = model.network.compute_loss(y=tf.constant(targets), y_pred=outputs)
        variables = [variable.value for variable in model.network.trainable_variables]
        found.append((float(loss), [np.array(tf.convert_to_tensor(g)) for g in tape.gradient(loss, variables)]))
    return found


def unrolled(model, ids):
    """The loss and the gradients of back-propagation through the whole of one text, by the cells, unit by unit."""
    network = model.network
    units = [END, *ids[:-1]]
    with tf.GradientTape() as tape:
        states, total = network.zero_states(1), 0.0
        for unit, target in zip(units, ids, strict=True):
            features = network.softmax(tf.constant([unit]))
            after = []
            for layer, state in zip(network.stack.recurrent, states, strict=True):
                features, last = layer.cell(features, state)
                after.append(last)
            states = after
            total -= tf.nn.log_softmax(network.softmax.logits(features))[0, target]
        loss = total / len(ids)
    variables = [variable.value for variable in network.trainable_variables]
    return float(loss), [np.array(tf.convert_to_tensor(g)) for g in tape.gradient(loss, variables)]


@pytest.mark.parametrize("cell", CELLS)
def test_truncated_back_propagation_of_k_steps_is_the_full_one_where_the_text_is_k_long(cell):
    text = "a b c a d b a c"  # with its end, 9 units
    options = {"cell": cell, "depth": 2, "dropout": 0.0, "batch_size": 1}
    model = fitted([text], steps=9, **options)
    ids = model.encode([Text(text)]).ids.tolist()
    loss, gradients = unrolled(model, ids)
    [(ours, theirs)] = losses_and_gradients(model, model.training_batches([Text(text)]).epoch(0, 0))
    assert ours == pytest.approx(loss, abs=1e-6)
    for one, other in zip(theirs, gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)

    # cut in three, the loss is the same, for states are carried; the gradient is not, for it is cut
    cut = fitted([text], steps=3, **options)
    parts = losses_and_gradients(cut, cut.training_batches([Text(text)]).epoch(0, 0))
    assert len(parts) == 3 and np.mean([value for value, _ in parts]) == pytest.approx(loss, abs=1e-6)
    summed = [sum(of_part) / 3 for of_part in zip(*(of for _, of in parts), strict=True)]
    assert max(np.abs(one - other).max() for one, other in zip(summed, gradients, strict=True)) > 1e-4


def test_each_epoch_begins_afresh_and_goes_on_within():
    texts = ["a b c a d b a c"] * 3
    model = fitted(texts, steps=4, batch_size=2, dropout=0.0)
    data = model.encode([Text(text) for text in texts])
    batches = model.training_batches([Text(text) for text in texts])
    assert np.array_equal(data.ids, model.encode([Text(text) for text in texts]).ids)
    first, again = (losses_and_gradients(model, batches.epoch(0, 0)) for _ in range(2))
    assert [value for value, _ in first] == [value for value, _ in again]
    alone = losses_and_gradients(model, list(batches.epoch(0, 0))[1:2])[0][0]
    assert abs(alone - first[1][0]) > 1e-4  # after another batch it is another loss


def test_carried_states_belong_to_a_checkpoint_and_not_to_the_weights(lm_run):
    model = fitted(["a b c"], batch_size=3)
    model.training_batches([Text("a b c a b c")])
    assert [tuple(state.shape) for state in model.network.carried] == [(3, 8)] * 2
    carried = {id(state) for state in model.network.carried}
    assert not carried & {id(variable) for variable in model.network.variables}
    model.network.compile(optimizer="sgd")
    assert carried <= {id(variable) for variable in checkpoint._variables(model.network)}


def test_a_handful_of_texts_is_learnt_by_heart():
    lines = [" ".join(f"{first}{place}" for place in range(5)) for first in "abcd"]
    texts = [Text(line) for line in lines]
    config = resolve("lm", "language", {}, {**TINY, "units": 32, "dropout": 0.0, "min_count": 1, "learning_rate": 0.1,
                                            "batch_size": 2, "steps": 6, "epochs": 40, "average": 0.0})  # fmt: skip
    keras.utils.set_random_seed(1)
    model = conductor.family_of(LM).fit(LM, config, texts)
    batches = model.training_batches(texts)
    training.compile_model(model.network, config.training, batches.steps(0))
    model.network.make_train_function()
    for epoch in range(config.training.epochs):
        for batch in batches.epoch(epoch, 0):
            model.network.train_function(iter([batch]))
    assert model.dev_score(LM, texts, model.predict(model.encode(texts))) > -1.4
    found = model.service().sample(tf.constant(["b0"]), 9, 0.0, tf.constant([1], tf.int64))
    assert found["text"].numpy()[0].decode() == lines[1]

    # weights that an update has ruined are never the best
    model.network.trainable_variables[0].assign(model.network.trainable_variables[0] * np.nan)
    with pytest.raises(RunError, match="perplexity on dev is no finite number"):
        model.dev_score(LM, texts, model.predict(model.encode(texts)))


@pytest.mark.parametrize(
    "options",
    [
        {"cell": "gru", "depth": 3, "connection": "residual", "unit": "char"},
        {"cell": "mgu", "depth": 2, "connection": "highway", "tied": False, "words": "tokeniser", "min_count": 3},
        {
            "cell": "peephole",
            "depth": 2,
            "connection": "dense",
            "embedding_units": 6,
            "optimizer": "sgd",
            "learning_rate": 1.0,
        },
    ],
    ids=str,
)
def test_cells_units_and_options_run(text_folder, tmp_path, options):
    folder, report, _ = tiny_run("lm", text_folder, tmp_path / "run", epochs=1, **options)
    assert conductor.evaluate(LM, str(folder.path), {}, None, Quiet()) == report
    [found] = scored("Jordan may leave .\n", run=folder.path)
    assert found["log_probability"] < 0 and len(written(folder.path, prompt="Jordan", length=3)) == 1


@pytest.mark.parametrize("flags", [{"bidirectional": True}, {"skip": 2, "depth": 2}, {"skip": 2, "depth": 1}])
def test_what_a_language_model_cannot_have_is_refused_with_the_reason(flags):
    with pytest.raises(ConfigError, match=r"language model (reads forward|carries)"):
        resolve("lm", "language", {}, flags)


def test_sgd_wants_a_step_size_of_its_own():
    with pytest.raises(ConfigError, match="sgd hardly moves a weight"):
        resolve("lm", "language", {}, {"optimizer": "sgd"})
    # whoever chose it, for a recipe's is adamw's, too
    with pytest.raises(ConfigError, match="sgd hardly moves a weight"):
        resolve("lm", "language", {"training": {"learning_rate": 0.0015}}, {"optimizer": "sgd"})
    assert resolve("lm", "language", {}, {"optimizer": "sgd", "learning_rate": 5.0}).training.learning_rate == 5


def test_dev_is_the_end_of_train_where_there_is_none(tmp_path):
    (tmp_path / "train.txt").write_text("".join(f"line {number}\n" for number in range(20)))
    data = sources.load(LM, resolve("lm", "language", {}, {"data": str(tmp_path)}).data)
    read = [text.text for split in ("train", "dev") for text in data.splits[split]]
    assert read == [f"line {number}" for number in range(20)]
    assert any("held out of train" in note and "its end" in note for note in data.notes)


# --- probabilities


def test_probabilities_sum_to_one_after_any_text():
    model = fitted(["a b c d e f g"], depth=2)
    size = model.encoder.size
    for prefix in ("", "a b", "a zzz c d"):
        ids = [END, *model.encode([Text(prefix)]).ids[:-1]]
        every = [*range(size)]
        read = tf.constant([ids] * size)
        targets = tf.concat([read[:, 1:], tf.constant(every)[:, None]], axis=1)
        found, _ = model.network.advance(read, targets, model.network.zero_states(size))
        assert float(tf.reduce_sum(tf.exp(found[:, -1]))) == pytest.approx(1, abs=1e-5)


def test_the_score_of_a_text_is_the_sum_over_its_steps():
    model = fitted(["a b c d e f g"], depth=2, dropout=0.5)
    service = model.service()
    text = "a zzz c d a a g"
    ids = model.encode([Text(text)]).ids.tolist()
    states, total = model.network.zero_states(1), 0.0
    for unit, target in zip([END, *ids[:-1]], ids, strict=True):
        found, states = model.network.advance(tf.constant([[unit]]), tf.constant([[target]]), states)
        total += float(found[0, 0])
    answer = {name: value.numpy()[0] for name, value in service.score(tf.constant([text])).items()}
    assert answer["log_probability"] == pytest.approx(total, abs=1e-5)
    assert (answer["tokens"], answer["unknown"]) == (8, 1)
    assert answer["perplexity"] == pytest.approx(np.exp(-total / 8), rel=1e-5)


def test_a_split_is_scored_as_one_long_text(monkeypatch):
    """With one stream it is the sum over all steps; more streams, warmed up, come near."""
    words = np.random.default_rng(1).choice(list("abcdefg"), [60, 6])
    texts = [Text(" ".join(row)) for row in words]
    model = fitted([text.text for text in texts], depth=2)
    encoded = model.encode(texts)
    ids = encoded.ids.tolist()
    read, targets = (tf.constant([row]) for row in ([END, *ids[:-1]], ids))
    expected, _ = model.network.advance(read, targets, model.network.zero_states(1))
    found = np.concatenate([answer.log_probabilities for answer in model.predict(encoded)])
    np.testing.assert_allclose(found, expected[0], atol=1e-5)
    monkeypatch.setattr(streams, "WARM_UP", 12)
    near = np.concatenate([answer.log_probabilities for answer in model.predict(encoded)])
    assert streams.ScoringStreams(encoded).streams == 4
    assert 0 < np.abs(near - found).max() < 0.05


def test_company_and_padding_change_nothing(service):
    together = list(prediction.answer_lines(service.score, LINES))
    alone = [next(prediction.answer_lines(service.score, [line])) for line in LINES]
    for one, other in zip(together, alone, strict=True):
        assert one["log_probability"] == pytest.approx(other["log_probability"], abs=1e-5)
        assert (one["tokens"], one["unknown"]) == (other["tokens"], other["unknown"])
    assert [answer["tokens"] for answer in together] == [6, 1, 4, 1, 2, 41, 4]
    assert [answer["unknown"] for answer in together] == [0, 0, 1, 0, 1, 0, 0]


def test_a_run_on_texts_that_are_not_in_memory_ends_with_the_same_bits(lm_run, text_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "LARGE", 0)
    assert content(tiny_run("lm", text_folder, tmp_path / "run")[0].path) == content(lm_run)


# --- score and predict


def test_predict_and_score_say_the_same(lm_run):
    text = "\n".join(LINES) + "\n"
    answers = [
        json.loads(answer) for answer in conductor.predict(LM, str(lm_run), "", question(text, "jsonl"), pytest.fail)
    ]
    assert [{**answer, "text": line} for answer, line in zip(answers, LINES, strict=True)] == scored(text, run=lm_run)
    for output in ("tsv", "text"):
        lines = list(conductor.predict(LM, str(lm_run), "", question(text, output), pytest.fail))
        assert all(line.count("\n") == 1 for line in lines)
        assert float(lines[0].split("\t")[0]) == pytest.approx(answers[0]["log_probability"], abs=1e-4)


def test_the_best_of_each_group_is_chosen(lm_run, monkeypatch):
    good, bad = "Jordan may leave Paris .", "Paris . leave may Jordan"
    groups = [[bad, good], [good, good, bad], [bad]]
    text = "\n\n" + "\n \n\n".join("\n".join(group) for group in groups) + "\n\n"
    chosen = scored(text, run=lm_run, choose=True)
    assert [answer["text"] for answer in chosen] == [good, good, bad]
    # also where a group is answered in several chunks
    monkeypatch.setattr(prediction, "CHUNK", 2)
    assert scored(text, run=lm_run, choose=True) == chosen
    assert scored("\n\n", run=lm_run, choose=True) == []


def test_an_unknown_word_is_no_better_than_any_that_is_known(lm_run):
    known, unknown = "Paris . leave may Jordan", "Jordan may leave zzz ."
    found = scored(f"{unknown}\n{known}\n", run=lm_run)
    assert found[0]["log_probability"] > found[1]["log_probability"]
    for group in ((unknown, known), (known, unknown)):
        assert [answer["text"] for answer in scored("\n".join(group), run=lm_run, choose=True)] == [known]


def test_no_text_has_no_score(service):
    for found in (service.score(tf.constant([], tf.string)), service.sample([], 3, 1.0, tf.constant([], tf.int64))):
        assert all(value.shape == (0,) for value in found.values())


def test_a_line_that_is_no_text_is_named_after_what_came_before(lm_run):
    answers = scoring_of(b"fine\n\xff\n", lm_run)
    assert next(answers)["text"] == "fine"
    with pytest.raises(DataError, match="lines:2: bytes that are not UTF-8"):
        next(answers)


def test_a_candidate_too_long_to_be_scored_is_named_and_the_others_are_compared(lm_run):
    good, bad = "Jordan may leave Paris .", "Paris . leave may Jordan"
    text = "\n".join([bad, "a" * 200_000, good, "", "a" * 200_000, "", bad])
    found = []
    with pytest.raises(RefusedLinesError, match=r"lines: not answered.*: lines:2, lines:5; "):
        found.extend(scoring_of(text, lm_run, choose=True))
    assert [answer["text"] for answer in found] == [good, "", bad]
    assert math.isnan(found[1]["log_probability"])
    each = []
    with pytest.raises(RefusedLinesError, match=r": lines:2, lines:5; "):
        each.extend(scoring_of(text, lm_run))
    assert [answer["text"] for answer in each] == [bad, "", good, "", "", "", bad]


# --- sample


def test_samples_follow_from_their_seed_alone(lm_run, service):
    several = written(lm_run, count=sampling.BATCH + 2, seed=3)
    assert len(set(several)) > 1
    for place in (0, 1, sampling.BATCH + 1):
        alone = service.sample(tf.constant([""]), 12, 1.0, tf.constant([3 + place], tf.int64))["text"].numpy()
        assert [several[place].encode()] == alone.tolist()


def test_with_a_long_prompt_few_texts_are_written_at_once(lm_run, monkeypatch):
    several = written(lm_run, prompt="Jordan", count=5)
    monkeypatch.setattr(sampling, "BATCH_CHARACTERS", 17)
    seen = []
    served = sampling.run.serving_functions(LM, str(lm_run), "")
    sample_top = served.signatures["sample_top"]
    counting = {**served.signatures, "sample_top": lambda **of: seen.append(len(of["seed"])) or sample_top(**of)}
    monkeypatch.setattr(sampling.run, "serving_functions", lambda *_: served._replace(signatures=counting))
    assert written(lm_run, prompt="Jordan", count=5) == several and seen == [2, 2, 1]


def test_samples_keep_their_prompt_and_stop_at_the_end_of_the_text(lm_run, model):
    for text in written(lm_run, prompt="  Jordan  zzz  may ", count=9, length=30):
        assert text.startswith("Jordan  zzz  may")
    # an end that is certain comes at once, and one that can't come never
    bias = model.network.softmax.bias
    for amount, expected in ((100.0, 0), (-100.0, 9)):
        bias.assign(tf.tensor_scatter_nd_update(tf.convert_to_tensor(bias), [[END]], [amount]))
        found = model.service().sample(tf.constant(["Jordan", ""]), 9, 1.0, tf.constant([1, 2], tf.int64))
        assert found["units"].numpy().tolist() == [expected] * 2
        assert [len(text.split()) for text in found["text"].numpy()] == [1 + expected, expected]


def test_unknown_units_of_a_prompt_are_told(lm_run):
    warned = []
    wish = sampling.Wish("Jordan zzz may xxx", 2, 1.0, 0, 1.0, False, 1, 1)
    assert len(list(sampling.sample(LM, str(lm_run), "", wish, warned.append))) == 1
    assert warned == ["--prompt: the model does not know 2 of its units, and reads them as <unk>"]


def test_nothing_is_added_where_the_length_is_below_one(service):
    for length in (0, -1):
        found = service.sample(tf.constant(["Jordan"]), length, 1.0, tf.constant([1], tf.int64))
        assert found["text"].numpy().tolist() == [b"Jordan"] and found["units"].numpy().tolist() == [0]


def test_the_unknown_word_is_never_written_unless_asked_for(model):
    bias = model.network.softmax.bias
    bias.assign(tf.tensor_scatter_nd_update(tf.convert_to_tensor(bias), [[UNKNOWN]], [30.0]))
    service = model.service()
    seeds = tf.range(20, dtype=tf.int64)
    prompts = tf.fill([20], "Jordan")
    assert not any(b"<unk>" in text for text in service.sample(prompts, 9, 1.0, seeds)["text"].numpy())
    asked = service.sample_top(prompts, 9, 1.0, seeds, 0, 1.0, True)["text"].numpy()
    assert sum(text.count(b"<unk>") for text in asked) > 150


def test_what_is_drawn_has_the_probabilities_that_score_gives(lm_run, model):
    """First words of many samples, against their probability."""
    count = 3000
    texts = written(lm_run, count=count, length=1, unknown=True)
    for word, found in sorted(((word, texts.count(word)) for word in set(texts)), key=lambda pair: -pair[1])[:3]:
        target = model.encode([Text(word)]).ids[0]
        chance, _ = model.network.advance(tf.constant([[END]]), tf.constant([[target]]), model.network.zero_states(1))
        assert found / count == pytest.approx(float(tf.exp(chance[0, 0])), rel=0.35)


@pytest.mark.parametrize("prompt", ["a c zzz", "b", "g f e d", "d d d"])
def test_no_temperature_is_the_most_probable_unit_each_time(prompt):
    model = fitted(["a b c d e f g"], scale=2.0, depth=2)
    service = model.service()
    states, units = model.network.zero_states(1), [END, *model.encode([Text(prompt)]).ids[:-1].tolist()]
    expected = [prompt]
    for _ in range(12):
        outputs, states = model.network.read(tf.constant([units]), states, training=False)
        chances = model.network.softmax.logits(outputs[:, -1]).numpy()[0]
        chances[UNKNOWN] = -np.inf
        best = int(chances.argmax())
        if best == END:
            break
        expected.append(model.vocabularies.units.entries[best - 2])
        units = [best]
    for temperature, top_k, top_p in ((0.0, 0, 1.0), (1.0, 1, 1.0), (1.0, 0, 1e-6)):
        filters = tf.constant(top_k), tf.constant(top_p), tf.constant(False)
        found = service.sample_top(tf.constant([prompt]), 12, temperature, tf.constant([7], tf.int64), *filters)
        assert found["text"].numpy()[0].decode() == " ".join(expected)


def test_prompts_of_different_lengths_do_not_disturb_each_other():
    service = fitted(["a b c d e f g"], scale=2.0, depth=2).service()
    prompts, seeds = ["a b c d e f", "", "g"], tf.constant([1, 2, 3], tf.int64)
    together = service.sample(tf.constant(prompts), 12, 1.0, seeds)["text"].numpy().tolist()
    for place, prompt in enumerate(prompts):
        alone = service.sample(tf.constant([prompt]), 12, 1.0, seeds[place : place + 1])["text"].numpy()
        assert together[place] == alone[0]


# --- the export


def test_the_savedmodel_answers_as_the_run_does(lm_run, exported):
    text = "\n".join(LINES) + "\n"
    assert scored(text, model=exported) == scored(text, run=lm_run)
    wish = {"prompt": "Jordan", "count": 4, "top_k": 30, "top_p": 0.9, "temperature": 0.8}
    assert written(model=exported, **wish) == written(lm_run, **wish)
    with pytest.raises(RunError, match="another kind"):
        conductor.predict(load_task("ner"), "", str(exported), question("a"), pytest.fail)


def test_savedmodels_load_in_a_process_without_this_project(exported, service, subword_model, tmp_path):
    """One of words with TensorFlow alone; beside it one of subwords, after tensorflow_text."""
    subwords = tmp_path / "subwords"
    serving.export(subword_model.service(), subwords)
    script = f"""
import json, sys, tensorflow as tf
sys.modules["seqtasks"] = None
def answers(path):
    signatures = tf.saved_model.load(path).signatures
    found = signatures["serving_default"](text=tf.constant({LINES!r}))
    same = signatures["score"](text=tf.constant({LINES!r}))
    assert all((found[name].numpy() == same[name].numpy()).all() for name in found)
    prompt = {{"prompt": tf.constant(["Jordan", ""]), "seed": tf.constant([1, 2], tf.int64)}}
    texts = signatures["sample"](**prompt, length=tf.constant(12), temperature=tf.constant(1.0))["text"].numpy()
    return found["log_probability"].numpy().tolist(), [text.decode() for text in texts]
words = answers({str(exported)!r})
import tensorflow_text
print(json.dumps([words, answers({str(subwords)!r})]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
    for (scores, texts), ours in zip(json.loads(done.stdout), (service, subword_model.service()), strict=True):
        assert scores == pytest.approx(ours.score(tf.constant(LINES))["log_probability"].numpy(), abs=1e-5)
        found = ours.sample(tf.constant(["Jordan", ""]), 12, 1.0, tf.constant([1, 2], tf.int64))["text"].numpy()
        assert texts == [text.decode() for text in found]


def test_the_savedmodel_passes_tensorflows_cpp_loader(exported):
    """Both signatures in one process, for TensorFlow is long to load."""
    script = """
import sys
from tensorflow.python.tools.saved_model_cli import main
program, folder = sys.argv
for signature, inputs in (("serving_default", "text=[b'Jordan left .', b'']"),
                          ("sample", "prompt=[b'Jordan'];length=3;temperature=1.0;seed=[1]")):
    sys.argv = [program, "run", "--dir", folder, "--tag_set", "serve", "--signature_def", signature]
    sys.argv += ["--input_exprs", inputs]
    try:
        main()
    except SystemExit as end:
        assert not end.code
"""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(exported)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "log_probability" in done.stdout and "b'Jordan" in done.stdout


# --- units


def test_words_are_what_stands_between_blanks_where_signs_stand_apart():
    apart = fitted(["so , it is 1,200 <unk> !", "n.v. \u2003it\x85is"] * 2, min_count=0)
    assert not apart.vocabularies.by_tokeniser
    assert apart.vocabularies.units.entries == ("is", "it", "!", ",", "1,200", "n.v.", "so")
    ids = apart.encode([Text("it <unk> zzz is")]).ids.tolist()
    assert ids == [3, UNKNOWN, UNKNOWN, 2, END]  # it <unk> zzz is end
    assert fitted(["The cat sees it.", "It sees a cat."], min_count=1).vocabularies.by_tokeniser
    marked = ["so <unk> it <unk>", "so it"]
    assert "unk" in fitted(marked, words="tokeniser", min_count=0).vocabularies.units.ids
    raw = fitted(["So, it isn't 1,200!", "So it is, really."] * 2)
    assert raw.vocabularies.by_tokeniser and "n't" in raw.vocabularies.units.ids
    assert fitted(["So, it is!"], words="blanks").vocabularies.units.entries == ("So,", "is!", "it")
    # a text that speaks of marks is raw all the same
    spoken = fitted(["So, it isn't 1,200!"] * 500 + ["What does <unk> mean, then?"])
    assert spoken.vocabularies.by_tokeniser and "unk" in spoken.vocabularies.units.ids
    assert not fitted(["So, <unk> isn't 1,200!"] * 9).vocabularies.by_tokeniser


def test_rare_words_are_unknown_unless_the_text_marks_them_itself():
    texts = [Text("a a b")]
    fit = conductor.family_of(LM).fit
    assert fit(LM, resolve("lm", "language", {}, TINY), texts).vocabularies.units.entries == ("a",)
    marked = [Text("a a b <unk>")]
    assert fit(LM, resolve("lm", "language", {}, TINY), marked).vocabularies.units.entries == ("a", "b")


def test_characters_hold_blanks_and_line_ends():
    model = fitted([" ab\nb  \U0001f469 "], unit="char")
    assert set(model.vocabularies.units.entries) == {"a", "b", "\n", " ", "\U0001f469"}
    assert len(model.encode([Text(" ab\nb  \U0001f469 ")]).ids) == 8
    service = model.service()
    [text] = service.sample(tf.constant([" ab\n"]), 5, 1.0, tf.constant([1], tf.int64))["text"].numpy()
    assert text.startswith(b"ab\n") and b"\xef\xbf\xbd" not in text
    # a blank at a prompt's end is a character that was read
    assert len(model.encoder(tf.constant([" ab "]), begun=True)[0]) == 3


def test_subwords_come_back_and_prompts_stay_as_they_are(subword_run, subword_model):
    report = json.loads((subword_run / "scores.json").read_text())
    assert "unit:subword" in report["scores"][0]["signature"] and "unknown:0" in report["scores"][0]["signature"]
    # its signs are none of the demo corpus's
    [answer] = scored("Jordan may 猫猫 leave\n", run=subword_run)
    assert answer["unknown"] >= 1 and answer["log_probability"] < 0
    model = subword_model
    assert model.encoder.size == len(model.vocabularies) <= 400
    continued = tf.function(model.encoder.continued)
    first, second = (model.encoder(tf.constant(part)) for part in (["Jordan may", "Jor", "猫", ""], ["leave ."] * 4))
    back = continued(tf.constant([" Jordan  may ", "Jor", "猫", ""]), first, second).numpy()
    assert [text.decode() for text in back] == ["Jordan  may leave .", "Jor leave .", "猫 leave .", "leave ."]
    for text in written(subword_run, prompt="Jordan 猫", count=3, length=8):
        assert text.startswith("Jordan 猫") and "\u2047" not in text


# --- hostile input


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "no example in the file"),
        (b"\n\n \t\n", "no example in the file"),
        (b"fine\n\xff\xfe\n", "train.txt:2: bytes that are not UTF-8"),
        (b"every word once\n", "no word occurs 2 times or more.*try: --min-count 1"),
        ("我有三本书，你呢？\n他没有。\n".encode(), "no word occurs 2 times or more.*try: --unit char"),
        ("我有三本书，你呢？\n我有三本书，你呢？\n".encode(), "nothing that the training split has.*try: --unit char"),
    ],
)
def test_a_training_file_without_text_is_named(tmp_path, content, named):
    (tmp_path / "train.txt").write_bytes(content)
    (tmp_path / "dev.txt").write_text("他没有\n" if "呢".encode() in content else "a b\n")
    with pytest.raises(DataError, match=named):
        tiny_run("lm", tmp_path, tmp_path / "run")


def test_a_split_of_unknown_words_is_told_or_refused(lm_run, tmp_path):
    (tmp_path / "half.txt").write_text("Jordan zzz may xxx\n")
    (tmp_path / "none.txt").write_text("zzz xxx\n")
    reporter = Quiet()
    conductor.evaluate(LM, str(lm_run), {"test": str(tmp_path / "half.txt")}, None, reporter)
    assert any("50% of the words are unknown" in line for line in reporter.warned)
    with pytest.raises(DataError, match=r"none\.txt: nothing that the training split has; received 'zzz xxx'"):
        conductor.evaluate(LM, str(lm_run), {"test": str(tmp_path / "none.txt")}, None, Quiet())


def test_running_text_is_read_in_paragraphs(text_folder, tmp_path):
    for split in ("train", "dev", "test"):
        lines = (text_folder / f"{split}.txt").read_text().split("\n")
        text = "\n\n".join("\n".join(lines[begin : begin + 5]) for begin in range(0, len(lines), 5))
        (tmp_path / f"{split}.txt").write_text(text)
    folder, report, _ = tiny_run("lm", tmp_path, tmp_path / "run", epochs=1, format="running", unit="char")
    assert "texts:11" in report["scores"][0]["signature"]
    assert "\n" in conductor.load_run(LM, str(folder.path))[2].vocabularies.units.ids
    other = conductor.evaluate(LM, str(folder.path), {"test": str(tmp_path / "dev.txt")}, None, Quiet())
    paragraphs = (tmp_path / "dev.txt").read_text().count("\n\n") + 1
    assert f"texts:{paragraphs}|" in other["scores"][0]["signature"] + "|"
