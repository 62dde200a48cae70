"""Training: the same again, the same after an interruption, and the averaged weights where they belong."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.config import TrainingConfig
from seqtasks.errors import RunError
from seqtasks.pipelines import checkpoint, tensorboard, training
from tests.conftest import TINY, Quiet, tiny_run


class PowerCutError(Exception):
    """What stands in for a power cut."""


def weights(folder) -> dict[str, bytes]:
    """All that a run is to keep, bit for bit."""
    with np.load(folder.checkpoint) as arrays:
        state = {name: arrays[name].tobytes() for name in arrays.files}
    return {**state, "scores": folder.scores_file.read_bytes().replace(str(folder.path).encode(), b"")}


def stop_after(checkpoints: int, monkeypatch) -> None:
    """Lets the power fail at the next checkpoint after so many."""
    save, count = checkpoint.save, 0

    def stop_after_some(path, model, progress):
        nonlocal count
        count += 1
        if count > checkpoints:
            raise PowerCutError
        save(path, model, progress)

    monkeypatch.setattr(checkpoint, "save", stop_after_some)


@pytest.fixture(scope="module")
def unbroken(data_folder, tmp_path_factory):
    return tiny_run("ner", data_folder, tmp_path_factory.mktemp("runs") / "unbroken")[0]


def test_two_runs_are_equal_bit_for_bit(unbroken, data_folder, tmp_path):
    again = tiny_run("ner", data_folder, tmp_path / "again")[0]
    assert weights(again) == weights(unbroken)


@pytest.mark.parametrize("stop_at", [2, 5])
def test_a_stopped_classifier_goes_on_as_if_it_never_stopped(opinion_folder, tmp_path, monkeypatch, stop_at):
    """The budget makes the number of updates another one in each epoch."""
    options = {"pooling": "attention", "batch_tokens": 200, "batch_size": 8}
    whole = tiny_run("sentiment", opinion_folder, tmp_path / "whole", **options)[0]
    stop_after(stop_at, monkeypatch)
    with pytest.raises(PowerCutError):
        tiny_run("sentiment", opinion_folder, tmp_path / "stopped", **options)
    monkeypatch.undo()
    resumed = tiny_run("sentiment", opinion_folder, tmp_path / "stopped", **options)[0]
    assert weights(resumed) == weights(whole)
    assert (resumed.path / "history.csv").read_text() == (whole.path / "history.csv").read_text()


def test_no_tuner_keeps_the_end_of_an_epoch_waiting(data_folder, tmp_path, monkeypatch):
    given, fit = [], keras.Model.fit

    def watched(model, dataset, **options):
        given.append(dataset.options().autotune.enabled)
        return fit(model, dataset, **options)

    monkeypatch.setattr(keras.Model, "fit", watched)
    tiny_run("ner", data_folder, tmp_path / "run", epochs=2)
    assert given == [False, False]


def test_another_seed_gives_other_weights(unbroken, data_folder, tmp_path):
    other = tiny_run("ner", data_folder, tmp_path / "other", seed=2)[0]
    assert weights(other) != weights(unbroken)


@pytest.mark.parametrize("stop_at", [1, 2, 4, 7])
def test_a_stopped_run_goes_on_as_if_it_never_stopped(unbroken, data_folder, tmp_path, monkeypatch, stop_at):
    """Checkpoints come every 3 updates and at the end of each epoch of 8: stops fall behind both kinds."""
    stop_after(stop_at, monkeypatch)
    with pytest.raises(PowerCutError):
        tiny_run("ner", data_folder, tmp_path / "stopped")
    monkeypatch.undo()
    resumed = tiny_run("ner", data_folder, tmp_path / "stopped")[0]
    assert weights(resumed) == weights(unbroken)
    assert (resumed.path / "history.csv").read_text() == (unbroken.path / "history.csv").read_text()


def test_updates_end_a_run_within_an_epoch_and_the_schedule_with_it(data_folder, tmp_path, monkeypatch):
    length = {"epochs": 1, "updates": 19, "checkpoint_every": 1, "decay": 0.1}
    whole, _, reporter = tiny_run("ner", data_folder, tmp_path / "whole", **length)
    assert [row["updates"] for row in reporter.rows] == [8, 16, 19]
    assert reporter.rows[-1]["learning_rate"] == pytest.approx(0.1 * TINY["learning_rate"])
    stop_after(17, monkeypatch)
    with pytest.raises(PowerCutError):
        tiny_run("ner", data_folder, tmp_path / "stopped", **length)
    monkeypatch.undo()
    resumed = tiny_run("ner", data_folder, tmp_path / "stopped", **length)[0]
    assert weights(resumed) == weights(whole)


def test_averaged_weights_are_lent_and_given_back():
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    training.compile_model(model, TrainingConfig(learning_rate=0.1, warmup=0, average=1.0, epochs=1), steps=4)
    model.compile(optimizer=model.optimizer, loss="mse")
    model.fit(np.ones([4, 2]), np.zeros([4, 1]), batch_size=1, verbose=0)
    trained = [np.array(weight) for weight in model.trainable_variables]
    with training.averaged_weights(model):
        inside = [np.array(weight) for weight in model.trainable_variables]
    assert np.abs(trained[0] - inside[0]).max() > 1e-3
    assert all(np.array_equal(a, np.array(b)) for a, b in zip(trained, model.trainable_variables, strict=True))


def test_training_stops_when_the_dev_score_stops_rising(data_folder, tmp_path):
    folder, _, reporter = tiny_run("ner", data_folder, tmp_path / "flat", learning_rate=0.0, epochs=9, patience=2)
    assert len(reporter.rows) == 3  # the first is the best, and two do not beat it
    assert (folder.path / "history.csv").read_text().count("\n") == 4


def test_tensorboard_logs_hold_the_history(data_folder, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder, _, reporter = tiny_run("ner", data_folder, tmp_path / "run", epochs=2, tensorboard=True)
    events = EventAccumulator(str(folder.tensorboard), size_guidance={"tensors": 0}).Reload()
    values = [float(tf.make_ndarray(event.tensor_proto)) for event in events.Tensors("epoch/dev")]
    assert values == pytest.approx([row["dev"] for row in reporter.rows])
    assert [event.step for event in events.Tensors("running loss")] == list(range(1, 17))


def test_event_files_that_find_no_room_are_told_in_one_line(data_folder, tmp_path):
    class Full:
        def as_default(self, step):
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    model.compile(optimizer="sgd")
    reporter = tensorboard.Reporter(Quiet(), tmp_path / "events", model)
    reporter._writer = Full()
    for tell in (
        lambda: reporter.update(1, 1, 0.5),
        lambda: reporter.epoch_ends({"epoch": 1, "loss": 1.0, "dev": 1.0, "learning_rate": 1.0}, True, 1.0),
    ):
        with pytest.raises(RunError, match="events: cannot write; received 'No space left on device'"):
            tell()
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file/events: cannot write"):
        tensorboard.Reporter(Quiet(), tmp_path / "file" / "events", model).update(1, 1, 0.5)


def test_a_loss_that_is_no_number_ends_the_run_with_a_hint(data_folder, tmp_path):
    with pytest.raises(RunError, match=r"epoch 1, update \d: .*no finite number.*--learning-rate"):
        tiny_run("ner", data_folder, tmp_path / "run", learning_rate=1e30, clip_norm=0.0, warmup=0)


def test_gradients_are_clipped_by_value_and_then_by_norm():
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1, use_bias=False)])
    training.compile_model(model, TrainingConfig(clip_value=2.0, clip_norm=1.0), steps=4)
    weights = model.trainable_variables
    given = []
    model.optimizer.update_step = lambda gradient, *_: given.append(gradient)
    model.optimizer.apply([keras.ops.convert_to_tensor([[5.0], [-2.0]])], weights)
    assert np.allclose(given[0], [[0.5**0.5], [-(0.5**0.5)]])
