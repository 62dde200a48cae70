"""Examples of a large file are those of a small one, and a run on them ends with the same bits."""

import random
import tempfile

import pytest

from seqtasks.errors import DataError
from seqtasks.pipelines import spool
from seqtasks.pipelines.spool import Mapped, Spooled, chosen, parted, spooled
from seqtasks.tasks import TASKS, load_task
from tests.conftest import tiny_run
from tests.pipelines.test_run_folder import content


@pytest.mark.parametrize("name", TASKS)
def test_what_is_spooled_comes_back(name):
    examples = [example for part in load_task(name).demo(0).values() for example in part[:50]]
    found = spooled(iter(examples))
    assert isinstance(found, Spooled) and list(found) == examples and len(found) == len(examples)
    assert found[3] == examples[3] and found[-1] == examples[-1]
    assert list(found[5:20:3]) == examples[5:20:3]
    mixed = list(range(len(examples)))
    random.Random(7).shuffle(mixed)
    for rest, drawn in (parted(found, 20, 7), parted(examples, 20, 7)):
        assert list(drawn) == [examples[row] for row in sorted(mixed[-20:])]
        assert list(rest) == [examples[row] for row in sorted(mixed[:-20])]
    assert list(Mapped(repr, found)[2:4]) == [repr(example) for example in examples[2:4]]
    assert chosen(found, bool) is found
    numbers = iter(range(10**6))
    assert list(found.chosen(lambda _: next(numbers) % 2 == 0)) == examples[::2]
    assert len(spooled([])) == 0


def test_no_room_for_it_is_named(monkeypatch):
    class Full(tempfile.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda buffering: Full())
    with pytest.raises(DataError, match=r"No space left.*TMPDIR"):
        spooled(load_task("ner").samples)


@pytest.mark.parametrize(("task", "folder"), [("ner", "data_folder"), ("sentiment", "opinion_folder")])
@pytest.mark.parametrize("parts", [("train", "dev", "test"), ("train", "test")])
def test_a_run_on_spooled_examples_ends_with_the_same_bits(task, folder, parts, request, tmp_path, monkeypatch):
    data = request.getfixturevalue(folder)
    if parts == ("train", "dev", "test"):
        whole = request.getfixturevalue(f"{task}_run")
        options = {}
    else:
        paths = {part: str(next(data.glob(f"{part}.*"))) for part in parts}
        options = {**paths, "data": "", "epochs": 1}
        whole = tiny_run(task, data, tmp_path / "whole", **options)[0].path
    monkeypatch.setattr(spool, "LARGE", 0)
    made = tiny_run(task, data, tmp_path / "run", **options)[0].path
    assert content(made) == content(whole)
