"""Tag schemes of labelled spans: recognise one, read its chunks, work in IOBES, write back.

| scheme | first of several | inner | last | only one | outside |
|---|---|---|---|---|---|
| IOB1 | I, but B right after a chunk of the same type | I | I | I or B, as the first | O |
| IOB2 (BIO) | B | I | I | B | O |
| IOBES | B | I | E | S | O |
| BMES | B | M | E | S | O |

`plain` is the scheme of tags that mark no spans (parts of speech): everything is allowed and nothing is changed.

A tag is a letter of its scheme, a hyphen and a type, which may hold hyphens itself (`B-creative-work`). A letter alone
(`B`, as in word segmentation) is a tag with the empty type. The working scheme is IOBES.

Chunks are read as conlleval (Tjong Kim Sang and Buchholz 2000, conlleval.pl of 2004-01-26) reads them: no sequence
is an error, and an `I-` without its `B-` begins a chunk. The Perl script predates S-; adjacent chunks of one type that
are written in IOBES it joins, where its successors (conlleval.py, seqeval) and this module keep them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from seqtasks.errors import DataError
from seqtasks.tasks.examples import TaggedSentence

PLAIN = "plain"
SPANS = ("IOB1", "IOB2", "IOBES", "BMES")
"""The schemes that mark spans."""

_LETTERS = {"IOB1": "BIO", "IOB2": "BIO", "IOBES": "BIESO", "BMES": "BMESO"}
_FORM = "O, or a letter of B I E S M with a hyphen and a type, as B-person"

Chunk = tuple[str, int, int]
"""Type, first token, token after the last."""


@lru_cache(maxsize=1 << 14)
def split(tag: str) -> tuple[str, str]:
    """Letter and type of a tag, M read as I: `("I", "creative-work")` of `M-creative-work`, `("O", "")` of `O`.

    Raises:
        ValueError: The tag is of no scheme: `B_PER`, `X-PER`, `PER`, `B-`, `O-PER`.
    """
    letter, hyphen, kind = tag.partition("-")
    if tag == "O":
        return "O", ""
    if letter not in ("B", "I", "M", "E", "S") or (hyphen and not kind):
        raise ValueError(f"a tag of no scheme: {tag!r}; allowed: {_FORM}")
    return ("I" if letter == "M" else letter), kind


def starts(previous: str | None, current: str) -> bool:
    """Whether a chunk starts at `current`, in any scheme: conlleval's startOfChunk.

    A chunk goes on only from B or I to I or E of the same type; so it also ends where this says that one starts.
    """
    return split(current)[0] != "O" and not _goes_on(previous or "O", current)


def _goes_on(previous: str, current: str) -> bool:
    (before, kind_before), (letter, kind) = split(previous), split(current)
    return before in ("B", "I") and letter in ("I", "E") and kind == kind_before


def chunks(tags: Sequence[str]) -> list[Chunk]:
    """The spans of a sentence by conlleval's rules, in order: `[("person", 0, 2)]` of `B-person I-person O`."""
    found: list[Chunk] = []
    previous = None
    for index, tag in enumerate(tags):
        if starts(previous, tag):
            found.append((split(tag)[1], index, index + 1))
        elif tag != "O":
            kind, begin, _ = found.pop()
            found.append((kind, begin, index + 1))
        previous = tag
    return found


def strict_chunks(tags: Sequence[str], scheme: str) -> list[Chunk]:
    """The spans that are written as `scheme` demands, as seqeval's strict mode reads them; others are dropped.

    A letter that the scheme has not got counts as O (seqeval raises there). seqeval's own reading of malformed IOB1 is
    kept: after a needless B a chunk begins at the next I.
    """
    tags = [tag if tag[0] in _LETTERS[scheme] else "O" for tag in tags]
    found, index = [], 0
    while index < len(tags):
        if not _strictly_starts(tags[index - 1] if index else "O", tags[index], scheme):
            index += 1
            continue
        begin, index = index, index + 1
        while index < len(tags) and _goes_on(tags[index - 1], tags[index]):
            index += 1
        if _strictly_ends(tags[index - 1], tags[index] if index < len(tags) else "O", scheme):
            found.append((split(tags[begin])[1], begin, index))
    return found


