"""The command line: what it says, where, and with which exit status."""

import dataclasses
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
import tomli_w
from click.testing import CliRunner

from seqtasks.cli import main
from seqtasks.cli.tasks import TaskGroup
from seqtasks.cli.terminal import show_comparison, show_scores
from seqtasks.cli.texts import texts_of
from seqtasks.config import CLUSTERINGS, HIDDEN_STATES, TrainingConfig
from seqtasks.layers import CELLS
from seqtasks.pipelines import formats
from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.formal import LANGUAGES
from tests.conftest import TINY, tiny_run

LANGUAGE_OPTIONS = ["--units", "8", "--depth", "1", "--batch-size", "8", "--min-count", "1"]
OPTIONS = [part for name, value in TINY.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def call(*arguments, **kwargs):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **kwargs)


def failed(*arguments) -> str:
    """The one line that a mistake brings."""
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ") and "Traceback" not in result.stderr
    return last


def every_command(group, path=()):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        yield (*path, name), command
        if hasattr(command, "list_commands"):
            yield from every_command(command, (*path, name))


COMMANDS = list(every_command(main))


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        # Of the program's own help nothing is wanted but Click; a task's help names its options' defaults, which its
        # module knows, and that module may read text with NumPy.
        (["--help"], {"numpy", "tensorflow", "keras", "tensorflow_datasets", "sklearn", "matplotlib"}),
        (["run", "ner", "--help"], {"tensorflow", "keras", "tensorflow_datasets", "sklearn", "matplotlib"}),
    ],
    ids=["program", "task"],
)
def test_help_is_quick_to_come(arguments, heavy):
    script = (
        "import sys\nfrom seqtasks.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        f"loaded = {heavy!r} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=" ".join)
def test_every_command_has_help(path):
    result = call(*path, "--help")
    assert result.exit_code == 0 and len(result.output.splitlines()) > 5


def example_of(command) -> str:
    return re.search(r"Example: (.+)", command.help)[1]


def test_every_command_shows_an_example():
    for path, command in COMMANDS:
        if not hasattr(command, "list_commands"):
            assert " ".join(("seqtasks", *path)) in example_of(command)


def test_the_examples_run_as_they_stand(data_folder, tmp_path):
    """In the order of a person's day: `run` first. The commands of one task stand for all, which share their makers."""
    shutil.copy(data_folder / "train.conll", tmp_path)
    leaves = {path: example_of(command) for path, command in COMMANDS if not hasattr(command, "list_commands")}
    chosen = [path for path in leaves if path[-1] == "ner" or len(path) == 1 or path == ("data", "list")]
    script = " && ".join(leaves[path] for path in sorted(chosen, key=lambda path: path[0] != "run"))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "model" / "saved_model.pb").exists()


def test_an_unknown_task_is_a_usage_error_with_the_nearest_name():
    for path, group in [(path, command) for path, command in COMMANDS if isinstance(command, TaskGroup)]:
        task = group.list_commands(None)[-1]
        result = call(*path, f"{task}m")
        assert result.exit_code == 2 and f"Did you mean {task}?" in result.stderr


def test_a_command_of_one_family_names_the_tasks_that_have_it():
    result = call("sample", "ner")
    assert result.exit_code == 2 and "the tasks are lm" in result.stderr
    assert "ner" not in call("score", "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [["run", "ner", "--cell", "gnu"], ["run", "ner", "--unit", "3"], ["ruin"], ["run", "ner", "--units", "x"]],
)
def test_wrong_usage_ends_with_2(arguments):
    result = call(*arguments)
    assert result.exit_code == 2 and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["run", "ner", "--cell", "gruu"], "gru"),
        (["run", "ner", "--connection", "resid"], "residual"),
        (["eval", "ner", "--split", "tset"], "test"),
        (["predict", "ner", "--format", "json"], "jsonl"),
    ],
)
def test_a_wrong_choice_brings_the_nearest(arguments, nearest):
    result = call(*arguments)
    assert result.exit_code == 2 and f"Did you mean {nearest}?" in result.stderr


def test_tasks_and_cells_are_listed():
    assert re.findall(r"^(\w+)", call("tasks").stdout, re.M) == list(TASKS)
    assert re.findall(r"^(\w+)", call("cells").stdout, re.M) == list(CELLS)
    listed = call("data", "list").stdout
    assert "universal_dependencies/*" in listed and re.search(r"^sentiment +any set +text from", listed, re.M)
    for name, language in LANGUAGES.items():
        assert re.search(rf"^sentiment +formal/{name} +made in code: {re.escape(language.summary)}$", listed, re.M)


def test_data_show_and_check(data_folder):
    shown = call("data", "show", "ner", "-n", "1")
    assert shown.exit_code == 0 and re.search(r"^# train: 2,500 examples$", shown.stdout, re.M)
    assert call("data", "show", "ner", "-n", "-1").exit_code == 2
    checked = call("data", "check", "ner", data_folder / "train.conll")
    assert checked.exit_code == 0
    assert "120 examples" in checked.stdout and "scheme: IOB2" in checked.stdout


