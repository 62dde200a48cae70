"""SavedModels: what is replaced, what is kept, what a kill leaves, and what a GPU must not change."""

from pathlib import Path

import pytest
import tensorflow as tf

from seqtasks.config import resolve
from seqtasks.errors import RunError
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines import serving
from seqtasks.pipelines.tagging.family import Tagger
from seqtasks.tasks import load_task
from tests.conftest import TINY, tiny_options

NER = load_task("ner")


class Service(tf.Module):
    """The least that can be exported."""

    tracked = ()

    def __init__(self, answer: str):
        super().__init__()
        spec = [tf.TensorSpec([None], tf.string, name="text")]
        function = tf.function(lambda text: {"tags": tf.fill(tf.shape(text), answer)}, input_signature=spec)
        self.signatures = {"serving_default": function, "tokens": function}


def answer(path: Path) -> str:
    return serving.load(path, {})["tokens"](text=tf.constant(["x"]))["tags"].numpy()[0].decode()


@pytest.fixture
def model(tmp_path) -> Path:
    serving.export(Service("old"), tmp_path / "model")
    return tmp_path / "model"


def test_an_export_knows_all_that_tensorflow_writes(model):
    assert {path.name for path in model.iterdir()} <= set(serving._PARTS)


def test_a_second_export_keeps_what_a_person_put_beside_the_first(model):
    (model / "README.md").write_text("mine")
    (model / "assets.extra").mkdir()
    (model / "assets.extra" / "labels.txt").write_text("mine too")
    serving.export(Service("new"), model)
    assert answer(model) == "new"
    assert (model / "README.md").read_text() == "mine"
    assert (model / "assets.extra" / "labels.txt").read_text() == "mine too"
    assert [path.name for path in model.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("kill_at", range(1, 6))
def test_an_export_that_is_killed_loses_nothing(model, monkeypatch, kill_at):
    (model / "README.md").write_text("mine")
    moves = []

    class Killed(BaseException):
        pass

    def killed(move):
        def moving(self, *arguments, **options):
            moves.append(self)
            if len(moves) == kill_at:
                raise Killed
            return move(self, *arguments, **options)

        return moving

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "rename", killed(Path.rename))
        patch.setattr(serving.shutil, "rmtree", killed(serving.shutil.rmtree))
        serving.export(Service("new"), model)
    assert sum((path / "README.md").exists() for path in model.parent.iterdir()) == 1
    serving.export(Service("newest"), model)
    assert answer(model) == "newest" and (model / "README.md").read_text() == "mine"
    assert [path.name for path in model.parent.iterdir()] == ["model"]


def test_only_a_savedmodel_is_removed(model):
    (model / "README.md").write_text("mine")
    serving.remove(model)
    assert [path.name for path in model.iterdir()] == ["README.md"]
    serving.remove(model)  # no SavedModel any more
    with pytest.raises(RunError, match="not a SavedModel"):
        serving.export(Service("new"), model)
    (model / "README.md").unlink()
    serving.export(Service("new"), model)
    serving.remove(model)
    assert not model.exists()


def test_what_a_kill_left_between_two_names_is_removed_too(model):
    (model / "README.md").write_text("mine")
    model.rename(model.with_name(".replaced-model"))
    serving.remove(model)
    assert [path.name for path in model.parent.rglob("*")] == ["model", "README.md"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("characters", ["convolution", "recurrent"])
def test_a_graph_that_is_traced_beside_a_gpu_holds_no_cudnn(monkeypatch, cell, characters):
    config = resolve("ner", "tagging", {}, {**TINY, "cell": cell, "characters": characters})
    tagger = Tagger.fit(NER, config, NER.samples)
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    graph = tagger.service().tokens.get_concrete_function().graph.as_graph_def()
    ops = {node.op for function in graph.library.function for node in function.node_def} | {n.op for n in graph.node}
    assert "StringSplitV2" in ops or "StringSplit" in ops
    assert not [op for op in ops if "cudnn" in op.lower()]


@pytest.mark.parametrize("name", ["sentiment", "lm", "translate"])
def test_no_serving_function_of_any_family_holds_cudnn(monkeypatch, name):
    task = load_task(name)
    units = {"unit": "word"} if name == "lm" else {"token_unit": "word"} if name == "translate" else {}
    config = resolve(name, task.example_type.family, {}, {**tiny_options(name), **units, "cell": "lstm"})
    model = conductor.family_of(task).fit(task, config, task.demo(0)["train"][:20])
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    for function in model.service().signatures.values():
        graph = function.get_concrete_function().graph.as_graph_def()
        every = [node for function in graph.library.function for node in function.node_def] + list(graph.node)
        assert not [node.op for node in every if "cudnn" in node.op.lower()]


def test_an_export_for_which_there_is_no_room_leaves_the_older_one(model, monkeypatch):
    def refuse(archive, path, **_):
        Path(path, "variables").mkdir(parents=True)
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device\nmore")

    # the class to which Keras hands the work
    monkeypatch.setattr(type(serving.keras.export.ExportArchive()), "write_out", refuse)
    with pytest.raises(RunError, match=r"model: cannot write; received 'No space left on device'; try: make space"):
        serving.export(Service("new"), model)
    assert answer(model) == "old" and [path.name for path in model.parent.iterdir()] == ["model"]
    monkeypatch.undo()
    rename = Path.rename

    def refuse_second(path, target):
        if path.name.startswith(".partial"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_second)
    with pytest.raises(RunError, match="cannot write"):
        serving.export(Service("new"), model)
    assert answer(model) == "old" and [path.name for path in model.parent.iterdir()] == ["model"]
