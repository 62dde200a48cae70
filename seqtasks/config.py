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
from seqtasks.errors import ConfigError

FORMAT_VERSION = 1
"""The version of `config.toml` and of the run folder around it; raised when an older one can't be read any more."""


def option(
    default: Any, help: str, *, choices: tuple[str, ...] = (), least: float | None = None, most: float | None = None
) -> Any:
    """A dataclass field that the command line turns into an option."""
    metadata = {"help": help, "choices": choices, "least": least, "most": most}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class DataConfig:
    """Where the examples come from."""

    data: str = option("", "A folder with a file a split, or a TensorFlow Datasets name; nothing: the demo corpus.")
    train: str = option("", "The training file.")
    dev: str = option("", "The development file; without one a share of the training split serves.")
    test: str = option("", "The test file.")
    format: str = option("", "The files' format; nothing: told by the ending, else by the first lines.")
    dev_share: float = option(
        0.1, "Share of the training split held out where there is no dev split.", least=0.001, most=0.9
    )


@dataclass(frozen=True)
class TaggingDataConfig(DataConfig):
    """Columns of tagged text."""

    token_column: str = option("", "Column of the tokens: a number from 1; default the first (CoNLL-U: form).")
    tag_column: str = option("", "Column of the tags: a number from 1 or -1 for the last; CoNLL-U: upos or xpos.")


@dataclass(frozen=True)
class ClassificationDataConfig(DataConfig):
    """Columns of labelled text."""

    text_column: str = option("", "Column of the texts: a number from 1, -1 for the last, or a name or JSON key.")
    label_column: str = option("", "Column of the labels, likewise; nothing: told by a header, or by few values.")
    header: str = option(
        "auto", "Whether a table's first row names its columns; auto: told by the names.", choices=("auto", "yes", "no")
    )


