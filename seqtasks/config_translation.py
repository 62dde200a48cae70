"""The configuration's sections for translation."""

from __future__ import annotations

from dataclasses import dataclass

from seqtasks.config_sections import DataConfig, ModelConfig, TrainingConfig, option
from seqtasks.errors import ConfigError

LEAST_TEMPERATURE = 1e-3
"""Below it the probabilities are beyond single precision."""

SUBWORDS = ("bpe", "unigram")
"""Kinds of subwords: byte-pair encoding (Sennrich, Haddow and Birch 2016, arXiv 1508.07909); unigram language model
(Kudo 2018, arXiv 1804.10959)."""


@dataclass(frozen=True)
class TranslationDataConfig(DataConfig):
    """The two sides of a text."""

    source: str = option(
        "", "The language translated from: the ending of its files (train.de), or its column's name or key."
    )
    target: str = option("", "The language translated into, likewise.")
    source_column: str = option("", "Column of the source side: a number from 1, -1 for the last, a name or a key.")
    target_column: str = option("", "Column of the target side, likewise.")
    drop_unpaired: bool = option(False, "Leave out the lines of the longer file that have no partner.")
    drop_empty: bool = option(False, "Leave out training pairs with an empty side.")
    max_words: int = option(
        0, "Leave out training pairs with more words between blanks on a side than this; 0: none.", least=0
    )

    def __post_init__(self):
        for one, other in (("source", "target"), ("source_column", "target_column")):
            if getattr(self, one) and getattr(self, one) == getattr(self, other):
                raise ConfigError(
                    f"data.{one} and data.{other} are the same, and nothing is to be translated",
                    received=getattr(self, one),
                )


@dataclass(frozen=True)
class TranslationConfig(ModelConfig):
    """A translator: an encoder of both directions, and a decoder twice as wide with attention."""

    units: int = option(
        192, "Units a layer and direction of the encoder; the decoder is as wide as its output.", least=1
    )
    depth: int = option(1, "Layers of the encoder.", least=1)
    decoder_depth: int = option(2, "Layers of the decoder; the attention stands behind the first.", least=1)
    connection: str = option(
        "none", "What joins the layers of the encoder.", choices=("none", "residual", "highway", "dense")
    )
    skip: int = option(
        1,
        "Layer k of the encoder, from 0, reads the state skip^k steps back; 1: all read the one before (dilated RNN).",
        least=1,
    )
    dropout: float = option(0.3, "Share of features dropped.", least=0, most=0.99)
    attention: str = option(
        "general",
        "How the decoder's states ask the encoder's; none: the plain encoder-decoder.",
        choices=("general", "scaled", "additive", "none"),
    )
    shortcut: bool = option(True, "Let the attention see the source's embeddings beside the encoder's states.")
    word_units: int = option(256, "Width of the embeddings.", least=1)
    tie: str = option(
        "output",
        "Embeddings that are one: of the target and its output; or all three, which takes joint subwords.",
        choices=("none", "output", "all"),
    )
    token_unit: str = option(
        SUBWORDS[0],
        "What texts are cut into: subwords by SentencePiece, or words, which need TensorFlow alone.",
        choices=(*SUBWORDS, "word"),
    )
    vocabulary_size: int = option(
        4000, "Subwords, or the most frequent words, of a side; of both where joint.", least=8
    )
    joint: bool = option(False, "One set of subwords for both sides.")
    min_count: int = option(2, "Of words: rarer ones of the training split are unknown.", least=1)
    replace_unknown: bool = option(True, "Of words: put the most attended source word in an unknown word's place.")
    label_smoothing: float = option(
        0.1, "Share of the probability that is spread evenly in the loss.", least=0, most=0.9
    )
    batch_tokens: int = option(
        1000, "Most tokens a side in a batch, padding included; a longer pair is one alone.", least=1
    )
    beam: int = option(5, "Hypotheses of the beam search.", least=1, most=100)
    length_penalty: float = option(1.0, "GNMT's alpha: 0 favours short translations.", least=0, most=10)
    coverage_penalty: float = option(
        0.0, "GNMT's beta: dislike of source words that nothing attends to.", least=0, most=1e6
    )
    no_repeat: int = option(0, "No n-gram of so many tokens twice in a translation; 0: they may.", least=0, most=100)
    max_ratio: float = option(
        2.0, "A translation has at most 10 tokens and so many times the source's.", least=0, most=100
    )
    max_source: int = option(1000, "Texts of more tokens are refused when translating.", least=1)
    temperature: float = option(
        0.0,
        "Draw the translation at random, from probabilities of this temperature; 0: search for the best.",
        least=0,
        most=1e6,
    )
    sampling_seed: int = option(0, "Of what is drawn at random; a text's draws are its own.", least=0, most=2**31 - 1)

    def __post_init__(self):
        super().__post_init__()
        for name, only, allowed in (
            ("joint", self.token_unit == "word" and self.joint, f"model.token_unit {' or '.join(SUBWORDS)}"),
            ("tie", self.tie == "all" and not self.joint, "all where model.joint is set; none or output else"),
            ("replace_unknown", self.token_unit != "word" and not self.replace_unknown, "with model.token_unit word"),
            ("shortcut", self.attention == "none" and not self.shortcut, "with an attention"),
            ("coverage_penalty", self.attention == "none" and self.coverage_penalty, "with an attention"),
            ("temperature", 0 < self.temperature < LEAST_TEMPERATURE, f"0, or {LEAST_TEMPERATURE} and more"),
        ):
            if only:
                raise ConfigError(
                    f"model.{name} does not go with the other options", received=getattr(self, name), allowed=allowed
                )


DECODING = (
    "beam",
    "length_penalty",
    "coverage_penalty",
    "no_repeat",
    "max_ratio",
    "max_source",
    "replace_unknown",
    "temperature",
    "sampling_seed",
)
"""Options of `TranslationConfig` that no weight depends on: `eval`, `predict` and `export` take other values."""


@dataclass(frozen=True)
class TranslationTrainingConfig(TrainingConfig):
    """Training with the defaults of translation."""

    epochs: int = option(12, "Passes over the training split at most.", least=1)
    patience: int = option(5, "Stop earlier, after so many epochs without a better dev score.", least=1)
    batch_size: int = option(128, "Examples a batch at most.", least=1)
    learning_rate: float = option(0.002, "Adam's step size after the warm-up.", least=0)
    warmup: int = option(400, "Updates over which the step size rises from 0.", least=0)
