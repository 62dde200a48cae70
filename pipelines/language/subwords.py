"""Subword units by SentencePiece: learnt with its own package, run in the graph by tensorflow-text.

Kudo and Richardson 2018, SentencePiece (arXiv 1808.06226); Kudo 2018, Subword regularization, section 3.2 (unigram
model; arXiv 1804.10959). A character that training never had is spelt in bytes, so that no text is unknown.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from seqtasks.errors import ConfigError, DataError

SENTENCES = 1_000_000
"""Lines from which the subwords are learnt; of a longer text a sample."""

LONGEST = 1 << 16
"""Bytes of a line that is learnt from."""


def train(lines: Iterable[str], size: int, unknown: int, end: int) -> bytes:
    """Learns a unigram model; the same lines give the same one.

    Args:
        lines: Texts of the training split; a line end parts them.
        size: Pieces at most; a small text gives fewer.
        unknown: The id of what is unknown.
        end: The id of a text's end.

    Returns:
        The serialised model.

    Raises:
        DataError: There is no character to learn from.
        ConfigError: Fewer pieces than the characters and bytes need.
    """
    import sentencepiece

    written = io.BytesIO()
    rows = (row[:LONGEST] for line in lines for row in line.split("\n") if row.strip())
    first = next(rows, None)
    if first is None:
        raise DataError("no character in the training split to learn subwords from")
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_chained(first, rows),
            model_writer=written,
            vocab_size=size,
            hard_vocab_limit=False,
            byte_fallback=True,
            character_coverage=0.9999,
            # the text as it is: what is scored and written must be what was read
            normalization_rule_name="identity",
            unk_id=unknown,
            eos_id=end,
            bos_id=-1,
            pad_id=-1,
            input_sentence_size=SENTENCES,
            max_sentence_length=LONGEST * 4,
            # sums in the order of one thread, so that the same text gives the same pieces
            num_threads=1,
            minloglevel=2,
        )
    except RuntimeError as error:
        if "ocab" not in str(error):
            raise
        raise ConfigError(f"too few subwords: {str(error).strip()}", received=size, hint="--pieces 2000") from error
    return written.getvalue()


def tokenizer(model: bytes) -> Any:
    """`tokenize`: strings [n] to ragged ids; `detokenize`: ragged ids to strings; for the graph.

    A SavedModel with it in is to be tracked by it, and read where tensorflow_text is imported.

    Raises:
        ConfigError: tensorflow-text is not installed, as on Windows.
    """
    try:
        import tensorflow_text
    except ImportError as error:
        raise ConfigError(
            "subwords need the package tensorflow-text", hint='pip install "tensorflow-text"; or --unit word'
        ) from error
    return tensorflow_text.SentencepieceTokenizer(model=model, out_type=tf.int32)


def size(model: bytes) -> int:
    """The number of ids."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size()


def _chained(first: str, rest: Iterable[str]):
    yield first
    yield from rest
