"""The configuration: order of precedence, and faults named."""

import dataclasses
from pathlib import Path

import pytest
import tomli_w

import seqtasks
from seqtasks.config import FAMILIES, ModelConfig, first_difference, read_table, resolve, sections
from seqtasks.errors import ConfigError
from seqtasks.layers import CELLS
from seqtasks.layers.stack import CONNECTIONS
from seqtasks.pipelines.run import family_of
from seqtasks.tasks import load_task

RECIPES = Path(seqtasks.__file__).parent / "recipes"


def tagging(table=None, **flags):
    return resolve("ner", "tagging", table or {}, flags, "settings.toml")


def test_a_flag_goes_before_the_file_and_the_file_before_the_default():
    config = tagging({"model": {"units": 7, "depth": 3}}, units=9)
    assert (config.model.units, config.model.depth, config.model.cell) == (9, 3, "lstm")


def test_a_flag_that_is_not_given_changes_nothing():
    assert tagging({"model": {"units": 7}}, units=None).model.units == 7


def test_a_family_may_have_defaults_of_its_own():
    config = resolve("sentiment", "classification", {"model": {"depth": 3}}, {})
    defaults = sections("classification")["model"]()
    assert config.model.depth == 3 and config.model.units == defaults.units != tagging().model.units


def test_a_configuration_survives_its_file(tmp_path):
    config = tagging(units=3, learning_rate=0.25, data="x")
    (tmp_path / "config.toml").write_text(tomli_w.dumps(config.to_table()))
    assert resolve("ner", "tagging", read_table(tmp_path / "config.toml"), {}) == config


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"model": {"unit": 3}}, ["model.unit", "model.units"]),
        ({"modle": {}}, ["modle", "model"]),
        ({"model": {"cell": "gnu"}}, ["model.cell", "gnu", "gru"]),
        ({"model": {"units": 0}}, ["model.units", "at least 1"]),
        ({"model": {"units": 2.5}}, ["model.units", "2.5", "int"]),
        ({"model": {"units": True}}, ["model.units", "int"]),
        ({"training": {"learning_rate": float("nan")}}, ["training.learning_rate", "nan"]),
        ({"training": {"clip_norm": float("inf")}}, ["training.clip_norm", "no finite number", "inf"]),
        ({"data": {"train": "\udcff"}}, ["data.train", "not UTF-8"]),
        ({"data": {"train": "a\0b"}}, ["data.train", "NUL"]),
        ({"model": {"cell": "rnn", "leak": 0.0}}, ["model.leak", "at least 0.001"]),
        ({"model": 3}, ["model must be a table"]),
        ({"task": "pos"}, ["another task", "pos", "ner"]),
        ({"format": 99}, ["format version", "99"]),
    ],
)
def test_a_faulty_table_is_named(table, named):
    with pytest.raises(ConfigError) as caught:
        tagging(table)
    assert all(word in str(caught.value) for word in ["settings.toml", *named])


def test_a_faulty_flag_is_named_and_not_the_file():
    with pytest.raises(ConfigError, match=r"^--dev-share: data\.dev_share is out of its bounds") as caught:
        tagging({"model": {"units": 7}}, dev_share=2.0)
    assert "settings.toml" not in str(caught.value)


def test_spelling_read_in_two_directions_takes_an_even_width():
    assert tagging(spelling_units=7).model.spelling_units == 7
    with pytest.raises(ConfigError, match=r"model\.spelling_units is odd.*received 7.*try: 8"):
        tagging(spelling_units=7, characters="recurrent")


def test_choices_are_those_of_the_layers():
    choices = {field.name: field.metadata["choices"] for field in dataclasses.fields(ModelConfig)}
    assert choices["cell"] == tuple(CELLS)
    assert choices["connection"] == tuple(CONNECTIONS)


def test_options_of_the_simple_cell_go_with_it():
    model = tagging(cell="rnn", rnn_activation="relu", leak=0.5, skip=3).model
    assert (model.rnn_activation, model.leak, model.skip) == ("relu", 0.5, 3)


@pytest.mark.parametrize("option", [{"skip": 2}, {"connection": "residual"}])
def test_what_stands_between_layers_needs_two(option):
    assert tagging(depth=2, **option).model.depth == 2
    with pytest.raises(ConfigError, match=rf"model\.{next(iter(option))} needs a second layer.*try: --depth 2"):
        tagging(depth=1, **option)
    with pytest.raises(ConfigError, match=rf"^mine\.toml: model\.{next(iter(option))} needs"):
        resolve("ner", "tagging", {"model": {"depth": 1, **option}}, {}, "mine.toml")


def test_a_file_that_is_not_toml_is_named(tmp_path):
    (tmp_path / "bad.toml").write_text("[model\n")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        read_table(tmp_path / "bad.toml")
    with pytest.raises(ConfigError, match="cannot read"):
        read_table(tmp_path / "missing.toml")


def test_the_first_difference_names_its_key_and_both_values():
    assert first_difference(tagging(), tagging()) == ""
    assert first_difference(tagging(seed=1), tagging(seed=2)) == "training.seed (there 1, now 2)"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_option_has_a_help_text_and_no_two_sections_share_a_name(family):
    fields = [field for kind in sections(family).values() for field in dataclasses.fields(kind)]
    assert all(field.metadata["help"].endswith(".") for field in fields)
    assert len({field.name for field in fields}) == len(fields)


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_is_a_configuration(recipe):
    table = read_table(recipe)
    task = load_task(table["task"])  # each says whom it is for
    config = resolve(task.name, task.example_type.family, table, {})
    assert config != resolve(task.name, task.example_type.family, {}, {})
    assert family_of(task).fit(task, config, task.samples).training_batches(task.samples).steps(0)


def test_a_recipe_is_found_by_its_name_and_a_file_goes_before_it(tmp_path, monkeypatch):
    from seqtasks.cli.options import _config_file

    monkeypatch.chdir(tmp_path)
    assert _config_file("tweets") == RECIPES / "tweets.toml"
    (tmp_path / "tweets").mkdir()  # of data, which --data names
    assert _config_file("tweets") == RECIPES / "tweets.toml"
    (tmp_path / "tweets").rmdir()
    (tmp_path / "tweets").touch()
    assert _config_file("tweets") == Path("tweets")
