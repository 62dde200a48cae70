"""Which column holds what: the user's words to column numbers."""

from __future__ import annotations

import re

from seqtasks.errors import ConfigError

_NUMBER = re.compile(r"-?[0-9]+")
_POSSIBLE = re.compile(r"-?[1-9][0-9]{0,3}")


def has_column(text: str, width: int, names: tuple[str, ...] = ()) -> bool:
    """Whether a file of `width` columns with such names has the column that a user called so."""
    try:
        return abs(column_number(text, "", 0, names)) <= width
    except ConfigError:
        return False


def no_column(part: str, column: str) -> bool:
    """What `Columns.granted` hears of a file without columns, or of one where two wishes name the same column."""
    return False


def is_number(text: str) -> bool:
    """Whether the user gave a column by a number, be it one that no column has: 0 is a slip for 1, not a name."""
    return _NUMBER.fullmatch(text) is not None


def column_number(text: str, option: str, default: int, names: tuple[str, ...] = ()) -> int:
    """A column from 1, or from -1 (the last) down.

    Args:
        text: What the user gave: a number, one of `names` in any case, or empty for the default.
        option: The part that the column holds (`token`, `label`, …), for the error message.
        default: The number where `text` is empty.
        names: The names of the columns, where the format has names.

    Raises:
        ConfigError: Neither a number nor a name.
    """
    if not text:
        return default
    if _POSSIBLE.fullmatch(text):
        return int(text)
    if text.lower() in names:
        return names.index(text.lower()) + 1
    raise ConfigError(
        "no such column",
        where=f"--{option}-column",
        received=text,
        allowed=", ".join(("a number from 1 (or from -1, the last)", *names)),
    )
