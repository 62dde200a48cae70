"""Automata of trained networks: what is read off is what the network does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqtasks.cli.options import recipes
from seqtasks.config import read_table, resolve
from seqtasks.errors import ConfigError, DataError
from seqtasks.layers import CELLS
from seqtasks.pipelines import extraction, sources
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.classification.family import Classifier
from seqtasks.tasks import load_task
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.task import MadeSet
from tests.conftest import Quiet

TASK = load_task("sentiment")
FEW = extraction.Settings(clusters=(2, 4, 6))


def configuration(**flags):
    return resolve(TASK.name, "classification", read_table(recipes()["automaton"]), flags)


@pytest.fixture(scope="module")
def solved(tmp_path_factory) -> Path:
    """A run that has learnt Tomita's fourth language."""
    config = configuration(data="formal/tomita4", cell="mgu", epochs=24)
    out = tmp_path_factory.mktemp("runs") / "tomita4"
    folder, report = conductor.run(TASK, config, conductor.Place(str(out)), Quiet())
    assert report["scores"][0]["value"] == 1
    return folder.path


@pytest.fixture(scope="module")
def report(solved):
    return extraction.automaton(TASK, str(solved), solved.parent / "a.png", FEW)


def test_the_automaton_of_a_network_that_solved_tomita_4_is_the_language_s(report):
    found = report["automaton"]
    assert found["language"] == {"states": 4, "differs": None}
    assert found["automaton"]["states"] == ["accepted"] * 3 + ["rejected"]
    assert found["chosen"] == found["fewest"]["dev"] == found["fewest"]["test"] == 4


def test_the_report_says_how_well_automata_speak_for_the_network(report, solved):
    assert (report["task"], report["run"]) == ("sentiment", str(solved))
    found = report["automaton"]
    assert (found["cell"], found["units"], found["state"], found["clustering"]) == ("mgu", 16, "h", "k-means++")
    assert found["splits"] == {"dev": {"texts": 300, "network": 1.0}, "test": {"texts": 600, "network": 1.0}}
    assert found["read"]["texts"] == 1600
    assert [row["clusters"] for row in found["rows"]] == [2, 4, 6]
    first, second, _ = found["rows"]
    # of two clusters and a start no automaton of four states can be made
    assert first["states"] <= 3 and first["test"]["accuracy"] < 0.95 and first["kept"] < 1
    assert second["states"] == 4 and second["test"] == second["dev"] == {"accuracy": 1.0, "fidelity": 1.0}
    assert "words" not in found and [Path(path).name for path in found["pictures"]] == ["a.png", "a-clusters.png"]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in found["pictures"])


def test_an_automaton_that_is_another_is_told_from_the_language(solved, tmp_path):
    found = extraction.automaton(TASK, str(solved), tmp_path / "a.svg", extraction.Settings((2,), "k-means-x"))
    witness = found["automaton"]["language"]["differs"]
    assert witness is not None and set(witness.split()) <= {"zero", "one"}
    assert found["automaton"]["fewest"] == {"dev": None, "test": None} and found["automaton"]["chosen"] == 2


def test_the_fewest_clusters_are_those_of_the_table(solved):
    found = extraction.fewest(TASK, str(solved), 8)
    assert found == {"accuracy": 1.0, "clusters": 4, "states": 4, "fidelity": 1.0, "equal": True}
    assert extraction.fewest(TASK, str(solved), 2) == {"accuracy": 1.0, "clusters": None}


@pytest.mark.parametrize("cell", CELLS)
def test_the_answer_after_each_token_is_that_to_the_text_up_to_there(cell):
    drawn = np.random.default_rng(0).integers(2, size=[8, 12])
    texts = [
        LabelledText(" ".join(np.array(["zero", "one"])[row][: 2 * at]), "ab"[at % 2]) for at, row in enumerate(drawn)
    ]
    model = Classifier.fit(TASK, configuration(cell=cell), texts)
    rng = np.random.default_rng(1)
    for weight in model.network.trainable_variables:  # so large that answers differ
        weight.assign(rng.standard_normal(weight.shape) * (0.1 if len(weight.shape) == 1 else 1.5))
    ways = model.trajectories(texts)
    assert ways.lengths.tolist() == [0, 2, 4, 6, 8, 10, 12, 12]
    assert [ways.labels[row] for row in ways.gold] == list("abababab")
    words = [text.text.split() for text in texts]
    begun = [LabelledText(" ".join(text[: step + 1]), "a") for text in words for step in range(len(text))]
    expected = [found.best for found in model.predict(model.encode(begun))]
    assert [ways.labels[row] for row in ways.answers] == expected and len(set(expected)) == 2
    [empty] = model.predict(model.encode([LabelledText("", "a")]))
    whole = [found.best for found in model.predict(model.encode(texts))]
    assert [ways.labels[row] for row in ways.last] == whole and ways.labels[ways.empty] == empty.best
    assert [ways.words[token] for token in ways.tokens[:6]] == words[1] + words[2]
    assert len(ways.states) == (2 if cell in ("lstm", "peephole") else 1)
    assert all(state.shape == (54, 16) and np.all(np.any(state, axis=1)) for state in ways.states)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"depth": 2}, "depth 2"),
        ({"bidirectional": True}, "bidirectional True"),
        ({"pooling": "max", "bidirectional": True}, "bidirectional True, pooling max"),
    ],
)
def test_a_network_with_more_than_a_last_state_is_refused(flags, named):
    with pytest.raises(ConfigError, match=f"{named}.*--depth 1 --no-bidirectional --pooling last.*--config automaton"):
        extraction._check_network(configuration(**flags).model, FEW, "runs/1")


