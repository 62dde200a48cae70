"""Errors that the user can mend: the command line shows them in one line, without a traceback."""

from __future__ import annotations


class SeqtasksError(Exception):
    """One line that says what is wrong, where, what was received, what is allowed and what to try.

    Args:
        what: The fault, a short phrase without a full stop.
        where: `file:line`, a file, or an option.
        received: What stood there.
        allowed: What may stand there.
        hint: What to try.
    """

    def __init__(self, what: str, *, where: str = "", received: object = None, allowed: str = "", hint: str = ""):
        parts = [f"{where}: {what}" if where else what]
        if received is not None:
            parts.append(f"received {_shown(received)}")
        if allowed:
            parts.append(f"allowed: {allowed}")
        if hint:
            parts.append(f"try: {hint}")
        super().__init__("; ".join(parts))
        self.where = where


class DataError(SeqtasksError):
    """A file, a line or a value in the user's data."""


class LongSentenceError(DataError):
    """A sentence of too many tokens: no line of it is wrong, but an end may be missing."""


class RefusedLinesError(DataError):
    """Lines that were not answered, while all others were: it comes after the last answer."""


class ConfigError(SeqtasksError):
    """A configuration key or value."""


class RunError(SeqtasksError):
    """A run folder, or a SavedModel, that is missing, unfinished or of another kind."""


def _shown(value: object, width: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= width else f"{text[: width - 1]}…"
