"""The configuration: every default once, with its help text, its choices and its bounds.

Order of precedence: the default here, then the file of `--config`, then the flag.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqtasks.config_checks import section, unknown
from seqtasks.config_language import LanguageConfig, LanguageTrainingConfig
from seqtasks.config_sections import DataConfig, ModelConfig, TrainingConfig, option
from seqtasks.config_translation import TranslationConfig, TranslationDataConfig, TranslationTrainingConfig
from seqtasks.errors import ConfigError

FORMAT_VERSION = 1
"""The version of `config.toml` and of the run folder around it; raised when an older one can't be read any more."""


@dataclass(frozen=True)
class TaggingDataConfig(DataConfig):
    """Columns of tagged text."""

    token_column: str = option("", "Column of the tokens: a number from 1.", unset="the first; CoNLL-U: form")
    tag_column: str = option("", "Column of the tags: a number from 1 or -1 for the last; CoNLL-U: upos or xpos.")


@dataclass(frozen=True)
class ClassificationDataConfig(DataConfig):
    """Columns of labelled text."""

    text_column: str = option("", "Column of the texts: a number from 1, -1 for the last, or a name or JSON key.")
    label_column: str = option("", "Column of the labels, likewise.", unset="told by a header, or by few values")
    header: str = option(
        "auto", "Whether a table's first row names its columns; auto: told by the names.", choices=("auto", "yes", "no")
    )


@dataclass(frozen=True)
class TaggingConfig(ModelConfig):
    """A tagger: words and their characters in, a tag a word out."""

    output: str = option("crf", "What chooses the tags.", choices=("crf", "softmax"))
    word_units: int = option(100, "Width of the word embedding.", least=1)
    min_count: int = option(2, "Rarer words of the training split have no embedding of their own.", least=1)
    word_dropout: float = option(3.0, "A word of count n is unknown with probability a / (a + n) in training.", least=0)
    split_tokens: float = option(
        0.0, "Share of training sentences shown with tokens split at signs and digits (spans only).", least=0, most=1
    )
    tune_outside: bool = option(True, "After training, shift the outside tag by what the dev score likes best.")
    vectors: str = option("", "Pretrained vectors: a word2vec, fastText or GloVe text file, plain or .gz.")
    vector_words: int = option(50000, "Words taken from the vector file's head beyond the training split's.", least=0)
    characters: str = option("convolution", "Features from spelling.", choices=("convolution", "recurrent", "none"))
    character_units: int = option(32, "Width of the character embedding.", least=1)
    spelling_units: int = option(200, "Width of the features from spelling.", least=3)

    def __post_init__(self):
        super().__post_init__()
        _check_features(self)


@dataclass(frozen=True)
class ClassificationConfig(ModelConfig):
    """A classifier: a text's words in, one label out."""

    units: int = option(150, "Units a layer and direction.", least=1)
    depth: int = option(1, "Layers.", least=1)
    dropout: float = option(0.7, "Share of features dropped.", least=0, most=0.99)
    pooling: str = option("attention", "What makes one state of many.", choices=("last", "mean", "max", "attention"))
    word_units: int = option(150, "Width of the word embedding.", least=1)
    min_count: int = option(2, "Rarer words of the training split have no embedding of their own.", least=1)
    word_dropout: float = option(
        0.25, "A word of count n is unknown with probability a / (a + n) in training.", least=0
    )
    vectors: str = option("", "Pretrained vectors: a word2vec, fastText or GloVe text file, plain or .gz.")
    vector_words: int = option(50000, "Words taken from the vector file's head beyond the training split's.", least=0)
    characters: str = option("none", "Features from spelling.", choices=("convolution", "recurrent", "none"))
    character_units: int = option(32, "Width of the character embedding.", least=1)
    spelling_units: int = option(100, "Width of the features from spelling.", least=3)
    token_unit: str = option(
        "auto",
        "What scripts without spaces (Chinese, Japanese, Thai, …) are read by; auto: by characters where the training "
        "text is mostly in such a script.",
        choices=("auto", "word", "character"),
    )
    max_tokens: int = option(0, "Only so many tokens of a text are read, its first; 0: all.", least=0)
    class_weights: str = option(
        "none", "Weight of a label in the loss; balanced: all labels count alike.", choices=("none", "balanced")
    )
    batch_tokens: int = option(16384, "Most tokens in a batch, padding included; a longer text is one alone.", least=1)

    def __post_init__(self):
        super().__post_init__()
        _check_features(self)


