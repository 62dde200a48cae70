"""What `inspect` finds in a run: the numbers are those of its layers on its dev sentences, and the picture is one."""

import numpy as np
import pytest

from seqtasks.errors import ConfigError, DataError, RunError
from seqtasks.layers.gradient_flow import gradient_reach
from seqtasks.pipelines import inspection, plots
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines.family import LOOKED_AT
from seqtasks.pipelines.run_folder import RunFolder
from seqtasks.tasks import load_task
from seqtasks.tasks.examples import LabelledText
from tests.conftest import tiny_run, write_csv

NER = load_task("ner")


def test_each_layer_and_direction_is_described(ner_run, tmp_path):
    report = inspection.gradients(NER, str(ner_run), tmp_path / "picture.png")
    assert (report["task"], report["run"]) == ("ner", str(ner_run))
    found = report["gradients"]
    assert (found["cell"], found["units"], found["split"], found["examples"]) == ("lstm", 8, "dev", 30)
    assert [(row["stack"], row["layer"], row["direction"], row["skip"]) for row in found["layers"]] == [
        ("words", 1, "forward", 1),
        ("words", 1, "backward", 1),
    ]
    for row in found["layers"]:
        assert list(row["spectral_radius"]) == list("ifco") and list(row["gradient"]) == ["h", "c"]
        assert all(0 < radius < 10 for radius in row["spectral_radius"].values())
        for curve in row["gradient"].values():
            longest = len(curve["lag"])
            assert curve["lag"] == list(range(1, longest + 1)) and longest == len(curve["gain"]) > 5
            assert curve["sequences"] == sorted(curve["sequences"], reverse=True)
            assert all(0 < gain < 10 for gain in curve["gain"])
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_the_mean_is_over_sentences_whatever_their_padding(ner_run, data_folder, tmp_path):
    """The mean over a batch is that over sentences given one by one, which have no padding."""
    found = inspection.gradients(NER, str(ner_run), tmp_path / "picture.svg")["gradients"]["layers"]
    _, _, model = conductor.load_run(NER, str(ner_run))
    dev = conductor.sources.read_file(NER, data_folder / "dev.conll", conductor.sources.DataConfig())[0]
    alone = []
    for sentence in dev:
        [(_, stack, features, mask)] = model.stacks([sentence])
        assert features.shape[1] == len(sentence.tokens) and np.all(mask)
        alone.append(gradient_reach(stack.recurrent[0].backward_layer, features, mask)[0][0])
    for lag in (1, 3, 6):
        reached = [gains[lag - 1] for gains in alone if len(gains) >= lag]
        assert found[1]["gradient"]["h"]["gain"][lag - 1] == pytest.approx(np.mean(reached), rel=1e-4)
        assert found[1]["gradient"]["h"]["sequences"][lag - 1] == len(reached)


def test_a_layer_with_a_skip_counts_its_steps(data_folder, tmp_path):
    options = {"cell": "rnn", "skip": 3, "depth": 2, "bidirectional": False, "epochs": 1}
    folder = tiny_run("ner", data_folder, tmp_path / "run", **options)[0]
    first, second = inspection.gradients(NER, str(folder.path), tmp_path / "picture.pdf")["gradients"]["layers"]
    assert (first["skip"], second["skip"]) == (1, 3)
    assert first["gradient"]["h"]["lag"][:3] == [1, 2, 3] and second["gradient"]["h"]["lag"][:3] == [3, 6, 9]
    assert list(first["spectral_radius"]) == ["h"]


def test_a_classifier_is_looked_into_as_a_tagger_is(sentiment_run, tmp_path):
    report = inspection.gradients(load_task("sentiment"), str(sentiment_run), tmp_path / "picture.png")
    rows = report["gradients"]["layers"]
    assert [(row["stack"], row["direction"]) for row in rows] == [("words", "forward"), ("words", "backward")]
    assert all(0 < gain < 10 for row in rows for gain in row["gradient"]["h"]["gain"])


