"""What a task is: a frozen declaration of data, truth and scores, without a model or a tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, TextIO

if TYPE_CHECKING:  # it loads NumPy, and `--help` should not wait for that
    from seqtasks.tasks.automaton import Automaton

Splits = Mapping[str, Sequence[Any]]
"""Split name (`train`, `dev`, `test`) to examples."""


@dataclass(frozen=True, slots=True)
class Score:
    """One figure with what it means.

    Attributes:
        name: `accuracy`, `f1`, `precision[location]`.
        value: A fraction (0.953), except for BLEU, chrF, TER and perplexity, which keep their own scale;
            `nan` where it is not defined (no gold entity and no predicted one).
        signature: Scheme, matching and counts, as `scheme:IOB2|matching:conlleval|gold:1079|predicted:703|correct:420`.
    """

    name: str
    value: float
    signature: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the training split tells a score.

    Attributes:
        words: Its words, letter for letter.
        scheme: The scheme its tags are written in; empty: as the gold tags have it.
    """

    words: frozenset[str] = frozenset()
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, as the user gave it: a number from 1 (-1: the last), or a name; empty: the default.

    `header` is `yes`, `no` or `auto`: whether a table's first row names its columns. `languages` are those of a pair's
    sides, source and target, or empty: the names of their columns where no other is given. `wishes` names the parts
    (`text`) whose column was given for another file: it holds where this one has such a column.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("token", "tag", "text", "label", "source", "target")

    token: str = ""
    tag: str = ""
    text: str = ""
    label: str = ""
    header: str = "auto"
    source: str = ""
    target: str = ""
    languages: tuple[str, str] = ("", "")
    wishes: tuple[str, ...] = ()

    def granted(self, has: Callable[[str, str], bool]) -> Columns:
        """These columns without the wishes that a file does not grant.

        Args:
            has: `has(part, column)`: whether the file has such a column, and it may hold the part.
        """
        wished = {part: getattr(self, part) for part in self.wishes}
        lost = {part: "" for part, column in wished.items() if column and not has(part, column)}
        return replace(self, **lost) if lost else self


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that a task reads and writes.

    Attributes:
        name: What `--format` takes.
        suffixes: File endings that mean this format, as `.conllu`.
        looks_like: Whether a file's first lines (decoded, without line ends) are of this format; None: no file shows
            it, and it has to be said.
        read: `read(stream, source, columns)` yields examples one by one; raises `DataError` with file and line.
        read_tokens: The same for input whose truth is not known; a truth that is there is passed over.
        describe: What `read` takes from where, told by the file's head: `header, text from 'review', …`.
        ends: Of a format with a token a line: whether a line, with or without its end, ends a sentence.
        counts: Of such a format: whether a sentence's lines are numbered, so that none can be left out.
        extent: Of a format whose rows may go over several lines: `extent(stream, line)`, the lines of the row that
            begins on a line.
        loose: Whether files of another of a task's formats have the same endings: what such a file looks like counts.
    """

    name: str
    suffixes: tuple[str, ...]
    looks_like: Callable[[Sequence[str]], bool] | None
    read: Callable[[BinaryIO, str, Columns], Iterator[Any]]
    read_tokens: Callable[[BinaryIO, str, Columns], Iterator[Any]]
    describe: Callable[[BinaryIO, str, Columns], str] | None = None
    ends: Callable[[str], bool] | None = None
    counts: bool = False
    extent: Callable[[BinaryIO, int], range] | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class CatalogueSet:
    """A TensorFlow Datasets set that a task can read.

    Attributes:
        name: The set, `conll2003`, or a set with any configuration, `universal_dependencies/*`; `*`: any set.
        fields: The example's part to the set's feature, `{"tokens": "tokens", "tags": "ner"}`; `the one Text` is the
            set's only feature of that kind.
    """

    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MadeSet:
    """A data set that is made in code.

    Attributes:
        summary: One line.
        splits: Its splits, a function of a seed.
    """

    summary: str
    splits: Callable[[int], Splits]


@dataclass(frozen=True, slots=True)
class Task:
    """A frozen declaration.

    Attributes:
        name: The word on the command line.
        summary: One line.
        example_type: The class of its examples; it chooses the family that models it.
        formats: The file formats it reads; the first is the one assumed when nothing tells.
        schemes: The tag schemes its truth may be written in (`seqtasks.tasks.schemes`).
        catalogue: The TensorFlow Datasets sets it can read.
        demo: The demo corpus's view, a function of a seed.
        made: Other data sets that are made in code, by the name that `--data` takes.
        automata: Of those that are formal languages, an automaton of the language.
        score: `score(gold, predicted, known)`: gold examples, what was predicted of each, what the training
            split tells; the first score is the task's main one.
        baselines: Names of modules in `seqtasks.tasks.baselines`.
        write: `write(examples, predicted, stream)`: predictions beside the truth, in the first format.
        show: An example as a person reads it.
        survey: What there is to know of a file's examples, a line each: counts, labels, faults.
        samples: A few examples, for tests and documentation.
        token_formats: Formats of which it reads the tokens alone, to answer them: their truth is another task's.
        in_order: Whether examples go on from one another, so that dev is held out as the end of train, not at random.
        citation: Where the task and its scoring come from.
    """

    name: str
    summary: str
    example_type: type
    formats: tuple[Format, ...]
    catalogue: tuple[CatalogueSet, ...]
    demo: Callable[[int], Splits]
    score: Callable[[Sequence[Any], Sequence[Any], Known], list[Score]]
    baselines: tuple[str, ...]
    write: Callable[[Iterable[Any], Iterable[Any], TextIO], None]
    show: Callable[[Any], str]
    survey: Callable[[Sequence[Any]], list[str]]
    samples: tuple[Any, ...]
    citation: str
    schemes: tuple[str, ...] = field(default=("plain",))
    made: Mapping[str, MadeSet] = field(default_factory=dict)
    automata: Mapping[str, Automaton] = field(default_factory=dict)
    token_formats: tuple[Format, ...] = ()
    in_order: bool = False
