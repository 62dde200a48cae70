"""A run's folder: every file whole or not there, a full disk mended by the same command, damage named, no way out."""

import errno
import json
import os
import resource
import shutil
import signal

import h5py
import numpy as np
import pytest

from seqtasks.errors import RunError, SeqtasksError
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines import weights
from seqtasks.pipelines.run import load_run
from seqtasks.pipelines.run_folder import RunFolder, finished_run
from seqtasks.tasks import TASKS, load_task
from tests.conftest import Quiet, tiny_config, tiny_task


def content(folder) -> dict[str, bytes]:
    """All files but those that name the folder or hold the time of writing."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    scores = json.loads(found.pop("scores.json").read_text())
    with np.load(found.pop("checkpoint/state.npz")) as arrays:
        state = {f"state {name}": arrays[name].tobytes() for name in arrays.files}
    plain = {name: path.read_bytes() for name, path in found.items() if not name.startswith("plots/")}
    return {**plain, **state, "scores": json.dumps({**scores, "run": ""}).encode()}


@pytest.mark.parametrize("name", TASKS)
def test_every_file_came_by_renaming(any_run, name):
    folder = any_run(name)
    assert {path for path in folder.rglob("*") if path.is_file()} <= any_run.renamed


@pytest.mark.parametrize("name", TASKS)
def test_a_full_disk_ends_a_run_with_one_line_and_the_same_command_goes_on(any_run, name, tmp_path, monkeypatch):
    whole, task = any_run(name), tiny_task(name)
    place, replace = conductor.Place(str(tmp_path / "run")), os.replace
    for full in ("state.npz", "scores.json"):

        def refuse(old, new, full=full):
            if os.path.basename(new) == full:
                raise OSError(errno.ENOSPC, "No space left on device")
            replace(old, new)

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(RunError, match=rf"{full}: cannot write; received 'No space left.*; try: make space"):
            conductor.run(task, tiny_config(task), place, Quiet())
        assert not list((tmp_path / "run").rglob(".*")), "nothing half-written, and no lock"
    monkeypatch.setattr(os, "replace", replace)
    reporter = Quiet()
    conductor.run(task, tiny_config(task), place, reporter)
    assert not reporter.rows, "it had ended training before"
    assert content(tmp_path / "run") == content(whole)


DAMAGES = {
    "cut": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "another byte": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "something else": lambda data: b"[]",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", TASKS)
def test_a_damaged_file_is_named_before_it_is_read(any_run, name, damage, tmp_path):
    shutil.copytree(any_run(name), tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    finished_run(load_task(name), str(run.path))
    read = [path for part in (run.vocabulary, run.baselines) for path in part.iterdir()]
    for path in [*read, run.weights, run.path / "history.csv", run.path / "hashes.json"]:
        kept = path.read_bytes()
        path.write_bytes(DAMAGES[damage](kept))
        with pytest.raises(RunError) as caught:
            finished_run(load_task(name), str(run.path))
        assert str(path) in str(caught.value) or path.name == "hashes.json"
        path.unlink()
        if path.name != "hashes.json":
            with pytest.raises(RunError, match=path.name):
                finished_run(load_task(name), str(run.path))
        path.write_bytes(kept)
    for path in (run.config_file, run.path / "environment.json", run.scores_file):
        kept = path.read_bytes()
        path.write_bytes(DAMAGES[damage](kept))
        if damage != "another byte":
            with pytest.raises(SeqtasksError, match=path.name):
                run.load_config(load_task(name)), run.read_hashes(), run.read_scores()
        path.write_bytes(kept)


@pytest.mark.parametrize("part", ["vocabulary", "model.weights.h5", "vocabulary/words.json", "export"])
def test_a_run_folder_does_not_point_out_of_itself(any_run, tmp_path, part):
    shutil.copytree(any_run("ner"), tmp_path / "run")
    (tmp_path / "run" / "export").mkdir()
    (tmp_path / "run" / "export" / "mine.txt").touch()
    (tmp_path / "run" / part).rename(tmp_path / "elsewhere")
    (tmp_path / "run" / part).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match=rf"{part}: a link out of the run's folder"):
        finished_run(load_task("ner"), str(tmp_path / "run"))
    kept = sorted((tmp_path / "elsewhere").rglob("*"))
    RunFolder(tmp_path / "run").clear()
    assert (tmp_path / "elsewhere").exists() and sorted((tmp_path / "elsewhere").rglob("*")) == kept


def test_an_edited_configuration_and_a_missing_seal_are_named(any_run, tmp_path):
    shutil.copytree(any_run("ner"), tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    kept = config.read_text()
    config.write_text(kept.replace("dropout = 0.1", "dropout = 0.2") + "\n")
    with pytest.raises(RunError, match=r"config\.toml: a file that is not as the run left it"):
        finished_run(load_task("ner"), str(tmp_path / "run"))
    config.write_text(kept)
    (tmp_path / "run" / "hashes.json").unlink()
    with pytest.raises(RunError, match=r"hashes\.json: a file of the run is missing"):
        finished_run(load_task("ner"), str(tmp_path / "run"))


@pytest.mark.parametrize(
    "change", [{"scores": []}, {"scores": [1]}, {"scores": [{"name": "f1"}]}, {"baselines": {"q": 3}}], ids=str
)
def test_scores_that_are_none_are_named(any_run, tmp_path, change):
    shutil.copytree(any_run("ner"), tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    run.scores_file.write_text(json.dumps({**json.loads(run.scores_file.read_text()), **change}))
    with pytest.raises(RunError, match=r"scores\.json: a damaged file"):
        run.read_scores()


def test_weights_that_find_no_room_are_told_in_one_line(any_run, tmp_path, monkeypatch):
    """Before HDF5, which would end the process, meets a full disk."""
    model = load_run(load_task("ner"), str(any_run("ner")))[2]
    weights.save(model.network, tmp_path / "fits.weights.h5")
    needed = (tmp_path / "fits.weights.h5").stat().st_size
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    monkeypatch.setattr(model.network, "save_weights", lambda path: pytest.fail("HDF5 was asked"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (needed - 1, limit[1]))
    try:
        with pytest.raises(RunError, match=r"full\.weights\.h5: cannot write"):
            weights.save(model.network, tmp_path / "full.weights.h5")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert [path.name for path in tmp_path.iterdir()] == ["fits.weights.h5"]


def test_weights_that_are_kept_elsewhere_are_refused(any_run, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as stream:
        stream["x"] = np.ones(3)
    for kind, link in (("a link", h5py.ExternalLink(str(secret), "x")), ("a link", h5py.SoftLink("/y"))):
        path = tmp_path / "weights.h5"
        with h5py.File(path, "w") as stream:
            stream["x"] = link
        with pytest.raises(RunError, match=rf"weights\.h5: damaged.*{kind}"):
            weights.load(None, path)
    with h5py.File(path, "w") as stream:
        stream.create_dataset("x", (3,), "f8", external=[(str(secret), 0, 24)])
    with pytest.raises(RunError, match="in another file"):
        weights.load(None, path)


def test_a_checkpoint_with_objects_is_refused(any_run, tmp_path):
    shutil.copytree(any_run("ner"), tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    run.scores_file.unlink()
    with open(run.checkpoint, "wb") as stream:
        np.savez(stream, progress=np.array([{}], object))
    task = tiny_task("ner")
    with pytest.raises(RunError, match=r"state\.npz"):
        conductor.run(task, tiny_config(task), conductor.Place(str(run.path)), Quiet())