def _strictly_starts(previous: str, current: str, scheme: str) -> bool:
    letter, kind = split(current)
    if scheme != "IOB1":
        return letter in ("B", "S")
    before, kind_before = split(previous)
    if letter == "I":
        return before != "I" or kind != kind_before
    return letter == "B" and before != "O" and kind == kind_before


def _strictly_ends(last: str, following: str, scheme: str) -> bool:
    (letter, kind), (after, kind_after) = split(last), split(following)
    if scheme in ("IOBES", "BMES"):
        return letter in ("E", "S")
    return not (scheme == "IOB1" and letter == after == "B" and kind != kind_after)


def to_working(tags: Sequence[str], scheme: str) -> tuple[str, ...]:
    """Tags of any scheme in IOBES; malformed sequences keep the chunks that conlleval reads in them."""
    if scheme == PLAIN:
        return tuple(tags)
    working = ["O"] * len(tags)
    for kind, begin, end in chunks(tags):
        letters = "S" if end - begin == 1 else "B" + "I" * (end - begin - 2) + "E"
        working[begin:end] = [_tag(letter, kind) for letter in letters]
    return tuple(working)


def from_working(tags: Sequence[str], scheme: str) -> tuple[str, ...]:
    """IOBES tags in `scheme`; the chunks stay the same, also those of a malformed sequence."""
    return tuple(render(previous, current, scheme) for previous, current in zip((None, *tags), tags, strict=False))


def render(previous: str | None, current: str, scheme: str) -> str:
    """The working tag `current` after the working tag `previous` (None: at the sentence's begin), in `scheme`.

    The context is the previous working tag alone, so that a graph can look the string up at [previous, current].
    """
    if scheme in (PLAIN, "IOBES") or current == "O":
        return current
    letter, kind = split(current)
    if scheme == "BMES":
        return _tag("M" if letter == "I" else letter, kind)
    begins = starts(previous, current)
    if scheme == "IOB1":
        begins = begins and _same_type(previous, current)
    return _tag("B" if begins else "I", kind)


def allowed(previous: str | None, following: str | None) -> bool:
    """Whether the IOBES tag `following` may come right after `previous`; None is the sentence's edge.

    B and I must be followed by I or E of the same type; everything else must not be.
    """
    before, kind_before = split(previous or "O")
    letter, kind = split(following or "O")
    if before in ("B", "I"):
        return letter in ("I", "E") and kind == kind_before
    return letter not in ("I", "E")


def completed(tags: Iterable[str], scheme: str) -> tuple[str, ...]:
    """The working tags with which any span of the types in `tags` can be written: O, and B I E S of each; sorted.

    Training data may lack some (no name of one word, say); without them some sentence lengths have no tag sequence.
    """
    if scheme == PLAIN:
        return tuple(sorted(set(tags)))
    kinds = {kind for letter, kind in map(split, tags) if letter != "O"}
    return tuple(sorted({"O"} | {_tag(letter, kind) for letter in "BIES" for kind in kinds}))


def spread(tag: str, count: int) -> tuple[str, ...]:
    """The working tags of a token's `count` pieces: `S-person` of two is `B-person E-person`; the span stays one."""
    letter, kind = split(tag)
    if count == 1 or letter == "O":
        return (tag,) * count
    first, last = ("B" if letter in "BS" else "I"), ("E" if letter in "ES" else "I")
    return tuple(_tag(letter, kind) for letter in (first, *"I" * (count - 2), last))


def check_tags(sentence: TaggedSentence, scheme: str) -> list[str]:
    """Warnings, one line each with the place, for tags that `scheme` writes otherwise: an `I-` without its `B-`.

    Raises:
        DataError: A tag of no scheme.
    """
    if scheme == PLAIN:
        return []
    for index in range(len(sentence.tags)):
        _known_split(sentence, index)
    proper = from_working(to_working(sentence.tags, scheme), scheme)
    return [
        f"{sentence.place(index)}: {tag} stands where {scheme} has {right}; read as conlleval reads it, as {right}"
        for index, (tag, right) in enumerate(zip(sentence.tags, proper, strict=True))
        if tag != right
    ]