def test_data_is_shown_as_it_is(data_folder, tmp_path):
    shutil.copy(data_folder / "test.conll", tmp_path / "test.conll")
    for place in (("--data", tmp_path), ("--test", tmp_path / "test.conll")):
        shown = call("data", "show", "ner", *place, "-n", "1")
        assert shown.exit_code == 0, shown.output
        assert re.findall(r"^# (\w+): ", shown.stdout, re.M) == ["test"]
    whole = call("data", "show", "ner", "--train", data_folder / "train.conll", "-n", "0")
    assert whole.stdout == "# train: 120 examples\n"
    (tmp_path / "test.conll").unlink()
    assert "no file of a split" in failed("data", "show", "ner", "--data", tmp_path)


def test_the_story_from_run_to_export(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = call("run", "ner", "--data", data_folder, *OPTIONS, "--epochs", "1", "--json")
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["task"] == "ner" and "epoch   1" in ran.stderr
    scored = call("eval", "ner", "--json")
    assert json.loads(scored.stdout) == report
    table = call("eval", "ner").stdout
    assert "hmm" in table and "signature: scheme:IOB2" in table
    predicted = call("predict", "ner", input="Jordan left.\n\nMay\n")
    assert predicted.exit_code == 0
    assert [line.split("\t")[0] for line in predicted.stdout.split("\n")] == [
        "Jordan",
        "left",
        ".",
        "",
        "",
        "May",
        "",
        "",
    ]
    (tmp_path / "numbered.txt").write_text("1 Jordan\n2 left\n")
    columns = call("predict", "ner", "--tokens", "numbered.txt", "--token-column", "2", "--format", "text")
    assert re.fullmatch(r"Jordan/\S+ left/\S+\n", columns.stdout)
    assert "try: --tokens" in failed("predict", "ner", "--token-column", "2")
    exported = call("export", "ner", "--to", "model")
    assert exported.stdout == "model\n"
    (tmp_path / "lines.txt").write_text("Jordan left.\n")
    again = call("predict", "ner", "lines.txt", "--model", "model", "--format", "text", "--out", "answers.txt")
    assert again.exit_code == 0 and again.stdout == ""
    assert re.fullmatch(r"Jordan/\S+ left/\S+ \./\S+\n", (tmp_path / "answers.txt").read_text())


def test_the_story_of_a_comparison(data_folder, tmp_path):
    command = ["compare", "ner", "--data", data_folder, *OPTIONS, "--epochs", "1", "--seeds", "1"]
    found = call(*command, "--vary", "recurrent-dropout=0.1,0.3", "--out", tmp_path / "runs")
    assert found.exit_code == 0, found.output
    assert re.search(r"0\.1 +\d\.\d{4} ", found.stdout) and "hmm" in found.stdout
    assert (tmp_path / "runs" / "0.3-1" / "scores.json").exists()
    again = call(*command, "--vary", "recurrent-dropout=0.1,0.3", "--out", tmp_path / "runs", "--json")
    assert [row["variant"] for row in json.loads(again.stdout)["rows"]] == ["0.1", "0.3"]


@pytest.mark.parametrize("vary", ["units=", "seed=1,2", "colour=red", "units=many", "bidirectional=perhaps"])
def test_what_cannot_be_varied_is_named(vary):
    assert "--vary" in failed("compare", "ner", "--vary", vary)


def test_cells_and_another_option_are_not_varied_at_once():
    assert call("compare", "ner", "--cells", "gru", "--vary", "units=1").exit_code == 2
    assert call("compare", "ner", "--vary", "units=1,2", "--equal-parameters").exit_code == 2
    once = call("compare", "ner", "--cell", "gru")
    assert once.exit_code == 2 and "--cell is what is compared: --cells gives" in once.output
    assert "--vary gives its values" in call("compare", "ner", "--vary", "min-count=1,2", "--min-count", "3").output
    unknown = call("compare", "ner", "--cells", "lstm,gruu")
    assert unknown.exit_code == 2 and "'gruu'" in unknown.output and "Did you mean gru?" in unknown.output


def test_a_flag_goes_before_the_file_of_config(data_folder, tmp_path):
    training = {field.name for field in dataclasses.fields(TrainingConfig)}
    table = {
        "data": {"dev_share": 0.5},
        "model": {name: value for name, value in TINY.items() if name not in training},
        "training": {name: value for name, value in TINY.items() if name in training},
    }
    (tmp_path / "settings.toml").write_text(tomli_w.dumps(table))
    source = ["--train", data_folder / "test.conll", "--config", tmp_path / "settings.toml"]
    ran = call("run", "ner", *source, "--dev-share", "0.25", "--epochs", "1", "--out", tmp_path / "run")
    assert ran.exit_code == 0, ran.output
    kept = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert kept["model"]["units"] == TINY["units"] and kept["training"]["batch_size"] == TINY["batch_size"]
    assert kept["training"]["epochs"] == 1 and kept["data"]["dev_share"] == 0.25
    assert "10 examples held out of train (25%" in ran.stderr
    scored = json.loads(call("eval", "ner", "--run", tmp_path / "run", "--split", "train", "--json").stdout)
    assert scored["split"] == "train"
    assert "no test split" in failed("eval", "ner", "--run", tmp_path / "run", "--split", "test")
    assert "settings.toml" in failed("run", "pos", "--config", tmp_path / "missing" / "settings.toml")


def test_whoever_has_seen_enough_hears_no_complaint(ner_run, tmp_path):
    (tmp_path / "lines.txt").write_text("Jordan left Paris .\n" * 20_000)
    command = [sys.executable, "-m", "seqtasks", "predict", "ner", tmp_path / "lines.txt", "--run", ner_run]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("Jordan\t")
        process.stdout.close()
        said = process.stderr.read()
        process.wait()
    assert process.returncode == 1
    assert "Traceback" not in said and "BrokenPipe" not in said and "Error" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_output_for_which_there_is_no_room_is_one_line(ner_run, tmp_path):
    (tmp_path / "lines.txt").write_text("Jordan left Paris .\n")
    no_room("predict", "ner", tmp_path / "lines.txt", "--run", ner_run)


def no_room(*arguments) -> None:
    """Asserts what is said where stdout is full."""
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "seqtasks", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.splitlines()[-1] == "Error: a file: No space left on device"
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_the_story_of_a_classifier(opinion_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = call("run", "sentiment", "--data", opinion_folder, *OPTIONS, "--epochs", "1", "--max-tokens", "9", "--export")
    assert ran.exit_code == 0, ran.output
    assert "tfidf_logistic" in ran.stdout and "calibration_error" in ran.stdout and "positive" in ran.stdout
    assert re.search(r"train\.csv: \d+ of 122 texts have more than 9 tokens", ran.stderr)
    report = json.loads(call("eval", "sentiment", "--json").stdout)
    assert report["scores"][0]["name"] == "accuracy" and "tfidf_logistic" in report["baselines"]
    lines = "So good.\n\n\nNot bad at all\n"
    found = call("predict", "sentiment", input=lines)
    assert found.exit_code == 0 and len(found.stdout.splitlines()) == 4
    assert set(json.loads(found.stdout.splitlines()[1])) == {"label", "score", "scores"}
    model = next(Path("runs/sentiment").glob("*/export"))
    again = call("predict", "sentiment", "--model", model, "--format", "tsv", input=lines)
    assert [line.split("\t")[0] for line in again.stdout.splitlines()] == [
        json.loads(line)["label"] for line in found.stdout.splitlines()
    ]
    assert call("predict", "sentiment", "--format", "xml").exit_code == 2
    assert call("predict", "sentiment", "--tokens", input=lines).exit_code == 2
    table = ["--input-format", "csv", "--text-column", "2", "--header", "no"]
    assert len(call("predict", "sentiment", *table, input="1,so good\n2,bad\n").stdout.splitlines()) == 2
    assert len(call("predict", "sentiment", "--model", model, *table, input="1,a\n").stdout.splitlines()) == 1
    assert "--input-format csv" in failed("predict", "sentiment", "--header", "yes")
    assert call("predict", "ner", "--input-format", "conll").exit_code == 2
    assert "another kind" in failed("predict", "ner", "--model", model)
    assert "another --out" in failed("run", "sentiment", "--data", opinion_folder, "--out", opinion_folder)


def test_labelled_texts_are_shown_and_checked(opinion_folder, tmp_path):
    shown = call("data", "show", "sentiment", "--data", opinion_folder, "-n", "121")
    assert shown.exit_code == 0 and "# train: 122 examples" in shown.stdout and "negative\t\n" in shown.stdout
    checked = call("data", "check", "sentiment", opinion_folder / "train.csv")
    assert checked.exit_code == 0
    assert "texts: 122; empty: 1" in checked.stdout and re.search(r"labels: 2: \w+ \d+, \w+ \d+", checked.stdout)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", ["no example in the file", "train.csv"]),
        (b"text,label\n", ["no example in the file"]),
        (b'text,label\ngood,a\n"never closed,b\n', ["train.csv:3", "quotes"]),
        (b"text,label\ngood,a\nbad\n", ["train.csv:3", "too few columns"]),
        (b"text,label\ngood,a\nbad,\n", ["train.csv:3", "without a label"]),
        (b"text,label\ngood,a\nM\xfcnchen,b\n", ["train.csv:3", "not UTF-8"]),
        (b"text,label\ngood,a\nbad,a\n", ["fewer than two labels", "train.csv"]),
    ],
)
def test_a_bad_table_is_named_with_its_line(tmp_path, content, named):
    (tmp_path / "train.csv").write_bytes(content)
    line = failed("run", "sentiment", "--train", tmp_path / "train.csv", "--dev", tmp_path / "train.csv")
    assert all(word in line for word in named), line


