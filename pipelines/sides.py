"""The two sides of a translation as files: which two a path means, and which training pairs are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from seqtasks.config import DataConfig
from seqtasks.errors import DataError
from seqtasks.pipelines import spool
from seqtasks.tasks import paired
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.readers.pairs import JSON_LINES, TSV

WHOLE = (*TSV.suffixes, *JSON_LINES.suffixes)
"""Endings of files that hold both sides."""


def languages(config: DataConfig) -> tuple[str, str]:
    """The languages that the user named, source and target; empty where none was, or where data has no sides."""
    return getattr(config, "source", ""), getattr(config, "target", "")


def two_files(path: Path, config: DataConfig) -> tuple[Path, Path] | None:
    """The files of both sides, of a prefix (`train`) or of one of them (`train.de`); None: one file has both."""
    endings = [f".{language}" for language in languages(config)]
    if "." in endings:
        return None
    if path.suffix in endings and not Path(f"{path}{endings[0]}").is_file():
        path = path.with_suffix("")
    elif path.is_file():
        return None
    return Path(f"{path}{endings[0]}"), Path(f"{path}{endings[1]}")


def prefixes(paths: Iterable[Path], config: DataConfig) -> list[Path]:
    """Of the files in a folder those of the two sides, once for both and without the language.

    Where no file ends with a language, or no language was named, all files as they are.

    Raises:
        DataError: A side without the other.
    """
    paths = list(paths)
    endings = [f".{language}" for language in languages(config)]
    sides = [path for path in paths if path.suffix in endings]
    if "." in endings or not sides:
        return paths
    for path in sides:
        missing = path.with_suffix(endings[path.suffix == endings[0]])
        if missing not in sides:
            raise DataError("a file without its other side", where=str(path), allowed=f"{missing.name} beside it")
    return list(dict.fromkeys(path.with_suffix("") for path in sides))


def hint(paths: Sequence[Path]) -> str:
    """What to try where a split has two files: they may be its two sides."""
    one, other = (path.suffix.removeprefix(".") for path in paths)
    return f"--source {one} --target {other}, or the other way round" if one and other and one != other else ""


def kept(pairs: Sequence[SentencePair], config: DataConfig) -> tuple[Sequence[SentencePair], list[str]]:
    """The training pairs without those that the options leave out, and what a person should know of that.

    Raises:
        DataError: None is left.
    """
    notes = []
    for what, option, out in (
        ("an empty side", config.drop_empty, lambda pair: not pair.text.strip() or not pair.translation.strip()),
        (
            f"more than {config.max_words} words on a side",
            config.max_words,
            lambda p: paired.words(p) > config.max_words,
        ),
    ):
        left = spool.chosen(pairs, lambda pair, out=out: not out(pair)) if option else pairs
        if left is not pairs:
            first = next(pair for pair in pairs if out(pair))
            notes.append(f"train: {len(pairs) - len(left):,} pairs with {what} left out, the first {first.place}")
            pairs = left
    if not pairs:
        raise DataError("no training pair is left", received="; ".join(notes))
    return pairs, notes
