"""Where examples come from: a corpus made in code, a folder, files, or the catalogue; always splits in the end."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from seqtasks.config import DataConfig
from seqtasks.config_checks import is_utf8
from seqtasks.errors import ConfigError, DataError
from seqtasks.pipelines import files, folders, sides, spool
from seqtasks.pipelines.catalogue import load_catalogue
from seqtasks.pipelines.folders import SPLIT_WORDS
from seqtasks.pipelines.formats import HEAD_BYTES, format_named, format_of_stream
from seqtasks.tasks.readers.pairs import ALIGNED, aligned
from seqtasks.tasks.task import Columns, Format, Task


@dataclass(frozen=True)
class Data:
    """A data set's splits and where they came from.

    Attributes:
        splits: `train`, `dev`, `test`, as far as they exist, to examples.
        notes: What a person should know of how it was read, a line each.
        hashes: File to SHA-256; or the set's name to `catalogue`, or to `seed 0` where it is made.
        names: Split to the file or set that it came from.
    """

    splits: Mapping[str, Sequence[Any]]
    notes: tuple[str, ...]
    hashes: Mapping[str, str]
    names: Mapping[str, str]


ALL = ("train", "dev", "test")

MOST_HELD_OUT = 10_000
"""Examples of a large file that become its dev split: more are no surer, and are answered after every epoch."""


def load(
    task: Task,
    config: DataConfig,
    wanted: Sequence[str] = ALL,
    *,
    hold_out: bool = True,
    wishes: tuple[str, ...] = (),
) -> Data:
    """Reads the splits that `wanted` names, as far as they exist.

    Args:
        hold_out: Whether a share of train serves as dev, and is no part of train, where there is no dev split; a run
            needs it, and so does whoever scores its data again. Data that nothing was trained on stays whole.
        wishes: Columns that were named for other files: they hold where these have them.

    Raises:
        DataError: A file is missing, empty or malformed, or the train split is wanted and missing.
        ConfigError: The options contradict each other.
    """
    paths = {split: Path(getattr(config, split)) for split in SPLIT_WORDS if getattr(config, split)}
    if config.data and paths:
        raise ConfigError("--data goes without --train, --dev and --test", received=config.data)
    if paths:
        return _from_files(task, config, paths, wanted, hold_out, wishes)
    if config.data and Path(config.data).exists():
        found = folders.files_of(Path(config.data), config)
        data = _from_files(task, config, found, wanted, hold_out, wishes)
        return dataclasses.replace(data, notes=(*folders.left_aside(Path(config.data), found, config), *data.notes))
    if config.data.split("/")[0] in {name.split("/")[0] for name in task.made}:
        splits = _made(task, config.data)
        data = Data(splits, (f"data: {config.data}, made in code",), {config.data: "seed 0"},
                    dict.fromkeys(splits, config.data))  # fmt: skip
    elif config.data:
        named = {"languages": sides.languages(config)} if any(sides.languages(config)) else {}
        splits = load_catalogue(config.data, task, **named)
        notes, hashes = (f"data: {config.data} from the catalogue",), {config.data: "catalogue"}
        data = Data(splits, notes, hashes, dict.fromkeys(splits, config.data))
    else:
        splits = task.demo(0)
        data = Data(splits, ("data: the demo corpus",), {"demo": "seed 0"}, dict.fromkeys(splits, "demo"))
    return _complete(task, data, config, wanted, hold_out)


def read_file(
    task: Task,
    path: Path,
    config: DataConfig,
    wishes: tuple[str, ...] = (),
    through: Callable[[BinaryIO], Any] = lambda stream: stream,
) -> tuple[Sequence[Any], Format]:
    """All examples of one file; those of a large one are not held in memory.

    Args:
        wishes: As `load` takes them.
        through: What is read in the place of the opened file, or of each of two.

    Raises:
        DataError: The file is missing, holds no example, or is malformed.
    """
    if two := sides.two_files(path, config):
        chosen = ALIGNED
        with open_data(two[0]) as source, open_data(two[1]) as target:
            read = aligned((through(source), through(target)), (str(two[0]), str(two[1])), config.drop_unpaired)
            examples = spool.kept(read, sum(side.stat().st_size for side in two))
    else:
        chosen = choose_format(task, path, config.format)
        with open_data(path) as stream:
            read = chosen.read(through(stream), str(path), columns(config, wishes))
            examples = spool.kept(read, path.stat().st_size)
    if not examples:
        raise DataError(
            "no example in the file",
            where=str(path),
            allowed="one example or more",
            hint=f"another file, or another --format than {chosen.name}",
        )
    return examples, chosen


def open_data(path: Path):
    """As `open_file`, of a file that is read more than once: for its format, its examples, its hash.

    Raises:
        DataError: As `open_file`; or it is a pipe or a device, whose first bytes would be lost to the second reading;
            or no run folder could hold its name.
    """
    if not is_utf8(str(path)):
        raise DataError("the path holds bytes that are not UTF-8", where=str(path), hint="another name")
    # asked before it is opened: opening a pipe waits for a writer
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise DataError(
            "data is read more than once, which a pipe or a device does not allow",
            where=str(path),
            hint="write it to a file first",
        )
    return open_file(path)


def open_file(path: Path):
    """The file as bytes.

    Raises:
        DataError: It is missing, a folder, or not readable.
    """
    try:
        return open(path, "rb", buffering=HEAD_BYTES)
    except OSError as error:
        raise DataError(
            "cannot read the file", where=str(path), received=error.strerror, hint="the path of a text file"
        ) from error


def columns(config: DataConfig, wishes: tuple[str, ...] = ()) -> Columns:
    """The columns that the user named; those of `wishes` for other files."""
    given = {part: getattr(config, f"{part}_column", "") for part in Columns.PARTS}
    header, languages = getattr(config, "header", "auto"), sides.languages(config)
    return Columns(**given, header=header, languages=languages, wishes=wishes)


def choose_format(task: Task, path: Path, name: str = "") -> Format:
    """The format called `name`, else the one of the file's ending, else the one its first lines look like.

    Raises:
        ConfigError: The task has no such format.
    """
    if name:
        return format_named(task, name, "--format")
    with open_data(path) as stream:
        return format_of_stream(task, stream, path.name) or task.formats[0]


def _made(task: Task, name: str) -> Mapping[str, Sequence[Any]]:
    """A data set that is made in code.

    Raises:
        ConfigError: There is none of that name.
    """
    if name not in task.made:
        near = difflib.get_close_matches(name, task.made, n=1, cutoff=0.0)
        raise ConfigError("no such data set", where="--data", received=name, allowed=", ".join(task.made), hint=near[0])
    return task.made[name].splits(0)


def _from_files(
    task: Task,
    config: DataConfig,
    paths: Mapping[str, Path],
    wanted: Sequence[str],
    hold_out: bool,
    wishes: tuple[str, ...],
) -> Data:
    splits, notes, hashes = {}, [], {}
    if hold_out and "train" in wanted and "train" not in paths:
        raise DataError(
            "no training file",
            where=config.data or "--train",
            received=", ".join(paths) or "no file of a split",
            allowed="one file whose name holds the word train",
            hint="--train FILE",
        )
    for split, path in paths.items():
        if split in wanted or (split == "train" and hold_out and "dev" in wanted and "dev" not in paths):
            splits[split], chosen = read_file(task, path, config, wishes)
            for one in sides.two_files(path, config) or (path,):
                hashes[str(one)] = files.sha256(one)
            told = _described(chosen, path, columns(config, wishes))
            notes.append(f"{split}: {path} as {told}, {len(splits[split]):,} examples")
    data = Data(splits, tuple(notes), hashes, {split: str(path) for split, path in paths.items()})
    return _complete(task, data, config, wanted, hold_out)


def _described(chosen: Format, path: Path, columns: Columns) -> str:
    """The format's name, and which of its columns hold what."""
    if chosen.describe is None:
        return chosen.name
    with open_data(path) as stream:
        return f"{chosen.name} ({chosen.describe(stream, str(path), columns)})"