def test_an_unknown_column_is_named(opinion_folder):
    assert "--text-column" in failed("run", "sentiment", "--data", opinion_folder, "--text-column", "body")


def reported(capsys, names, values=None) -> str:
    """What `show_scores` prints of a report with these scores."""
    scores = [{"name": "accuracy", "value": 0.5, "signature": "texts:2"}]
    scores += [{"name": name, "value": value, "signature": ""} for name, value in zip(names, values, strict=True)]
    show_scores({"task": "x", "run": "r", "data": "d", "split": "test", "scores": scores, "baselines": {}}, False)
    return capsys.readouterr().out


def test_the_table_of_classes_bears_labels_with_brackets_and_line_ends(capsys):
    labels = ["a[b]", "[c", "d]\n e", "f"]
    names = [f"{kind}[{label}]" for kind in ("precision", "recall") for label in labels]
    shown = reported(capsys, names, [number / 8 for number in range(8)])
    assert re.search(r"^ +precision +recall *$", shown, re.M)
    for number, label in enumerate(["a[b]", "[c", "d] e", "f"]):
        assert re.search(rf"^ +{re.escape(label)} +{number / 8:.4f} +{(number + 4) / 8:.4f} *$", shown, re.M), label
    assert re.search(r"^ +accuracy +0\.5000 *$", shown, re.M) and "precision[" not in shown


