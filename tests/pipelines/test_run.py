"""The whole line on tiny data: run, eval, predict, export; and a folder that is something else."""

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, DataError, RefusedLinesError, RunError
from seqtasks.layers.dropout import VariationalDropout
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines import serving, sources
from seqtasks.pipelines.family import family_of
from seqtasks.pipelines.run_folder import RunFolder
from seqtasks.tasks import demo, load_task, schemes
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.task import Columns
from tests.conftest import TINY, Quiet, tiny_run, write_conll

NER = load_task("ner")
LINES = ["Jordan may leave Paris in May.", "", "don't", "  ", "Ärger \U0001f469\u200d\U0001f4bb #x", "a " * 60]


def answers(**kwargs):
    text = kwargs.pop("text", "\n".join(LINES) + "\n")
    options = {"source": "lines", "tokens": False, "output": "jsonl", **kwargs.pop("question", {})}
    question = conductor.Question(io.BufferedReader(io.BytesIO(text.encode())), **options)
    return list(conductor.predict(NER, kwargs.get("run", ""), kwargs.get("model", ""), question, pytest.fail))


@pytest.fixture(scope="module")
def exported(ner_run, tmp_path_factory):
    return conductor.export(NER, str(ner_run), str(tmp_path_factory.mktemp("export") / "model"))


def test_a_run_folder_holds_all_there_is_to_know(ner_run):
    names = {str(path.relative_to(ner_run)) for path in ner_run.rglob("*") if path.is_file()}
    assert {
        "config.toml",
        "environment.json",
        "history.csv",
        "scores.json",
        "model.weights.h5",
        "checkpoint/state.npz",
        "predictions/test.conll",
        "baselines/hmm.json",
        "baselines/most_frequent.json",
        "vocabulary/words.json",
        "vocabulary/tags.json",
    } <= names
    assert not [name for name in names if ".partial" in name or name.endswith((".pkl", ".pickle"))]


def test_scores_have_the_one_shape(ner_run):
    report = json.loads((ner_run / "scores.json").read_text())
    assert list(report) == ["task", "run", "data", "split", "scores", "baselines"]
    assert report["scores"][0]["name"] == "f1" and set(report["baselines"]) == {"most_frequent", "hmm"}
    assert all(set(score) == {"name", "value", "signature"} for score in report["scores"])


def test_the_written_predictions_give_the_written_score(ner_run, data_folder):
    rows = [line.split("\t") for line in (ner_run / "predictions/test.conll").read_text().splitlines() if line]
    gold = [line.split("\t") for line in (data_folder / "test.conll").read_text().splitlines() if line]
    assert [row[:2] for row in rows] == gold
    report = json.loads((ner_run / "scores.json").read_text())
    accuracy = next(score["value"] for score in report["scores"] if score["name"] == "accuracy")
    assert accuracy == pytest.approx(np.mean([row[1] == row[2] for row in rows]))


def test_eval_finds_what_the_run_found(ner_run):
    report = conductor.evaluate(NER, str(ner_run), {}, None, Quiet())
    assert report == json.loads((ner_run / "scores.json").read_text())


def test_eval_on_another_file_scores_that_file(ner_run, data_folder):
    report = conductor.evaluate(NER, str(ner_run), {"test": str(data_folder / "dev.conll")}, None, Quiet())
    own = conductor.evaluate(NER, str(ner_run), {}, "dev", Quiet())
    assert report["scores"] == own["scores"] and report["baselines"] == own["baselines"]


def test_scores_are_read_in_the_runs_own_scheme(ner_run, tmp_path):
    (tmp_path / "test.conll").write_text("Jordan\tS-person\nleft\tO\n")  # of a file alone: IOBES
    report = conductor.evaluate(NER, str(ner_run), {"test": str(tmp_path / "test.conll")}, None, Quiet())
    found = [report["scores"], *report["baselines"].values()]
    assert all("scheme:IOB2|" in score["signature"] for scores in found for score in scores)


def test_a_finished_run_is_shown_and_not_trained_again(ner_run, data_folder):
    _, report, reporter = tiny_run("ner", data_folder, ner_run)
    assert not reporter.rows and report == json.loads((ner_run / "scores.json").read_text())


