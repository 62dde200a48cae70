"""The demo corpus in German: both grammars hold together, and a sentence has one translation that follows from it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from random import Random

import pytest

from seqtasks.tasks import demo, demo_german
from seqtasks.tasks.demo_german_rules import GERMAN_RULES, NOUNS, PERIODS, WORDS_IN_GERMAN
from seqtasks.tasks.demo_grammar import RULES
from seqtasks.tasks.demo_words import NAMES, WORDS


@pytest.fixture(scope="module")
def splits():
    return demo_german.translations()


def drawn(symbol, seed, count=1):
    rules = demo.grammar({name: names.split() for name, names in NAMES.items()})
    random = Random(seed)
    return [demo.derive(rules, symbol, random) for _ in range(count)]


def translated(splits, english):
    return {pair.translation for pairs in splits.values() for pair in pairs if re.fullmatch(english, pair.text)}


def test_every_alternative_has_a_wording():
    for symbol in GERMAN_RULES:
        assert len(demo_german._wordings(symbol)) == len(demo.parse_rules(RULES[symbol])), symbol
    silent = {symbol for symbol in RULES if symbol not in GERMAN_RULES}
    # these choose among symbols, or are names
    names = {"person", "woman", "man", "place", "company", "product"}
    assert silent == {"statement", "news", "verdict", "ending"} | names


def test_every_slot_of_the_english_rules_is_said_once():
    for symbol in GERMAN_RULES:
        alternatives = demo.parse_rules(RULES[symbol])
        for wording, rule in zip(demo_german._wordings(symbol), alternatives, strict=True):
            slots = {part.symbol for part in rule.parts if hasattr(part, "symbol")}
            said = [
                re.sub(r"#\d", "", name)
                for slot in re.findall(r"<([^<>]+)>", wording)
                for name in slot.partition(":")[0].split("+")
                if not name.startswith("'") and name != "mayor"
            ]
            # a participle's inversion says its subject and its rest apart
            assert set(said) == slots, (symbol, wording)


def test_every_word_has_a_translation():
    for symbol, text in WORDS.items():
        words = set(text.partition(": ")[2].split())
        if symbol in demo_german._NUMBERS or symbol in ("version", "branch"):
            continue
        known = PERIODS if symbol == "period" else (NOUNS if symbol in NOUNS else WORDS_IN_GERMAN)[symbol]
        known = known if symbol == "period" else {entry.split()[0] for entry in known.split("; ")}
        assert words == set(known), symbol


def test_a_seed_makes_one_corpus_on_every_python(splits):
    digest = hashlib.sha256()
    for split in ("train", "dev", "test"):
        for pair in splits[split]:
            digest.update(repr((pair.text, pair.translation)).encode())
    assert digest.hexdigest()[:16] == DIGEST
    assert {split: len(pairs) for split, pairs in splits.items()} == demo_german.SIZES


DIGEST = "0e3bc67ea709945c"


def test_an_english_sentence_has_one_translation():
    found = defaultdict(set)
    for symbol, count in (("sentence", 12_000), ("news", 2_000)):
        for tree in drawn(symbol, 7, count) if symbol == "sentence" else []:
            pair = demo_german.pair_view(tree)
            found[pair.text].add(pair.translation)
    assert len(found) > 9_000
    assert not [translations for translations in found.values() if len(translations) > 1]


def test_sentences_look_like_sentences(splits):
    for pairs in splits.values():
        for pair in pairs:
            assert re.fullmatch(r"[A-ZÄÖÜ0-9].*[^ ,][.?]", pair.translation), pair
            assert not re.search(r"[<>|=#_]|REL|CASE|  | [.,?]|,,|None", pair.translation), pair


def test_splits_are_drawn_independently_over_one_vocabulary(splits):
    assert splits["train"][:50] != splits["test"][:50] != splits["dev"][:50]
    words = {split: {word for pair in pairs for word in pair.text.split()} for split, pairs in splits.items()}
    unseen = words["test"] - words["train"]
    assert len(unseen) < 0.06 * len(words["test"])


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Anna lost her keys.", "Anna hat ihre Schlüssel verloren."),
        ("In fact, Anna lost her keys.", "Tatsächlich hat Anna ihre Schlüssel verloren."),
        ("Anna said that Peter has never driven the Falcon.", "Anna sagte, dass Peter nie den Falcon gefahren hat."),
        ("Anna is a teacher.", "Anna ist eine Lehrerin."),
        ("Peter is a young teacher.", "Peter ist ein junger Lehrer."),
        ("The bank that Anna trusted was Novatek.", "Die Bank, der Anna vertraut hat, war Novatek."),
        ("Jordan has mild winters.", "Jordanien hat milde Winter."),
        ("Jordan has a bad cold.", "Jordan hat eine schlimme Erkältung."),
        ("That may light the way to the castle.", "Das beleuchtet vielleicht den Weg zur Burg."),
        ("That may light the way to the museum.", "Das beleuchtet vielleicht den Weg zum Museum."),
        ("The Falcon costs £ 120.", "Der Falcon kostet 120 Pfund."),
        ("Novatek was fined $ 3.5 million.", "Novatek musste 3,5 Millionen Dollar Strafe zahlen."),
        ("Anna broke her leg last week.", "Anna hat sich letzte Woche das Bein gebrochen."),
    ],
)
def test_known_sentences(english, german):
    """Found in the grammar by drawing derivations whose words are these."""
    assert demo_german.german(parsed(english)) == german


def parsed(english):
    """The derivation of a sentence, by trying the rules from left to right."""
    rules = demo.grammar({name: names.split() for name, names in NAMES.items()})
    words = re.sub(r"([.,?%])", r" \1", english.replace("4.5", "4_5").replace("3.5", "3_5")).replace("_", ".")
    words = english_tokens(words)
    for node, rest in _parses(rules, "sentence", words):
        if not rest:
            return node
    raise AssertionError(english)


def english_tokens(text):
    return re.sub(r"(\d) \.(\d)", r"\1.\2", text).split()


def _parses(rules, symbol, words):
    for rule in rules[symbol]:
        for children, rest in _parts(rules, rule.parts, words, first=len(words)):
            yield demo.Node(symbol, rule, tuple(children)), rest


def _parts(rules, parts, words, first):
    if not parts:
        yield [], words
        return
    part, *others = parts
    if isinstance(part, demo.Slot):
        for child, rest in _parses(rules, part.symbol, words):
            for children, end in _parts(rules, others, rest, first):
                yield [child, *children], end
    elif words and part.text.lower() == words[0].lower():
        yield from _parts(rules, others, words[1:], first)