def test_of_many_classes_the_worst_are_shown(capsys):
    names = [f"{kind}[c{number}]" for kind in ("recall", "f1") for number in range(300)]
    shown = reported(capsys, names, [None] + [1 - number / 300 for number in range(299)] * 2 + [0.5])
    rows = re.findall(r"^ +(c\d+) ", shown, re.M)
    assert len(rows) == 25 and rows[0] == "c298" and "the worst 25 of 300 by f1" in shown and "scores.json" in shown


def test_inspect_shows_gradients_as_tables_json_and_picture(ner_run, tmp_path):
    picture = tmp_path / "gradients.png"
    shown = call("inspect", "ner", "--run", ner_run, "--gradients", picture)
    assert shown.exit_code == 0, shown.output
    assert picture.exists() and "spectral radius" in shown.stdout
    assert re.search(r"words 1 +backward +c( +[\d.e-]+){4}", shown.stdout)
    report = json.loads(call("inspect", "ner", "--run", ner_run, "--gradients", picture, "--json").stdout)
    assert list(report) == ["task", "run", "gradients"] and report["gradients"]["cell"] == "lstm"
    assert call("inspect", "ner", "--run", ner_run).exit_code == 2


def test_inspect_shows_automata_as_tables_json_and_pictures(opinion_folder, tmp_path):
    options = {"bidirectional": False, "pooling": "last", "epochs": 1}
    run = tiny_run("sentiment", opinion_folder, tmp_path / "run", **options)[0].path
    arguments = ("inspect", "sentiment", "--run", run, "--automaton", tmp_path / "a.png", "--clusters", "2,4-5")
    shown = call(*arguments)
    assert shown.exit_code == 0, shown.output
    assert re.search(r"^ +4 (\* )? +\d( +[01]\.\d{4}){5} *$", shown.stdout, re.M)
    assert "network on test: accuracy" in shown.stdout and "words that lead to" in shown.stdout
    assert (tmp_path / "a.png").exists() and (tmp_path / "a-clusters.png").exists()
    report = json.loads(call(*arguments, "--clustering", "k-means-x", "--json").stdout)
    assert [row["clusters"] for row in report["automaton"]["rows"]] == [2, 4, 5]
    assert report["automaton"]["clustering"] == "k-means-x" and set(report["automaton"]["words"]) <= {
        "positive",
        "negative",
    }


@pytest.mark.parametrize("clusters", ["0", "3-2", "2,x", "2-", "5-201", "2-20000000000", ""])
def test_numbers_of_clusters_are_checked(clusters):
    shown = call("inspect", "sentiment", "--automaton", "a.png", "--clusters", clusters)
    assert shown.exit_code == 2 and "--clusters" in shown.output


def test_inspect_has_the_choices_and_defaults_of_the_settings():
    from seqtasks.pipelines.extraction import Settings

    [command] = [command for path, command in COMMANDS if path == ("inspect", "sentiment")]
    options = {option.name: option for option in command.params}
    fields = [field.name for field in dataclasses.fields(Settings)]
    defaults = {name: options[name].type.convert(options[name].default, None, None) for name in fields}
    assert Settings(**defaults) == Settings()
    assert tuple(options["clustering"].type.choices) == CLUSTERINGS
    assert tuple(options["state"].type.choices) == HIDDEN_STATES