def test_another_configuration_in_a_runs_folder_is_refused(ner_run, data_folder):
    with pytest.raises(RunError, match=r"model\.units \(there 8, now 9\)"):
        tiny_run("ner", data_folder, ner_run, units=9)


def test_changed_data_is_refused(data_folder, tmp_path):
    shutil.copytree(data_folder, tmp_path / "data")
    tiny_run("ner", tmp_path / "data", tmp_path / "fresh", fresh=True, epochs=1)
    with open(tmp_path / "data" / "test.conll", "a") as stream:
        stream.write("\nParis\tB-LOC\n")
    with pytest.raises(RunError, match=r"the content of .*test\.conll"):
        tiny_run("ner", tmp_path / "data", tmp_path / "fresh", epochs=1)


def test_a_run_from_before_an_option_existed_has_its_default(ner_run, data_folder, tmp_path):
    shutil.copytree(ner_run, tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    new = ("skip", "variational", "rnn_activation", "leak")
    older = [line for line in config.read_text().splitlines() if line.split(" = ")[0] not in new]
    assert len(older) + len(new) == len(config.read_text().splitlines())
    config.write_text("\n".join(older))
    RunFolder(tmp_path / "run").seal()
    _, report, reporter = tiny_run("ner", data_folder, tmp_path / "run")
    assert not reporter.rows and report == json.loads((ner_run / "scores.json").read_text())
    assert conductor.evaluate(NER, str(tmp_path / "run"), {}, None, Quiet())["scores"] == report["scores"]


def test_a_simple_cell_with_skips_and_leaky_rectified_units_is_trained_and_comes_back(data_folder, tmp_path):
    options = {"cell": "rnn", "rnn_activation": "relu", "leak": 0.5, "skip": 2, "depth": 2, "epochs": 1}
    folder, report, _ = tiny_run("ner", data_folder, tmp_path / "run", **options)
    assert conductor.evaluate(NER, str(folder.path), {}, None, Quiet())["scores"] == report["scores"]
    serving.load(conductor.export(NER, str(folder.path), ""), {})


@pytest.mark.parametrize("name", ["ner", "sentiment", "translate", "lm"])
def test_every_network_drops_by_sequence_or_by_step(any_run, name):
    task, folder = load_task(name), RunFolder(any_run(name))
    config = folder.load_config(task)
    for variational, kind in ((True, VariationalDropout), (False, keras.layers.Dropout)):
        model = replace(config.model, depth=2, variational=variational)
        network = family_of(task).load(replace(config, model=model), folder.vocabulary).network
        layers = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.Dropout)]
        # what a classifier and a translator drop at last is no sequence: a text's vector, and rows of real positions
        of_sequences = [layer for layer in layers if name in ("ner", "lm") or layer.name != "output_dropout"]
        assert len(of_sequences) >= 2 and {type(layer) for layer in of_sequences} == {kind}


