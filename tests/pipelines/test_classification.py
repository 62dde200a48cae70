"""The whole line of the classification family on tiny data: run, eval, predict, export."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from seqtasks.config import ANSWERS, FAMILIES, resolve
from seqtasks.errors import ConfigError, DataError, RunError
from seqtasks.pipelines import prediction, sources
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.classification import confusion
from seqtasks.pipelines.classification.vocabularies import tokenised
from seqtasks.pipelines.tokenizer import mostly_unspaced
from seqtasks.tasks import TASKS, demo, load_task
from seqtasks.tasks.examples import LabelDistribution, LabelledText
from seqtasks.tasks.task import Columns
from tests.conftest import TINY, Quiet, tiny_run, write_csv

SENTIMENT = load_task("sentiment")
LINES = ["The food was not bad at all.", "", "don't", "  \t ", "Ärger \U0001f469\u200d\U0001f4bb #x", "a " * 60, "\x01"]


def answers(**kwargs):
    text = kwargs.pop("text", "\n".join(LINES) + "\n")
    options = {"source": "lines", "tokens": False, "output": "jsonl", **kwargs.pop("question", {})}
    question = conductor.Question(io.BufferedReader(io.BytesIO(text.encode())), **options)
    warn = kwargs.get("warn", pytest.fail)
    return list(conductor.predict(SENTIMENT, kwargs.get("run", ""), kwargs.get("model", ""), question, warn))


def fitted(texts, **flags):
    """A new classifier with fresh weights."""
    config = resolve("sentiment", "classification", {}, {**TINY, "min_count": 1, **flags})
    return conductor.family_of(SENTIMENT).fit(SENTIMENT, config, texts)


@pytest.fixture(scope="module")
def exported(sentiment_run, tmp_path_factory):
    return conductor.export(SENTIMENT, str(sentiment_run), str(tmp_path_factory.mktemp("export") / "model"))


@pytest.fixture(scope="module")
def report(sentiment_run):
    return json.loads((sentiment_run / "scores.json").read_text())


# --- the run's folder


def test_a_run_folder_holds_all_there_is_to_know(sentiment_run):
    names = {str(path.relative_to(sentiment_run)) for path in sentiment_run.rglob("*") if path.is_file()}
    assert {
        "config.toml",
        "scores.json",
        "model.weights.h5",
        "checkpoint/state.npz",
        "predictions/test.csv",
        "baselines/tfidf_logistic.npz",
        "vocabulary/words.json",
        "vocabulary/labels.json",
        "plots/confusion.png",
        "plots/confusion.csv",
    } <= names
    assert not [name for name in names if ".partial" in name or name.endswith((".pkl", ".pickle"))]


def test_scores_have_the_one_shape(report):
    names = [score["name"] for score in report["scores"]]
    assert names[:4] == ["accuracy", "macro_f1", "log_loss", "calibration_error"]
    assert {"precision[positive]", "recall[negative]"} <= set(names)
    assert [score["name"] for score in report["baselines"]["tfidf_logistic"]] == names


def test_the_written_predictions_and_the_confusion_matrix_give_the_written_scores(
    sentiment_run, opinion_folder, report
):
    with open(sentiment_run / "predictions/test.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with open(opinion_folder / "test.csv", newline="") as stream:
        gold = list(csv.DictReader(stream))
    # the reader makes LF of a line end inside quotes
    assert [(row["text"], row["label"]) for row in rows] == [(row["text"], row["label"]) for row in gold]
    accuracy = report["scores"][0]["value"]
    assert accuracy == np.mean([row["label"] == row["predicted"] for row in rows])
    chances = [float(row[f"p[{row['label']}]"]) for row in rows]
    assert report["scores"][2]["value"] == pytest.approx(-np.mean(np.log(chances)), abs=1e-4)
    with open(sentiment_run / "plots/confusion.csv", newline="") as stream:
        matrix = np.array([row[1:] for row in list(csv.reader(stream))[1:]], int)
    assert matrix.sum() == len(rows) == 42 and np.trace(matrix) / 42 == accuracy


def test_the_written_predictions_can_be_read_back(sentiment_run):
    config = resolve("sentiment", "classification", {}, {})
    examples, form = sources.read_file(SENTIMENT, sentiment_run / "predictions/test.csv", config.data)
    assert form.name == "csv" and len(examples) == 42 and "\n" in examples[-1].text


def test_eval_finds_what_the_run_found(sentiment_run, report):
    assert conductor.evaluate(SENTIMENT, str(sentiment_run), {}, None, Quiet()) == report


@pytest.mark.parametrize(
    "name",
    ["model.weights.h5", "vocabulary/labels.json", "vocabulary/classification.json", "baselines/tfidf_logistic.npz"],
)
def test_a_damaged_file_of_a_run_is_named(sentiment_run, tmp_path, name):
    shutil.copytree(sentiment_run, tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError) as caught:
        conductor.evaluate(SENTIMENT, str(tmp_path / "run"), {}, None, Quiet())
    assert name in str(caught.value)


# --- predict and export


def test_predict_answers_every_line_in_order_with_a_distribution(sentiment_run):
    found = [json.loads(answer) for answer in answers(run=str(sentiment_run))]
    assert len(found) == len(LINES)
    for answer in found:
        assert set(answer["scores"]) == {"positive", "negative"}
        assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-5)
        assert answer["score"] == answer["scores"][answer["label"]] == max(answer["scores"].values())


def test_predict_agrees_with_eval(sentiment_run):
    with open(sentiment_run / "predictions/test.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    text = "".join(row["text"].replace("\n", " ") + "\n" for row in rows)
    found = [json.loads(answer) for answer in answers(run=str(sentiment_run), text=text)]
    assert [answer["label"] for answer in found] == [row["predicted"] for row in rows]
    ours = [[float(row[f"p[{label}]"]) for label in ("positive", "negative")] for row in rows]
    assert np.allclose([[answer["scores"][x] for x in ("positive", "negative")] for answer in found], ours, atol=1e-5)


def test_company_and_padding_change_nothing(sentiment_run):
    together = [json.loads(answer) for answer in answers(run=str(sentiment_run))]
    alone = [json.loads(answers(run=str(sentiment_run), text=line + "\n")[0]) for line in LINES]
    for one, other in zip(together, alone, strict=True):
        assert one["label"] == other["label"] and one["scores"] == pytest.approx(other["scores"], abs=1e-5)


def test_tables_and_json_lines_are_answered_row_by_row(sentiment_run):
    plain = answers(run=str(sentiment_run), text="so good\nbad\n\n")
    table = 'id,text\n1,"so good"\n2,bad\n3,""\n'
    assert answers(run=str(sentiment_run), text=table, question={"source": "x.csv"}) == plain
    lines = '{"text": "so good"}\n{"text": "bad"}\n{"text": ""}\n'
    assert answers(run=str(sentiment_run), text=lines, question={"source": "x.jsonl"}) == plain
    assert len(answers(run=str(sentiment_run), text='text\n"a\nb"\n', question={"source": "x.csv"})) == 1


def asked(source, text, run, **kwargs):
    return answers(run=str(run), text=text, question={"source": source, **kwargs})


def test_format_and_columns_of_the_input_can_be_said(sentiment_run, exported):
    plain = answers(run=str(sentiment_run), text="so good\nbad\n")
    table = "7,so good\n8,bad\n"
    assert asked("x", table, sentiment_run, form="csv", given={"text_column": "2"}) == plain
    assert asked("x", "a,b\n" + table, sentiment_run, form="csv", given={"text_column": "2", "header": "yes"}) == plain
    assert (
        asked("x", '{"b": "so good"}\n{"b": "bad"}\n', sentiment_run, form="jsonl", given={"text_column": "b"}) == plain
    )
    question = {"source": "X.TSV", "given": {"text_column": "2", "header": "no"}}
    assert answers(model=str(exported), text="7\tso good\n8\tbad\n", question=question) == plain
    # in other company the last digit may be another
    found = [json.loads(answer) for answer in asked("x.csv", "so good\n\nbad\n\n", sentiment_run)[::2]]
    for answer, expected in zip(found, map(json.loads, plain), strict=True):
        assert answer["label"] == expected["label"] and answer["scores"] == pytest.approx(expected["scores"], abs=2e-6)
    with pytest.raises(ConfigError, match="a text a line; received '2'; try: --input-format csv"):
        asked("x.txt", table, sentiment_run, given={"text_column": "2"})
    with pytest.raises(ConfigError, match=r"received '7, so good';.*try: --text-column NAME\|N$"):
        asked("x.csv", table, sentiment_run)


def test_rows_before_a_fault_are_answered_and_cut_texts_told(opinion_folder, tmp_path):
    folder, _, _ = tiny_run("sentiment", opinion_folder, tmp_path / "run", epochs=1, max_tokens=2)
    stream = io.BufferedReader(io.BytesIO(b'text\n"so good"\n"not so bad"\n"never closed\n'))
    question, warned, found = conductor.Question(stream, "x.csv", False, "text"), [], []
    with pytest.raises(DataError, match=r"x\.csv:4"):
        found.extend(conductor.predict(SENTIMENT, str(folder.path), "", question, warned.append))
    assert len(found) == 2
    assert warned == ["x.csv: 1 of 2 texts are cut: the model reads only the first 2 tokens of a text (--max-tokens)"]


def test_a_text_too_long_to_be_answered_is_where_the_model_reads_its_beginning_only(opinion_folder, tmp_path):
    folder, _, _ = tiny_run("sentiment", opinion_folder, tmp_path / "run", epochs=1, max_tokens=4)
    warned = []
    found = answers(
        run=str(folder.path), text="not so bad at all\n" + "not so bad at " * 30_000 + "\n", warn=warned.append
    )
    assert found[0] == found[1] and json.loads(found[1])["cut"] and "2 of 2 texts are cut" in warned[0]
    with pytest.raises(DataError, match=r"lines: not answered.*too long: lines:1; .*a shorter text in a row"):
        answers(run=str(folder.path), text="a" * 200_000 + "\n")


def test_a_savedmodel_that_does_not_tell_what_it_cut_is_taken(sentiment_run, monkeypatch):
    service = conductor.load_run(SENTIMENT, str(sentiment_run))[2].service()

    def older(text):
        return {name: value for name, value in service.text(text).items() if name != "cut"}

    assert "cut" not in conductor.family_of(SENTIMENT).signatures["serving_default"]
    monkeypatch.setattr(conductor.serving, "load", lambda path, expected: {"serving_default": older})
    assert answers(model="older") == answers(run=str(sentiment_run))


def test_every_output_is_a_line_an_answer(sentiment_run):
    for output in ANSWERS["classification"]:
        found = answers(run=str(sentiment_run), question={"output": output})
        assert len(found) == len(LINES) and all(line.count("\n") == 1 and line.endswith("\n") for line in found)
    label, score, *pairs = answers(run=str(sentiment_run), question={"output": "tsv"})[0].rstrip("\n").split("\t")
    assert dict(zip(pairs[::2], pairs[1::2], strict=True))[label] == score
    assert answers(run=str(sentiment_run), question={"output": "text"})[0] == label + "\n"


def test_the_savedmodel_answers_as_the_run_does(sentiment_run, exported):
    assert answers(model=str(exported)) == answers(run=str(sentiment_run))


def test_the_savedmodel_loads_in_a_process_without_this_project(exported, sentiment_run):
    script = f"""