def test_a_network_of_two_directions_has_no_automaton(sentiment_run, tmp_path):
    line = failed("inspect", "sentiment", "--run", sentiment_run, "--automaton", tmp_path / "a.png")
    assert "pooling attention" in line and "--no-bidirectional --pooling last" in line
    assert call("inspect", "ner", "--automaton", "a.png").exit_code == 2
    assert call("inspect", "sentiment", "--automaton", "a.png", "--gradients", "b.png").exit_code == 2
    unused = call("inspect", "sentiment", "--gradients", "b.png", "--state", "hc")
    assert unused.exit_code == 2 and "--state is of --automaton" in unused.output


def test_without_a_run_the_command_that_makes_one_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in ("eval", "predict", "export"):
        assert "try: seqtasks run ner" in failed(command, "ner")
    assert "try: seqtasks run ner" in failed("inspect", "ner", "--gradients", "picture.png")


def test_nothing_is_loaded_before_the_output_format_is_known(monkeypatch):
    monkeypatch.setattr("seqtasks.cli.prediction.load_conductor", pytest.fail)
    result = call("predict", "ner", "--format", "xml")
    assert result.exit_code == 2 and "'xml'" in result.stderr and "'jsonl'" in result.stderr


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", ["no example in the file", "train.conll"]),
        (b"Jordan\tB-PER\nleft\n", ["train.conll:2", "column"]),
        (b"Jordan\tB-PER\nM\xfcnchen\tB-LOC\n", ["train.conll:2", "not UTF-8"]),
        (b"Jordan\tB-PER\nleft\tB_PER\n", ["train.conll:2", "B_PER", "allowed"]),
    ],
)
def test_a_bad_training_file_is_named_with_its_line(tmp_path, content, named):
    (tmp_path / "train.conll").write_bytes(content)
    line = failed("run", "ner", "--train", tmp_path / "train.conll", "--dev", tmp_path / "train.conll")
    assert all(word in line for word in named), line


def test_missing_data_is_named(tmp_path):
    assert "missing.conll" in failed("run", "ner", "--train", tmp_path / "missing.conll")
    assert "no training file" in failed("run", "ner", "--data", tmp_path)
    (tmp_path / "train.a.conll").touch()
    (tmp_path / "train.b.conll").touch()
    line = failed("run", "ner", "--data", tmp_path)
    assert "train.a.conll" in line and "train.b.conll" in line
    assert "exclude" in failed("predict", "ner", "--run", "a", "--model", "b")


def test_check_reports_on_every_file(data_folder, tmp_path):
    (tmp_path / "bad.conll").write_bytes(b"Jordan\tB-PER\nleft\n")
    (tmp_path / "worse.conll").write_bytes(b"Jordan\tB_PER\n")
    files = [tmp_path / "bad.conll", data_folder / "dev.conll", tmp_path / "worse.conll", tmp_path / "none.conll"]
    result = call("data", "check", "ner", *files)
    assert result.exit_code == 1
    assert "dev.conll: conll, 30 examples" in result.stdout
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert [named for line in errors for named in ("bad.conll:2", "worse.conll:1", "none.conll") if named in line] == [
        "bad.conll:2",
        "worse.conll:1",
        "none.conll",
    ]


def test_sentences_without_tags_are_shown_as_such(tmp_path):
    (tmp_path / "train.conllu").write_text(("1\tHello" + "\t_" * 8 + "\n\n") * 4)
    shown = call("data", "show", "pos", "--train", tmp_path / "train.conllu", "-n", "1")
    assert shown.exit_code == 0, shown.output
    assert "# no tags\nHello\n" in shown.stdout
    checked = call("data", "check", "pos", tmp_path / "train.conllu")
    assert checked.exit_code == 0 and "without tags: 4" in checked.stdout


def test_a_train_file_without_a_tag_is_named(tmp_path):
    row = "1\tHello\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
    (tmp_path / "train.conllu").write_text(row * 20)
    assert "no tagged token" in failed("run", "pos", "--train", tmp_path / "train.conllu")


def test_a_short_row_of_vectors_is_named(data_folder, tmp_path):
    (tmp_path / "vectors.txt").write_text("the 1 2 3\nparis 1 2\n")
    line = failed("run", "ner", "--data", data_folder, "--vectors", tmp_path / "vectors.txt", "--out", tmp_path / "run")
    assert "vectors.txt:2" in line