def test_a_cell_without_a_cell_state_has_none_to_look_at():
    wanted = replace(FEW, state="hc")
    extraction._check_network(configuration(cell="peephole").model, wanted, "")
    with pytest.raises(ConfigError, match=r"--state hc: the cell has no cell state; received 'gru'.*--state h"):
        extraction._check_network(configuration(cell="gru").model, wanted, "")


def test_cell_states_are_clustered_where_asked(tmp_path, monkeypatch):
    seen = []
    original = extraction.cluster
    monkeypatch.setattr(extraction, "cluster", lambda ways, *rest: seen.append(ways) or original(ways, *rest))
    few = {name: texts[:40] for name, texts in TASK.made["formal/tomita1"].splits(0).items()}
    monkeypatch.setitem(TASK.made, "formal/tomita1", MadeSet("", lambda seed: few))
    config = configuration(data="formal/tomita1", cell="lstm", epochs=1)
    folder, _ = conductor.run(TASK, config, conductor.Place(str(tmp_path / "run")), Quiet())
    for state, count in (("h", 1), ("hc", 2)):
        extraction.automaton(TASK, str(folder.path), tmp_path / "a.svg", extraction.Settings((3,), state=state))
        assert len(seen[-1].states) == count


def test_a_network_that_does_not_know_the_symbols_is_not_compared(tmp_path):
    config = configuration(data="formal/tomita1", epochs=1, min_count=100_000)
    folder, _ = conductor.run(TASK, config, conductor.Place(str(tmp_path / "run")), Quiet())
    found = extraction.automaton(TASK, str(folder.path), tmp_path / "a.svg", extraction.Settings((2,)))["automaton"]
    assert "language" not in found and any("does not know all symbols" in line for line in found["warnings"])
    assert extraction.fewest(TASK, str(folder.path), 3).get("equal") in (None, False)


def test_what_a_person_should_know_of_the_texts_is_said(solved, monkeypatch, tmp_path):
    monkeypatch.setattr(extraction, "MOST_TOKENS", 2000)
    monkeypatch.setattr(extraction.sources, "changed", lambda data, recorded: ["x.csv: changed"])
    found = extraction.automaton(TASK, str(solved), tmp_path / "a.svg", extraction.Settings((2,)))["automaton"]
    assert found["warnings"][0] == "x.csv: changed"
    assert any(line.startswith("train: ") and "of its 1,600 texts" in line for line in found["warnings"])


def test_of_a_large_split_a_sample_is_followed(monkeypatch):
    texts = TASK.made["formal/000"].splits(0)["test"]
    model = Classifier.fit(TASK, configuration(), texts)
    assert extraction._some(texts, model) is texts
    monkeypatch.setattr(extraction, "MOST_TOKENS", 1000)
    some = extraction._some(texts, model)
    assert 900 < sum(len(text.text.split()) for text in some) <= 1000
    assert [texts.index(text) for text in some] == sorted(texts.index(text) for text in some)
    assert {text.label for text in some[:10]} == {"accepted", "rejected"}


def test_a_data_set_made_in_code_is_read_by_its_name():
    data = sources.load(TASK, configuration(data="formal/tomita7").data)
    assert data.splits == TASK.made["formal/tomita7"].splits(0)
    assert data.notes == ("data: formal/tomita7, made in code",)
    assert data.hashes == {"formal/tomita7": "seed 0"}
    with pytest.raises(ConfigError, match=r"--data: no such data set; received 'formal/tomita8'.*try: formal/tomita"):
        sources.load(TASK, configuration(data="formal/tomita8").data)


def test_texts_without_tokens_make_no_automaton(solved, monkeypatch, tmp_path):
    empty = [LabelledText("", "accepted")] * 3
    monkeypatch.setitem(TASK.made, "formal/tomita4", MadeSet("", lambda seed: {"train": empty, "dev": empty}))
    with pytest.raises(DataError, match="no training text has a token"):
        extraction.automaton(TASK, str(solved), tmp_path / "a.png", FEW)