import json, sys, tensorflow as tf
sys.modules["seqtasks"] = None
found = tf.saved_model.load({str(exported)!r}).signatures["serving_default"](text=tf.constant({LINES!r}))
assert set(found) == {{"label", "score", "labels", "scores", "cut"}} and found["labels"].shape == found["scores"].shape
print(json.dumps([label.decode() for label in found["label"].numpy()]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="/")
    assert json.loads(done.stdout) == [json.loads(answer)["label"] for answer in answers(run=str(sentiment_run))]


def test_the_savedmodel_passes_tensorflows_cpp_loader(exported):
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli"]
    arguments = ["run", "--dir", str(exported), "--tag_set", "serve", "--signature_def", "serving_default"]
    done = subprocess.run(
        [*command, *arguments, "--input_exprs", "text=[b'so good', b'']"],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "b'positive'" in done.stdout


def test_a_savedmodel_of_another_family_is_refused(exported):
    question = conductor.Question(io.BufferedReader(io.BytesIO(b"a\n")), "x", False, "jsonl")
    with pytest.raises(RunError, match="another kind"):
        conductor.predict(load_task("ner"), "", str(exported), question, pytest.fail)


# --- what a run takes


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "last", "cell": "gru"},
        {"pooling": "mean", "cell": "mgu", "bidirectional": False},
        {"pooling": "attention", "cell": "peephole", "characters": "convolution"},
        {"class_weights": "balanced", "cell": "rnn", "max_tokens": 6, "batch_tokens": 100},
    ],
    ids=lambda options: options.get("pooling", "balanced"),
)
def test_cells_poolings_and_options_run(opinion_folder, tmp_path, options):
    folder, report, reporter = tiny_run("sentiment", opinion_folder, tmp_path / "run", epochs=1, **options)
    assert conductor.evaluate(SENTIMENT, str(folder.path), {}, None, Quiet()) == report
    cut = [line for line in reporter.warned if "--max-tokens" in line]
    assert len(cut) == (3 if "max_tokens" in options else 0)  # one a split
    warned = []
    found = [json.loads(line) for line in answers(run=str(folder.path), warn=warned.append)]
    if "max_tokens" in options:
        [line] = warned
        assert line.startswith("lines: 2 of 7 texts are cut: the model reads only the first 6 tokens of a text")
        assert [at for at, answer in enumerate(found) if answer.get("cut")] == [0, 5]
    else:
        assert not warned and not any("cut" in answer for answer in found)