def test_another_way_of_naming_data_replaces_that_of_the_file(ner_run, data_folder, tmp_path):
    config = ["--config", ner_run / "config.toml", "--epochs", "1", "--out", tmp_path / "files"]
    files = [part for split in ("train", "test") for part in (f"--{split}", data_folder / f"{split}.conll")]
    ran = call("run", "ner", *config, *files)
    assert ran.exit_code == 0, ran.output
    kept = tomllib.loads((tmp_path / "files" / "config.toml").read_text())["data"]
    assert (kept["data"], kept["test"]) == ("", str(data_folder / "test.conll"))
    config = ["--config", tmp_path / "files" / "config.toml", "--out", tmp_path / "folder"]
    assert call("run", "ner", *config, "--data", data_folder).exit_code == 0
    kept = tomllib.loads((tmp_path / "folder" / "config.toml").read_text())["data"]
    assert (kept["data"], kept["train"], kept["test"]) == (str(data_folder), "", "")
    assert "goes without" in failed("run", "ner", *config, "--data", data_folder, *files)


@pytest.mark.parametrize(
    "command", [["run", "ner", "--out"], ["compare", "ner", "--cells", "gru", "--out"], ["export", "ner", "--to"],
                ["eval", "ner", "--run"], ["predict", "ner", "--model"]], ids=" ".join
)  # fmt: skip
def test_a_folder_whose_name_no_file_of_a_run_can_hold_is_refused(command):
    result = call(*command, "caf\udce9")
    assert result.exit_code == 2 and "not UTF-8" in result.stderr


@pytest.mark.parametrize(
    "command",
    ["run ner --train", "run ner --out", "run ner --config", "eval ner --test", "eval ner --run", "predict ner --out",
     "data show ner --data"],
)  # fmt: skip
def test_an_empty_name_as_of_an_unset_variable_is_refused(command):
    result = call(*command.split(), "")
    assert result.exit_code == 2 and "names nothing" in result.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["run", "translate", "--vocabulary-size", 2**31], "model.vocabulary_size is out of its bounds"),
        (["run", "sentiment", "--max-tokens", 2**31], "model.max_tokens is out of its bounds"),
        (["compare", "ner", "--seed", 2**32 - 1, "--seeds", 2], "training.seed is out of its bounds"),
    ],
)
def test_a_number_that_nothing_can_count_to_is_refused_before_anything_is_read(command, named):
    assert named in failed(*command)


def test_a_folder_without_a_name_is_no_place_for_an_export(ner_run):
    assert "not empty, and not a SavedModel" in failed("export", "ner", "--run", ner_run, "--to", "/")


