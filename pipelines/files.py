"""Files of a run folder: each appears whole or not at all."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from seqtasks.errors import RunError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hands out a temporary path beside `path`; on success what was written there is flushed and takes its place.

    The temporary name keeps the ending, because Keras and NumPy choose a format by it. Other errors of the body, as of
    a file that it reads, pass through.

    Raises:
        RunError: The file system refused, for want of space or rights.
    """
    temporary = path.with_name(f".partial-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        # Windows flushes what is open for writing alone
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if not _of_writing(error, path, temporary):
            raise
        raise RunError(
            "cannot write",
            where=str(path),
            received=error.strerror or str(error),
            hint="make space or choose another folder, then start the same command again",
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def _of_writing(error: OSError, path: Path, temporary: Path) -> bool:
    """Whether the error belongs to the file that is written: by the name it bears, else by what only writing meets."""
    if error.filename is not None:
        return Path(error.filename) in (temporary, path, *path.parents)
    # h5py's errors have no number
    return error.errno in _FULL or (error.errno is None and type(error) is OSError)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text with `\\n` line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes a table with a header, whole or not at all; a column that a row lacks is empty there."""
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_json(path: Path, data: Any) -> None:
    """Writes indented JSON, whole or not at all."""
    write_text(path, json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """Reads JSON from a run folder.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError("a file of the run is missing", where=str(path), received=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"a damaged file: {error}", where=str(path), hint="--fresh") from error


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an `.npz` file without pickle, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads what `write_arrays` wrote.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(f"a damaged file: {error}", where=str(path), hint="--fresh") from error


def sha256(path: Path) -> str:
    """The hash of a file's content."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