@dataclass(frozen=True)
class ModelConfig:
    """The stack of recurrent layers, the same for every task."""

    cell: str = option("lstm", "The recurrent cell.", choices=("rnn", "gru", "lstm", "peephole", "mgu"))
    units: int = option(200, "Units a layer and direction.", least=1)
    depth: int = option(2, "Layers.", least=1)
    bidirectional: bool = option(True, "Read in both directions.")
    connection: str = option("none", "What joins the layers.", choices=("none", "residual", "highway", "dense"))
    dropout: float = option(0.4, "Share of features dropped, one mask a sequence.", least=0, most=0.99)
    recurrent_dropout: float = option(
        0.0, "Share of the recurrent state dropped, one mask a sequence.", least=0, most=0.99
    )
    skip: int = option(
        1, "Layer k, from 0, reads the state skip^k steps back; 1: all read the one before (dilated RNN).", least=1
    )
    rnn_activation: str = option(
        "tanh", "Of the cell rnn; relu starts with the identity as recurrent matrix (IRNN).", choices=("tanh", "relu")
    )
    leak: float = option(
        1.0, "Of the cell rnn: share of the state that is new at each step; below 1: leaky units.", least=0.001, most=1
    )

    def __post_init__(self):
        """An option that would have no effect is an error."""
        for name, plain in (("rnn_activation", "tanh"), ("leak", 1.0)):
            if self.cell != "rnn" and getattr(self, name) != plain:
                raise ConfigError(f"model.{name} is an option of the cell rnn", received=self.cell, hint="--cell rnn")
        if self.skip > 1 and self.depth == 1:
            raise ConfigError(
                "model.skip needs a second layer, for the first reads the state before",
                received=self.skip,
                hint="--depth 2",
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
        if self.characters == "recurrent" and self.spelling_units % 2:
            raise ConfigError(
                "model.spelling_units is odd, and two directions share them",
                received=self.spelling_units,
                allowed="even numbers where model.characters is recurrent",
                hint=str(self.spelling_units + 1),
            )


@dataclass(frozen=True)
class ClassificationConfig(ModelConfig):
    """A classifier: a text's words in, one label out."""

    units: int = option(150, "Units a layer and direction.", least=1)
    depth: int = option(1, "Layers.", least=1)
    dropout: float = option(0.7, "Share of features dropped, one mask a sequence.", least=0, most=0.99)
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


@dataclass(frozen=True)
class LanguageConfig(ModelConfig):
    """A language model: units of a text in, the probability of each next one out."""

    units: int = option(300, "Units a layer.", least=1)
    dropout: float = option(0.35, "Share of features dropped, one mask a sequence.", least=0, most=0.99)
    bidirectional: bool = option(False, "Not to be had: the probability of a unit follows from those before it alone.")
    unit: str = option("word", "What a text is made of.", choices=("word", "char", "subword"))
    words: str = option(
        "auto",
        "What a word is: what stands between blanks, or what the tokeniser for raw text makes; auto: blanks where the "
        "training text has its signs apart.",
        choices=("auto", "blanks", "tokeniser"),
    )
    min_count: int = option(
        0, "Rarer words or characters are unknown; 0: 1 where the text has <unk> already, else 2.", least=0
    )
    pieces: int = option(8000, "Subwords at most.", least=300)
    embedding_units: int = option(0, "Width of a unit's vector; 0: that of a layer.", least=0)
    tied: bool = option(True, "One matrix for the units' vectors and the softmax.")

    def __post_init__(self):
        super().__post_init__()
        if self.bidirectional:
            raise ConfigError(
                "model.bidirectional: a language model reads forward only, for what it foretells must not be read",
                hint="--no-bidirectional",
            )
        if self.skip > 1:
            raise ConfigError(
                "model.skip: a language model carries its states from batch to batch, and a skip cuts them apart",
                received=self.skip,
                allowed="1",
            )


@dataclass(frozen=True)
class TrainingConfig:
    """How weights are learnt, the same for every task."""

    epochs: int = option(20, "Passes over the training split at most.", least=1)
    patience: int = option(8, "Stop after so many epochs without a better dev score.", least=1)
    batch_size: int = option(32, "Examples a batch.", least=1)
    learning_rate: float = option(0.004, "Adam's step size after the warm-up.", least=0)
    warmup: int = option(200, "Updates over which the step size rises from 0.", least=0)
    decay: float = option(
        0.1, "The step size at the last epoch, as a share of the highest; falls along a half cosine.", least=0, most=1
    )
    average: float = option(
        1.0, "Epochs over which the weights that are scored and kept are averaged; 0: no averaging.", least=0
    )
    clip_norm: float = option(5.0, "Longest gradient over all weights; 0: no limit.", least=0)
    clip_value: float = option(0.0, "Largest single gradient; 0: no limit.", least=0)
    seed: int = option(1, "Of every random number.", least=0, most=2**32 - 1)
    checkpoint_every: int = option(200, "Updates between checkpoints.", least=1)
    tensorboard: bool = option(False, "Write TensorBoard logs into the run folder.")


@dataclass(frozen=True)
class LanguageTrainingConfig(TrainingConfig):
    """Truncated back-propagation through time over streams of text."""

    epochs: int = option(28, "Passes over the training split at most.", least=1)
    patience: int = option(5, "Stop after so many epochs without a better dev score.", least=1)
    batch_size: int = option(20, "Streams side by side.", least=1)
    steps: int = option(35, "Units over which a gradient goes back; states are carried further.", least=1)
    optimizer: str = option("adamw", "What makes updates of gradients.", choices=("adamw", "sgd"))
    learning_rate: float = option(0.002, "The optimiser's step size; of sgd 1 to 20.", least=0)
    weight_decay: float = option(0.0, "Share of each weight taken off at a step, times the step size.", least=0)
    decay: float = option(
        0.02,
        "Of adamw: the step size at the last epoch, as a share of the highest; falls along a half cosine.",
        least=0,
        most=1,
    )
    plateau: float = option(
        0.25, "Of sgd: factor of the step size after an epoch without a better dev score.", least=0, most=1
    )
    average: float = option(
        0.0, "Epochs over which the weights that are scored and kept are averaged; 0: no averaging.", least=0
    )
    clip_norm: float = option(1.0, "Longest gradient over all weights; 0: no limit.", least=0)


FAMILIES: Mapping[str, tuple[type[DataConfig], type[ModelConfig], type[TrainingConfig]]] = {
    "tagging": (TaggingDataConfig, TaggingConfig, TrainingConfig),
    "classification": (ClassificationDataConfig, ClassificationConfig, TrainingConfig),
    "language": (DataConfig, LanguageConfig, LanguageTrainingConfig),
}
"""Family name to the classes of its `[data]`, `[model]` and `[training]` sections."""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "tagging": ("conll", "jsonl", "tsv", "text"),
    "classification": ("jsonl", "tsv", "text"),
    "language": ("tsv", "jsonl", "text"),
}
"""Family name to the formats in which `predict` answers; the first is the default."""


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
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("cannot read the configuration", where=str(path), received=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
