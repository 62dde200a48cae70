"""What `sample` does: texts that go on from a prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import tensorflow as tf

from seqtasks.pipelines import run
from seqtasks.pipelines.prediction import BATCH_CHARACTERS, Answer
from seqtasks.tasks.task import Task

BATCH = 64
"""Texts written at once, fewer where the prompt is long; each follows from its own seed, whatever stands beside it."""


@dataclass(frozen=True)
class Wish:
    """What is to be written.

    Attributes:
        prompt: What a text begins with.
        length: Units that are added at most.
        temperature: Below 1 the probable gets more probable; 0: always the most probable unit.
        top_k: Draw among so many units; 0: among all.
        top_p: Draw among the most probable units that have this share together.
        unknown: Whether the unknown unit may be written.
        seed: Of the first text; the next has the next.
        count: Texts.
    """

    prompt: str
    length: int
    temperature: float
    top_k: int
    top_p: float
    unknown: bool
    seed: int
    count: int


def sample(
    task: Task, run_path: str, model_path: str, wish: Wish, warn: Callable[[str], None] = lambda line: None
) -> Iterator[Answer]:
    """Each `text`, prompt included, and how many `units` were added.

    Args:
        warn: Told of units of the prompt that the model does not know.

    Raises:
        RunError: There is no such run or SavedModel.
    """
    signatures = run.serving_functions(task, run_path, model_path).signatures
    if wish.prompt:
        unknown = int(signatures["serving_default"](text=tf.constant([wish.prompt]))["unknown"][0])
        if unknown:
            warn(f"--prompt: the model does not know {unknown:,} of its units, and reads them as <unk>")
    function = signatures["sample_top"]
    batch = max(1, min(BATCH, BATCH_CHARACTERS // max(1, len(wish.prompt))))
    for begin in range(0, wish.count, batch):
        seeds = range(wish.seed + begin, wish.seed + min(begin + batch, wish.count))
        found = function(
            prompt=tf.fill([len(seeds)], wish.prompt),
            length=tf.constant(wish.length),
            temperature=tf.constant(wish.temperature),
            seed=tf.constant(list(seeds), tf.int64),
            top_k=tf.constant(wish.top_k),
            top_p=tf.constant(wish.top_p),
            unknown=tf.constant(wish.unknown),
        )
        for text, units in zip(found["text"].numpy(), found["units"].numpy(), strict=True):
            yield {"text": text.decode(), "units": int(units)}