def test_many_labels_run_and_a_single_one_is_refused(tmp_path):
    words = ["who", "what", "where", "when", "why", "how"]
    texts = [LabelledText(f"{word} is {number}", f"label, {word}") for number in range(5) for word in words]
    for split in ("train", "dev", "test"):
        write_csv(tmp_path / f"{split}.csv", texts)
    folder, report, _ = tiny_run("sentiment", tmp_path, tmp_path / "run", epochs=2)
    assert "recall[label, why]" in {score["name"] for score in report["scores"]}
    [found] = answers(run=str(folder.path), text="why is 3\n")
    assert len(json.loads(found)["scores"]) == 6
    write_csv(tmp_path / "train.csv", texts[:1] * 9)
    with pytest.raises(DataError, match="fewer than two labels in the training split; received 'label, who'"):
        tiny_run("sentiment", tmp_path, tmp_path / "one")


def test_texts_without_a_word_are_trained_on_and_answered(tmp_path):
    texts = [LabelledText("", "a"), LabelledText("!?", "b"), LabelledText(" \n ", "a")] * 4
    for split in ("train", "dev", "test"):
        write_csv(tmp_path / f"{split}.csv", texts)
    folder, _, _ = tiny_run("sentiment", tmp_path, tmp_path / "run", epochs=1, characters="convolution")
    assert len(answers(run=str(folder.path), text="\n\n")) == 2
    write_csv(tmp_path / "empty.csv", [LabelledText("", "a")] * 3)
    report = conductor.evaluate(SENTIMENT, str(folder.path), {"test": str(tmp_path / "empty.csv")}, None, Quiet())
    assert report["scores"][0]["value"] in (0, 1)


