"""Runs that differ in one option: the table holds what the runs hold, and sizes come out equal."""

import csv
import json
import shutil
import statistics
from dataclasses import replace

import pytest

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, RunError
from seqtasks.pipelines import comparison, pace
from seqtasks.pipelines.locking import LOCK, lock
from seqtasks.tasks import load_task
from tests.conftest import TINY, Quiet

NER = load_task("ner")


def variants(data_folder, **options):
    base = {**TINY, "epochs": 2, "data": str(data_folder), **options}
    return [comparison.Variant(cell, resolve("ner", "tagging", {}, {**base, "cell": cell})) for cell in ("lstm", "mgu")]


@pytest.fixture(scope="module")
def compared(data_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    return folder, comparison.compare(NER, variants(data_folder), (3, 4), folder, Quiet())


def test_a_row_is_what_its_runs_hold(compared):
    folder, table = compared
    assert [row["variant"] for row in table["rows"]] == ["lstm", "mgu"] and table["seeds"] == [3, 4]
    for row in table["rows"]:
        reports = [json.loads((folder / f"{row['variant']}-{seed}" / "scores.json").read_text()) for seed in (3, 4)]
        values = [report["scores"][0]["value"] for report in reports]
        assert row["scores"][0] == {
            "name": "f1",
            "mean": statistics.mean(values),
            "deviation": statistics.stdev(values),
            "values": values,
        }
        assert [score["name"] for score in row["scores"]][-1] == "dev" and row["epochs"] == 2
        assert row["updates"] > row["epochs"]
        assert not [score for score in row["scores"] if "[" in score["name"]]
        assert row["seconds"] > 0 and row["tokens_per_second"] > 0
    lstm, mgu = table["rows"]
    assert lstm["parameters"] > mgu["parameters"] and lstm["units"] == mgu["units"] == TINY["units"]
    assert all(set(row["baselines"]) == {"most_frequent", "hmm"} for row in table["rows"])


def test_the_table_is_kept_as_json_and_as_csv(compared):
    folder, table = compared
    assert json.loads((folder / "table.json").read_text()) == table
    rows = list(csv.DictReader((folder / "table.csv").read_text().splitlines()))
    assert [row["variant"] for row in rows] == ["lstm", "mgu"]
    assert float(rows[1]["f1 mean"]) == table["rows"][1]["scores"][0]["mean"]
    assert len(list(csv.DictReader((folder / comparison.SECONDS).read_text().splitlines()))) == 8


def test_finished_runs_are_read_and_not_trained_again(compared, data_folder):
    folder, table = compared
    reporter = Quiet()
    assert comparison.compare(NER, variants(data_folder), (3, 4), folder, reporter) == table
    assert reporter.rows == []


def test_a_finished_run_that_was_changed_is_named(compared, data_folder, tmp_path):
    folder = shutil.copytree(compared[0], tmp_path / "compare")
    history = folder / "mgu-4" / "history.csv"
    history.write_text(history.read_text().splitlines()[0] + "\n")
    with pytest.raises(RunError, match=r"mgu-4/history\.csv: a file that is not as the run left it"):
        comparison.compare(NER, variants(data_folder), (3, 4), folder, Quiet())


def test_fresh_trains_all_anew(data_folder, tmp_path):
    one = variants(data_folder, epochs=1)[:1]
    before = comparison.compare(NER, one, (3,), tmp_path, Quiet())
    reporter = Quiet()
    after = comparison.compare(NER, one, (3,), tmp_path, reporter, fresh=True)
    assert len(reporter.rows) == 1 and after["rows"][0]["scores"] == before["rows"][0]["scores"]
    assert (tmp_path / comparison.SECONDS).read_text().count("\n") == 2
    # what is not trained anew keeps its time
    comparison.compare(NER, variants(data_folder, epochs=1)[1:], (3,), tmp_path, Quiet(), fresh=True)
    assert (tmp_path / comparison.SECONDS).read_text().count("\n") == 3


def test_a_score_that_one_run_has_and_another_lacks_is_empty_there(data_folder, tmp_path, monkeypatch):
    """As the floor of a language model, which unknown words take away."""
    run = comparison.conductor.run

    def with_floor(task, config, *others):
        folder, report = run(task, config, *others)
        floor = [{"name": "floor", "value": 2.0}] if config.model.cell == "mgu" and config.training.seed == 4 else []
        return folder, {**report, "scores": [*report["scores"], *floor]}

    monkeypatch.setattr(comparison.conductor, "run", with_floor)
    table = comparison.compare(NER, variants(data_folder, epochs=1, units=2), (3, 4), tmp_path, Quiet())
    found = [{score["name"]: score["values"] for score in row["scores"]} for row in table["rows"]]
    assert "floor" not in found[0] and found[1]["floor"] == [None, 2.0]
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["floor mean"] for row in rows] == ["", "2.0"]


