"""CoNLL columns: one token a line, its columns apart by blanks or TABs, a blank line between sentences.

- The token is the first column and the tag the last, unless the user names others.
- The separator is TAB in a line that has one, and in every line of a file whose first token line has one: tokens may
  then hold spaces. Otherwise it is a run of spaces (U+0020 only: a no-break space belongs to its token).
- The file's width is that of its first token line. Where a column is counted from the end (as the tag is by default),
  every line must have that width: with a column less or more the last one would be another one. With both columns
  counted from the front (`--token-column 1 --tag-column 11`) lines may differ, as in CoNLL-2012, and need only reach.
- Sentences end at a line of white space only, however many there are, and at a `-DOCSTART-` line.
- A comment is a line that begins with `#` and a blank (or is `#` alone, `#newdoc` or `#newpar`) and either has the
  wrong number of columns for a token line, or reads `# key = value`; or `# newdoc`, `# newpar`, or CoNLL-2012's
  `#begin document`, `#end document`; or, with TABs, begins with `# ` and more text before the first TAB. So the tokens
  `#` and `#tag` are never lost. A comment of exactly as many words as the file has columns can't be told from a token
  `#` and is read as one.
- A carriage return inside a line is an error; see `text` for line ends and encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, TextIO

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers.columns import column_number, has_column, no_column
from seqtasks.tasks.readers.conllu import looks_like as looks_like_conllu
from seqtasks.tasks.readers.text import LONGEST_LINE, check_size, numbered_lines, without_carriage_returns
from seqtasks.tasks.task import Columns, Format

_HEAD = 1000  # lines, from the first that may be a token #, among which one that can't be a comment is looked for
_SURE_COMMENT = re.compile(
    r"#(begin|end) document"  # CoNLL-2012
    r"|# +(newdoc|newpar)\b"
    r"|# +[^\s]+ +=( |$)"  # `# key = value`
    r"|# +[^\s][^\t]*\t"  # `# id 5239d808<TAB>domain=en` (MultiCoNER): more than a # before the first TAB
)
_MARK = re.compile(r"#(newdoc|newpar)\b")
_FEW = "add the column, or say which holds what (--token-column, --tag-column); --tokens reads tokens without tags"
_DOCSTART = re.compile(r"-DOCSTART-(\s|$)")


@dataclass(frozen=True)
class _Layout:
    """How a file's token lines are laid out; `token` and `tag` are indices as Python counts, `tag` None if unread."""

    source: str
    tabs: bool
    width: int
    token: int
    tag: int | None

    @property
    def exact(self) -> bool:
        """Whether every line must have the first one's width: a column counted from the end would else be another."""
        return self.token < 0 or (self.tag is not None and self.tag < 0)

    @property
    def reach(self) -> int:
        """The least number of columns that holds the token and the tag, two different columns."""
        indices = [self.token] if self.tag is None else [self.token, self.tag]
        return max(len(indices), *(index + 1 if index >= 0 else -index for index in indices))

    def fits(self, count: int) -> bool:
        """Whether a line of `count` columns is a token line."""
        return count == self.width if self.exact else count >= self.reach


def read(stream: BinaryIO, source: str, columns: Columns) -> Iterator[TaggedSentence]:
    """The tagged sentences of a file, one by one.

    Raises:
        DataError: A line with the wrong number of columns, an empty token or tag, wrong bytes.
        ConfigError: `columns` holds no column numbers, or the same one twice.
    """
    return _sentences(stream, source, columns, tagged=True)


def read_tokens(stream: BinaryIO, source: str, columns: Columns) -> Iterator[TaggedSentence]:
    """As `read`, but for the tokens alone (the input of a prediction): other columns may be there or not."""
    return _sentences(stream, source, columns, tagged=False)


def write(sentences: Iterable[TaggedSentence], predicted: Iterable[Sequence[str]], stream: TextIO) -> None:
    """Sentences with predicted tags: token TAB gold TAB predicted, or token TAB predicted where gold is not known.

    A TAB or a line end inside a token (no reader gives one; a catalogue set might) is written as a space.

    Raises:
        ValueError: Not as many predicted tags as tokens.
    """
    for sentence, tags in zip(sentences, predicted, strict=True):
        for row in zip(sentence.tokens, *filter(None, [sentence.tags]), tags, strict=True):
            stream.write("\t".join(re.sub(r"[\t\r\n]", " ", column) for column in row) + "\n")
        stream.write("\n")


def looks_like(lines: Sequence[str]) -> bool:
    """Whether a file's first lines are CoNLL columns, and not CoNLL-U.

    The first token line has a TAB, or every one has the same number of columns, at least two.
    """
    kept = [line for line in lines if not _is_break(line) and not line.startswith("#")]
    if not kept or looks_like_conllu(lines):
        return False
    widths = {len(_split(line, tabs="\t" in line)) for line in kept}
    return "\t" in kept[0] or (len(widths) == 1 and widths.pop() > 1)


