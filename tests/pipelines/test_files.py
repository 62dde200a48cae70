"""A file appears whole or not at all, and errors are named after the file that they belong to."""

import errno

import pytest

from seqtasks.errors import RunError
from seqtasks.pipelines.files import replacing, write_text


def test_a_file_that_fails_midway_leaves_the_older_one(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), OSError("h5py: unable to write")],
    ids=["full", "h5py"],
)
def test_a_full_disk_is_named_with_the_file(tmp_path, error):
    with pytest.raises(RunError, match=r"a\.txt: cannot write"), replacing(tmp_path / "a.txt"):
        raise error


def test_a_folder_that_cannot_be_made_is_an_error_of_writing(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"a\.txt: cannot write"):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_an_error_of_another_file_passes_through(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        (tmp_path / "missing.txt").read_text()
    with pytest.raises(IsADirectoryError), replacing(tmp_path / "a.txt"):
        raise IsADirectoryError(errno.EISDIR, "Is a directory")  # as reading a stream raises it, without a name
    with pytest.raises(BrokenPipeError), replacing(tmp_path / "a.txt"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