def test_of_long_texts_the_beginning_is_looked_at_and_a_changed_file_is_told(
    sentiment_run, opinion_folder, tmp_path, monkeypatch
):
    task = load_task("sentiment")
    _, _, model = conductor.load_run(task, str(sentiment_run))
    [(_, _, features, mask)] = model.stacks([LabelledText("so " * 2 * LOOKED_AT, "good"), LabelledText("so good")])
    assert features.shape[:2] == mask.shape == (2, LOOKED_AT) and np.sum(mask, axis=1).tolist() == [LOOKED_AT, 2]
    assert inspection.gradients(task, str(sentiment_run), tmp_path / "a.png")["gradients"]["warnings"] == []
    monkeypatch.setattr(RunFolder, "read_hashes", lambda self: {str(opinion_folder / "dev.csv"): "another"})
    [warning] = inspection.gradients(task, str(sentiment_run), tmp_path / "a.png")["gradients"]["warnings"]
    assert "dev.csv: the content has changed" in warning


def test_texts_of_one_token_have_no_gradient_that_reaches_back(tmp_path):
    texts = [LabelledText(word, label) for word, label in (("good", "p"), ("bad", "n"))] * 5
    for split in ("train", "dev", "test"):
        write_csv(tmp_path / f"{split}.csv", texts)
    folder = tiny_run("sentiment", tmp_path, tmp_path / "run", epochs=1)[0]
    with pytest.raises(DataError, match=r"run: no dev example has two tokens.*received '10 examples'; allowed: one of"):
        inspection.gradients(load_task("sentiment"), str(folder.path), tmp_path / "picture.png")


def test_what_is_no_picture_is_named_before_anything_is_computed(tmp_path):
    with pytest.raises(ConfigError, match=r"not a picture's ending; received '\.txt'; allowed: \.png, \.svg, \.pdf"):
        inspection.gradients(NER, str(tmp_path / "nothing"), tmp_path / "picture.txt")
    with pytest.raises(RunError, match="no run in the folder"):
        inspection.gradients(NER, str(tmp_path / "nothing"), tmp_path / "picture.png")


def test_the_picture_shows_every_curve_and_radius(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda self, path, **_: (drawn.append(self), path.touch()))
    curve = {"lag": [1, 2, 3], "gain": [0.5, 0.25, 0.125], "sequences": [9, 9, 4]}
    layers = [
        {
            "stack": "words",
            "layer": layer,
            "direction": direction,
            "skip": 1,
            "spectral_radius": {"f": 0.5, "h": 1.5},
            "gradient": {"h": curve},
        }
        for layer in (1, 2)
        for direction in ("forward", "backward")
    ]
    plots.draw_gradients("ner, 2 x 8 mgu, run $x$", {"layers": layers}, tmp_path / "picture.png")
    curves, radii = drawn[0].axes[:2], drawn[0].axes[2:]
    assert r"ner, 2 x 8 mgu, run \$x\$" in drawn[0].get_suptitle()
    for axes in curves:
        assert axes.get_yscale() == "log" and axes.get_xlabel() == "steps back"
        # the third point is the mean of too few
        assert [line.get_ydata().tolist() for line in axes.lines[:2]] == [[0.5, 0.25]] * 2
    for axes in radii:
        assert [label.get_text() for label in axes.get_xticklabels()] == ["f", "h"]
        assert axes.lines[0].get_ydata().tolist() == [0.5, 1.5] and axes.get_ylim()[1] > 1.5


def test_of_a_language_model_the_one_direction_is_described(tmp_path):
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.txt").write_text("the one and the other\nthe other\n" * 9)
    run = tiny_run("lm", tmp_path, tmp_path / "run", epochs=1, depth=2)[0].path
    layers = inspection.gradients(load_task("lm"), str(run), tmp_path / "picture.png")["gradients"]["layers"]
    assert [(row["stack"], row["layer"], row["direction"]) for row in layers] == [
        ("units", n, "forward") for n in (1, 2)
    ]
    # five words and the end: a gradient reaches back five steps
    assert layers[0]["gradient"]["c"]["lag"] == [1, 2, 3, 4, 5]