def _complete(task: Task, data: Data, config: DataConfig, wanted: Sequence[str], hold_out: bool) -> Data:
    """The splits that are wanted; where there is no dev split, `names` being all there are, one is held out."""
    splits, notes, names = dict(data.splits), list(data.notes), dict(data.names)
    if hold_out and "train" in wanted and not splits.get("train"):
        raise DataError(
            "the data has no train split", where=config.data, received=", ".join(splits), hint="--train FILE"
        )
    if hold_out and "dev" not in names and "train" in splits and {"train", "dev"} & set(wanted):
        how = "its end" if task.in_order else "drawn with seed 0"
        train = splits["train"]
        held, share = max(1, round(len(train) * config.dev_share)), f"{config.dev_share:.0%}"
        if isinstance(train, spool.Spooled) and held > MOST_HELD_OUT:
            held, share = MOST_HELD_OUT, "no more, of a large file"
        if held >= len(train):
            raise DataError("too few training examples to hold out a dev split", received=len(train), hint="--dev FILE")
        parts = (train[:-held], train[-held:]) if task.in_order else spool.parted(train, held, seed=0)
        splits["train"], splits["dev"] = parts
        names["dev"] = names["train"]
        notes.append(f"dev: {held:,} examples held out of train ({share}, {how})")
    if "train" in splits and hasattr(config, "drop_empty"):
        splits["train"], more = sides.kept(splits["train"], config)
        notes += more
    return Data({split: splits[split] for split in wanted if split in splits}, tuple(notes), data.hashes, names)


def elsewhere(task: Task, config: DataConfig, given: Mapping[str, Any]) -> tuple[DataConfig, tuple[str, ...]]:
    """A run's configuration for data of another place, which `given` names; and the columns that it only wishes for.

    Where the run's data was, in which format and whether with a header, says nothing of other files, and what training
    left out is scored; but a format that no file shows, as that the text runs on over its lines, is what the run was
    asked to take texts for.

    Args:
        given: The fields that the user gave.
    """
    said = {form.name for form in task.formats if form.looks_like is None}
    told = ("data", *SPLIT_WORDS, "header", "drop_empty", "max_words", *(() if config.format in said else ("format",)))
    plain = {field.name: field.default for field in dataclasses.fields(config) if field.name in told}
    wishes = tuple(part for part in Columns.PARTS if f"{part}_column" not in given)
    return dataclasses.replace(config, **{**plain, **given}), wishes


def absolute(config: DataConfig) -> DataConfig:
    """Paths made absolute, so that a run folder tells where its data was from whatever folder it is read."""
    changes = {name: _absolute(getattr(config, name)) for name in SPLIT_WORDS if getattr(config, name)}
    if config.data and Path(config.data).exists():
        changes["data"] = _absolute(config.data)
    return dataclasses.replace(config, **changes)


def _absolute(path: str) -> str:
    """The path with its own last name, which tells format and language; where it is a link, the other's may not."""
    found = Path(path)
    return str(found.resolve() if found.name in ("", "..") else found.parent.resolve() / found.name)


def changed(data: Data, recorded: Mapping[str, str]) -> list[str]:
    """A warning for each file that is no longer what a run was trained on, by the hashes that the run recorded."""
    return [
        f"{name}: the content has changed since the run was trained"
        for name, digest in data.hashes.items()
        if recorded.get(name, digest) != digest
    ]
