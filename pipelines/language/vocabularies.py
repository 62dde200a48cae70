"""What a language model fixes from the training split: its units; and strings as units, in the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from seqtasks.config import LanguageConfig
from seqtasks.errors import DataError, RunError
from seqtasks.pipelines import files, subwords
from seqtasks.pipelines.tokenizer import chunks, mostly_unspaced, tokenize
from seqtasks.pipelines.vocabulary import RESERVED, Vocabulary
from seqtasks.tasks.examples import Text
from seqtasks.tasks.units import FIRST

UNKNOWN_WORD = "<unk>"
"""Stands in many a corpus where a rare word stood; where words stand between blanks it is read as unknown."""

SUBWORDS = "subwords.model"

UNSPACED_HINT = "--unit char or --unit subword, for this script has no spaces between words"

MARKED = 0.001
"""Share of the words that are `<unk>` from which words stand between blanks, wherever the signs stand."""

SIGNS_TOGETHER = 0.002
"""Share of the words that end in a sign, as `however,`, from which a text is raw: it is 5 % in English prose."""

# what Python's str.strip takes off and str.split parts at
_BLANK = r"\p{Z}\t-\r\x1c-\x1f\x{85}"


@dataclass(frozen=True)
class Vocabularies:
    """What the training split fixes.

    Attributes:
        unit: `word`, `char` or `subword`.
        by_tokeniser: Whether words are those of the tokeniser for raw text, and not what stands between blanks.
        units: Words or characters; empty for subwords.
        pieces: SentencePiece's model; empty for the others.
    """

    unit: str
    by_tokeniser: bool
    units: Vocabulary
    pieces: bytes = b""

    @classmethod
    def fit(cls, texts: Sequence[Text], config: LanguageConfig) -> Vocabularies:
        """From the training split alone.

        Raises:
            DataError: There is no unit in it.
        """
        if config.unit == "subword":
            subwords.check_platform("--unit")
            pieces = subwords.train((text.text for text in texts), config.pieces, "unigram", "--pieces")
            return cls("subword", False, Vocabulary([], FIRST), pieces)
        by_words = config.unit == "word"
        tokeniser, marked = _how_to_read(texts, config.words) if by_words else (False, False)
        counts: Counter[bytes] = Counter()
        for chunk in chunks(text.text for text in texts):
            counts.update(split(tf.constant(chunk), config.unit, tokeniser).flat_values.numpy().tolist())
        if marked:
            counts.pop(UNKNOWN_WORD.encode(), None)
        found = {unit.decode(): count for unit, count in counts.items()}
        least = config.min_count or (1 if marked else 2)
        kept = [unit for unit, count in found.items() if count >= least]
        if not kept:
            unspaced = by_words and mostly_unspaced(text.text for text in texts)
            raise DataError(
                f"no {config.unit} occurs {least} times or more in the training split",
                where=texts[0].source if texts else "",
                received=f"{len(found)} distinct ones",
                hint=UNSPACED_HINT if unspaced else "--min-count 1, or more text",
            )
        return cls(config.unit, tokeniser, Vocabulary(sorted(kept, key=lambda unit: (-found[unit], unit)), FIRST))

    def __len__(self) -> int:
        """The number of ids, those of the end and of the unknown included."""
        if self.pieces:
            return subwords.Subwords(self.pieces).size - RESERVED + FIRST
        return len(self.units)

    def save(self, folder: Path) -> None:
        """Writes a file each."""
        self.units.save(folder / "units.json")
        digest = subwords.write(self.pieces, folder / SUBWORDS) if self.pieces else ""
        facts = {"unit": self.unit, "by_tokeniser": self.by_tokeniser, "subwords": digest}
        files.write_json(folder / "language.json", facts)

    @classmethod
    def load(cls, folder: Path) -> Vocabularies:
        """Reads what `save` wrote.

        Raises:
            RunError: A file is missing or damaged.
        """
        facts = files.read_json(folder / "language.json")
        try:
            unit, by_tokeniser = facts["unit"], facts["by_tokeniser"]
            digest = facts["subwords"] if unit == "subword" else ""
        except (KeyError, TypeError) as error:
            raise RunError("a damaged file", where=str(folder / "language.json"), hint="--fresh") from error
        pieces = subwords.read(folder / SUBWORDS, digest) if unit == "subword" else b""
        return cls(unit, by_tokeniser, Vocabulary.load(folder / "units.json", FIRST), pieces)


def stripped(text: tf.Tensor, *, begun: bool = False) -> tf.Tensor:
    """Strings [n] as valid UTF-8, without white space at their ends; of begun ones it stays at the second end."""
    clean = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace", replace_control_characters=False)
    ends = rf"^[{_BLANK}]+" if begun else rf"^[{_BLANK}]+|[{_BLANK}]+$"
    return tf.strings.regex_replace(clean, ends, "")


def split(text: tf.Tensor, unit: str, by_tokeniser: bool, *, begun: bool = False) -> tf.RaggedTensor:
    """Strings [n] to the words or characters of each, as strings; a begun one may end in characters that are blank."""
    clean = stripped(text, begun=begun and unit == "char")
    if unit == "char":
        return tf.strings.unicode_split(clean, "UTF-8")
    if by_tokeniser:
        tokens, _, _, lengths = tokenize(clean)
        return tf.RaggedTensor.from_tensor(tokens, lengths=lengths)
    words = tf.strings.split(tf.strings.regex_replace(clean, rf"[{_BLANK}]+", " "), " ")
    # of an empty string there is one part, which is empty
    return tf.ragged.boolean_mask(words, tf.ragged.map_flat_values(tf.not_equal, words, ""))


def _how_to_read(texts: Sequence[Text], words: str) -> tuple[bool, bool]:
    """Whether words are the tokeniser's, and whether `<unk>` is a mark: to the tokeniser that is three tokens.

    Args:
        words: What the option says.
    """
    if words == "tokeniser":
        return True, False
    count = together = marks = 0
    for text in texts:
        parts = text.text.split()
        count += len(parts)
        marks += parts.count(UNKNOWN_WORD)
        together += sum(len(word) > 1 and word[-1] in ",;:!?" for word in parts)
        # inside a text a full stop may be an abbreviation's
        together += bool(parts) and len(parts[-1]) > 1 and parts[-1][-1] == "."
    # a mark or two may be a text's that speaks of marks
    raw = together > SIGNS_TOGETHER * count and marks < MARKED * count
    tokeniser = words == "auto" and raw
    return tokeniser, marks > 0 and not tokeniser
