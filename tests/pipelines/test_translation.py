"""The whole line of the translation family on tiny data: run, eval, predict, export."""

import contextlib
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import types
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, DataError, RunError
from seqtasks.pipelines import comparison, inspection, serving, sources, spool, subwords, tokenizer, training, words
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.question import answers as answers_to
from seqtasks.pipelines.translation import alignment
from seqtasks.pipelines.translation.family import Translator
from seqtasks.pipelines.translation.service import TranslationService
from seqtasks.pipelines.translation.vocabularies import encode
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from seqtasks.tasks import demo_german, load_task
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.task import Columns
from tests.conftest import TINY, Quiet, tiny_run
from tests.pipelines.test_run_folder import content

TRANSLATE = load_task("translate")
LINES = [
    "Anna lost her keys.",
    "",
    "don't",
    " \t ",
    "Ärger \U0001f469\u200d\U0001f4bb #x",
    "a " * 60,
    "\x01",
    "￭ Jordan",
]
OPTIONS = {"vocabulary_size": 200, "beam": 3, "max_source": 50, "batch_tokens": 200, "learning_rate": 0.02}
SMALL = {"cell": "gru", "decoder_depth": 1, "bidirectional": False}
UNITS: dict[str, dict] = {"bpe": {}, "word": {**SMALL, "length_penalty": 2.0}}
COUNTS = {"train": 60, "dev": 12, "test": 20}
demo = functools.cache(demo_german.translations)


def answers(of, **kwargs):
    """Of a model that is loaded, or of a SavedModel's folder, whichever `of` is."""
    text = kwargs.pop("text", "\n".join(LINES) + "\n")
    decoding, told = kwargs.pop("decoding", {}), kwargs.pop("told", [])
    options = {"source": "lines", "tokens": False, "output": "jsonl", **kwargs.pop("question", {})}
    question = conductor.Question(io.BufferedReader(io.BytesIO(text.encode())), **options)
    if isinstance(of, Translator):
        service = of.service()
        if decoding:
            service = searching(of, tuple(decoding.items()))
        asked = answers_to(TRANSLATE, question, service.signatures, sources.columns(of.config.data), told.append)
        found = map(of.writers[question.output], asked)
    else:
        asked = answers_to(TRANSLATE, question, loaded(of), Columns(), told.append)
        found = map(Translator.writers[question.output], asked)
    return [json.loads(answer) for answer in found] if options["output"] == "jsonl" else list(found)


@functools.cache
def loaded(path):
    """A SavedModel's signatures, which take a second to load."""
    return serving.load(path, Translator.signatures)


@functools.cache
def searching(model, decoding):
    """The model's service with another search, whose graphs are traced once."""
    return TranslationService(model.network, model.encoders, replace(model.config.model, **dict(decoding)))


def fitted(pairs, **flags):
    """A new translator with fresh weights."""
    config = resolve("translate", "translation", {}, {**only_known(TINY), **OPTIONS, "min_count": 1, **flags})
    return conductor.family_of(TRANSLATE).fit(TRANSLATE, config, pairs)


