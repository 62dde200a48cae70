"""Vocabularies: strings to ids and back. The ids of padding, unknown, begin and end are owned here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seqtasks.errors import RunError
from seqtasks.pipelines import files

PAD, UNK, BOS, EOS = range(4)
RESERVED = 4
"""Ids below this are no entry's."""


class Vocabulary:
    """Entries and their ids, which start at `first`.

    Args:
        entries: Distinct strings; the entry at position i has the id `first + i`.
        first: `RESERVED` where padding and unknown need ids; 0 for labels.
    """

    def __init__(self, entries: Sequence[str], first: int = RESERVED):
        self.entries = tuple(entries)
        self.first = first
        self.ids: Mapping[str, int] = {entry: first + index for index, entry in enumerate(self.entries)}

    @classmethod
    def fit(cls, items: Iterable[str] | Mapping[str, int], *, min_count: int = 1, first: int = RESERVED) -> Vocabulary:
        """The items seen at least `min_count` times, by falling count; equal counts by rising code points.

        Args:
            items: The items, or how often each was seen.
        """
        counts = Counter(items)
        kept = [item for item, count in counts.items() if count >= min_count]
        return cls(sorted(kept, key=lambda item: (-counts[item], item)), first)

    def __len__(self) -> int:
        """The number of ids, reserved ones included."""
        return self.first + len(self.entries)

    def save(self, path: Path) -> None:
        """Writes a JSON array with an entry a line."""
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in self.entries)
        files.write_text(path, f"[\n{lines}\n]\n")

    @classmethod
    def load(cls, path: Path, first: int = RESERVED) -> Vocabulary:
        """Reads what `save` wrote.

        Raises:
            RunError: The file is missing, damaged, or holds an entry twice.
        """
        entries = files.read_json(path)
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise RunError("not a vocabulary", where=str(path), allowed="a JSON array of strings")
        if len(set(entries)) != len(entries):
            raise RunError("a vocabulary with an entry twice", where=str(path))
        return cls(entries, first)