def test_labels_that_train_never_has_are_wrong_and_reported(opinion_folder, tmp_path):
    shutil.copytree(opinion_folder, tmp_path / "data")
    with open(tmp_path / "data/dev.csv", "a") as stream:
        stream.write("so so,neutral\n")
    folder, _, reporter = tiny_run("sentiment", tmp_path / "data", tmp_path / "run", epochs=1)
    line = next(line for line in reporter.warned if "neutral" in line)
    assert "dev.csv:35" in line and "1 in all" in line
    (tmp_path / "mars.csv").write_text("text,label\nMars,planet\n")
    with pytest.raises(DataError, match=r"mars\.csv: no label that the training split has; received 'planet'"):
        conductor.evaluate(SENTIMENT, str(folder.path), {"test": str(tmp_path / "mars.csv")}, None, Quiet())


def test_a_test_split_whose_labels_are_hidden_is_told_and_dev_is_scored(opinion_folder, tmp_path, monkeypatch):
    splits = {split: [LabelledText(f"{n} {x}", x) for n in range(9) for x in "ab"] for split in ("train", "dev")}
    splits["test"] = [LabelledText("hidden")]
    monkeypatch.setattr(sources, "load_catalogue", lambda name, task: splits)
    config = resolve("sentiment", "classification", {}, {**TINY, "data": "glue/sst2", "epochs": 1})
    reporter = Quiet()
    folder, report = conductor.run(SENTIMENT, config, conductor.Place(str(tmp_path / "run")), reporter)
    assert report["split"] == "dev" and any("no label in the test split" in line for line in reporter.warned)
    assert conductor.evaluate(SENTIMENT, str(folder.path), {}, None, Quiet()) == report


