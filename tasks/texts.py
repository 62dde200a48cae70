"""Plain texts as a person wants to see them, and as a file beside what a language model says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TextIO

from seqtasks.tasks.examples import Text
from seqtasks.tasks.shown import one_line, shortened
from seqtasks.tasks.units import UnitProbabilities


def show(example: Text) -> str:
    """The text in one line; a long one is cut."""
    return shortened(example.text)


def survey(examples: Sequence[Text]) -> list[str]:
    """Counts, lengths, distinct words and characters, and texts that occur more than once."""
    lengths = sorted(len(example.text.split()) for example in examples)
    words = Counter(word for example in examples for word in example.text.split())
    characters = {character for example in examples for character in example.text}
    return [
        f"texts: {len(examples):,}; empty: {sum(not example.text.strip() for example in examples):,}",
        f"words between blanks: {sum(lengths):,}; a text's median {lengths[len(lengths) // 2]:,}, "
        f"longest {lengths[-1]:,}",
        f"distinct words: {len(words):,}, of which once: {sum(count == 1 for count in words.values()):,}; "
        f"<unk>: {words['<unk>']:,}",
        f"distinct characters: {len(characters):,}",
        f"texts that occur more than once: {len(examples) - len({example.text for example in examples}):,} too many",
    ]


def write(examples: Iterable[Text], predicted: Iterable[UnitProbabilities], stream: TextIO) -> None:
    """ln P, number of units and text, parted by TABs, a line each.

    Raises:
        ValueError: Not as many predictions as texts.
    """
    for example, found in zip(examples, predicted, strict=True):
        stream.write(f"{found.total:.4f}\t{len(found.log_probabilities)}\t{one_line(example.text)}\n")
