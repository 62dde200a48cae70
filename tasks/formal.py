"""Formal languages as data sets: strings of zeros and ones with the label `accepted` or `rejected`.

Each language is written down twice: as a condition on strings, which is its definition, and as its automaton, by which
strings are drawn. A string's symbols are the words `zero` and `one`, for numbers are all one word to a classifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from random import Random

from seqtasks.tasks.automaton import Automaton, from_rows
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.task import MadeSet, Splits

ACCEPTED, REJECTED = LABELS = ("accepted", "rejected")
SYMBOLS = ("zero", "one")

SIZES = {"train": 1600, "dev": 300, "test": 600}
LENGTHS = {"train": (0, 16), "dev": (0, 24), "test": (20, 40)}
"""Symbols of a split's strings before an edit, which may add or take one: test strings are longer than any that
training shows. Of the language of one string all accepted ones and their near misses are short, in every split."""

NEAR_MISSES = 0.5
"""Share of the rejected strings that are an accepted one with an edit: of a thin language others tell too little."""

TRIES = 20
"""Edits of accepted strings before a rejected string is drawn without one."""


@dataclass(frozen=True)
class Language:
    """A regular language over 0 and 1.

    Attributes:
        summary: One line.
        holds: Whether a string of the characters 0 and 1 belongs to it: its definition.
        automaton: A complete automaton of it over `SYMBOLS`, labels `LABELS`.
    """

    summary: str
    holds: Callable[[str], bool]
    automaton: Automaton


def _language(summary: str, holds: Callable[[str], bool], accepting: str, *rows: tuple[int, int]) -> Language:
    """`accepting` has a + for each state that accepts and a - for each that does not; a row is (after 0, after 1)."""
    labels = [ACCEPTED if sign == "+" else REJECTED for sign in accepting]
    return Language(summary, holds, from_rows(SYMBOLS, labels, rows))


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda string: re.fullmatch(pattern, string) is not None


_ODD_AFTER_ODD = re.compile(r"(?:[01]*0)?1(?:11)*(?:0[01]*1)?0(?:00)*(?:1[01]*)?")

LANGUAGES: Mapping[str, Language] = {
    "0110": _language(
        "the one string 0110", _matches("0110"), "----+-", (1, 5), (5, 2), (5, 3), (4, 5), (5, 5), (5, 5)
    ),
    "000": _language("strings that contain 000", lambda s: "000" in s, "---+", (1, 0), (2, 0), (3, 0), (3, 3)),
    "tomita1": _language("1*", _matches("1*"), "+-", (1, 0), (1, 1)),
    "tomita2": _language("(10)*", _matches("(?:10)*"), "+--", (2, 1), (0, 2), (2, 2)),
    "tomita3": _language(
        "no odd run of 0s anywhere after an odd run of 1s",
        lambda s: _ODD_AFTER_ODD.fullmatch(s) is None,
        "++-+-",
        (0, 1),
        (2, 0),
        (3, 4),
        (2, 3),
        (4, 4),
    ),
    "tomita4": _language("no 000", lambda s: "000" not in s, "+++-", (1, 0), (2, 0), (3, 0), (3, 3)),
    "tomita5": _language(
        "an even number of 0s and an even number of 1s",
        lambda s: s.count("0") % 2 == 0 == s.count("1") % 2,
        "+---",
        (1, 2),
        (0, 3),
        (3, 0),
        (2, 1),
    ),
    "tomita6": _language(
        "0s less 1s is a multiple of 3",
        lambda s: (s.count("0") - s.count("1")) % 3 == 0,
        "+--",
        (1, 2),
        (2, 0),
        (0, 1),
    ),
    "tomita7": _language("0*1*0*1*", _matches("0*1*0*1*"), "++++-", (0, 1), (2, 1), (2, 3), (4, 3), (4, 4)),
}
"""Name to language. tomita1 to tomita7: Tomita 1982, Dynamic construction of finite-state automata from examples using
hill-climbing; the third as the regular expression that is used for it says. 0110 and 000: Hou and Zhou 2018."""


def sets() -> dict[str, MadeSet]:
    """The data sets by the name that `--data` takes."""
    return {f"formal/{name}": MadeSet(language.summary, partial(splits, name)) for name, language in LANGUAGES.items()}


def automata() -> dict[str, Automaton]:
    """The language's automaton by the data set's name."""
    return {f"formal/{name}": language.automaton for name, language in LANGUAGES.items()}


def splits(name: str, seed: int = 0) -> Splits:
    """A language's train, dev and test split: both labels equally often, lengths and then strings drawn evenly.

    Where a label has no string of a split's lengths, its shorter ones are drawn. A string may stand in a split more
    than once, and in several: of some languages there are only few.
    """
    return {split: tuple(_split(name, split, seed)) for split in SIZES}


def _split(name: str, split: str, seed: int) -> Iterator[LabelledText]:
    rng = Random(f"{name} {split} {seed}")
    for index in range(SIZES[split]):
        label = LABELS[index % 2]
        text = " ".join(SYMBOLS[int(bit)] for bit in draw(LANGUAGES[name], label, LENGTHS[split], rng))
        yield LabelledText(text, label, f"formal/{name}")


def draw(language: Language, label: str, lengths: tuple[int, int], rng: Random) -> str:
    """A string of 0 and 1 with a label and a length between the two given, if the label has such strings."""
    if label == REJECTED and rng.random() < NEAR_MISSES:
        for _ in range(TRIES):
            edited = _edited(_uniform(language.automaton, ACCEPTED, lengths, rng), rng)
            if not language.holds(edited):
                return edited
    return _uniform(language.automaton, label, lengths, rng)


def _uniform(automaton: Automaton, label: str, lengths: tuple[int, int], rng: Random) -> str:
    """A length that the label has, and of its strings any, all as probable."""
    least, most = lengths
    ways = completions(automaton, label, most)
    possible = [length for length in range(most + 1) if ways[length][automaton.start]]
    wanted = [length for length in possible if length >= least] or possible
    length = wanted[int(rng.random() * len(wanted))]
    state, found = automaton.start, ""
    for left in range(length - 1, -1, -1):
        zero, one = automaton.steps[state].tolist()
        bit = rng.random() * (ways[left][zero] + ways[left][one]) >= ways[left][zero]
        state, found = (one, found + "1") if bit else (zero, found + "0")
    return found


@cache
def completions(automaton: Automaton, label: str, most: int) -> tuple[tuple[int, ...], ...]:
    """How many strings of each length up to `most` lead from each state to a state of the label."""
    ways = [tuple(int(found == label) for found in automaton.labels)]
    for _ in range(most):
        ways.append(tuple(sum(ways[-1][after] for after in row) for row in automaton.steps.tolist()))
    return tuple(ways)


def _edited(string: str, rng: Random) -> str:
    """A string with one symbol changed, left out or added."""
    kind, bit = int(rng.random() * 3), "01"[int(rng.random() * 2)]
    if kind == 2 or not string:
        place = int(rng.random() * (len(string) + 1))
        return string[:place] + bit + string[place:]
    place = int(rng.random() * len(string))
    changed = {"0": "1", "1": "0"}[string[place]] if kind == 0 else ""
    return string[:place] + changed + string[place + 1 :]