def test_every_format_gives_the_same_run(tmp_path):
    pairs = [(text.text, text.label) for text in demo.opinions()["train"][:60]]
    contents = {
        "a.csv": "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in pairs),
        "b.tsv": "".join(f"{label}\t{text}\n" for text, label in pairs),
        "c.jsonl": "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in pairs),
        "d.txt": "".join(f"__label__{label} {text}\n" for text, label in pairs),
        "e.txt": "".join(f"{label} {text}\n" for text, label in pairs),
    }
    forms = []
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        config = resolve("sentiment", "classification", {}, {})
        examples, form = sources.read_file(SENTIMENT, tmp_path / name, config.data)
        assert [(example.text, example.label) for example in examples] == pairs, name
        forms.append(form.name)
    assert forms == ["csv", "tsv", "jsonl", "fasttext", "label-text"]


def test_columns_are_taken_from_the_command_line_and_kept_for_eval_and_predict(tmp_path):
    rows = [f"{number},so {label} {number},{label}" for number in range(9) for label in ("good", "bad")]
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.csv").write_text("\n".join(["a,b,c", *rows]) + "\n")
    options = {"text_column": "b", "label_column": "c", "epochs": 1}
    folder, report, _ = tiny_run("sentiment", tmp_path, tmp_path / "run", **options)
    assert conductor.evaluate(SENTIMENT, str(folder.path), {}, None, Quiet()) == report
    assert len(answers(run=str(folder.path), text="b\nx\n", question={"source": "x.csv"})) == 1
    (tmp_path / "other.csv").write_text("text,label\nso good,good\n")
    (tmp_path / "same.csv").write_text("c,b\ngood,so good 1\n")
    (tmp_path / "other.jsonl").write_text('{"text": "so good", "label": "good"}\n')
    for name in ("other.csv", "same.csv", "other.jsonl"):
        other = conductor.evaluate(SENTIMENT, str(folder.path), {"test": str(tmp_path / name)}, None, Quiet())
        assert other["scores"][0]["signature"].startswith("texts:1|"), name
    with pytest.raises(ConfigError, match="--text-column: no such column"):
        given = {"test": str(tmp_path / "other.csv"), "text_column": "b"}
        conductor.evaluate(SENTIMENT, str(folder.path), given, None, Quiet())
    assert len(answers(run=str(folder.path), text="id,text\n1,x\n", question={"source": "x.csv"})) == 1
    with pytest.raises(ConfigError, match="--label-column: no such column"):
        tiny_run("sentiment", tmp_path, tmp_path / "other", text_column="b", label_column="d")


def test_format_and_header_of_a_run_say_nothing_of_other_files(tmp_path):
    (tmp_path / "train.txt").write_text("so good,good\nso bad,bad\nfine,good\n" * 6)
    options = {"data": "", "train": str(tmp_path / "train.txt"), "format": "csv", "header": "no", "epochs": 1}
    folder, _, _ = tiny_run("sentiment", tmp_path, tmp_path / "run", **options)
    headed = {"run": str(folder.path), "text": "text\nso good\n"}
    assert len(answers(**headed, question={"source": "x.csv"})) == 1
    assert len(answers(**headed, question={"source": "x.csv", "given": {"header": "no"}})) == 2
    (tmp_path / "a.tsv").write_text("text\tlabel\nso good\tgood\n")
    report = conductor.evaluate(SENTIMENT, str(folder.path), {"test": str(tmp_path / "a.tsv")}, None, Quiet())
    assert report["scores"][0]["signature"].startswith("texts:1|")
    with pytest.raises(DataError) as caught:
        conductor.evaluate(SENTIMENT, str(folder.path), {}, "test", Quiet())
    assert str(caught.value).startswith(f"{tmp_path / 'train.txt'}: the data has no test split")


def test_a_handful_of_texts_is_learnt_by_heart(opinion_folder, tmp_path):
    rows = (opinion_folder / "train.csv").read_text().splitlines()[:17]
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.csv").write_text("\n".join(rows) + "\n")
    options = {"units": 16, "word_units": 24, "epochs": 40, "dropout": 0.0, "min_count": 1, "word_dropout": 0.0}
    _, report, _ = tiny_run("sentiment", tmp_path, tmp_path / "run", batch_size=4, patience=40, **options)
    assert report["scores"][0]["value"] == 1.0


