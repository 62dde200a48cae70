"""Sets of TensorFlow Datasets: fields, label names and splits as the set's builder declares them.

Only catalogue names come this way; a user's own files are read by the task's readers.
"""

from __future__ import annotations

import contextlib
import difflib
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from seqtasks.errors import ConfigError, DataError
from seqtasks.pipelines import spool
from seqtasks.tasks.examples import MISSING_LABEL
from seqtasks.tasks.task import CatalogueSet, Splits, Task

SPLITS = {"train": "train", "dev": "dev", "validation": "dev", "valid": "dev", "test": "test"}
"""A builder's name for a split to ours; other splits are left out."""

INSTEAD = "files instead: --data DIR, or --train FILE --dev FILE --test FILE"
LANGUAGES = ("the source language", "the target language")
"""How a task declares a set's features that bear a language's name."""
ANY, THE_ONE = "*", "the one "
"""How a task declares that it reads any set with one feature of each of the kinds it names."""
PATIENCE = 5.0
"""Seconds that the set's host has to answer; TensorFlow Datasets itself would try for 200."""
BATCH = 1024
"""Examples read at once; only speed depends on it."""


def load_catalogue(name: str, task: Task, folder: str | None = None, languages: tuple[str, str] = ("", "")) -> Splits:
    """The splits of a TensorFlow Datasets set as the task's examples, downloaded the first time.

    Args:
        name: The set, as `conll2003` or `universal_dependencies/en_ewt`.
        task: Its `catalogue` says which sets it reads, and which feature holds what.
        folder: Where TensorFlow Datasets keeps its data; none: its default, `TFDS_DATA_DIR` or `~/tensorflow_datasets`.
        languages: Of the source and of the target, where the set's features are languages; empty: as the set has them.

    Returns:
        `train`, `dev` and `test`, as far as the set has them, in the set's own order.

    Raises:
        ConfigError: A name that is no set or configuration that the task reads; the message has the nearest.
        DataError: The set is not on this machine and can't be fetched, or an example has no label.
    """
    entry = _entry(name, task)
    builder = _builder(name, folder)
    entry = _with_languages(entry, builder.info, languages)
    entry = _named_fields(name, entry, builder.info.features)
    if not builder.is_prepared():
        _prepare(name, builder)
    return _splits(name, task, entry, builder)


def configurations(name: str) -> list[str]:
    """The names of a set with its configurations, `universal_dependencies/en_ewt` and so on; itself if it has none."""
    import tensorflow_datasets as tfds

    configs = [config.name for config in tfds.builder_cls(name).BUILDER_CONFIGS]
    return [f"{name}/{config}" for config in configs] or [name]


def _entry(name: str, task: Task) -> CatalogueSet:
    """The task's declaration for a set: the one that names it goes before the one for any."""
    for entry in task.catalogue:
        if entry.name != ANY and fnmatchcase(name, entry.name):
            return entry
    for entry in task.catalogue:
        if entry.name == f"{name}/*":
            raise _unknown_configuration(name, name, "a set of several configurations, and none named")
    declared = next((entry.name for entry in task.catalogue if entry.name.startswith(f"{name}/")), "")
    for entry in task.catalogue:
        if entry.name == ANY and _exists(name.split("/")[0]):
            if "/" not in name and len(configurations(name)) > 1:
                raise _unknown_configuration(name, name, "a set of several configurations, and none named", declared)
            return entry
    known = [entry.name for entry in task.catalogue]
    near = _nearest(name.split("/")[0], [entry.split("/")[0] for entry in known])
    raise ConfigError(
        f"neither a folder nor a set of the catalogue that {task.name} reads",
        where="--data",
        received=name,
        allowed=", ".join(known) or "no set",
        hint="/".join([near, *name.split("/")[1:]]) if near else INSTEAD,
    )


def _exists(family: str) -> bool:
    """Whether TensorFlow Datasets has a set of this name."""
    import tensorflow_datasets as tfds

    return family in tfds.list_builders()


def _with_languages(entry: CatalogueSet, info: Any, languages: tuple[str, str]) -> CatalogueSet:
    """The declaration with `LANGUAGES` replaced by those that the user named, else by the set's own direction."""
    if not set(LANGUAGES) & set(entry.fields.values()):
        return entry
    known = list(info.features)
    for option, language in zip(("--source", "--target"), languages, strict=True):
        if language and language not in known:
            raise ConfigError("a language that the set has not", where=option, received=language,
                              allowed=", ".join(known), hint=_nearest(language, known))  # fmt: skip
    source, target = languages
    if not source and not target:
        source, target = info.supervised_keys or known
    others = [language for language in known if language not in (source, target)]
    names = dict(zip(LANGUAGES, (source or others[0], target or others[0]), strict=True))
    return CatalogueSet(entry.name, {part: names.get(field, field) for part, field in entry.fields.items()})


def _named_fields(name: str, entry: CatalogueSet, features: Mapping[str, Any]) -> CatalogueSet:
    """The declaration with `THE_ONE` of a kind replaced by that feature's name."""
    fields = {}
    for part, field in entry.fields.items():
        kind = field.removeprefix(THE_ONE)
        found = [key for key, feature in features.items() if type(feature).__name__ == kind]
        if field != kind and len(found) != 1:
            raise ConfigError(f"a set with {len(found)} features of the kind {kind}", where="--data", received=name,
                              allowed=f"a set with one {kind} feature", hint=INSTEAD)  # fmt: skip
        fields[part] = field if field == kind else found[0]
    return CatalogueSet(entry.name, fields)