def test_fresh_starts_anew_and_touches_no_file_of_others(ner_run, data_folder, tmp_path):
    shutil.copytree(ner_run, tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    exported = conductor.export(NER, str(tmp_path / "run"), "")
    (exported / "README.md").write_text("mine")
    _, _, reporter = tiny_run("ner", data_folder, tmp_path / "run", fresh=True, epochs=1)
    assert len(reporter.rows) == 1
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"
    # the SavedModel was that of the run before
    assert [path.name for path in exported.iterdir()] == ["README.md"]


@pytest.mark.parametrize("mine", ["thesis.txt", "plots/figure.png", "hashes.json", "export/model.txt"])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_other_files_is_not_taken_over(data_folder, tmp_path, mine, fresh):
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text("mine")
    with pytest.raises(RunError, match="not a run's folder"):
        tiny_run("ner", data_folder, tmp_path, fresh=fresh)
    assert (tmp_path / mine).read_text() == "mine"


def test_predict_answers_every_line_in_order(ner_run):
    found = [json.loads(answer) for answer in answers(run=str(ner_run))]
    assert len(found) == len(LINES)
    assert [item["tokens"] for item in found[:3]] == [
        ["Jordan", "may", "leave", "Paris", "in", "May", "."],
        [],
        ["do", "n't"],
    ]
    for line, item in zip(LINES, found, strict=True):
        assert [line[b:e] for b, e in zip(item["begin"], item["end"], strict=True)] == item["tokens"]
        assert all(0 <= score <= 1.000001 for score in item["scores"])


def test_company_and_padding_change_nothing(ner_run):
    together = [json.loads(answer) for answer in answers(run=str(ner_run))]
    alone = [json.loads(answers(run=str(ner_run), text=line + "\n")[0]) for line in LINES]
    for one, other in zip(together, alone, strict=True):
        assert one["tags"] == other["tags"]
        assert one["scores"] == pytest.approx(other["scores"], abs=1e-5)


def test_tokens_come_from_columns_or_from_spaces(ner_run):
    columns = "Jordan\tO\nleft\tO\n\nMay\tO\n"
    question = {"tokens": True, "source": "x.conll"}
    from_columns = answers(run=str(ner_run), text=columns, question=question)
    from_spaces = answers(run=str(ner_run), text="Jordan left\nMay\n", question={"tokens": True})
    assert from_columns == from_spaces
    assert json.loads(from_spaces[0])["tokens"] == ["Jordan", "left"]


@pytest.mark.parametrize("source", ["x.conllu", "standard input"])
def test_the_words_of_conllu_are_answered_whatever_else_stands_there(ner_run, source):
    rows = ["1-2\tdon't", "1\tdo", "2\tn't", "", "1\tMay"]
    rows = [row + "\t_" * 8 if row else row for row in rows]
    text = "\n".join(["# sent_id = 1", "# text = don't", *rows, ""])
    found = answers(run=str(ner_run), text=text, question={"tokens": True, "source": source})
    assert found == answers(run=str(ner_run), text="do n't\nMay\n", question={"tokens": True})


def test_the_column_of_the_tokens_can_be_said(ner_run):
    plain = answers(run=str(ner_run), text="Jordan left\n", question={"tokens": True})
    said = {"tokens": True, "given": {"token_column": "2"}}
    assert answers(run=str(ner_run), text="1 Jordan\n2 left\n", question=said) == plain
    with pytest.raises(ConfigError, match=r"--token-column: .*a text a line; received '2'; try: --tokens"):
        answers(run=str(ner_run), question={"given": {"token_column": "2"}})


def test_tokens_come_back_as_they_were_given(ner_run):
    text = "10 000\tO\nNew York\tO\nno\u00a0break\tO\n"
    found = answers(run=str(ner_run), text=text, question={"tokens": True, "source": "x.conll"})
    assert json.loads(found[0])["tokens"] == ["10 000", "New York", "no\u00a0break"]


@pytest.mark.parametrize("tokens", [True, False])
def test_a_line_that_would_take_all_memory_is_refused_and_the_stream_goes_on(ner_run, tokens):
    options = {"source": "x.txt", "tokens": tokens, "output": "text"}
    # the second is longer than what is read of a line
    text = b"fine\n" + b"a " * 100_000 + b"\n" + b"b" * 9_000_000 + b"\nalso fine\n"
    stream = io.BufferedReader(io.BytesIO(text))
    found = conductor.predict(NER, str(ner_run), "", conductor.Question(stream, **options), pytest.fail)
    lines = [next(found) for _ in range(4)]
    assert lines[0].startswith("fine/") and lines[1:3] == ["\n", "\n"] and lines[3].startswith("also/")
    with pytest.raises(RefusedLinesError, match=r"x\.txt: not answered.*: x\.txt:2, x\.txt:3; allowed: 131,072"):
        next(found)


@pytest.mark.parametrize("text", ["Jordan left Paris .\n", "Jordan left\nMay left\n"])
def test_lines_of_equally_many_tokens_are_no_columns(ner_run, text):
    found = answers(run=str(ner_run), text=text, question={"tokens": True})
    assert [json.loads(answer)["tokens"] for answer in found] == [line.split() for line in text.splitlines()]


def test_a_run_killed_at_its_very_start_is_started_again(data_folder, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "environment.json").write_text("{}")
    (tmp_path / "run" / ".partial-config.toml").write_text("")
    _, report, _ = tiny_run("ner", data_folder, tmp_path / "run", epochs=1)
    assert report["scores"]
    assert not list((tmp_path / "run").glob(".partial-*"))


def test_vectors_belong_to_what_determines_a_run(data_folder, tmp_path):
    (tmp_path / "vectors.txt").write_text("paris 1 2 3\nmay 7 8 9\n")
    options = {"vectors": str(tmp_path / "vectors.txt"), "epochs": 1}
    tiny_run("ner", data_folder, tmp_path / "run", **options)
    (tmp_path / "vectors.txt").write_text("may 7 8 9\nparis 1 2 3\n")
    with pytest.raises(RunError, match=r"the content of .*vectors\.txt"):
        tiny_run("ner", data_folder, tmp_path / "run", **options)


def test_predict_on_gold_tokens_agrees_with_eval(ner_run, data_folder):
    question = {"tokens": True, "source": "test.conll"}
    found = answers(run=str(ner_run), text=(data_folder / "test.conll").read_text(), question=question)
    assert [json.loads(answer)["tags"] for answer in found] == predicted_tags(ner_run)


def test_the_savedmodel_answers_as_the_run_does(ner_run, exported):
    assert answers(model=str(exported)) == answers(run=str(ner_run))
    tokens = {"text": "Jordan left .\nMay\n", "question": {"tokens": True}}
    assert answers(model=str(exported), **tokens) == answers(run=str(ner_run), **tokens)


def test_the_savedmodel_loads_in_a_process_without_this_project(exported, ner_run):
    script = f"""
import json, sys, tensorflow as tf
sys.modules["seqtasks"] = None
found = tf.saved_model.load({str(exported)!r}).signatures["serving_default"](text=tf.constant({LINES!r}))
rows = zip(found["tags"].numpy(), found["lengths"].numpy())
print(json.dumps([[tag.decode() for tag in row[:length]] for row, length in rows]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="/")
    assert json.loads(done.stdout) == [json.loads(answer)["tags"] for answer in answers(run=str(ner_run))]


def test_the_savedmodel_passes_tensorflows_cpp_loader(exported):
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli"]
    arguments = ["run", "--dir", str(exported), "--tag_set", "serve", "--signature_def", "serving_default"]
    done = subprocess.run(
        [*command, *arguments, "--input_exprs", "text=[b'Jordan may leave', b'']"],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "b'Jordan'" in done.stdout


def test_an_export_replaces_an_older_one_and_nothing_else(ner_run, exported, tmp_path):
    conductor.export(NER, str(ner_run), str(tmp_path / "model"))
    conductor.export(NER, str(ner_run), str(tmp_path / "model"))
    assert set(serving.load(tmp_path / "model", {})) == {"serving_default", "tokens"}
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="not a SavedModel"):
        conductor.export(NER, str(ner_run), str(tmp_path / "file"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="not a SavedModel"):
        conductor.export(NER, str(ner_run), str(tmp_path / "other"))


def test_a_damaged_savedmodel_is_named(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"no protocol buffer")
    with pytest.raises(RunError, match="damaged SavedModel"):
        serving.load(tmp_path, {})


@pytest.mark.parametrize("scheme", ["IOB1", "IOBES", "BMES"])
def test_tags_are_written_back_in_the_users_own_scheme(ner_run, data_folder, tmp_path, scheme):
    own = load_task("ner").formats[0]
    folder = tmp_path / "data"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        with open(data_folder / f"{split}.conll", "rb") as stream:
            sentences = list(own.read(stream, split, Columns()))
        rewritten = [
            replace(s, tags=schemes.from_working(schemes.to_working(s.tags, "IOB2"), scheme)) for s in sentences
        ]
        write_conll(folder / f"{split}.conll", rewritten)
    run, report, _ = tiny_run("ner", folder, tmp_path / "run")
    assert f"scheme:{scheme}|" in report["scores"][0]["signature"]
    plain = json.loads((ner_run / "scores.json").read_text())
    values = {score["name"]: score["value"] for score in plain["scores"]}
    # the same chunks whatever the scheme; the share of right tags is another one
    assert all(values[s["name"]] == s["value"] for s in report["scores"] if s["name"].startswith(("f1", "precision")))
    question = {"tokens": True, "source": "test.conll"}
    found = answers(run=str(run.path), text=(folder / "test.conll").read_text(), question=question)
    tags = [json.loads(answer)["tags"] for answer in found]
    assert tags == predicted_tags(run.path)
    assert {tag[0] for row in tags for tag in row} <= set({"IOB1": "IOB", "IOBES": "BIESO", "BMES": "BMESO"}[scheme])


def predicted_tags(run: Path) -> list[list[str]]:
    """Those that the run wrote beside the truth."""
    blocks = (run / "predictions/test.conll").read_text().split("\n\n")
    return [[row.split("\t")[2] for row in block.splitlines()] for block in blocks if block.strip()]


@pytest.mark.parametrize("scheme", schemes.SPANS)
def test_the_graph_writes_adjacent_names_as_the_scheme_does(scheme):
    working = ["S-x", "S-x", "B-x", "E-x", "S-y", "O", "B-y", "I-y", "E-y", "B-y", "E-y", "O", "S-x"]
    own = schemes.from_working(working, scheme)
    sentence = TaggedSentence(tuple(f"w{at}" for at in range(len(own))), own)
    # chunks enough for the scheme to be told, and for every working tag to be there
    config = resolve("ner", "tagging", {}, TINY)
    tagger = conductor.family_of(NER).fit(NER, config, [sentence])
    assert tagger.vocabularies.scheme == scheme
    ids = [[tagger.vocabularies.tags.ids[tag] for tag in working], [tagger.vocabularies.tags.ids[working[0]]] * 13]
    tagger.network.decode = lambda inputs: (tf.constant(ids), tf.ones([2, len(working)]))
    found = tagger.service().tokens(tf.constant([" ".join(sentence.tokens), "alone"]))["tags"].numpy()
    assert [tag.decode() for tag in found[0]] == list(own)
    assert [tag.decode() for tag in found[1]] == [*schemes.from_working(working[:1], scheme), *[""] * 12]


def test_pos_runs_through_the_same_line(tmp_path):
    splits = demo.pos(0)
    for split in ("train", "test"):
        write_conll(tmp_path / f"{split}.conll", splits[split][:60])
    _, report, reporter = tiny_run(
        "pos", tmp_path, tmp_path / "run", output="softmax", characters="recurrent", cell="gru"
    )
    assert [score["name"] for score in report["scores"]] == ["accuracy", "accuracy[known]", "accuracy[unknown]"]
    assert any("held out of train" in line for line in reporter.said)


@pytest.fixture(scope="module")
def held_out(tmp_path_factory):
    """A run whose dev was held out of train and whose test split has no tags: the run's folder, data and reporter."""
    folder = tmp_path_factory.mktemp("held_out")
    tagged = demo.pos(0)["train"][:60]
    bare = [replace(sentence, tags=("_",) * len(sentence.tokens)) for sentence in demo.pos(0)["test"][:5]]
    for split, sentences in (("train", tagged), ("test", bare)):
        (folder / f"{split}.conllu").write_text("".join(map(as_conllu, sentences)))
    run, _, reporter = tiny_run("pos", folder, folder / "run", dev_share=0.2, epochs=1)
    return run.path, folder, reporter


def as_conllu(sentence) -> str:
    rows = enumerate(zip(sentence.tokens, sentence.tags, strict=True), start=1)
    return "".join(f"{at}\t{token}\t_\t{tag}" + "\t_" * 6 + "\n" for at, (token, tag) in rows) + "\n"


def tokens_scored(report) -> int:
    return int(report["scores"][0]["signature"].split("gold:")[1].split("|")[0])


def test_a_test_split_without_tags_is_left_aside(held_out):
    run, folder, reporter = held_out
    report = json.loads((run / "scores.json").read_text())
    assert report["split"] == "dev" and (run / "predictions/dev.conll").exists()
    assert any("test.conllu: no label in the test split" in line for line in reporter.warned)
    assert conductor.evaluate(load_task("pos"), str(run), {}, None, Quiet()) == report
    with pytest.raises(DataError, match="no label"):
        conductor.evaluate(load_task("pos"), str(run), {"test": str(folder / "test.conllu")}, None, Quiet())


def test_eval_scores_what_was_trained_on_and_what_was_held_out_apart(held_out):
    run, _, _ = held_out
    train, dev = (
        tokens_scored(conductor.evaluate(load_task("pos"), str(run), {}, split, Quiet())) for split in ("train", "dev")
    )
    sentences = demo.pos(0)["train"][:60]
    assert train + dev == sum(len(sentence.tokens) for sentence in sentences)
    assert train > 2 * dev


def test_eval_scores_the_whole_of_another_training_file(held_out):
    run, folder, _ = held_out
    report = conductor.evaluate(load_task("pos"), str(run), {"train": str(folder / "train.conllu")}, None, Quiet())
    assert report["split"] == "train"
    (folder / "only").mkdir()
    shutil.copy(folder / "train.conllu", folder / "only")
    with pytest.raises(DataError, match=r"no test split; received 'train'.*try: --split train"):
        conductor.evaluate(load_task("pos"), str(run), {"data": str(folder / "only")}, None, Quiet())
    assert tokens_scored(report) == sum(len(sentence.tokens) for sentence in demo.pos(0)["train"][:60])


def test_eval_tells_what_was_read_and_what_has_changed_since(held_out):
    run, folder, _ = held_out
    reporter = Quiet()
    conductor.evaluate(load_task("pos"), str(run), {}, None, reporter)
    assert any("held out of train" in line for line in reporter.said)
    assert not any("changed" in line for line in reporter.warned)
    reporter.warned.clear()
    before = (folder / "train.conllu").read_text()
    (folder / "train.conllu").write_text(before + before)
    try:
        conductor.evaluate(load_task("pos"), str(run), {}, None, reporter)
    finally:
        (folder / "train.conllu").write_text(before)
    assert reporter.warned[0] == f"{folder / 'train.conllu'}: the content has changed since the run was trained"


def test_a_handful_of_sentences_is_learnt_by_heart(data_folder, tmp_path):
    lines = (data_folder / "train.conll").read_text().split("\n\n")[:12]
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.conll").write_text("\n\n".join(lines) + "\n")
    options = {"units": 24, "word_units": 24, "spelling_units": 24, "epochs": 60, "dropout": 0.0, "min_count": 1}
    run, report, _ = tiny_run("ner", tmp_path, tmp_path / "run", batch_size=4, patience=60, word_dropout=0.0, **options)
    assert report["scores"][0]["value"] == 1.0
    again = conductor.evaluate(NER, str(run.path), {}, None, Quiet())
    assert again["scores"][0]["value"] == 1.0


def test_labels_that_train_never_has_are_wrong_and_reported(data_folder, tmp_path):
    shutil.copytree(data_folder, tmp_path / "data")
    with open(tmp_path / "data" / "dev.conll", "a") as stream:
        stream.write("\nMars\tB-PLANET\n")
    _, _, reporter = tiny_run("ner", tmp_path / "data", tmp_path / "run", epochs=1)
    line = next(line for line in reporter.warned if "B-PLANET" in line)
    assert "dev.conll:" in line and "1 in all" in line
    with pytest.raises(DataError, match="no label that the training split has"):
        (tmp_path / "mars.conll").write_text("Mars\tB-PLANET\n")
        conductor.evaluate(NER, str(tmp_path / "run"), {"test": str(tmp_path / "mars.conll")}, None, Quiet())


def test_a_run_of_another_kind_is_refused(ner_run, tmp_path):
    with pytest.raises(RunError, match=r"another task"):
        conductor.evaluate(load_task("pos"), str(ner_run), {}, None, Quiet())
    shutil.copytree(ner_run, tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    config.write_text(config.read_text().replace("format = 1", "format = 99"))
    with pytest.raises(RunError, match=r"format version.*99"):
        conductor.evaluate(NER, str(tmp_path / "run"), {}, None, Quiet())
    with pytest.raises(RunError, match=r"no run in the folder.*seqtasks run ner"):
        conductor.evaluate(NER, str(tmp_path / "nothing"), {}, None, Quiet())


@pytest.mark.parametrize(
    "name",
    ["model.weights.h5", "vocabulary/words.json", "vocabulary/tagging.json", "baselines/hmm.json", "config.toml"],
)
def test_a_damaged_file_of_a_run_is_named(ner_run, tmp_path, name):
    shutil.copytree(ner_run, tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Exception) as caught:
        conductor.evaluate(NER, str(tmp_path / "run"), {}, None, Quiet())
    assert type(caught.value).__module__ == "seqtasks.errors" and name in str(caught.value)


def test_a_damaged_checkpoint_is_named(ner_run, data_folder, tmp_path):
    shutil.copytree(ner_run, tmp_path / "run")
    (tmp_path / "run" / "scores.json").unlink()
    path = tmp_path / "run" / "checkpoint" / "state.npz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(RunError, match=r"state\.npz"):
        tiny_run("ner", data_folder, tmp_path / "run")


def test_pretrained_vectors_reach_the_network(data_folder, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("paris 1 2 3\nzzz 4 5 6\nMay 7 8 9\n")
    config = resolve("ner", "tagging", {}, {"vectors": str(vectors), "data": str(data_folder), "units": 4})
    model = conductor.family_of(NER).fit(NER, config, sources.load(NER, config.data).splits["train"])
    table = np.array(model.network.words.embeddings)
    ids = model.vocabularies.words.ids
    assert table[ids["paris"]].tolist() == [1, 2, 3]
    assert table[ids["zzz"]].tolist() == [4, 5, 6]
    assert table[ids["may"]].tolist() == [7, 8, 9]


def test_vectors_serve_tokens_with_a_space_and_pieces_of_tokens(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("handle 4 5 6\nnew york 1 2 3\n")
    train = [TaggedSentence(("New York", "@handle"), ("B-x", "O"))]
    flags = {"vectors": str(vectors), "vector_words": 0, "units": 4, "min_count": 1, "split_tokens": 0.5}
    model = conductor.family_of(NER).fit(NER, resolve("ner", "tagging", {}, flags), train)
    ids, table = model.vocabularies.words.ids, np.array(model.network.words.embeddings)
    assert table[ids["new\u00a0york"]].tolist() == [1, 2, 3] and table[ids["handle"]].tolist() == [4, 5, 6]


def test_words_from_the_head_of_a_vector_file_are_as_many_as_asked_for(data_folder, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("zzz 1 2 3\nparis 4 5 6\nyyy 7 8 9\nxxx 1 1 1\n")
    train = [TaggedSentence(("Paris", "left"), ("B-x", "O"))]
    for count, expected in ((0, {"paris"}), (2, {"paris", "zzz", "yyy"})):
        flags = {"vectors": str(vectors), "vector_words": count, "units": 4, "min_count": 9}
        model = conductor.family_of(NER).fit(NER, resolve("ner", "tagging", {}, flags), train)
        assert set(model.vocabularies.words.entries) == expected


def test_a_stopped_run_goes_on_when_another_was_stopped_after_it(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (
        resolve("ner", "tagging", {}, {**TINY, "data": str(data_folder), "epochs": 1, "seed": seed}) for seed in (1, 2)
    )
    folders = [conductor.run(NER, config, conductor.Place(), Quiet())[0] for config in (first, second)]
    for folder in folders:
        folder.scores_file.unlink()
    os.utime(folders[1].config_file, (2e9, 2e9))
    assert conductor.run(NER, first, conductor.Place(), Quiet())[0].path == folders[0].path


def test_two_runs_without_out_go_to_folders_of_their_own(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = resolve("ner", "tagging", {}, {**TINY, "data": str(data_folder), "epochs": 1})
    first, _ = conductor.run(NER, config, conductor.Place(), Quiet())
    assert first.path.parent == Path("runs/ner") and RunFolder(first.path).finished
    (first.path / "scores.json").unlink()
    # an unfinished run that this version can't read, and the newest of them
    other = Path("runs/ner/other/config.toml")
    other.parent.mkdir()
    other.write_text('format = 99\ntask = "ner"\n')
    os.utime(other, (2e9, 2e9))
    reporter = Quiet()
    again, _ = conductor.run(NER, config, conductor.Place(), reporter)
    assert again.path == first.path and not reporter.rows  # went on, with nothing left to train
    assert any("passed over: runs/ner/other/config.toml: a run of another format" in line for line in reporter.said)
    with pytest.raises(RunError, match="another format version"):
        conductor.run(NER, config, conductor.Place(str(other.parent)), Quiet())
