"""Text and truth: what the tasks are, how their files are read and how answers are scored. No Keras, no TensorFlow."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from seqtasks.errors import ConfigError

if TYPE_CHECKING:
    from seqtasks.tasks.task import Task

TASKS: dict[str, str] = {
    "pos": "part-of-speech tagging: one tag a word",
    "ner": "named entity recognition: names and their types",
    "sentiment": "sentence classification: one label a text, an opinion's sign or any other",
    "translate": "translation: a sentence of another language for each sentence",
    "lm": "language modelling: how probable a text is, and what may come next",
}
"""Task name to summary; the module of the same name holds the declaration, `TASK`."""


def load_task(name: str) -> Task:
    """The declaration of a task, imported on first use.

    Raises:
        ConfigError: An unknown name; it names the nearest one.
    """
    if name not in TASKS:
        nearest = get_close_matches(name, TASKS, n=1, cutoff=0.0)
        raise ConfigError("no such task", received=name, allowed=", ".join(TASKS), hint=" ".join(nearest))
    return import_module(f"{__name__}.{name}").TASK
