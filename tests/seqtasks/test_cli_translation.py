"""The command line's story of a translator, and what it says of faulty pairs."""

import json
import re
from pathlib import Path

import pytest

from seqtasks.tasks import demo_german
from tests.conftest import TINY
from tests.seqtasks.test_cli import call, failed

OPTIONS = [
    part
    for name, value in TINY.items()
    if name not in ("character_units", "spelling_units")
    for part in (f"--{name.replace('_', '-')}", str(value))
] + ["--cell", "gru", "--decoder-depth", "1", "--no-bidirectional"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    for split, every in demo_german.translations().items():
        pairs = every[:40]
        for language, side in (("en", "text"), ("de", "translation")):
            path = tmp_path / "data" / f"{split}.{language}"
            path.write_text("".join(getattr(pair, side) + "\n" for pair in pairs))
    return tmp_path / "data"


def test_the_story_of_a_translator(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sides = ["--data", folder, "--source", "en", "--target", "de"]
    options = [*sides, *OPTIONS, "--epochs", "1", "--token-unit", "word", "--beam", "2"]
    ran = call("run", "translate", *options, "--out", tmp_path / "runs/translate/general-1")
    assert ran.exit_code == 0, ran.output
    assert "bleu" in ran.stdout and "ibm1" in ran.stdout and "tok:13a" in ran.stdout
    report = json.loads(call("eval", "translate", "--beam", "1", "--json").stdout)
    assert [score["name"] for score in report["scores"]] == ["bleu", "chrf2", "ter"]
    lines = "Anna lost her keys.\n\n" + "word " * 1500 + "\nThe park is open.\n"
    found = call("predict", "translate", "--beam", "3", "--attention", tmp_path / "words.html", input=lines)
    assert found.exit_code == 0 and len(found.stdout.split("\n")) == 5 and found.stdout.split("\n")[1:3] == ["", ""]
    assert re.search("warning: standard input: refused.*: standard input:3$", found.stderr, re.M)
    assert (tmp_path / "words.html").exists()
    model = call("export", "translate", "--to", tmp_path / "model", "--beam", "3").stdout.strip()
    several = call("predict", "translate", "--model", model, "--nbest", "3", "--format", "jsonl", input=lines)
    several = [json.loads(line) for line in several.stdout.splitlines()]
    assert [answer["translation"] for answer in several] == found.stdout.split("\n")[:4]
    assert max(len(answer["nbest"]) for answer in several) == 3
    assert "--nbest" in failed("predict", "translate", "--model", model, "--nbest", "4", Path(folder) / "test.en")
    assert "fixed when" in failed("predict", "translate", "--model", model, "--beam", "2")
    assert "exclude" in failed("predict", "translate", "--model", model, "--attention", "x.png")
    for option in (("--nbest", "2"), ("--attention", "x.png")):
        assert "--temperature draws" in failed("predict", "translate", *option, "--temperature", "1")
    assert call("predict", "translate", "--tokens", input=lines).exit_code == 2
    assert "model.tie" in failed("run", "translate", *sides, "--tie", "all")

    # the run that is there is read, the one without attention is trained, and looked into
    vary = ["--vary", "attention=general,none", "--seeds", "1", "--out", tmp_path / "runs/translate"]
    compared = call("compare", "translate", *options, *vary, "--json")
    assert compared.exit_code == 0 and "finished" in compared.stderr, compared.output
    general, none = json.loads(compared.stdout)["rows"]
    assert [row["variant"] for row in (general, none)] == ["general", "none"]
    assert [score["name"] for score in none["scores"]] == ["bleu", "chrf2", "ter", "dev"]
    assert general["parameters"] > none["parameters"] and list(none["baselines"]) == ["ibm1"]
    run = ["--run", tmp_path / "runs/translate/none-1"]
    looked = call("inspect", "translate", *run, "--gradients", tmp_path / "picture.png")
    assert looked.exit_code == 0 and "encoder 1" in looked.stdout and "decoder 1" in looked.stdout
    for name, told in (("words.html", "without attention"), ("words.txt", "not a picture's ending")):
        assert told in failed("predict", "translate", *run, "--attention", tmp_path / name, folder / "dev.en")


def test_pairs_are_shown_and_checked(folder):
    shown = call("data", "show", "translate", "-n", "1")
    assert shown.exit_code == 0 and f"# train: {demo_german.SIZES['train']:,} examples" in shown.stdout
    sides = ["--source", "en", "--target", "de"]
    with open(folder / "train.en", "a") as stream:
        stream.write("\n")
    line = failed("data", "check", "translate", folder / "train", *sides)
    assert "train.en:41: no partner" in line and "--drop-unpaired" in line
    checked = call("data", "check", "translate", folder / "train", *sides, "--drop-unpaired")
    assert checked.exit_code == 0 and "train: aligned, 40 examples" in checked.stdout and "pairs: 40" in checked.stdout
