"""What a person should know of files before a run: lengths, duplicates, leaks between files, unknown words and labels.

It asks examples of any type what they hold: words, labels and places; a task's own survey says the rest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

SHOWN = 10
"""Places that are named; more of them are counted."""

_NO_CONTENT = ("source", "line", "lines", "label", "tags")


@dataclasses.dataclass(frozen=True)
class Content:
    """What a file's examples hold, as far as files are compared by it.

    Attributes:
        name: The file.
        first: What an example says (words, sides, without its labels) to the place where it first stands.
        repeated: The place of each further one that says the same, and the first one's.
        words: Each word to its count.
        labels: Each label to its count and its first place.
        lengths: The words of each example, and its place, the shortest first.
    """

    name: str
    first: dict[tuple[str, ...], str]
    repeated: list[tuple[str, str]]
    words: dict[str, int]
    labels: dict[str, tuple[int, str]]
    lengths: list[tuple[int, str]]


def content(name: str, examples: Sequence[Any]) -> Content:
    """What a file holds.

    Args:
        examples: Dataclasses with `place`, a property or a method of a position; words are in `tokens`, or in every
            field that is text, labels in `tags` or `label`.
    """
    found = Content(name, {}, [], {}, {}, [])
    for example in examples:
        place, key = _place(example, 0), _key(example)
        words = _words(example)
        found.lengths.append((len(words), place))
        for word in words:
            found.words[word] = found.words.get(word, 0) + 1
        for label, where in _labels(example):
            count, first = found.labels.get(label, (0, where))
            found.labels[label] = (count + 1, first)
        if key in found.first and any(key):
            found.repeated.append((place, found.first[key]))
        else:
            found.first.setdefault(key, place)
    found.lengths.sort(key=lambda item: item[0])
    return found


def describe(found: Content) -> list[str]:
    """Lengths and duplicates of one file, a line each."""
    lengths = found.lengths
    if not lengths:
        return []
    middle, most = lengths[len(lengths) // 2][0], lengths[-1]
    share = lengths[min(len(lengths) - 1, len(lengths) * 95 // 100)][0]
    lines = [
        f"words an example: median {middle:,}, 95 % have at most {share:,}, longest {most[0]:,} at {most[1]}; "
        f"without words: {sum(not length for length, _ in lengths):,}",
        f"duplicates: {len(found.repeated):,}",
    ]
    return lines + _listed(f"{place} says what {first} says" for place, first in found.repeated)


def compare(reference: Content, other: Content) -> list[str]:
    """What a file shares with the one that a model is to be trained on, and what that one lacks, a line each."""
    leaks = [(place, reference.first[key]) for key, place in other.first.items() if key in reference.first and any(key)]
    # an example that a file repeats is as often a leak
    places = {place for place, _ in leaks}
    count = len(leaks) + sum(first in places for _, first in other.repeated)
    lines = [f"examples that {reference.name} has, too: {count:,} of {len(other.lengths):,}"]
    lines += _listed(f"{place} says what {first} says" for place, first in leaks)
    total = sum(other.words.values())
    unknown = {word: count for word, count in other.words.items() if word not in reference.words}
    if total:
        most = sorted(unknown, key=lambda word: (-unknown[word], word))[:SHOWN]
        lines.append(
            f"words that {reference.name} lacks: {sum(unknown.values()) / total:.1%} of {total:,}, "
            f"{len(unknown):,} of {len(other.words):,} distinct" + (f": {' '.join(most)}" if most else "")
        )
    return lines + _lacking(other, reference) + _lacking(reference, other)


def _lacking(has: Content, lacks: Content) -> list[str]:
    labels = {label: found for label, found in has.labels.items() if label not in lacks.labels}
    if not labels or not lacks.labels:
        return []
    lines = _listed(f"{label!r}: {count:,}, first at {place}" for label, (count, place) in sorted(labels.items()))
    return [f"labels of {has.name} that {lacks.name} lacks: {len(labels):,}", *lines]


def _listed(lines: Iterator[str]) -> list[str]:
    """The first of them, set in, and how many more there are."""
    found = list(lines)
    more = [f"  and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    return [f"  {line}" for line in found[:SHOWN]] + more


def _key(example: Any) -> tuple[str, ...]:
    """What an example says: its tokens, or its texts with white space made equal."""
    if hasattr(example, "tokens"):
        return tuple(example.tokens)
    return tuple(" ".join(text.split()) for text in _texts(example))


def _words(example: Any) -> Sequence[str]:
    return example.tokens if hasattr(example, "tokens") else [w for text in _texts(example) for w in text.split()]


def _texts(example: Any) -> list[str]:
    values = [getattr(example, field.name) for field in dataclasses.fields(example) if field.name not in _NO_CONTENT]
    return [value for value in values if isinstance(value, str)]


def _labels(example: Any) -> Iterator[tuple[str, str]]:
    for index, tag in enumerate(getattr(example, "tags", ())):
        yield tag, _place(example, index)
    if label := getattr(example, "label", ""):
        yield label, _place(example, 0)


def _place(example: Any, index: int) -> str:
    return example.place(index) if callable(example.place) else example.place
