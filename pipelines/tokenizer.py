"""The one tokeniser for raw text, in TensorFlow's core string operations: training, `predict` and the export call it.

A token is, tried in this order: an English contraction's second part (`n't`, `'s`, `'re`), an address (`https://…`,
`name@host.org`), a `@mention` or `#hashtag`, a number with its inner points (`1,000.50`), a word (letters with their
marks, inner hyphens and apostrophes split off), a run of one repeated sign out of `. - = * _ ! ?`, or any other
single character that is not white space. The contraction rule is the Penn Treebank's (`do n't`), which Universal
Dependencies' English treebanks share. (A letter beyond ASCII ends one, as no other letter does: `j'déteste` becomes
`j 'd éteste`.)

Where the caller asks for characters, each letter of a script without spaces between words (`UNSPACED`) is a token of
its own, with the marks that belong to it; words of other scripts stay whole.

White space is Unicode's (no-break and ideographic spaces too), control characters, the zero-width space and the
byte-order mark. Bytes that are not UTF-8 become U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tensorflow as tf

from seqtasks.pipelines.ragged import dense

CHUNK_CHARACTERS = 1 << 20
"""Text that is tokenised at once, padding included; only speed and memory depend on it."""

# Marks a token's edges inside the string; it can't stand in the text because control characters become spaces first.
_EDGE = "\x01"

# RE2's \s is ASCII only
_SPACE = r"\s\p{Z}\x{200B}\x{FEFF}"
# the typographic apostrophe stands beside the straight one
_CLITIC = r"(?:[nN]['’][tT]|['’](?:[sS]|[mM]|[dD]|[rR][eE]|[vV][eE]|[lL][lL]))"  # noqa: RUF001
_ADDRESS = r"[\p{L}\p{M}\p{N}._+-]+@[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+"
_KINDS = (
    _CLITIC + r"\b",
    rf"(?:https?://|www\.)[^{_SPACE}<>\"”]*[^{_SPACE}<>\"”.,;:!?)'\]]",
    _ADDRESS,
    r"[@#][\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*",
    r"\p{N}+(?:[.,:/]\p{N}+)*",
    # a (non-)joiner between letters is a part of the word, in Persian and in Indian scripts
    r"\p{L}(?:[\p{L}\p{M}]|[\x{200C}\x{200D}]\p{L})*",
    r"\.+|-+|=+|\*+|_+|!+|\?+",
    # one picture of several code points: joined, coloured or varied
    r"\p{So}(?:\x{FE0F}|\p{Sk}|\x{200D}\p{So})*",
    rf"[^{_SPACE}]",
)
_TOKEN = "|".join(_KINDS)
_TOKEN_WITHOUT_ADDRESS = "|".join(kind for kind in _KINDS if kind != _ADDRESS)

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""The scripts that write without spaces between words, as the inside of a character class."""


def tokenize(text: tf.Tensor, characters: bool = False) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Splits raw strings into tokens.

    Args:
        text: Strings, [n], UTF-8.
        characters: Split the scripts of `UNSPACED` into characters.

    Returns:
        tokens [n, t] (padded with ""), begin and end [n, t] int32 (code points from the string's start, end
        exclusive, padded with 0), lengths [n] int32. t is at least 1.
    """
    # the wrapper's regular expressions are RE2: no look-ahead, leftmost alternative first
    clean = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
    clean = tf.strings.regex_replace(clean, r"\p{Cc}", " ")
    split = tf.strings.regex_replace(clean, rf"(\p{{L}})({_CLITIC})\b", rf"\1{_EDGE}\2")
    if characters:
        split = tf.strings.regex_replace(split, rf"[{UNSPACED}]\p{{M}}*", rf"{_EDGE}\0{_EDGE}")
    pieces = tf.strings.split(_marked(split), _EDGE)
    widths = tf.ragged.map_flat_values(tf.strings.length, pieces, unit="UTF8_CHAR")
    ends = tf.ragged.map_flat_values(lambda flat: _running_sum(flat, pieces.row_splits), widths)
    is_token = tf.ragged.map_flat_values(tf.strings.regex_full_match, pieces, rf"(?s).*[^{_SPACE}].*")
    kept = [tf.ragged.boolean_mask(part, is_token) for part in (pieces, ends - widths, ends)]
    tokens, begin, end = (dense(part, padding) for part, padding in zip(kept, ("", 0, 0), strict=True))
    return tokens, begin, end, tf.cast(kept[0].row_lengths(), tf.int32)


def _marked(text: tf.Tensor) -> tf.Tensor:
    """Strings [n] with an edge before and behind each token.

    At every token of a run of letters, digits and points the pattern of an address looks for an @ up to the run's end,
    which takes the square of a long run's length: where there is none, it is not looked for.
    """
    has_at = tf.strings.regex_full_match(text, "(?s).*@.*")
    found, others = (
        tf.strings.regex_replace(tf.where(rows, text, ""), token, rf"{_EDGE}\0{_EDGE}")
        for rows, token in ((has_at, _TOKEN), (~has_at, _TOKEN_WITHOUT_ADDRESS))
    )
    return tf.where(has_at, found, others)


def share_unspaced(text: tf.Tensor) -> tf.Tensor:
    """Of all letters in strings [n] the share, a float, that is in scripts without spaces; 0 without a letter."""
    clean = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")

    def count(kind: str) -> tf.Tensor:
        kept = tf.strings.regex_replace(clean, f"[^{kind}]", "")
        return tf.reduce_sum(tf.cast(tf.strings.length(kept, unit="UTF8_CHAR"), tf.float32))

    return count(UNSPACED) / tf.maximum(count(rf"\p{{L}}{UNSPACED}"), 1.0)


def _running_sum(flat: tf.Tensor, row_splits: tf.Tensor) -> tf.Tensor:
    """The inclusive running sum within each row of flat ragged values."""
    total = tf.concat([[0], tf.cumsum(flat)], axis=0)
    starts = tf.gather(total, row_splits[:-1])
    return total[1:] - tf.repeat(starts, row_splits[1:] - row_splits[:-1])


def chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in order, so many at once that they would have few characters if all were as long as the longest."""
    chunk: list[str] = []
    longest = 0
    for text in texts:
        longest = max(longest, len(text), 1)
        if chunk and (len(chunk) + 1) * longest > CHUNK_CHARACTERS:
            yield chunk
            chunk, longest = [], max(len(text), 1)
        chunk.append(text)
    if chunk:
        yield chunk


def mostly_unspaced(texts: Iterable[str]) -> bool:
    """Whether most letters are in scripts without spaces between words."""
    shares = [(float(share_unspaced(tf.constant(chunk))), sum(map(len, chunk))) for chunk in chunks(texts)]
    return sum(share * size for share, size in shares) > sum(size for _, size in shares) / 2