# --- the parts


def test_pretrained_vectors_reach_the_network(tmp_path):
    (tmp_path / "vectors.txt").write_text("good 1 2 3\nzzz 4 5 6\nBad 7 8 9\n")
    texts = [LabelledText("so good", "p"), LabelledText("so bad", "n")]
    model = fitted(texts, vectors=str(tmp_path / "vectors.txt"))
    table, ids = np.array(model.network.words.embeddings), model.vocabularies.words.ids
    assert table[ids["good"]].tolist() == [1, 2, 3] and table[ids["zzz"]].tolist() == [4, 5, 6]
    assert table[ids["bad"]].tolist() == [7, 8, 9]


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_more_padding_changes_no_probability(pooling):
    texts = [LabelledText("so good so far", "p"), LabelledText("bad", "n"), LabelledText("", "n")]
    model = fitted(texts, pooling=pooling, characters="convolution")
    inputs, _ = model.encode(texts).batch(np.arange(3))
    wider = {**inputs, **{name: np.pad(inputs[name], [(0, 0), (0, 9)]) for name in ("words", "index")}}
    scores = model.network.decode(inputs).numpy()
    assert np.allclose(model.network.decode(wider), scores, atol=1e-6)
    assert np.abs(scores[0] - scores[1]).max() > 1e-4


def test_long_lines_are_answered_few_at_a_time(monkeypatch):
    monkeypatch.setattr(prediction, "BATCH_CHARACTERS", 100)
    sizes = []

    def function(text):
        sizes.append(text.shape[0] * max(len(line) for line in text.numpy()))
        return {"label": text}

    lines = ["x" * (number % 40) for number in range(200)] + ["y" * 300]
    assert [answer["label"] for answer in prediction.answer_lines(function, lines)] == lines
    assert sorted(sizes)[-2] <= 100 and max(sizes) == 300


def test_the_epoch_is_chosen_by_the_probability_of_the_right_labels_that_train_knows():
    model = fitted([LabelledText("so good", "p"), LabelledText("so bad", "n")])
    labels = model.vocabularies.labels.entries
    texts = [LabelledText("", labels[0]), LabelledText("", labels[1]), LabelledText("", "new")]
    predicted = [LabelDistribution(labels, (0.9, 0.1)), LabelDistribution(labels, (0.6, 0.4))] * 2
    assert model.dev_score(SENTIMENT, texts, predicted[:3]) == pytest.approx((0.9 * 0.4) ** 0.5)


def test_balanced_weights_make_labels_count_alike():
    texts = [LabelledText("x", "many")] * 6 + [LabelledText("x", "few")] * 2
    ids = tf.constant([0, 0, 0, 1])  # many many many few
    logits = tf.zeros([4, 2])
    plain, balanced = (
        fitted(texts, class_weights=kind).network.compute_loss(y=ids, y_pred=logits) for kind in ("none", "balanced")
    )
    assert np.allclose([plain, balanced], np.log(2))  # the mean weight over the split is 1
    right = tf.constant([[9.0, -9.0]] * 4)  # many is always the answer
    weighed = fitted(texts, class_weights="balanced").network.compute_loss(y=ids, y_pred=right)
    assert np.allclose(weighed, 8 / (2 * 2) * 18 / 4, atol=1e-3)


def test_long_texts_share_batches_within_the_budget():
    texts = [LabelledText("word " * (1 + 7 * number), "ab"[number % 2]) for number in range(40)]
    batches = fitted(texts, batch_tokens=200, batch_size=16).training_batches(texts)
    seen = 0
    for epoch in range(2):
        drawn = list(batches.epoch(epoch, 0))
        assert len(drawn) == batches.steps(epoch)
        assert all(inputs["words"].size <= 200 or len(labels) == 1 for inputs, labels in drawn)
        assert max(len(labels) for _, labels in drawn) <= 16
        seen += sum(len(labels) for _, labels in drawn)
        assert sum(batches.units(*batch) for batch in drawn) == sum(1 + 7 * number for number in range(40))
    assert seen == 80
    later = list(batches.epoch(1, 3))
    assert all(np.array_equal(a[0]["words"], b[0]["words"]) for a, b in zip(later, drawn[3:], strict=True))