def _sentences(stream: BinaryIO, source: str, columns: Columns, tagged: bool) -> Iterator[TaggedSentence]:
    lines = without_carriage_returns(numbered_lines(stream, source), source)
    head, layout = _first_layout(lines, source, columns, tagged)
    rows: list[tuple[str, str, int]] = []
    for number, line in chain(head, lines):
        if _is_break(line):
            if rows:
                yield _sentence(rows, layout)
                rows = []
            continue
        row = _row(number, line, layout)
        if row is not None:
            rows.append(row)
            check_size(len(rows), source, number)
    if rows:
        yield _sentence(rows, layout)


def _first_layout(
    lines: Iterator[tuple[int, str]], source: str, columns: Columns, tagged: bool
) -> tuple[list[tuple[int, str]], _Layout]:
    """The lines read so far, and the layout by the first token line: one that can't be a comment, if there is one."""
    head: list[tuple[int, str]] = []
    first = (0, "")
    room = LONGEST_LINE
    for number, line in lines:
        says_nothing = _is_break(line) or _SURE_COMMENT.match(line)
        if says_nothing and not head:
            continue
        head.append((number, line))
        room -= len(line)
        if not says_nothing and not line.startswith("#"):
            first = (number, line)
            break
        first = first if first[0] else (number, line)
        if room < 0 or len(head) == _HEAD:  # comments of any length are not held by the thousand
            break
    tabs = "\t" in first[1]
    width = len(_split(first[1], tabs))
    layout = _Layout(source, tabs, width, *_indices(columns, width, tagged))
    if first[0]:
        _check_layout(layout, *first)
    return head, layout


def _indices(columns: Columns, width: int, tagged: bool) -> tuple[int, int | None]:
    """Where token and tag stand in lines of `width` columns; what is only wished for must be there, and not both."""
    token, tag = _named(columns.granted(lambda _, column: has_column(column, width)), tagged)
    if tag is not None and width and token % width == tag % width:
        token, tag = _named(columns.granted(no_column), tagged)
    return token, tag


def _named(columns: Columns, tagged: bool) -> tuple[int, int | None]:
    token = _index(column_number(columns.token, "token", default=1))
    return token, _index(column_number(columns.tag, "tag", default=-1)) if tagged else None


def _check_layout(layout: _Layout, number: int, line: str) -> None:
    """The file's first token line against the columns that are asked for."""
    if layout.width < layout.reach:
        raise _wrong_width(layout, number, line, layout.width)
    if layout.tag is not None and layout.token % layout.width == layout.tag % layout.width:
        received = layout.token % layout.width + 1
        raise ConfigError("the token and the tag are the same column", where="--tag-column", received=received)


def _row(number: int, line: str, layout: _Layout) -> tuple[str, str, int] | None:
    """Token, tag (empty where it is not read) and line number; None for a comment."""
    columns = _split(line, layout.tabs or "\t" in line)
    count = len(columns)
    if line[0] == "#" and _is_comment(line, count, layout):
        return None
    if not layout.fits(count):
        raise _wrong_width(layout, number, line, count)
    token, tag = columns[layout.token], "" if layout.tag is None else columns[layout.tag]
    if not token or not (tag or layout.tag is None):
        raise DataError("an empty column", where=f"{layout.source}:{number}", received=line)
    return token, tag, number


def _is_comment(line: str, count: int, layout: _Layout) -> bool:
    if _SURE_COMMENT.match(line):
        return True
    if line != "#" and not line[1].isspace() and not _MARK.match(line):
        return False
    if layout.tag is None:  # lines may lack their tags there, and a # alone is a token
        return count not in (1, layout.width)
    # `#<TAB>http://…<TAB>[2009-10-17]` (GermEval 2014), where the first column is no token's
    aside = layout.tabs and 0 not in (layout.token, layout.tag) and count != layout.width
    return aside or not layout.fits(count)


def _is_break(line: str) -> bool:
    return not line or line.isspace() or (line[0] == "-" and _DOCSTART.match(line) is not None)


def _split(line: str, tabs: bool) -> list[str]:
    if tabs:
        # blanks at the end are no column: a tag that is missing after its TAB is missing
        return [column.strip(" ") for column in line.rstrip(" \t").split("\t")]
    return [column for column in line.split(" ") if column]


def _sentence(rows: Sequence[tuple[str, str, int]], layout: _Layout) -> TaggedSentence:
    tokens, tags, numbers = zip(*rows, strict=True)
    return TaggedSentence(tokens, () if layout.tag is None else tags, layout.source, numbers)


def _index(number: int) -> int:
    return number - 1 if number > 0 else number


def _wrong_width(layout: _Layout, number: int, line: str, count: int) -> DataError:
    first = count == layout.width
    exact = layout.exact and not first
    few = first or count < (layout.width if exact else layout.reach)
    return DataError(
        f"too {'few' if few else 'many'} columns ({count})",
        where=f"{layout.source}:{number}",
        received=line,
        allowed=f"{layout.width}, as in the file's first token line" if exact else f"{layout.reach} or more",
        hint=_FEW if few else "put TABs between the columns where a token holds a space",
    )


CONLL = Format(
    "conll", (".conll", ".bio", ".iob", ".iob2", ".bioes", ".bmes"), looks_like, read, read_tokens, ends=_is_break,
    loose=True,
)  # fmt: skip
