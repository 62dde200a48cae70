"""The demo corpus: one small world in one probabilistic grammar, and the views of its sentences.

A sentence is derived from the rules of `demo_grammar` by drawing one alternative for each symbol. The derivation, a
tree of `Node`s, is the one truth behind every view: its leaves are the words and their part-of-speech tags; its nodes
of the symbols `person`, `place`, `company` and `product` span the entities; `praise` and `blame`, and in reviews
`approval` and `disapproval`, mark opinions and their sign. A further view, as another language, gives each rule its own
wording of the same slots and walks the same tree. Alternatives are drawn by weight and independently of each other, so
that a derivation's probability is the product of its weights' shares.

Everything follows from the seed, on every version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from seqtasks.tasks.demo_grammar import ENTITIES, RULES
from seqtasks.tasks.demo_opinions import OPINION_RULES, OPINIONS
from seqtasks.tasks.demo_words import NAMES, NEVER_HELD_OUT, WORDS
from seqtasks.tasks.examples import LabelledText, TaggedSentence
from seqtasks.tasks.task import Splits

# Sentences a split; and the share of names that a split shows and training does not.
SIZES = {"train": 2500, "dev": 400, "test": 500}
HELD_OUT = {"dev": 0.1, "test": 0.2}


@dataclass(frozen=True, slots=True)
class Word:
    """A leaf: a word as it stands inside a sentence, and its universal part of speech."""

    text: str
    pos: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a rule that a derivation of `symbol` fills."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to say a symbol: words and slots in order, drawn in proportion to `weight`."""

    parts: tuple[Word | Slot, ...]
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A derivation of `symbol`: the rule that was drawn, and a node for each of its slots, in order."""

    symbol: str
    rule: Rule
    children: tuple[Node, ...]


Grammar = Mapping[str, Sequence[Rule]]


def pos(seed: int = 0) -> Splits:
    """The view of words with universal part-of-speech tags (https://universaldependencies.org/u/pos)."""
    return {split: tuple(pos_view(tree) for tree in trees) for split, trees in _derivations(seed).items()}


def entities(seed: int = 0) -> Splits:
    """The view of words with entities in IOB2: people, places, companies (ORG) and products."""
    return {split: tuple(entity_view(tree) for tree in trees) for split, trees in _derivations(seed).items()}


def opinions(seed: int = 0) -> Splits:
    """The view of reviews with the sign of the opinion: `positive` or `negative`."""
    return {split: tuple(map(opinion_view, trees)) for split, trees in _derivations(seed, "review").items()}


def pos_view(tree: Node) -> TaggedSentence:
    return TaggedSentence(tokens(tree), tuple(word.pos for word in leaves(tree)), source="demo")


def entity_view(tree: Node) -> TaggedSentence:
    return TaggedSentence(tokens(tree), tuple(_entity_tags(tree)), source="demo")


def opinion_view(tree: Node) -> LabelledText:
    """The sentence as running text, labelled by its outermost opinion."""
    return LabelledText(running_text(tokens(tree)), next(_opinions(tree)), source="demo")


def running_text(words: Sequence[str]) -> str:
    """Words joined by blanks, but for the marks that stand close to the word before."""
    return re.sub(r" ([.,?%])", r"\1", " ".join(words))


def _opinions(tree: Node) -> Iterator[str]:
    if tree.symbol in OPINIONS:
        yield OPINIONS[tree.symbol]
    for child in tree.children:
        yield from _opinions(child)


def tokens(tree: Node) -> tuple[str, ...]:
    """The sentence's words; the first begins with a capital, whatever it is."""
    first, *others = (word.text for word in leaves(tree))
    return (first[:1].upper() + first[1:], *others)


def leaves(tree: Node) -> Iterator[Word]:
    """The words of a derivation from left to right."""
    children = iter(tree.children)
    for part in tree.rule.parts:
        if isinstance(part, Word):
            yield part
        else:
            yield from leaves(next(children))


def _entity_tags(tree: Node) -> Iterator[str]:
    """A tag a leaf; the outermost entity counts, so that the person in `Port Anna` is part of a place."""
    if tree.symbol in ENTITIES:
        entity = ENTITIES[tree.symbol]
        yield from (f"{'I' if position else 'B'}-{entity}" for position, _ in enumerate(leaves(tree)))
        return
    children = iter(tree.children)
    for part in tree.rule.parts:
        if isinstance(part, Word):
            yield "O"
        else:
            yield from _entity_tags(next(children))


def derive(grammar: Grammar, symbol: str, random: Random) -> Node:
    """Draws a derivation of `symbol`."""
    rules = grammar[symbol]
    # Not `choice` or `choices`: `random()` is the one method whose sequence Python promises to keep.
    bounds = list(accumulate(rule.weight for rule in rules))
    point = random.random() * bounds[-1]
    rule = next(rule for rule, bound in zip(rules, bounds, strict=True) if point < bound)
    slots = (part.symbol for part in rule.parts if isinstance(part, Slot))
    return Node(symbol, rule, tuple(derive(grammar, slot, random) for slot in slots))


def grammar(names: Mapping[str, Sequence[str]]) -> Grammar:
    """The demo world's rules, with `names` (symbol to its names) for those whom it is about."""
    rules = {symbol: parse_rules(text) for symbol, text in {**RULES, **OPINION_RULES}.items()}
    for symbol, text in WORDS.items():
        part_of_speech, _, words = text.partition(":")
        rules[symbol] = tuple(Rule((Word(word, part_of_speech),)) for word in words.split())
    for symbol, choices in names.items():
        rules[symbol] = tuple(Rule((Word(name, "PROPN"),)) for name in choices)
    return rules


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Reads the alternatives of a symbol, in the notation that `demo_grammar` states."""
    return tuple(_parse_rule(line.split()) for line in text.replace(" | ", "\n").splitlines() if line.strip())


def _parse_rule(parts: list[str]) -> Rule:
    weight = int(parts.pop(0)[:-1]) if parts[0].endswith("*") else 1
    return Rule(tuple(_parse_part(part) for part in parts if part != "()"), weight)


def _parse_part(part: str) -> Word | Slot:
    if part.startswith("<"):
        return Slot(part[1:-1])
    text, _, part_of_speech = part.rpartition("/")
    return Word(text, part_of_speech)


def _derivations(seed: int, symbol: str = "sentence") -> dict[str, list[Node]]:
    """The splits' derivations of a symbol, each drawn independently, over the names that the split may show."""
    shown = _names_by_split(seed)
    splits = {}
    for split, size in SIZES.items():
        rules = grammar(shown[split])
        random = Random(f"{seed} {split}")
        splits[split] = [derive(rules, symbol, random) for _ in range(size)]
    return splits


def _names_by_split(seed: int) -> dict[str, dict[str, list[str]]]:
    """The names a split draws from: training's, and for dev and test also some that are theirs alone.

    A name is held out everywhere or nowhere, also where it names a person here and a place there.
    """
    held_out = _held_out(seed)
    everywhere = {name for names in NAMES.values() for name in names.split()} - set().union(*held_out.values())
    return {
        split: {
            symbol: [name for name in names.split() if name in everywhere or name in held_out.get(split, ())]
            for symbol, names in NAMES.items()
        }
        for split in SIZES
    }


def _held_out(seed: int) -> dict[str, set[str]]:
    candidates = sorted({name for names in NAMES.values() for name in names.split()} - set(NEVER_HELD_OUT.split()))
    random = Random(f"{seed} names")
    shuffled = sorted(candidates, key=lambda _: random.random())
    held_out, start = {}, 0
    for split, share in HELD_OUT.items():
        end = start + round(share * len(shuffled))
        held_out[split] = set(shuffled[start:end])
        start = end
    return held_out