def test_only_the_first_tokens_are_read_where_there_is_a_limit():
    texts = [LabelledText("good good bad bad", "a"), LabelledText("good", "b"), LabelledText("", "b")]
    model = fitted(texts, max_tokens=2)
    encoded = model.encode(texts)
    ids = model.vocabularies.words.ids
    assert encoded.tokens.words.tolist() == [ids["good"]] * 3  # good good | good |
    assert encoded.tokens.lengths.tolist() == [2, 1, 0]
    assert "1 of 3 texts have more than 2 tokens" in model.check(texts)[0]
    served = model.service().text(tf.constant(["good good bad bad", "good good"]))["scores"].numpy()
    assert np.array_equal(served[0], served[1])
    assert list(model.baseline_inputs(texts)) == ["good good bad bad", "good", ""]
    # what is never read has no embedding that nothing made
    assert "bad" not in ids and fitted(texts).vocabularies.words.ids["bad"]


def test_the_beginnings_of_texts_know_their_own_tokens_alone():
    begins = tokenised([LabelledText(text) for text in ("a b c", "", "c d a d")], False).begins(2)
    assert list(begins.joined()) == ["a b", "", "c d"] and begins.forms == ("a", "b", "c", "d")
    assert tokenised([LabelledText("a b c")], False).begins(1).forms == ("a",)


def test_odd_spelling_features_of_two_directions_are_refused():
    with pytest.raises(ConfigError, match=r"spelling_units is odd.*try: 76"):
        resolve("sentiment", "classification", {}, {"characters": "recurrent", "spelling_units": 75})


def test_tokens_are_those_of_the_tokeniser_whatever_the_chunk(monkeypatch):
    texts = [LabelledText(text) for text in ["Don't!", "", "a\nb", "x " * 50, "Ärger 猫"]]
    whole = tokenised(texts, False)
    assert list(whole.joined()) == ["Do n't !", "", "a b", " ".join("x" * 50), "Ärger 猫"]
    monkeypatch.setattr("seqtasks.pipelines.tokenizer.CHUNK_CHARACTERS", 1)
    one_by_one = tokenised(texts, False)
    assert list(one_by_one.joined()) == list(whole.joined())
    assert tokenised([], False).lengths.tolist() == []


def test_texts_of_a_script_without_spaces_are_read_by_characters():
    texts = [LabelledText("我很喜欢这部电影 ok", "p"), LabelledText("我不喜欢", "n")]
    model = fitted(texts)
    assert model.vocabularies.by_character and "喜" in model.vocabularies.words.ids
    assert list(model.baseline_inputs(texts))[1] == "我 不 喜 欢"
    assert not fitted(texts, token_unit="word").vocabularies.by_character
    assert fitted([LabelledText("so good 我", "p"), LabelledText("bad", "n")]).vocabularies.by_character is False
    assert mostly_unspaced(text.text for text in texts) and not mostly_unspaced([""])


def test_confusion_matrix_with_labels_that_are_hard_to_draw(tmp_path):
    labels = ["$\\x{$", "ein sehr langer Name, der kein Ende nimmt und gar keines", "a\nb", "猫", ""]
    confusion.save({(labels[0], labels[1]): 3, (labels[2], labels[2]): 4}, labels, tmp_path / "confusion")
    assert (tmp_path / "confusion.png").read_bytes()[:4] == b"\x89PNG"
    with open(tmp_path / "confusion.csv", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][1:] == labels and rows[1] == [labels[0], "0", "3", "0", "0", "0"]
    many = [str(number) for number in range(120)]
    confusion.save({("7", "7"): 1}, many, tmp_path / "many")
    assert len((tmp_path / "many.csv").read_text().splitlines()) == 121
    ticks = confusion._drawn(np.zeros([120, 120]), many).axes[0].get_xticklabels()
    assert [tick.get_text() for tick in ticks] == many[::2]
    confusion.save({}, [str(number) for number in range(confusion.MOST_LABELS + 1)], tmp_path / "too_many")
    assert not list(tmp_path.glob("too_many*"))


def test_the_answers_that_the_command_line_lists_are_the_familys():
    families = {load_task(name).example_type.family: conductor.family_of(load_task(name)) for name in TASKS}
    assert {name: tuple(family.writers) for name, family in families.items()} == ANSWERS
    assert set(families) == set(FAMILIES)
    assert Columns(text="x").text == "x"
