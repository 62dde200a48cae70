"""Two runs never work in one folder at once, and two that start in one second have folders of their own."""

import subprocess
import sys

import pytest

from seqtasks.errors import RunError
from seqtasks.pipelines import run as conductor
from seqtasks.pipelines import run_folder
from seqtasks.pipelines.locking import LOCK, lock
from seqtasks.pipelines.run_folder import RunFolder, new_run
from tests.conftest import Quiet, tiny_config, tiny_task

HOLD = """
import sys, time
from pathlib import Path
from seqtasks.pipelines.locking import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    task = tiny_task("ner")
    with (
        RunFolder(tmp_path / "run").held(),
        pytest.raises(RunError, match=r"run: another run is at work in the folder; try: wait"),
    ):
        conductor.run(task, tiny_config(task), conductor.Place(str(tmp_path / "run"), fresh=True), Quiet())


def test_the_run_itself_holds_its_folder_and_frees_it(tmp_path, monkeypatch):
    task, seen = tiny_task("ner"), []

    def fit(task, model, train, folder):
        with pytest.raises(RunError, match="another run is at work"), lock(folder.parent / LOCK):
            pass
        seen.append(sorted(path.name for path in folder.parent.iterdir()))
        raise ZeroDivisionError

    monkeypatch.setattr(conductor.baselines, "fit", fit)
    monkeypatch.setattr(conductor, "_prepare", lambda *_: (None, {"train": []}))
    for _ in range(2):  # what the first leaves keeps nobody out
        with pytest.raises(ZeroDivisionError):
            conductor.run(task, tiny_config(task), conductor.Place(str(tmp_path / "run")), Quiet())
    assert seen == [[LOCK, "config.toml", "environment.json"]] * 2
    assert not (tmp_path / "run" / LOCK).exists()


def test_a_start_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), RunFolder(tmp_path / "a" / "run").held():
        raise ZeroDivisionError
    assert not (tmp_path / "a" / "run").exists()


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    path = tmp_path / "run" / LOCK
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"held\n"
            with pytest.raises(RunError, match="another run is at work"), lock(path):
                pass
        finally:
            process.kill()
            process.wait()
    assert path.exists()
    with lock(path):
        pass
    assert not path.exists()


def test_two_runs_of_one_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_folder.time, "strftime", lambda _: "20260101-000000")
    found = [new_run(tiny_task("ner")).path.name for _ in range(3)]
    assert found == ["20260101-000000", "20260101-000000-2", "20260101-000000-3"]


def test_a_link_to_nowhere_in_the_place_of_the_runs_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").symlink_to(tmp_path / "not" / "mounted")
    with pytest.raises(RunError, match=r"runs: cannot make a folder for the run"):
        new_run(tiny_task("ner"))


def test_a_folder_that_cannot_be_locked_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"file.run: cannot lock the folder"), lock(tmp_path / "file" / "run" / LOCK):
        pass
