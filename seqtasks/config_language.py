"""The configuration's sections for language models."""

from __future__ import annotations

from dataclasses import dataclass

from seqtasks.config_sections import ModelConfig, TrainingConfig, option
from seqtasks.errors import ConfigError

LEAST_SGD_STEP = 0.05
"""A step size below it is one for adamw, with which sgd hardly moves a weight."""

MOST_WRITTEN = 1 << 20
"""Units that a sampled text gets at most: what each is drawn by is held in memory."""


@dataclass(frozen=True)
class LanguageConfig(ModelConfig):
    """A language model: units of a text in, the probability of each next one out."""

    units: int = option(300, "Units a layer.", least=1)
    dropout: float = option(0.35, "Share of features dropped.", least=0, most=0.99)
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
        super().__post_init__()


@dataclass(frozen=True)
class LanguageTrainingConfig(TrainingConfig):
    """Truncated back-propagation through time over streams of text."""

    epochs: int = option(28, "Passes over the training split at most.", least=1)
    patience: int = option(5, "Stop earlier, after so many epochs without a better dev score.", least=1)
    batch_size: int = option(20, "Streams side by side.", least=1)
    steps: int = option(35, "Units over which a gradient goes back; states are carried further.", least=1)
    optimizer: str = option("adamw", "What makes updates of gradients.", choices=("adamw", "sgd"))
    learning_rate: float = option(0.002, "The optimiser's step size; sgd wants one of its own, 1 to 20.", least=0)
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
    warmup: int = option(200, "Of adamw: updates over which the step size rises from 0.", least=0)

    def __post_init__(self):
        if self.optimizer == "sgd" and 0 < self.learning_rate < LEAST_SGD_STEP:
            raise ConfigError(
                "training.learning_rate: with the step size of adamw, sgd hardly moves a weight",
                received=self.learning_rate,
                allowed="1 to 20, as a rule",
                hint="--learning-rate 5",
            )
