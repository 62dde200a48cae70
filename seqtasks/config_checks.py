"""Values of a configuration held against the dataclass that declares them."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping
from typing import Any

from seqtasks.errors import ConfigError

LARGEST = 2**31 - 1
"""What an integer may be at most where nothing else is said: TensorFlow and SentencePiece count in 32 bits."""


def section(kind: type, name: str, table: Any, flags: Mapping[str, Any], where: str) -> Any:
    """A section from a file's table and the command line's flags, as the dataclass `kind`.

    Raises:
        ConfigError: An unknown key, a value of the wrong type or out of its bounds, or values that do not go together.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if not isinstance(table, Mapping):
        raise ConfigError(f"{name} must be a table", where=where, received=table, hint=f"[{name}]")
    for key in table:
        if key not in fields:
            raise unknown(f"{name}.{key}", [f"{name}.{field}" for field in fields], where)
    given = {key: (value, where) for key, value in table.items()}
    for key, value in flags.items():
        if key in fields and value is not None:
            given[key] = (value, f"--{key.replace('_', '-')}")
    values = {key: _checked(fields[key], f"{name}.{key}", *found) for key, found in given.items()}
    try:
        return kind(**values)
    except ConfigError as error:
        if error.where or not table or not where:
            raise
        # values that do not go together: with the file that some of them come from
        raise ConfigError(str(error), where=where) from error


def _checked(field: dataclasses.Field, key: str, value: Any, where: str) -> Any:
    wanted = type(field.default)
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ConfigError(f"{key} has the wrong type", where=where, received=value, allowed=wanted.__name__)
    if wanted is float and not math.isfinite(value):
        raise ConfigError(f"{key} is no finite number", where=where, received=value)
    if wanted is str and not is_utf8(value):
        raise ConfigError(f"{key} holds bytes that are not UTF-8", where=where, received=value)
    if wanted is str and "\0" in value:
        raise ConfigError(f"{key} holds a NUL", where=where, received=value)
    if wanted is int and field.metadata["most"] is None and value > LARGEST:
        raise ConfigError(f"{key} is out of its bounds", where=where, received=value, allowed=f"at most {LARGEST}")
    choices, least, most = (field.metadata[name] for name in ("choices", "least", "most"))
    if choices and value not in choices:
        raise ConfigError(f"{key} is none of its choices", where=where, received=value, allowed=", ".join(choices))
    if (least is not None and value < least) or (most is not None and value > most):
        bounds = " and ".join(
            f"{word} {bound}" for word, bound in (("at least", least), ("at most", most)) if bound is not None
        )
        raise ConfigError(f"{key} is out of its bounds", where=where, received=value, allowed=bounds)
    return value


def is_utf8(text: str) -> bool:
    """Whether no byte of a command line came through undecoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unknown(key: str, known: list[str], where: str) -> ConfigError:
    """The error of a key that is none, with the nearest one."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return ConfigError(
        "an unknown configuration key",
        where=where,
        received=key,
        allowed=", ".join(known),
        hint=near[0] if near else "",
    )
