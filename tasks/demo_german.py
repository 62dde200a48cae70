"""The demo corpus in German: each English sentence with the one German sentence that says the same.

The derivation that yields the English sentence is walked once more with `demo_german_rules`' wordings. German moves the
verb (second in a main clause, first in a question, last in a subordinate clause, participles and infinitives at the
end), agrees in gender, number and case, and says some words by several and some several by one. Nothing in the German
sentence depends on what the English one does not show: the gender of a person's job follows from the first name, and is
the masculine where that tells none.

All names are in every split; each split is drawn independently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from seqtasks.tasks.demo import Node, derive, grammar, leaves, running_text, tokens
from seqtasks.tasks.demo_german_rules import GERMAN_RULES, NOUNS, PERIODS, WORDS_IN_GERMAN
from seqtasks.tasks.demo_words import NAMES
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.task import Splits

SIZES = {"train": 6000, "dev": 500, "test": 1000}
"""Sentence pairs a split."""

_CASES = ("nom", "acc", "dat")
# for each gender, and the plural, the three cases
_DEFINITE = {"m": "der den dem", "f": "die die der", "n": "das das dem", "p": "die die den"}
_THIS = {"m": "dieser diesen diesem", "f": "diese diese dieser", "n": "dieses dieses diesem", "p": "diese diese diesen"}
_ENDINGS = {"m": ["", "en", "em"], "f": ["e", "e", "er"], "n": ["", "", "em"], "p": ["e", "e", "en"]}
_STEMS = {"indef": "ein", "my": "mein", "his": "sein", "her": "ihr"}
# of adjectives, behind the definite article and behind the others
_WEAK = {"m": ["e", "en", "en"], "f": ["e", "e", "en"], "n": ["e", "e", "en"], "p": ["en", "en", "en"]}
_MIXED = {"m": ["er", "en", "en"], "f": ["e", "e", "en"], "n": ["es", "es", "en"], "p": ["en", "en", "en"]}

_NUMBERS = ("big", "percent", "amount", "day", "year", "small", "thirty_or_so")
_PEOPLE = ("person", "woman", "man")
_SLOT = re.compile(r"<([^<>]+)>")
# whose first name tells that she is a woman; Jordan may be anybody
_HERS = {*NAMES["her_name"].split()} - {*NAMES["his_name"].split()}


def translations(seed: int = 0) -> Splits:
    """The view of English sentences and their German translations."""
    rules = grammar({symbol: names.split() for symbol, names in NAMES.items()})
    splits = {}
    for split, size in SIZES.items():
        random = Random(f"{seed} {split} translations")
        splits[split] = tuple(pair_view(derive(rules, "sentence", random)) for _ in range(size))
    return splits


def pair_view(tree: Node) -> SentencePair:
    """A derivation's sentence in both languages, as running text."""
    return SentencePair(running_text(tokens(tree)), german(tree), source="demo")


def german(tree: Node) -> str:
    """The German sentence of a derivation of `sentence`."""
    text = " ".join(str(_said(tree)).split())
    for apart, together in (("zu dem ", "zum "), ("zu der ", "zur "), ("in dem ", "im "), ("an dem ", "am ")):
        text = text.replace(f" {apart}", f" {together}")
    # a clause that ends where another comma, or the sentence's end, stands
    text = re.sub(r", (?=[,.?])", "", text)
    text = re.sub(r" ([.,?])", r"\1", text)
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Clause:
    """A clause in the parts that its kinds order differently."""

    subject: str
    finite: str
    middle: str
    end: str

    def form(self, kind: str) -> str:
        """As `main`, `inverted` (the verb first), `sub`ordinate clause; or its `finite` verb, or the `rest` alone."""
        orders = {
            "main": (self.subject, self.finite, self.middle, self.end),
            "inverted": (self.finite, self.subject, self.middle, self.end),
            "sub": (self.subject, self.middle, self.end, self.finite),
            "finite": (self.finite,),
            "rest": (self.middle, self.end),
        }
        return " ".join(part for part in orders[kind] if part)


def _said(node: Node, form: tuple[str, ...] = ()) -> str | Clause:
    """The wording of a derivation, in a form that its symbol knows."""
    symbol = node.symbol
    if symbol in _PEOPLE or symbol == "company":
        return _name(node)
    if symbol == "place":
        return _dictionary("place").get(_english(node), _english(node))
    if symbol == "product":
        return f"{_determiner(form[0], 'm', form[1])} {_english(node)}" if form else _english(node)
    if symbol in _NUMBERS:
        return _english(node).translate(str.maketrans(".,", ",."))
    if symbol == "period":
        return PERIODS[_english(node)][form == ("last",)]
    if symbol in NOUNS:
        return _noun(*_nouns(symbol)[_english(node)], form)
    if symbol in WORDS_IN_GERMAN:
        return _dictionary(symbol)[_english(node)]
    if symbol in GERMAN_RULES:
        return _worded(_wordings(symbol)[_alternative(node)], node, form)
    # what only chooses among symbols has no wording of its own
    (child,) = node.children or (None,)
    found = _said(child, form) if child is not None else ""
    return found


