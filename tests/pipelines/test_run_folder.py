"""A run's folder: every file whole or not there, a full disk mended by the same command, damage named, no way out."""

import errno
import json
import os
import shutil

import h5py
import numpy as np
import pytest

from seqtasks.errors import RunError, SeqtasksError
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines import weights
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


@pytest.mark.parametrize("part", ["vocabulary", "model.weights.h5", "vocabulary/words.json"])
def test_a_run_folder_does_not_point_out_of_itself(any_run, tmp_path, part):
    shutil.copytree(any_run("ner"), tmp_path / "run")
    (tmp_path / "run" / part).rename(tmp_path / "elsewhere")
    (tmp_path / "run" / part).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match=rf"{part}: a link out of the run's folder"):
        finished_run(load_task("ner"), str(tmp_path / "run"))
    RunFolder(tmp_path / "run").clear()
    assert (tmp_path / "elsewhere").exists()


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