def detect_scheme(sentences: Iterable[TaggedSentence], candidates: tuple[str, ...]) -> str:
    """The scheme that the tags of `sentences` (the training split) are written in.

    It is decided by counts, so that a few malformed sequences don't turn it:

    1. `candidates == ("plain",)`: plain, without a look at the tags.
    2. More chunks (as conlleval reads them) end with E or S than do not: BMES if M is more frequent than I,
       IOBES otherwise; with neither letter the two look alike, and the first of them among the candidates is taken.
    3. Otherwise IOB1, if more chunks begin with an I (which IOB2 never has) than with a B that does not stand
       right after a chunk of the same type (which IOB1 never has).
    4. Otherwise IOB2; so also where every tag is O, and where there are no tags.

    Raises:
        DataError: A tag of no scheme; a tag with a letter that the scheme so found has not got (I- and M-, or an E-
            among IOB2); a scheme that is not among the candidates.
    """
    if candidates == (PLAIN,):
        return PLAIN
    census = _Census()
    for sentence in sentences:
        census.add(sentence)
    scheme = census.scheme(candidates)
    for letter, (sentence, index) in census.first.items():
        if letter not in _LETTERS[scheme]:
            raise DataError(
                f"a tag of another scheme than most of the tags, which are {scheme}",
                where=sentence.place(index),
                received=sentence.tags[index],
                allowed=" ".join(_LETTERS[scheme]),
                hint="write all tags in one scheme",
            )
    if scheme not in candidates:
        raise DataError("a tag scheme that the task does not take", received=scheme, allowed=", ".join(candidates))
    return scheme


def likely_scheme(tag_sequences: Iterable[Sequence[str]]) -> str:
    """The scheme as `detect_scheme` decides it, without an error where single tags are of another one."""
    census = _Census()
    for tags in tag_sequences:
        census.add(TaggedSentence(tokens=tuple(tags), tags=tuple(tags)))
    return census.scheme(SPANS)


@dataclass
class _Census:
    """Counts over tagged sentences from which the scheme is decided."""

    letters: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[TaggedSentence, int]] = field(default_factory=dict)  # letter -> where it first stood
    closed: int = 0  # chunks that end with E or S
    unclosed: int = 0
    begun_with_i: int = 0
    begun_with_b: int = 0  # and not right after a chunk of the same type

    def add(self, sentence: TaggedSentence) -> None:
        previous = None
        for index, tag in enumerate(sentence.tags):
            letter, _ = _known_split(sentence, index)
            self.letters[tag[0]] += 1
            self.first.setdefault(tag[0], (sentence, index))
            if starts(previous, tag):
                self.begun_with_i += letter == "I"
                self.begun_with_b += letter == "B" and not _same_type(previous, tag)
            previous = tag
        for _, _, end in chunks(sentence.tags):
            if sentence.tags[end - 1][0] in "ES":
                self.closed += 1
            else:
                self.unclosed += 1

    def scheme(self, candidates: tuple[str, ...]) -> str:
        if self.closed <= self.unclosed:
            return "IOB1" if self.begun_with_i > self.begun_with_b else "IOB2"
        if not self.letters["I"] and not self.letters["M"]:
            return next((name for name in candidates if name in ("IOBES", "BMES")), "IOBES")
        return "BMES" if self.letters["M"] > self.letters["I"] else "IOBES"


def _known_split(sentence: TaggedSentence, index: int) -> tuple[str, str]:
    try:
        return split(sentence.tags[index])
    except ValueError:
        raise DataError(
            "a tag of no scheme",
            where=sentence.place(index),
            received=sentence.tags[index],
            allowed=_FORM,
            hint="mend the tag, or name the tag's column with --tag-column",
        ) from None


def _same_type(previous: str | None, current: str) -> bool:
    before, kind_before = split(previous or "O")
    return before != "O" and kind_before == split(current)[1]


def _tag(letter: str, kind: str) -> str:
    return f"{letter}-{kind}" if kind else letter
