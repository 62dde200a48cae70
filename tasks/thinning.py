"""A bounded part of many items that stands for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def thinned(items: Iterable[Item], size: Callable[[Item], int], most: int) -> list[Item]:
    """Every k-th item, k being the least power of two with which their sizes make no more than `most`.

    All where these make no more. In one pass, and in the memory of what is kept.

    Args:
        size: Of an item; far below `most`, or it drives out all others.
    """
    kept: list[Item] = []
    total, step = 0, 1
    for number, item in enumerate(items):
        if number % step:
            continue
        kept.append(item)
        total += size(item)
        while total > most and len(kept) > 1:
            kept, step = kept[::2], 2 * step
            total = sum(map(size, kept))
    return kept
