"""Subword units by SentencePiece (Kudo and Richardson 2018, arXiv 1808.06226): trained outside, used inside the graph.

The ids of padding, unknown, begin and end are those of `seqtasks.pipelines.vocabulary`. Text is normalised by
SentencePiece's own rule `nmt_nfkc`, and runs of white space become one space; decoding gives the normalised text back.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import tensorflow as tf

from seqtasks.errors import ConfigError, RunError
from seqtasks.pipelines import files
from seqtasks.pipelines.ragged import dense
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, RESERVED, UNK
from seqtasks.tasks.thinning import thinned

MOST_CHARACTERS = 1 << 26
"""What units are made of: of more characters every k-th line."""

LONGEST = 1 << 16
"""Bytes of a line that SentencePiece reads; it leaves longer ones out."""


def check_platform(option: str) -> None:
    """Says early that subwords can't be had here.

    Args:
        option: The option that asks for them.

    Raises:
        ConfigError: On Windows, for which there is no tensorflow-text.
    """
    if sys.platform == "win32":
        raise ConfigError(
            "subword units need tensorflow-text, which has no Windows build", where=option, allowed="word", hint="word"
        )


def register() -> bool:
    """Lets TensorFlow load SavedModels of subwords, where tensorflow-text is installed; says whether it is."""
    try:
        # the import registers the operations
        import tensorflow_text  # noqa: F401
    except ImportError:
        return False
    return True


def train(texts: Iterable[str], size: int, kind: str, option: str = "--vocabulary-size") -> bytes:
    """A SentencePiece model, as its file's bytes; equal texts in equal order give equal bytes.

    Args:
        texts: The training split's.
        size: Units, the reserved ones included; where the texts have fewer, as many as there are.
        kind: One of `seqtasks.config_translation.SUBWORDS`.
        option: The option that says the size, for messages.

    Raises:
        ConfigError: Fewer units than different characters, or no text.
    """
    import sentencepiece

    lines = thinned(_lines(texts), len, MOST_CHARACTERS)
    if not lines:
        raise ConfigError("no text to make subword units of", where=option)
    written = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=written,
            vocab_size=size,
            hard_vocab_limit=False,
            model_type=kind,
            character_coverage=1.0 if len(set().union(*lines)) < 1000 else 0.9995,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            # one thread: sums of several come out in any order
            num_threads=1,
            max_sentence_length=LONGEST,
            minloglevel=2,
        )
    except RuntimeError as error:
        needed = len(set().union(*lines)) + RESERVED + 1
        raise ConfigError(
            "subword units can't be made of these texts",
            where=option,
            received=size,
            allowed=f"at least about {needed}, the different characters and the reserved units",
            hint=str(2 * needed),
        ) from error
    return written.getvalue()


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Lines with something in them; a long one, as running text has, in parts."""
    width = LONGEST // 4  # characters of so many bytes at most
    for text in texts:
        for line in text.splitlines():
            parts = [line] if len(line) <= width else (line[at : at + width] for at in range(0, len(line), width))
            yield from (part for part in parts if part.strip())


def write(model: bytes, path: Path) -> str:
    """Writes a model's file; its digest, which `read` asks for."""
    with files.replacing(path) as partial:
        partial.write_bytes(model)
    return _digest(model)


def read(path: Path, digest: str) -> bytes:
    """The model that `write` wrote: half a one may well load, and cut texts otherwise.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        model = path.read_bytes()
    except OSError as error:
        raise RunError("a file of the run is missing", where=str(path), received=error.strerror) from error
    if _digest(model) != digest:
        raise RunError("a damaged file", where=str(path), hint="--fresh")
    return model


def _digest(model: bytes) -> str:
    return hashlib.sha256(model).hexdigest()


class Subwords(tf.Module):
    """Texts to ids and back, in the graph, by tensorflow-text's operations.

    Each graph holds the SentencePiece model itself. As a resource outside it would be lost when TensorFlow clears its
    caches, which `tf.random.set_seed` does.

    Args:
        model: What `train` returned.
    """

    def __init__(self, model: bytes):
        super().__init__()
        import sentencepiece

        self._model = model
        # models are found by name in the whole process: of one name, they would be one, be it of two SavedModels
        self._known_as = f"sentencepiece_{_digest(model)[:32]}"
        self.size = sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size()
        self.encode = tf.function(self._encode, input_signature=[tf.TensorSpec([None], tf.string, name="text")])

    @property
    def tables(self) -> list:
        """What an export has to track: nothing."""
        return []

    def _encode(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Texts [n] to ids [n, t] int32, PAD behind each, and lengths [n] int32; t is at least 1."""
        clean = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace", replace_control_characters=False)
        clean = tf.strings.regex_replace(clean, r"\p{Cc}", " ")
        ids = self._tokenizer().tokenize(clean)
        return dense(ids, PAD), tf.cast(ids.row_lengths(), tf.int32)

    def decode(self, ids: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Ids [n, t], of which the first `lengths` [n] of each row count, to texts [n]; inside a graph alone."""
        ragged = tf.RaggedTensor.from_tensor(ids, lengths=tf.cast(lengths, tf.int64))
        return self._tokenizer().detokenize(ragged)

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """Each id's unit as a string, of the same shape; inside a graph alone."""
        return self._tokenizer().id_to_string(ids)

    def _tokenizer(self):
        import tensorflow_text

        return tensorflow_text.SentencepieceTokenizer(self._model, out_type=tf.int32, name=self._known_as)