def only_known(options):
    return {name: value for name, value in options.items() if name not in ("character_units", "spelling_units")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A part of the demo corpus as two files a split; among them pairs with an empty side."""
    made = tmp_path_factory.mktemp("pairs")
    for split, count in COUNTS.items():
        pairs = [*demo(0)[split][:count], SentencePair("", "")]
        for language, side in (("en", "text"), ("de", "translation")):
            (made / f"{split}.{language}").write_text("".join(getattr(pair, side) + "\n" for pair in pairs))
    return made


def run_of(unit, folder, out, **options):
    sides = {"source": "en", "target": "de", "token_unit": unit}
    # enough for translations of several words, be they wrong
    some = {"units": 24, "word_units": 24, "dropout": 0.1, "epochs": 5, "batch_size": 4, "learning_rate": 0.03}
    return tiny_run("translate", folder, out, **{**OPTIONS, **sides, **some, **UNITS[unit], **options})


@pytest.fixture(scope="module")
def runs(folder, tmp_path_factory):
    """A finished tiny run for each kind of units."""
    out = tmp_path_factory.mktemp("runs")
    return {unit: run_of(unit, folder, out / unit)[0].path for unit in UNITS}


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    out = tmp_path_factory.mktemp("export")
    for unit, model in models.items():
        serving.export(model.service(), out / unit)
    return {unit: out / unit for unit in models}


@pytest.fixture(scope="module")
def models(runs):
    """The runs' models, whose graphs are traced once for all tests."""
    return {unit: conductor.load_run(TRANSLATE, str(run))[2] for unit, run in runs.items()}


# --- the run's folder


def test_a_run_on_pairs_that_are_not_in_memory_ends_with_the_same_bits(runs, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "LARGE", 0)
    assert content(run_of("word", folder, tmp_path / "words")[0].path) == content(runs["word"])
    assert content(run_of("bpe", folder, tmp_path / "bpe")[0].path) == content(runs["bpe"])


def test_a_run_folder_holds_all_there_is_to_know(runs):
    files = {
        unit: {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()} for unit, run in runs.items()
    }
    common = {"config.toml", "scores.json", "model.weights.h5", "predictions/test.tsv", "baselines/ibm1.json"}
    for names in files.values():
        assert common <= names and not [name for name in names if name.endswith((".pkl", ".pickle"))]
    assert {"vocabulary/source.model", "vocabulary/target.model"} <= files["bpe"]
    assert {"vocabulary/source.json", "vocabulary/target.json"} <= files["word"]
    said = json.loads((runs["bpe"] / "environment.json").read_text())
    assert {"tensorflow-text", "sentencepiece", "sacrebleu"} <= set(said["versions"]) and len(said["data"]) == 6


@pytest.mark.parametrize("unit", UNITS)
def test_scores_are_those_of_the_sacrebleu_command_on_the_written_files(runs, tmp_path, unit):
    rows = [line.split("\t") for line in (runs[unit] / "predictions/test.tsv").read_text().splitlines()]
    assert len(rows) == COUNTS["test"] + 1
    for name, column in (("reference", 1), ("found", 2)):
        (tmp_path / name).write_text("".join(row[column] + "\n" for row in rows))
    command = [sys.executable, "-m", "sacrebleu", tmp_path / "reference", "-i", tmp_path / "found", "-w", "6"]
    done = subprocess.run([*command, "-m", "bleu", "chrf", "ter"], capture_output=True, text=True, check=True)
    theirs = {score["name"].lower(): score for score in json.loads(done.stdout)}
    report = json.loads((runs[unit] / "scores.json").read_text())
    assert [score["name"] for score in report["scores"]] == ["bleu", "chrf2", "ter"]
    for score in report["scores"]:
        assert score["value"] == pytest.approx(theirs[score["name"]]["score"], abs=1e-6)
        of_command = theirs[score["name"]]["signature"]
        assert set(score["signature"].split("|")) == set(of_command.split("|"))


@pytest.mark.parametrize("unit", UNITS)
def test_eval_finds_what_the_run_found(models, runs, unit):
    report = conductor.evaluate(TRANSLATE, str(runs[unit]), {}, None, Quiet())
    assert report == json.loads((runs[unit] / "scores.json").read_text())
    rows = (runs[unit] / "predictions/test.tsv").read_text().splitlines()
    found = answers(models[unit], text="".join(row.split("\t")[0] + "\n" for row in rows))
    assert [answer["translation"] for answer in found] == [row.split("\t")[2] for row in rows]


def test_eval_takes_another_search(models, runs):
    narrow = conductor.evaluate(TRANSLATE, str(runs["word"]), {}, None, Quiet(), {"beam": 1, "length_penalty": 0.0})
    model = models["word"]
    pairs = conductor.sources.load(TRANSLATE, model.config.data, ("test",)).splits["test"]
    assert narrow["scores"][0]["value"] == model.dev_score(TRANSLATE, pairs, model.predict_dev(model.encode(pairs)))


def test_a_split_without_any_translation_is_an_error(runs, tmp_path):
    (tmp_path / "test.en").write_text("Anna lost her keys.\n")
    (tmp_path / "test.de").write_text("\n")
    with pytest.raises(DataError, match="no pair with a translation"):
        conductor.evaluate(TRANSLATE, str(runs["word"]), {"test": str(tmp_path / "test")}, None, Quiet())


def test_few_characters_are_encoded_at_once(monkeypatch):
    texts = [f"eins {'zwei ' * (number % 7)}drei" for number in range(40)]
    pairs = [SentencePair(text, f"{text}!") for text in texts]
    model = fitted(pairs, token_unit="word")
    whole = encode(pairs, model.encoders)
    tokens = list(words.tokenised(texts, marked=True))
    seen = []
    surfaces = words.surfaces
    monkeypatch.setattr(words, "surfaces", lambda text, marked: seen.append(text) or surfaces(text, marked=marked))
    monkeypatch.setattr(tokenizer, "CHUNK_CHARACTERS", 100)
    assert list(words.tokenised(texts, marked=True)) == tokens
    parts = [[len(text) for text in part.numpy().tolist()] for part in seen]
    assert sum(map(len, parts)) == 40 and all(len(part) * max(part) <= 100 for part in parts)
    again = encode(pairs, model.encoders)
    for field in ("ids", "starts"):
        assert all(np.array_equal(*both) for both in zip(getattr(whole, field), getattr(again, field), strict=True))


@pytest.mark.parametrize("name", ["vocabulary/source.model", "vocabulary/translation.json", "baselines/ibm1.json"])
def test_a_damaged_file_of_a_run_is_named(runs, tmp_path, name):
    shutil.copytree(runs["bpe"], tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError) as caught:
        conductor.evaluate(TRANSLATE, str(tmp_path / "run"), {}, None, Quiet())
    assert name in str(caught.value)


class PowerCutError(Exception):
    """What stands in for a power cut."""


def test_a_run_that_is_killed_goes_on_bit_for_bit(folder, runs, tmp_path, monkeypatch):
    updates = []

    def cut(self, step, units, loss):
        updates.append(step)
        if len(updates) == 23:
            raise PowerCutError

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(Quiet, "update", cut)
        run_of("word", folder, tmp_path / "cut")
    again, report, _ = run_of("word", folder, tmp_path / "cut")
    assert report["scores"] == json.loads((runs["word"] / "scores.json").read_text())["scores"]
    for name in ("model.weights.h5", "predictions/test.tsv", "history.csv"):
        assert (runs["word"] / name).read_bytes() == (again.path / name).read_bytes(), name


# --- predict and export


@pytest.mark.parametrize("unit", UNITS)
def test_every_line_is_answered_in_order_alone_as_in_company(models, unit):
    found = answers(models[unit])
    assert len(found) == len(LINES) and len({answer["translation"] for answer in found}) > 3
    empty = [at for at, line in enumerate(LINES) if not line.strip(" \t\x01")]
    assert [found[at] for at in empty] == [{"translation": "", "score": 0.0}] * 3
    for line, answer in zip(LINES, found, strict=True):
        alone = answers(models[unit], text=line + "\n")[0]
        assert alone["translation"] == answer["translation"]
        assert (alone["score"] is None) == (answer["score"] is None)
        assert alone["score"] is None or alone["score"] == pytest.approx(answer["score"], abs=1e-5)


@pytest.mark.parametrize("unit", UNITS)
def test_a_line_of_ten_thousand_words_is_refused_with_its_number_and_the_rest_goes_on(models, unit):
    told = []
    text = "Anna lost her keys.\n" + "word " * 10_000 + "\nAnna lost her keys.\n"
    found = answers(models[unit], text=text, told=told)
    assert found[0] == found[2] and found[0]["score"] < 0
    assert found[1] == {"translation": "", "score": None}
    assert len(told) == 1 and told[0].startswith("lines: refused") and told[0].endswith(": lines:2")


def test_all_refused_texts_are_told_at_once_ten_with_their_places_even_before_a_fault():
    def long_ones_refused(text):
        scores = np.where(tf.strings.length(text) > 1, -np.inf, -1.0)
        return {"translation": tf.fill(text.shape, ""), "score": tf.constant(scores)}

    def told(text, source):
        warned = []
        question = conductor.Question(io.BufferedReader(io.BytesIO(text)), source, False, "jsonl")
        given = {"serving_default": long_ones_refused}
        with pytest.raises(DataError) if b"{" in text else contextlib.nullcontext():
            assert len(list(answers_to(TRANSLATE, question, given, Columns(), warned.append))) == 14
        return warned

    (line,) = told(b"a\n" + b"aa\n" * 13, "x")
    assert line.startswith("x: refused") and line.endswith(
        ": " + ", ".join(f"x:{at}" for at in range(2, 12)) + " and 3 more"
    )
    (line,) = told(b'{"source": "aa"}\n{\n', "x.jsonl")
    assert line.endswith(": x.jsonl:1")
    assert not told(b"a\n" * 14, "x")


@pytest.mark.parametrize("unit", UNITS)
def test_the_savedmodel_answers_as_the_run_does(models, exported, unit):
    assert answers(exported[unit]) == answers(models[unit])
    several = {"question": {"nbest": 3}}
    assert answers(exported[unit], **several) == answers(models[unit], **several)
    with pytest.raises(ConfigError, match=r"--nbest: more answers than the search keeps.*try: an export with --beam 4"):
        answers(exported[unit], question={"nbest": 4})


LOADER = """
from tensorflow.python.tools import saved_model_cli
saved_model_cli.create_parser()
for signature in ("serving_default", "nbest"):
    given = ["run", "--dir", {path!r}, "--tag_set", "serve", "--signature_def", signature]
    given += ["--input_exprs", "text=[b'Anna lost her keys.', b'']"]
    saved_model_cli.create_parser().parse_args(given).func()
"""
"""TensorFlow's own `saved_model_cli run`, which uses the C++ loader."""


@pytest.mark.parametrize("unit", UNITS)
def test_the_savedmodel_loads_in_a_process_without_this_project_and_in_tensorflows_cpp_loader(models, exported, unit):
    banned = ["seqtasks"] if unit == "bpe" else ["seqtasks", "tensorflow_text", "keras"]
    script = f"""
import json, sys
for name in {banned!r}: sys.modules[name] = None
import tensorflow as tf
{"import tensorflow_text" if unit == "bpe" else ""}
found = tf.saved_model.load({str(exported[unit])!r}).signatures["serving_default"](text=tf.constant({LINES!r}))
print(json.dumps([text.decode() for text in found["translation"].numpy()]))
{LOADER.format(path=str(exported[unit])) if unit == "word" else ""}"""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd="/", env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    first, *rest = done.stdout.splitlines()
    assert json.loads(first) == [answer["translation"] for answer in answers(models[unit])]
    if unit == "word":
        assert [line for line in rest if line.startswith("Result for output key score")] == [
            f"Result for output key {name}:" for name in ("score", "scores")
        ]


def test_the_best_of_several_is_the_one(models):
    one, several = (answers(models["bpe"], question={"nbest": count}) for count in (0, 3))
    for answer, found in zip(one, several, strict=True):
        assert found["nbest"][0] == answer == {name: found[name] for name in ("translation", "score")}
        scores = [each["score"] for each in found["nbest"]]
        assert scores == sorted(scores, reverse=True) if None not in scores else len(scores) == 1
    assert max(len(found["nbest"]) for found in several) == 3
    lines = answers(models["bpe"], text="Anna lost her keys.\n", question={"nbest": 2, "output": "text"})
    assert len(lines[0].splitlines()) == 2
    with pytest.raises(
        ConfigError, match="--nbest: more answers than the search keeps; received 4; allowed: at most 3"
    ):
        answers(models["bpe"], question={"nbest": 4})
    assert answers(models["bpe"], question={"nbest": 4}, decoding={"beam": 4})


def test_sampling_depends_on_the_text_and_the_seed_alone(models):
    options = {"temperature": 1.0, "sampling_seed": 1}
    found = answers(models["word"], decoding=options)
    backwards = answers(models["word"], text="\n".join(LINES[::-1]) + "\n", decoding=options)[::-1]
    assert [answer["translation"] for answer in backwards] == [answer["translation"] for answer in found]
    assert found != answers(models["word"], decoding={**options, "sampling_seed": 2})


def test_tables_and_json_lines_are_answered_row_by_row(models):
    run = models["word"]
    plain = answers(run, text="so good\nbad\n\n")
    assert answers(run, text="so good\tx\nbad\ty\n\n", question={"source": "x.tsv"}) == plain
    lines = '{"en": "so good"}\n{"en": "bad"}\n{"en": ""}\n'
    assert answers(run, text=lines, question={"source": "x.jsonl"}) == plain


@pytest.mark.parametrize("ending", [".png", ".html"])
def test_the_attention_is_drawn(models, tmp_path, ending):
    path = tmp_path / f"attention{ending}"
    models["word"].draw_attention(LINES, path)
    assert path.stat().st_size > 100
    rows = [alignment.Alignment(("a & $b", "猫", "■"), ("<x>", "■"), np.array([[0.2, 0.8, 0], [0, 0, 1]]))] * 2
    alignment.save(rows, path)
    content = path.read_bytes()
    assert content[:4] == b"\x89PNG" if ending == ".png" else b"a &amp; $b" in content and b"0.800" in content
    with pytest.raises(ConfigError, match="not a picture's ending"):
        models["word"].draw_attention([], tmp_path / "attention.txt")


def test_texts_too_long_for_a_picture_are_refused_and_a_page_holds_them(tmp_path):
    units = ("unit",) * 1400
    rows = [alignment.Alignment(units, ("■",), np.full([1, 1400], 1 / 1400))]
    with pytest.raises(ConfigError, match=r"too long for a picture.*FILE\.html"):
        alignment.save(rows, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
    alignment.save(rows, tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text().count("unit") == 1400


def test_the_alignment_is_a_distribution_over_the_source_for_each_unit(models):
    model = models["word"]
    texts = ["Anna lost her keys.", "", "Please close the box and leave the park."]
    rows = alignment.alignments(model.service().alignment(tf.constant(texts)))
    translations = model.predict(texts)
    # of an empty translation there is nothing to show
    shown = [text for text, translation in zip(texts, translations, strict=True) if translation]
    known = set(model.vocabularies.source.entries)
    units = [[unit if unit in known else "<unk>" for unit in text.replace(".", " .").split()] for text in shown]
    assert [list(row.source[:-1]) for row in rows] == units
    translations = [translation for translation in translations if translation]
    assert translations
    for row, translation in zip(rows, translations, strict=True):
        assert row.weights.shape == (len(row.target), len(row.source))
        np.testing.assert_allclose(row.weights.sum(axis=1), 1, atol=1e-5)
        assert len("".join(row.target[:-1]).replace("￭", "")) <= len(translation) or "<unk>" in row.target


# --- inspect and compare


def test_encoder_and_decoder_are_looked_into(runs, models, tmp_path):
    report = inspection.gradients(TRANSLATE, str(runs["bpe"]), tmp_path / "picture.png")
    rows = report["gradients"]["layers"]
    assert [(row["stack"], row["layer"], row["direction"], row["skip"]) for row in rows] == [
        ("encoder", 1, "forward", 1),
        ("encoder", 1, "backward", 1),
        ("decoder", 1, "forward", 1),
        ("decoder", 2, "forward", 1),
    ]
    pairs = sources.load(TRANSLATE, models["bpe"].config.data, ("dev",)).splits["dev"]
    units = encode(pairs, models["bpe"].encoders).lengths
    for row in rows:
        lengths = units[row["stack"] == "decoder"]
        assert list(row["spectral_radius"]) == list("ifco") and list(row["gradient"]) == ["h", "c"]
        for curve in row["gradient"].values():
            assert curve["lag"] == list(range(1, max(lengths))) and all(0 < gain < 10 for gain in curve["gain"])
            assert curve["sequences"] == [sum(length > lag for length in lengths) for lag in curve["lag"]]
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_what_the_layers_are_said_to_read_makes_what_the_network_answers(models):
    network = models["bpe"].network
    pairs = demo(0)["test"][:3]
    [(_, _, *encoder), (_, decoder, *given)] = models["bpe"].stacks(pairs)
    (first, _, embedded, mask, start), (last, _, read, _, second) = decoder.reads(*given)
    inputs, _ = encode(pairs, models["bpe"].encoders).batch(np.arange(3))
    assert encoder[0].shape[:2] == inputs["source"].shape
    np.testing.assert_array_equal(mask, inputs["target"] != PAD)
    top = last(read, initial_state=second)
    context = read[:, :, decoder.units :]
    np.testing.assert_allclose(first(embedded, initial_state=start), read[:, :, : decoder.units], atol=1e-6)
    logits = network.logits(network.readout(tf.boolean_mask(tf.concat([top, context], axis=-1), mask)))
    np.testing.assert_allclose(logits, network(inputs), atol=1e-4)


def test_widths_are_found_that_give_equally_many_weights(folder):
    options = {**only_known(TINY), **OPTIONS, "token_unit": "word", "source": "en", "target": "de", "units": 3}
    made = [
        comparison.Variant(
            cell, resolve("translate", "translation", {}, {**options, "data": str(folder), "cell": cell})
        )
        for cell in ("gru", "mgu")
    ]
    count = comparison.parameter_counter(TRANSLATE, made[0].config)
    first, second = comparison.equal_parameters(made, count)
    units = second.config.model.units

    def weights(units):
        return count(replace(second.config, model=replace(second.config.model, units=units)))

    assert units > first.config.model.units
    assert weights(units - 1) < weights(units) and abs(weights(units) / count(first.config) - 1) < 0.1


# --- what a run takes


@pytest.mark.parametrize(
    "options",
    [
        {"attention": "none", "cell": "gru", "tie": "none"},
        {"attention": "additive", "cell": "mgu", "bidirectional": False, "shortcut": False},
        {"attention": "scaled", "cell": "peephole", "token_unit": "unigram", "joint": True, "tie": "all"},
        {"cell": "rnn", "decoder_depth": 1, "label_smoothing": 0.0, "coverage_penalty": 0.2, "no_repeat": 2},
    ],
    ids=lambda options: options.get("attention", "general"),
)
def test_cells_attentions_and_options_learn_and_translate(options):
    pairs = [SentencePair("a b c", "d e f g"), SentencePair("b", "e"), SentencePair("", "")]
    model = fitted(pairs, **{"token_unit": "word", "vocabulary_size": 20, **options})
    inputs, truth = model.training_batches(pairs)._pairs.batch(np.arange(3))
    training.compile_model(model.network, model.config.training, 1)
    losses = [float(model.network.train_on_batch(inputs, truth)) for _ in range(8)]
    assert losses[-1] < losses[0] and np.isfinite(losses).all()
    assert len(answers(model)) == len(LINES)


def test_a_run_without_attention_has_none_to_draw(tmp_path):
    model = fitted([SentencePair("a b", "c d")], token_unit="word", attention="none")
    with pytest.raises(ConfigError, match="without attention"):
        model.draw_attention(["a"], tmp_path / "x.png")


def test_the_attention_of_answers_that_are_drawn_is_not_that_of_the_search(tmp_path, monkeypatch):
    """Whether the run draws them by itself or the command line says so."""
    config = resolve("translate", "translation", {}, {"temperature": 0.8})
    folder = types.SimpleNamespace(load_config=lambda task: config, path=tmp_path)
    monkeypatch.setattr(inspection, "finished_run", lambda task, path: folder)
    asked = TRANSLATE, "run", tmp_path / "x.png"
    with pytest.raises(ConfigError, match=r"--attention: .*received 0\.8.*try: --temperature 0"):
        inspection.check_attention(*asked)
    with pytest.raises(ConfigError, match=r"--attention: .*received 0\.5"):
        inspection.check_attention(*asked, {"temperature": 0.5})
    assert inspection.check_attention(*asked, {"temperature": 0.0}) == tmp_path


def test_a_handful_of_pairs_is_learnt_by_heart():
    keras.utils.set_random_seed(1)
    pairs = demo(0)["train"][:6]
    options = {"units": 32, "word_units": 32, "dropout": 0.0, "label_smoothing": 0.0, "average": 0.0}
    model = fitted(pairs, token_unit="word", learning_rate=0.02, epochs=80, **options)
    batches = model.training_batches(pairs)
    training.compile_model(model.network, model.config.training, batches.steps(0))
    for epoch in range(80):
        for inputs, truth in batches.epoch(epoch, 0):
            model.network.train_on_batch(inputs, truth)
    assert model.predict(model.encode(pairs)) == [pair.translation for pair in pairs]
    swapped = pairs[0].text.replace(pairs[0].text.split()[0], pairs[1].text.split()[0], 1)
    assert model.predict([swapped]) != model.predict([pairs[0].text])


def test_another_kind_of_savedmodel_is_refused(exported):
    question = conductor.Question(io.BufferedReader(io.BytesIO(b"a\n")), "x", False, "jsonl")
    with pytest.raises(RunError, match="another kind"):
        conductor.predict(load_task("sentiment"), "", str(exported["word"]), question, print)


def test_the_search_of_a_savedmodel_is_fixed(exported):
    question = conductor.Question(io.BufferedReader(io.BytesIO(b"a\n")), "x", False, "jsonl")
    with pytest.raises(ConfigError, match="--beam: fixed when the SavedModel was exported"):
        conductor.predict(TRANSLATE, "", str(exported["word"]), question, print, {"beam": 2})


def test_a_savedmodel_of_subwords_is_loaded_where_tensorflow_text_is_and_only_there(exported, models):
    """In a process that has made no subwords before."""
    script = f"""
import sys
from pathlib import Path
from seqtasks.errors import RunError
from seqtasks.pipelines import serving
path = Path({str(exported["bpe"])!r})
sys.modules["tensorflow_text"] = None
try: serving.load(path, {{}})
except RunError as error: print(error)
del sys.modules["tensorflow_text"]
import tensorflow as tf
greedy = serving.load(path, {{}})["greedy"]
print(greedy(text=tf.constant(["Anna lost her keys."]))["translation"].numpy()[0].decode())"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    refused, translated = done.stdout.split("\n")[:2]
    assert "needs tensorflow-text; try: pip install tensorflow-text" in refused
    found = models["bpe"].service().greedy(tf.constant(["Anna lost her keys."]))
    assert translated == found["translation"].numpy()[0].decode()


def test_an_unknown_word_stands_as_close_as_in_the_source():
    target = words.Words(Vocabulary(["a", "(", f"{words.JOINER})"]), marked=True)
    _, _, shown = target.encode(tf.constant(["(Zoe) left E-Mail"]))
    ids = tf.constant([[4 + 1, UNK, 4 + 2, UNK]])
    assert target.decode(ids, tf.constant([4]), shown[:, :4]).numpy().tolist() == [b"(Zoe) left"]
    plain = words.Words(Vocabulary(["(", ")"]), marked=False)
    found, _, again = plain.encode(tf.constant(["(Zoe) left E-Mail"]))
    assert found.numpy()[0, :3].tolist() == [4, UNK, 5] and again.numpy().tolist() == shown.numpy().tolist()


def test_sources_that_are_not_translated_are_told(models):
    model = models["word"]
    most = model.config.model.max_source
    pairs = [SentencePair("a", "one two three four", "f", 1), SentencePair("a " * (most + 1), "b", "f", 2)]
    long = [SentencePair("a " * (most + 1), "b", "f", 3 + at) for at in range(20)]
    told = model.check([*pairs, SentencePair("a" * 5 * most, "b", "f", 30), *long])
    [line] = [line for line in told if "not translated" in line]
    assert line == f"f:2: more than {most} units: 21 sources; such are not translated"
    assert not any("not translated" in line or "BLEU" in line for line in model.check(pairs[:1]))
    assert any("BLEU is 0" in line for line in model.check([SentencePair("a", "b", "f", 1)]))


@pytest.mark.parametrize(
    "flags",
    [
        {"source": "de", "target": "de"},
        {"source_column": "2", "target_column": "2"},
        {"attention": "none", "coverage_penalty": 0.5},
        {"attention": "none", "shortcut": False},
        {"temperature": 1e-50},
        {"no_repeat": 10**6},
        {"length_penalty": 1000.0},
    ],
    ids=str,
)
def test_options_that_say_nothing_are_refused(flags):
    with pytest.raises(ConfigError, match=r"are the same|does not go with|out of its bounds"):
        resolve("translate", "translation", {}, flags)


def test_a_side_without_a_word_is_an_error():
    with pytest.raises(DataError, match="no word on the target side"):
        fitted([SentencePair("a", " ")])


def test_subwords_are_refused_where_there_is_no_tensorflow_text(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match=r"no Windows build.*try: word"):
        fitted([SentencePair("a b", "c d")])
    assert fitted([SentencePair("a b", "c d")], token_unit="word").vocabularies


# --- the parts


def test_a_batch_shows_the_target_behind_its_begin_and_asks_for_its_end():
    model = fitted([SentencePair("a b", "c d e"), SentencePair("a", "")], token_unit="word")
    pairs = [SentencePair("a b", "c d e"), SentencePair("", ""), SentencePair("x", "c")]
    ids = [encoder.encode(tf.constant(["a b", "c d e"]))[0].numpy() for encoder in model.encoders]
    (a, b), (c, d, e) = ids[0][0, :2], ids[1][1]
    inputs, truth = model.training_batches(pairs)._pairs.batch(np.arange(3))
    assert inputs["source"].tolist() == [[a, b, EOS], [EOS, PAD, PAD], [1, EOS, PAD]]
    assert inputs["target"].tolist() == [[BOS, c, d, e], [BOS, PAD, PAD, PAD], [BOS, c, PAD, PAD]]
    assert truth.tolist() == [[c, d, e, EOS], [EOS, PAD, PAD, PAD], [c, EOS, PAD, PAD]]
    assert model.training_batches(pairs).units(inputs, truth) == 7


def test_more_padding_changes_no_loss():
    pairs = [SentencePair("a b c", "d e f g"), SentencePair("b", "e"), SentencePair("", "")]
    model = fitted(pairs, token_unit="word", label_smoothing=0.1)
    inputs, truth = model.training_batches(pairs)._pairs.batch(np.arange(3))
    wider = {name: np.pad(ids, [[0, 0], [0, 5]]) for name, ids in inputs.items()}
    one = model.network.compute_loss(y=truth, y_pred=model.network(inputs))
    other = model.network.compute_loss(y=np.pad(truth, [[0, 0], [0, 5]]), y_pred=model.network(wider))
    np.testing.assert_allclose(one, other, atol=1e-6)
    chances = tf.nn.log_softmax(model.network(inputs)).numpy()
    smooth = 0.9 * np.eye(chances.shape[1])[truth[truth != PAD]] + 0.1 / chances.shape[1]
    np.testing.assert_allclose(one, -(smooth * chances).sum(axis=1).mean(), atol=1e-5)


def test_greedy_search_follows_the_teacher_forced_network():
    pairs = [SentencePair("a b c", "d e f g"), SentencePair("b", "e")]
    model = fitted(pairs, token_unit="word", beam=1, length_penalty=0.0)
    rng = np.random.default_rng(0)
    for weight in model.network.trainable_weights:
        weight.assign(rng.normal(size=weight.shape, scale=0.5))
    [answer] = [row.numpy() for row in model.service().greedy(tf.constant(["a b c"]))["translation"]]
    ids, lengths, _ = model.encoders[1].encode(tf.constant([answer]))
    target = ids.numpy()[0, : int(lengths[0])].tolist()
    source = model.encoders[0].encode(tf.constant(["a b c"]))[0].numpy()
    inputs = {"source": np.append(source, [[EOS]], axis=1), "target": np.array([[BOS, *target]])}
    logits = model.network(inputs).numpy()
    logits[:, [PAD, BOS]] = -np.inf
    most = 10 + 2 * 3
    followed = logits.argmax(axis=1).tolist()
    assert followed[: len(target)] == target and (followed[-1] == EOS or len(target) == most)


def test_unknown_words_are_replaced_by_the_most_attended_ones():
    pairs = [SentencePair(f"x{n} y", f"z{n} w") for n in range(9)] + [SentencePair("y y", "w w")]
    model = fitted(pairs, token_unit="word", min_count=2)
    encoder = model.encoders[1]
    ids = tf.constant([[1, int(encoder.encode(tf.constant(["q w"]))[0][0, 1])]])
    assert encoder.decode(ids, tf.constant([2])).numpy() == [b"<unk> w"]
    assert encoder.decode(ids, tf.constant([2]), tf.constant([["Zoe", "no"]])).numpy() == [b"Zoe w"]


def test_trained_units_are_those_of_the_training_split_alone(runs):
    words = json.loads((runs["word"] / "vocabulary/target.json").read_text())
    german, test = (
        " ".join(pair.translation for pair in demo(0)[split][: COUNTS[split]]) for split in ("train", "test")
    )
    assert len(words) > 50 and all(word.removeprefix("￭") in german for word in words)
    assert {word for word in test.split() if word not in german} and "￭." in words


def test_too_few_subwords_are_refused_with_the_option():
    with pytest.raises(ConfigError, match="--vocabulary-size: subword units can't be made"):
        subwords.train(["the quick brown fox"], 8, "bpe")


def test_savedmodels_of_one_process_keep_their_own_subwords(tmp_path):
    texts = [["aa ab ba bb", "cc cd dc dd"], ["xx xy yx yy", "zz zw wz ww"]]
    models = [fitted([SentencePair(*pair)] * 3, vocabulary_size=14, **SMALL) for pair in texts]
    for at, model in enumerate(models):
        # one signature tells it as well as all
        service = types.SimpleNamespace(signatures={"nbest": model.service().nbest}, tracked=model.service().tracked)
        serving.export(service, tmp_path / str(at))
    loaded = [tf.saved_model.load(str(tmp_path / str(at))).signatures["nbest"] for at in range(2)]
    for model, function, (text, _) in zip(models, loaded, texts, strict=True):
        theirs = function(text=tf.constant([text]))["translations"].numpy().tolist()
        assert theirs == model.service().nbest(tf.constant([text]))["translations"].numpy().tolist()