def _worded(wording: str, node: Node, form: tuple[str, ...]) -> str | Clause:
    gender = _handed_on(node, form)
    subject, equals, predicate = wording.rpartition("=")
    if equals and "|" not in predicate:
        parts = [_filled(f"<{slot}>", node, gender, form) for slot in _SLOT.findall(predicate)[:-1]]
        clause = _slot(_SLOT.findall(predicate)[-1], node, gender, form)
        middle = " ".join([*filter(None, parts), clause.middle])
        found = Clause(_filled(subject, node, gender, form), clause.finite, middle.strip(), clause.end)
    elif "|" in predicate:
        parts = [_filled(part, node, gender, form) for part in predicate.split("|")]
        found = Clause(_filled(subject, node, gender, form), *parts)
    else:
        return _filled(wording, node, gender, form)
    kind = next((part for part in form if part in ("main", "inverted", "sub", "finite", "rest")), "")
    return found.form(kind) if kind else found


def _filled(text: str, node: Node, gender: str, form: tuple[str, ...]) -> str:
    filled = _SLOT.sub(lambda match: str(_slot(match[1], node, gender, form)), text)
    filled = re.sub(r"REL\.(\w+)", lambda match: _determiner("def", gender, match[1]), filled)
    return " ".join(filled.split())


def _slot(text: str, node: Node, gender: str, form: tuple[str, ...]) -> str | Clause:
    names, _, given = text.partition(":")
    wanted = tuple(gender if part == "G" else form[0] if part == "CASE" else part for part in given.split(".") if part)
    *adjectives, name = names.split("+")
    before = [a[1:] if a.startswith("'") else str(_said(_child(node, a))) for a in adjectives]
    if name.startswith("'"):
        return _noun(*_nouns("'")[name[1:]], wanted, *before)
    if name == "mayor":
        return _noun(*_nouns("mayor")["mayor"], wanted)
    child = _child(node, name)
    return _noun(*_nouns(name)[_english(child)], wanted, *before) if before else _said(child, wanted)


def _child(node: Node, name: str) -> Node:
    symbol, _, number = name.partition("#")
    return [child for child in node.children if child.symbol == symbol][int(number or 1) - 1]


def _handed_on(node: Node, form: tuple[str, ...]) -> str:
    """The gender that the subject tells: of a person by the first name, of a noun by itself."""
    if node.symbol in ("about_woman", "about_man"):
        return "f" if _english(node.children[0]).split()[0] in _HERS else "m"
    if node.symbol == "equation":
        first = node.children[0]
        return _nouns(first.symbol)[_english(first)][1]
    return next((part for part in form if part in ("m", "f", "n")), "m")


def _noun(noun: str, gender: str, feminine: str, form: tuple[str, ...], *adjectives: str) -> str:
    """A noun phrase; the form is its determiner, its case and, where it may have two, its gender."""
    if not form:
        return noun
    determiner, case, *told = form
    if told == ["f"] and feminine:
        noun, gender = feminine, "f"
    if gender == "p" and case == "dat" and not noun.endswith(("n", "s")):
        noun += "n"
    endings = (_WEAK if determiner in ("def", "this") else _MIXED)[gender]
    described = [adjective + endings[_CASES.index(case)] for adjective in adjectives]
    return " ".join(filter(None, (_determiner(determiner, gender, case), *described, noun)))


def _determiner(kind: str, gender: str, case: str) -> str:
    at = _CASES.index(case)
    if kind in ("def", "this"):
        return (_DEFINITE if kind == "def" else _THIS)[gender].split()[at]
    return _STEMS[kind] + _ENDINGS[gender][at] if kind in _STEMS else ""


def _name(node: Node) -> str:
    """Names stay, but for a bank's: Bank of Vienna."""
    english = _english(node)
    if english.startswith("Bank of "):
        town = english.removeprefix("Bank of ")
        return f"Bank von {_dictionary('place').get(town, town)}"
    return english


def _english(node: Node) -> str:
    return " ".join(word.text for word in leaves(node))


def _alternative(node: Node) -> int:
    """Which of its symbol's rules a derivation drew."""
    return _numbers(node.symbol)[node.rule.parts]


@cache
def _numbers(symbol: str) -> dict:
    return {rule.parts: number for number, rule in enumerate(grammar({})[symbol])}


@cache
def _wordings(symbol: str) -> tuple[str, ...]:
    text = GERMAN_RULES[symbol]
    if "\n" in text:
        return tuple("" if line == "|" else line for line in _lines(text))
    return tuple(part.strip() for part in text.split("|"))


def _lines(text: str) -> Iterator[str]:
    yield from filter(None, (line.strip() for line in text.splitlines()))


@cache
def _nouns(symbol: str) -> dict[str, tuple[str, str, str]]:
    """English noun to German noun, gender, and the feminine where there are two."""
    rows = [entry.split() for entry in NOUNS[symbol].split("; ")]
    return {row[0]: (row[1], row[2], row[3] if len(row) > 3 else "") for row in rows}


@cache
def _dictionary(symbol: str) -> dict[str, str]:
    return dict(entry.split() for entry in WORDS_IN_GERMAN[symbol].split("; "))