def _check_features(config: TaggingConfig | ClassificationConfig) -> None:
    """That what a word's features are made of goes together.

    Raises:
        ConfigError: It does not.
    """
    if config.characters == "recurrent" and config.spelling_units % 2:
        raise ConfigError(
            "model.spelling_units is odd, and two directions share them",
            received=config.spelling_units,
            allowed="even numbers where model.characters is recurrent",
            hint=str(config.spelling_units + 1),
        )


FAMILIES: Mapping[str, tuple[type[DataConfig], type[ModelConfig], type[TrainingConfig]]] = {
    "tagging": (TaggingDataConfig, TaggingConfig, TrainingConfig),
    "classification": (ClassificationDataConfig, ClassificationConfig, TrainingConfig),
    "translation": (TranslationDataConfig, TranslationConfig, TranslationTrainingConfig),
    "language": (DataConfig, LanguageConfig, LanguageTrainingConfig),
}
"""Family name to the classes of its `[data]`, `[model]` and `[training]` sections."""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "tagging": ("conll", "jsonl", "tsv", "text"),
    "classification": ("jsonl", "tsv", "text"),
    "translation": ("text", "jsonl", "tsv"),
    "language": ("tsv", "jsonl", "text"),
}
"""Family name to the formats in which `predict` answers; the first is the default."""

CLUSTERS = range(2, 21)
"""Numbers of clusters that `inspect --automaton` tries where it is not told which."""

CLUSTERINGS = ("k-means++", "k-means-x")
"""How it puts hidden states into clusters (`seqtasks.pipelines.automata.clusters`); the first is the default."""

HIDDEN_STATES = ("h", "hc")
"""What it takes for a hidden state: the output h, or the cell state c beside it; the first is the default."""


@dataclass(frozen=True)
class RunConfig:
    """All that determines a run, but for the data's content."""

    task: str
    data: DataConfig
    model: ModelConfig
    training: TrainingConfig

    def to_table(self) -> dict[str, Any]:
        """Plain data for TOML; keys in the order of declaration."""
        return {"format": FORMAT_VERSION, **dataclasses.asdict(self)}


def sections(family: str) -> dict[str, type]:
    """The configuration's sections for a family: name to dataclass."""
    return dict(zip(("data", "model", "training"), FAMILIES[family], strict=True))


def read_table(path: Path) -> dict[str, Any]:
    """A TOML file as nested tables.

    Raises:
        ConfigError: The file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError("cannot read the configuration", where=str(path), received=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not a TOML file: {error}", where=str(path)) from error


def resolve(task: str, family: str, table: Mapping[str, Any], flags: Mapping[str, Any], where: str = "") -> RunConfig:
    """The configuration from a file's table and the command line's flags (`None`: not given).

    Args:
        where: The file, for messages.

    Raises:
        ConfigError: An unknown key, a value of the wrong type, or one out of its bounds.
    """
    known = sections(family)
    version = table.get("format", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise ConfigError(
            "a configuration of another format version",
            where=where,
            received=version,
            allowed=str(FORMAT_VERSION),
            hint="the version of seqtasks that wrote it",
        )
    if table.get("task", task) != task:
        raise ConfigError("a configuration of another task", where=where, received=table["task"], allowed=task)
    for key in table:
        if key not in (*known, "format", "task"):
            raise unknown(key, [*known, "format", "task"], where)
    return RunConfig(
        task=task, **{name: section(kind, name, table.get(name, {}), flags, where) for name, kind in known.items()}
    )


def first_difference(left: RunConfig, right: RunConfig) -> str:
    """The first key in which two configurations differ, as `training.seed`, with both values; empty if none does."""
    for name in ("data", "model", "training"):
        ours, theirs = dataclasses.asdict(getattr(left, name)), dataclasses.asdict(getattr(right, name))
        for key, value in ours.items():
            if theirs.get(key) != value:
                return f"{name}.{key} (there {value!r}, now {theirs.get(key)!r})"
    return ""