def test_closed_streams_are_no_traceback(tmp_path, ner_run):
    (tmp_path / "one.txt").write_text("so it is\n")
    program = f"{sys.executable} -m seqtasks"
    done = subprocess.run(f"{program} data check lm one.txt 2>&-", shell=True, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0 and b"1 examples" in done.stdout
    done = subprocess.run(f"{program} predict ner --run {ner_run} <&-", shell=True, cwd=tmp_path, capture_output=True)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith(b"Error: standard input is closed")
    command = f"{program} predict ner one.txt --run {ner_run} >&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith(b"Error: standard output is closed")


class Dribble(io.RawIOBase):
    """A pipe that brings a few bytes at a time."""

    def __init__(self, content: bytes):
        self._parts = [content[at : at + 7] for at in range(0, len(content), 7)]

    def readable(self):
        return True

    def readinto(self, buffer):
        part = self._parts.pop(0) if self._parts else b""
        buffer[: len(part)] = part
        return len(part)


def test_the_format_of_a_pipe_is_told_by_its_content_however_it_comes(monkeypatch):
    content = b"# text = " + b"so " * 9000 + b"\n1\tso\t_\tADV" + b"\t_" * 6 + b"\n\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(Dribble(content))))
    with ExitStack() as stack:
        stream, name = texts_of("-", stack)
        assert formats.format_of_tokens(load_task("pos"), stream, name).name == "conllu"
        assert stream.read() == content
    assert not sys.stdin.buffer.closed


def test_answers_go_to_stdout_though_stderr_is_a_terminal(tmp_path, ner_run):
    """Where a bar is drawn beside them."""
    control, terminal = os.openpty()
    program = [sys.executable, "-m", "seqtasks", "predict", "ner", "--run", ner_run, "--format", "text"]
    with open(tmp_path / "out.txt", "wb") as out:
        subprocess.run(program, input=b"Jordan left\n", stdout=out, stderr=terminal, check=True)
    os.close(terminal), os.close(control)
    assert (tmp_path / "out.txt").read_text().startswith("Jordan/")


def test_stdout_takes_any_character_whatever_the_locale(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\n" + "so good 👍,:joy:\nbad,schlecht 🐍\n" * 9)
    where = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "seqtasks", "data", "check", "sentiment", tmp_path / "train.csv"]
    done = subprocess.run(command, capture_output=True, env=where)
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert ":joy:" in said and "schlecht 🐍" in said


def test_a_run_of_another_task_or_key_is_named(ner_run, tmp_path):
    assert "another task" in failed("eval", "pos", "--run", ner_run)
    shutil.copytree(ner_run, tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    config.write_text(config.read_text().replace("units = 8", "unitz = 8", 1))
    assert "model.unitz" in failed("eval", "ner", "--run", tmp_path / "run")


def test_a_faulty_line_of_input_is_named_after_what_came_before(ner_run, tmp_path):
    (tmp_path / "lines.txt").write_bytes(b"fine\n\xff\xfe\n")
    result = call("predict", "ner", tmp_path / "lines.txt", "--run", ner_run)
    assert result.exit_code == 1 and "lines.txt:2" in result.stderr
    assert result.stdout.startswith("fine\t")


def test_a_failing_start_touches_no_finished_run(ner_run, data_folder, tmp_path):
    shutil.copytree(ner_run, tmp_path / "run")
    before = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    (tmp_path / "train.conll").write_text("Jordan\tB-PER\nleft\tB_PER\n" * 3)
    failed("run", "ner", "--train", tmp_path / "train.conll", "--out", tmp_path / "run", "--fresh")
    assert before == {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}


def test_fresh_does_not_take_a_config_of_another_program_for_a_run(data_folder, tmp_path):
    (tmp_path / "config.toml").write_text("[tool]\nname = 'mine'\n")
    assert "not a run's folder" in failed("run", "ner", "--data", data_folder, "--out", tmp_path, "--fresh")
    assert (tmp_path / "config.toml").exists()


def test_an_output_folder_that_is_a_file_is_named(data_folder, tmp_path):
    (tmp_path / "file").touch()
    for out, told in (("file", "not a run's folder"), ("file/run", "cannot lock the folder")):
        assert told in failed("run", "ner", "--data", data_folder, *OPTIONS, "--out", tmp_path / out)


def test_a_file_that_could_not_be_written_whole_is_not_there(ner_run, tmp_path):
    (tmp_path / "lines.txt").write_bytes(b"fine\n\xff\xfe\n")
    (tmp_path / "link.txt").symlink_to(tmp_path / "answers.txt")
    call("predict", "ner", tmp_path / "lines.txt", "--run", ner_run, "--out", tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    # a pipe is written to
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
    (tmp_path / "good.txt").write_text("Jordan left\n")
    call("predict", "ner", tmp_path / "good.txt", "--run", ner_run, "--format", "text", "--out", tmp_path / "pipe")
    assert os.read(pipe, 1000).count(b"\n") == 1 and (tmp_path / "pipe").is_fifo()
    os.close(pipe)
    assert not list(tmp_path.glob("*answers*"))


README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_command_stands_in_the_readme():
    for path, command in COMMANDS:
        if isinstance(command, TaskGroup) or not hasattr(command, "list_commands"):
            name = " ".join(path[:2] if path[0] == "data" else path[:1])
            assert f"seqtasks {name}" in README, f"seqtasks {name}"


def parsed(command, words, parent=None) -> None:
    """Takes the words as the command line does, and runs nothing."""
    context = command.make_context(words[0], words[1:], parent=parent)
    if hasattr(command, "list_commands"):
        name, chosen, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        parsed(chosen, [name, *rest], context)


def test_every_command_of_the_readme_is_taken():
    lines = re.findall(r"^seqtasks .*$|(?<=`)seqtasks [^`]+(?=`)", README, re.MULTILINE)
    shown = [shlex.split(line, comments=True) for line in lines]
    complete = [words for words in shown if len(words) > 2 and words[1] in main.list_commands(None)]
    assert len(complete) > 40
    for words in complete:
        parsed(main, words)


def test_the_story_of_a_language_model(tmp_path, monkeypatch):
    from seqtasks.tasks import demo_language

    monkeypatch.chdir(tmp_path)
    for split, texts in demo_language.language().items():
        (tmp_path / f"{split}.txt").write_text("".join(text.text + "\n" for text in texts[:80]))
    ran = call("run", "lm", "--data", tmp_path, *LANGUAGE_OPTIONS, "--epochs", "1", "--export")
    assert ran.exit_code == 0, ran.output
    assert "kneser_ney" in ran.stdout and "bits_per_character" in ran.stdout and "unit:word" in ran.stdout
    lines = "Jordan may leave .\n\nmay . Jordan leave\n"
    rows = [line.split("\t") for line in call("score", "lm", input=lines).stdout.split("\n")[:-1]]
    assert [row[2] for row in rows] == ["5", "1", "5"] and rows[1][3] == "0" and rows[0][3] == rows[2][3]
    assert [row[4] for row in rows] == lines.split("\n")[:-1] and all(float(row[0]) < 0 for row in rows)
    (tmp_path / "lines.txt").write_text(lines)
    chosen = call("score", "lm", "lines.txt", "--choose")
    assert chosen.exit_code == 0 and chosen.stdout == lines.replace("\n\n", "\n")
    said = json.loads(call("score", "lm", "lines.txt", "--format", "jsonl").stdout.splitlines()[0])
    assert said["text"] == "Jordan may leave ." and said["tokens"] == 5
    wish = ["sample", "lm", "--prompt", "Jordan may", "--length", "6", "--top-k", "20", "--top-p", "0.9", "-n", "3"]
    if Path("/dev/full").exists():
        no_room("score", "lm", "lines.txt")
    written = call(*wish)
    assert written.exit_code == 0 and len(written.stdout.splitlines()) == 3, written.output
    assert all(line.startswith("Jordan may") for line in written.stdout.splitlines())
    found = call("sample", "lm", "--prompt", "Jordan may", "--length", "4", "--format", "jsonl").stdout.splitlines()
    assert len(found) == 1 and set(json.loads(found[0])) == {"text", "units"}
    model = next(Path("runs/lm").glob("*/export"))
    assert call(*wish, "--model", model).stdout == written.stdout
    assert "exclude" in failed("sample", "lm", "--run", "a", "--model", model)
    assert call("sample", "lm", "--top-p", "0").exit_code == 2 and call("sample", "lm", "--length", "0").exit_code == 2
    assert call("sample", "lm", "--temperature", "nan").exit_code == 2
    assert call("sample", "lm", "--top-p", "nan").exit_code == 2


def test_the_story_of_a_comparison_of_language_models(tmp_path, monkeypatch):
    from seqtasks.pipelines import pace

    monkeypatch.setattr(pace, "SECONDS", 0.1)
    monkeypatch.setattr(pace, "FIRST", 1)
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.txt").write_text("the one and the other\nthe other and the one\n" * 40)
    command = ["compare", "lm", "--data", tmp_path, *LANGUAGE_OPTIONS, "--cells", "lstm,mgu", "--seeds", "1"]
    command += ["--equal-parameters", "--minutes", "0.000001", "--out", tmp_path / "runs"]
    found = call(*command)
    assert found.exit_code == 0, found.output
    assert "the same 1e-06 minutes of training each" in found.stdout and "kneser_ney" in found.stdout
    table = json.loads((tmp_path / "runs" / "table.json").read_text())
    lstm, mgu = table["rows"]
    assert table["minutes"] == 0.000001 and lstm["updates"] == mgu["updates"] == 1
    assert mgu["units"] > lstm["units"] and abs(mgu["parameters"] / lstm["parameters"] - 1) < 0.2
    for row in table["rows"]:
        assert row["scores"][0]["name"] == "perplexity" and row["tokens_per_second"] > 0
        line = next(line for line in found.stdout.splitlines() if line.strip().startswith(row["variant"]))
        assert f"{row['scores'][0]['mean']:.4f}" in line and f"{row['tokens_per_second']:,.0f}" in line
    assert json.loads(call(*command, "--json").stdout) == table


@pytest.mark.parametrize("more", [["--epochs", "3"], ["--updates", "3"], ["--vary", "epochs=1,2"]], ids=" ".join)
def test_minutes_and_another_length_are_not_given_at_once(more):
    refused = call("compare", "lm", "--minutes", "1", *more)
    assert refused.exit_code == 2 and "--minutes chooses how long to train" in refused.output


def test_a_language_model_of_two_directions_is_refused_with_the_reason():
    assert "reads forward only" in failed("run", "lm", "--bidirectional")


def test_a_baseline_that_depends_on_what_is_compared_has_a_line_a_variant(tmp_path, capsys):
    def row(variant: str, floor: float) -> dict:
        scores = [{"name": name, "mean": 50.0, "deviation": None} for name in ("perplexity", "dev")]
        sizes = {"units": 8, "parameters": 9, "epochs": 1, "updates": 2, "seconds": 1.0, "tokens_per_second": 3.0}
        baselines = {"uniform": {"perplexity": 900.0}, "n-gram": {"perplexity": floor}}
        rest = {"signature": f"unit:{variant}", "baselines": baselines}
        return {"variant": variant, "scores": scores, **rest, **sizes}

    table = {"task": "lm", "split": "test", "data": "x", "seeds": [1], "minutes": None}
    show_comparison({**table, "rows": [row("words", 150.0), row("pieces", 170.0)]}, tmp_path)
    printed = capsys.readouterr().out
    assert "does not compare as it stands:\n  words: unit:words\n  pieces: unit:pieces\n" in printed
    alike = [row("words", 150.0), {**row("words", 150.0), "signature": "unit:words|predicted:9|correct:7"}]
    show_comparison({**table, "rows": alike}, tmp_path)
    assert "does not compare" not in capsys.readouterr().out
    lines = [line.split() for line in printed.splitlines()]
    expected = [["uniform", "900.0000"], ["n-gram,", "words", "150.0000"], ["n-gram,", "pieces", "170.0000"]]
    assert [line for line in lines if line and line[0].strip(",") in ("uniform", "n-gram")] == expected