def _builder(name: str, folder: str | None) -> Any:
    import tensorflow_datasets as tfds

    family = name.split("/")[0]
    if name != family and name.split(":")[0] not in configurations(family):
        raise _unknown_configuration(name, family, "an unknown configuration")
    try:
        return tfds.builder(name, data_dir=folder)
    except (ValueError, AssertionError) as error:  # the latter for a version that is not to be had
        raise ConfigError("a set that TensorFlow Datasets can't make", where="--data", received=name,
                          allowed="a name of its catalogue", hint=family) from error  # fmt: skip


def _unknown_configuration(name: str, family: str, what: str, best: str = "") -> ConfigError:
    every = configurations(family)
    shown = every if len(every) <= 12 else [*every[:6], f"… ({len(every)} in all)"]
    near = "" if name == family else _nearest(name, every)
    return ConfigError(what, where="--data", received=name, allowed=", ".join(shown), hint=near or best or every[0])


def _nearest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1)), "")


def _prepare(name: str, builder: Any) -> None:
    """Downloads a set and writes it to disk, or says at once why not."""
    # few sets declare no address of their files; then their home page tells whether there is a network
    url = next(iter(builder.url_infos or ()), builder.info.homepage)
    if not _answers(url):
        raise DataError("the set is not on this machine, and the network does not answer", where=name,
                        received=f"nothing from {urllib.parse.urlsplit(url).netloc}",
                        hint=f"a network connection, or {INSTEAD}")  # fmt: skip
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for data
            builder.download_and_prepare()
    except Exception as error:  # whatever a set's own code and its host may come up with
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise DataError("the set can't be downloaded or prepared", where=name, received=reason, hint=INSTEAD) from error


def _answers(url: str, seconds: float = PATIENCE) -> bool:
    """Whether a URL's host answers in time, whatever it answers. Proxies of the environment are used.

    In a thread, because looking up a name has no time-out.
    """
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):
                answered.set()
        except urllib.error.HTTPError as error:
            error.close()
            answered.set()
        except (OSError, ValueError):
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answered.is_set()


def _splits(name: str, task: Task, entry: CatalogueSet, builder: Any) -> Splits:
    features = builder.info.features
    decoders = {part: _part_decoder(name, features[field]) for part, field in entry.fields.items()}
    return {
        # TensorFlow Datasets writes 0 where it does not know the size
        SPLITS[split]: spool.kept(
            _examples(name, task, entry.fields, decoders, builder.as_dataset(split=split)),
            facts.num_bytes or spool.LARGE,
        )
        for split, facts in builder.info.splits.items()
        if split in SPLITS
    }


def _examples(name: str, task: Task, fields: Mapping[str, str], decoders: Mapping[str, Callable[[Any], Any]],
              dataset: Any) -> Iterator[Any]:  # fmt: skip
    """The task's examples; one without a word is none, but for a text beside something else: it may be empty."""
    for batch in dataset.map(lambda example: {field: example[field] for field in fields.values()}).ragged_batch(BATCH):
        columns = [map(decoders[part], _listed(batch[field])) for part, field in fields.items()]
        for values in zip(*columns, strict=True):
            parts = _without_ranges(dict(zip(fields, values, strict=True)))
            there = all(part or isinstance(part, str) for part in parts.values())
            if there and any(not isinstance(part, str) or part.strip() for part in parts.values()):
                yield task.example_type(**parts, source=name)


def _without_ranges(parts: dict[str, Any]) -> dict[str, Any]:
    """A sentence without the places whose tag is `_`.

    So CoNLL-U writes that there is no value: TensorFlow Datasets keeps multi-word ranges (`don't` before `do` and
    `n't`) and empty nodes, which are not words, among the tokens.
    """
    if "_" not in parts.get("tags", ()):
        return parts
    kept = [tag != "_" for tag in parts["tags"]]
    return {part: tuple(v for v, keep in zip(values, kept, strict=True) if keep) for part, values in parts.items()}


def _listed(column: Any) -> list[Any]:
    return column.to_list() if hasattr(column, "to_list") else column.numpy().tolist()


def _part_decoder(name: str, feature: Any) -> Callable[[Any], Any]:
    """As `_decoder`, but an example's only label may be missing: so the sets of a contest hide their test's truth."""
    # a sequence has its inner feature's names too
    if getattr(feature, "feature", None) is None and getattr(feature, "names", None):
        decode = _label_decoder(name, feature.names)
        return lambda number: MISSING_LABEL if number == -1 else decode(number)
    if type(feature).__name__ == "Tensor":
        return str  # a number that stands for a label
    return _decoder(name, feature)


def _decoder(name: str, feature: Any) -> Callable[[Any], Any]:
    """From what a feature holds to text: label numbers by the names that the builder declares, bytes as UTF-8."""
    inner = getattr(feature, "feature", None)
    if inner is not None:
        decode = _decoder(name, inner)
        return lambda values: tuple(map(decode, values))
    if getattr(feature, "names", None):
        return _label_decoder(name, feature.names)
    return lambda value: value.decode("utf-8", "replace")


def _label_decoder(name: str, labels: list[str]) -> Callable[[int], str]:
    def decode(number: int) -> str:
        if not 0 <= number < len(labels):
            raise DataError("an example without a label", where=name, received=number, allowed=", ".join(labels))
        return labels[number]

    return decode