def test_two_comparisons_cannot_work_in_one_folder(data_folder, tmp_path):
    with lock(tmp_path / LOCK), pytest.raises(RunError, match="at work in the folder"):
        comparison.compare(NER, variants(data_folder), (3,), tmp_path, Quiet())


def test_a_value_that_is_a_path_names_a_folder_within(data_folder, tmp_path):
    config = variants(data_folder, epochs=1, units=2)[0].config
    two = [comparison.Variant(name, config) for name in ("/a/b.txt", "_a_b.txt")]
    table = comparison.compare(NER, two, (3,), tmp_path, Quiet())
    assert [row["variant"] for row in table["rows"]] == ["/a/b.txt", "_a_b.txt"]
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"_a_b.txt-3", "_a_b.txt-1-3"}


def test_runs_of_another_configuration_are_refused(compared, data_folder):
    with pytest.raises(RunError, match=r"model\.dropout"):
        comparison.compare(NER, variants(data_folder, dropout=0.1), (3,), compared[0], Quiet())


def test_equal_minutes_give_updates_and_are_remembered(data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SECONDS", 0.1)
    monkeypatch.setattr(pace, "FIRST", 2)
    made = comparison.equal_minutes(NER, variants(data_folder), 1.0, tmp_path)
    known = json.loads((tmp_path / comparison.PACE).read_text())
    assert list(known) == ["lstm", "mgu"] and all(0 < row["seconds"] < 60 for row in known.values())
    assert [variant.config.training.updates for variant in made] == [int(60 / row["seconds"]) for row in known.values()]
    tried = []
    monkeypatch.setattr(pace, "seconds_an_update", lambda task, config: tried.append(config.model.units) or 0.5)
    assert comparison.equal_minutes(NER, variants(data_folder), 1.0, tmp_path) == made and not tried
    comparison.equal_minutes(NER, variants(data_folder)[:1], 1.0, tmp_path, fresh=True)
    assert tried.pop() == TINY["units"]
    # of another configuration they say nothing
    wider = comparison.equal_minutes(NER, variants(data_folder, units=9), 1.0, tmp_path)
    assert tried == [9, 9] and [variant.config.training.updates for variant in wider] == [120, 120]
    assert pace.updates_within(1, 61) == 1 and pace.updates_within(15, 0.1) == 9000


def test_equal_parameters_are_as_near_as_units_allow(data_folder):
    made = variants(data_folder)
    count = comparison.parameter_counter(NER, made[0].config)
    first, second = comparison.equal_parameters(made, count)
    assert first == made[0]

    def distance(units):
        config = replace(second.config, model=replace(second.config.model, units=units))
        return abs(count(config) - count(first.config))

    units = second.config.model.units
    assert units > first.config.model.units
    assert distance(units) <= min(distance(units - 1), distance(units + 1))


def test_a_variant_that_is_too_large_with_one_unit_is_refused(data_folder):
    made = variants(data_folder)
    with pytest.raises(ConfigError, match=r"mgu has more weights with one unit.*received '1,010'; allowed: 1,008"):
        comparison.equal_parameters(made, lambda config: 1000 + config.model.units + (config.model.cell == "mgu") * 9)


def test_a_run_whose_folder_was_removed_is_timed_anew(data_folder, tmp_path):
    one = variants(data_folder, epochs=1, units=2)[:1]
    comparison.compare(NER, one, (3,), tmp_path, Quiet())
    shutil.rmtree(tmp_path / "lstm-3")
    comparison.compare(NER, one, (3,), tmp_path, Quiet())
    assert (tmp_path / comparison.SECONDS).read_text().count("\n") == 2
