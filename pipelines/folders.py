"""Which file of a folder holds which split: told by the words in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seqtasks.config import DataConfig
from seqtasks.errors import DataError
from seqtasks.pipelines import sides

NAMED = 5
"""Files left aside that are named; more of them are counted."""

SPLIT_WORDS = {
    "train": ("train",),
    "dev": ("dev", "val", "valid", "validation", "testa"),
    "test": ("test", "testb"),
}
"""The words in a file's name that tell its split; the last ones are those of CoNLL 2002 and 2003."""


def files_of(folder: Path, config: DataConfig) -> dict[str, Path]:
    """The folder's file for each split, by a whole word in its name; of two sides what their names have in common.

    Raises:
        DataError: Two files of a split, one file of two splits, or `folder` is a file.
    """
    if not folder.is_dir():
        raise DataError("not a folder", where=str(folder), hint=f"--train {folder}")
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    of_splits = [path for path in paths if any(splits_named(path.name))]
    found = _by_split(folder, sides.prefixes(of_splits, config), config)
    # beside splits of two files a file may hold both sides of another split
    others = [path for path in paths if path.suffix in sides.WHOLE and not found.keys() & set(splits_named(path.name))]
    return {**found, **_by_split(folder, others, config)}


def left_aside(folder: Path, found: Mapping[str, Path], config: DataConfig) -> Iterator[str]:
    """Where the folder has no file for dev or test a note of the files whose names name no split."""
    if {"dev", "test"} <= set(found):
        return
    used = {one for path in found.values() for one in sides.two_files(path, config) or (path,)}
    others = sorted(
        path.name for path in folder.iterdir() if path.is_file() and path.name[0] != "." and path not in used
    )
    if others:
        more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
        yield f"left aside, for no split's word is in their names: {', '.join(others[:NAMED])}{more}"


def _by_split(folder: Path, paths: Sequence[Path], config: DataConfig) -> dict[str, Path]:
    """Of the folder's paths the one of each split that a name tells; raises as `files_of`."""
    found: dict[str, Path] = {}
    for path in paths:
        named = list(splits_named(path.name))
        if len(named) > 1:
            raise DataError(
                "the file's name names two splits",
                where=str(path),
                received=", ".join(named),
                hint=f"another name, or --{named[0]} FILE for each split",
            )
        for split in named:
            if split in found:
                raise DataError(
                    f"two files for the {split} split",
                    where=str(folder),
                    received=f"{found[split].name}, {path.name}",
                    hint=(sides.hint([found[split], path]) if hasattr(config, "source") else "") or f"--{split} FILE",
                )
            found[split] = path
    return found


def splits_named(name: str) -> Iterator[str]:
    """The splits whose word stands in a file's name."""
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", name)}
    for split, names in SPLIT_WORDS.items():
        if words & set(names):
            yield split
