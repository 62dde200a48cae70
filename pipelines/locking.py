"""A lock on a folder: whoever holds it works there alone, and the system frees it when the process ends, by a kill too.

portalocker is what sacrebleu locks with: `flock` on POSIX, the C runtime's region locks on Windows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import portalocker

from seqtasks.errors import RunError

LOCK = ".lock"
"""The file's name in the folder; it is there only while somebody works, or was killed at it."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Within it nobody else may work in the folder; one that is then still empty is removed.

    Raises:
        RunError: Somebody is at work there, or it can't be written.
    """
    try:
        with lock(folder / LOCK):
            yield
    finally:
        # a start that failed leaves nothing behind; what is not empty stays
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Holds a lock file within the `with` block; its folder is made, where there is none.

    Raises:
        RunError: Somebody else holds it, or the file system refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = _locked(path)
    except portalocker.AlreadyLocked as error:
        raise RunError(
            "another run is at work in the folder", where=str(path.parent), hint="wait for its end, or another --out"
        ) from error
    except (OSError, portalocker.LockException) as error:
        raise RunError(
            "cannot lock the folder",
            where=str(path.parent),
            received=error.strerror or str(error),
            hint="make space or choose another folder, then start the same command again",
        ) from error
    try:
        yield
    finally:
        # first unlinked and then freed, so that nobody can get hold of a file that is about to go
        with suppress(OSError):  # Windows removes no open file
            path.unlink()
        stream.close()
        with suppress(OSError):
            if os.name == "nt":
                path.unlink()


def _locked(path: Path) -> BinaryIO:
    """The lock file, open and locked."""
    while True:
        stream = open(path, "ab")  # noqa: SIM115
        try:
            portalocker.lock(stream, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            if os.name == "nt" or _is_at(stream, path):
                return stream
        except BaseException:
            stream.close()
            raise
        stream.close()  # the one before us removed it between our opening and our locking


def _is_at(stream: BinaryIO, path: Path) -> bool:
    """Whether the open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False
