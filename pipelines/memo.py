"""What was made of a split, kept for the stages after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Memo:
    """A function of a split that is computed once for each of the few splits of a run.

    Splits are told apart by identity, for they may be large. Each is kept with its result: while it lives, no other
    object can get its `id`.

    Args:
        make: The function.
    """

    def __init__(self, make: Callable[[Any], Any]):
        self._make = make
        self._made: dict[int, tuple[Any, Any]] = {}

    def __call__(self, split: Any) -> Any:
        if id(split) not in self._made:
            self.put(split, self._make(split))
        return self._made[id(split)][1]

    def put(self, split: Any, made: Any) -> None:
        """Keeps what was made of the split elsewhere."""
        self._made[id(split)] = split, made
