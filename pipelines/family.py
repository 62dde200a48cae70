"""What the conductor asks of a model, whatever its examples are: the stages know this much of a family, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, Self

import keras

from seqtasks.config import RunConfig
from seqtasks.tasks.task import Known, Task

LOOKED_AT = 256
"""Tokens of an example that `stacks` gives: `inspect` holds every state of all of them at once."""


def family_of(task: Task) -> type[Family]:
    """The class that models the task's examples."""
    return import_module(f"seqtasks.pipelines.{task.example_type.family}.family").FAMILY


class Batches(Protocol):
    """The training split as a family cuts it; every answer is a function of (seed, epoch, step).

    Attributes:
        signature: The `tf.TensorSpec`s of (inputs, targets).
    """

    signature: tuple[Any, Any]

    def steps(self, epoch: int) -> int:
        """Updates in an epoch."""
        ...

    def epoch(self, epoch: int, step: int) -> Iterator[tuple[Any, Any]]:
        """(inputs, targets) of the epoch from that step on."""
        ...

    def units(self, inputs: Any, targets: Any) -> int:
        """How many tokens a batch trains on, for the speed shown."""
        ...


class Service(Protocol):
    """Strings to answers, as a SavedModel has it.

    Attributes:
        signatures: Name to `tf.function`.
        tracked: The lookup tables behind them, which a SavedModel has to hold.
    """

    signatures: Mapping[str, Callable]
    tracked: Sequence[Any]


class Family(Protocol):
    """A model of one run for examples of one kind: its vocabularies, its network and what they do with examples.

    A split is a sequence of the kind's examples, in memory or on disk. What has a body here holds for most families.

    Attributes:
        writers: Output format of `predict` to the function that makes a text of an answer; the first is the default.
        signatures: What an exported model answers by: signature to outputs.
        known: What the scores need to know of the training split.
        vocabularies: What `fit` made of the training split, and `load` read.
        network: The Keras model.
    """

    writers: Mapping[str, Callable[[Any], str]]
    signatures: Mapping[str, Sequence[str]]
    known: Known = Known()
    vocabularies: Any
    network: keras.Model

    def __init__(self, config: RunConfig, vocabularies: Any):
        """A model with fresh weights."""

    @classmethod
    def fit(cls, task: Task, config: RunConfig, train: Sequence[Any]) -> Self:
        """A new model with the training split's vocabularies and fresh weights.

        Raises:
            ConfigError: An option does not go with the data or the platform.
            DataError: The split can't be learnt from.
        """
        ...

    @classmethod
    def load(cls, config: RunConfig, folder: Path) -> Self:
        """A model with the vocabularies that `save` wrote; weights are still to be loaded."""
        ...

    def save(self, folder: Path) -> None:
        """Writes the vocabularies."""
        ...

    def training_batches(self, train: Sequence[Any]) -> Batches:
        """The training split, encoded and cut."""
        ...

    def encode(self, examples: Sequence[Any]) -> Any:
        """A split as `predict` takes it."""
        ...

    def predict(self, encoded: Any) -> list[Any]:
        """An answer an example, in order, as the task scores and writes it."""
        ...

    def predict_dev(self, encoded: Any) -> list[Any]:
        """The same after every epoch, where a quicker way may do."""
        return self.predict(encoded)

    def dev_score(self, task: Task, examples: Sequence[Any], predicted: Sequence[Any]) -> float:
        """What chooses the best epoch: more is better.

        Raises:
            RunError: There is no telling, and so no best.
        """
        ...

    def calibrate(self, score: Callable[[], float]) -> str:
        """Sets after training what training does not learn, by dev's score; says what was done, if anything was."""
        return ""

    def labelled(self, examples: Sequence[Any]) -> Sequence[Any]:
        """Those that have a truth to compare with."""
        ...

    def check(self, examples: Sequence[Any]) -> list[str]:
        """Warnings about a split that is to be scored.

        Raises:
            DataError: A score of it would say nothing.
        """
        ...

    def baseline_view(self, examples: Sequence[Any]) -> Any:
        """A split as the task's baselines learn it."""
        ...

    def baseline_inputs(self, examples: Sequence[Any]) -> Any:
        """A split as a baseline's `predict` takes it."""
        ...

    def baseline_answers(self, predicted: Iterable[Any]) -> list[Any]:
        """A baseline's answers, as the task scores them."""
        ...

    def plot(self, examples: Sequence[Any], predicted: Sequence[Any], folder: Path) -> None:
        """Draws what is worth a look about the answers, if anything is."""

    def stacks(self, examples: Sequence[Any]) -> list[tuple[Any, ...]]:
        """For `inspect`: each stack's name, the layer itself, and what its `reads` takes of a batch of the examples.

        Of each example no more than `LOOKED_AT` tokens are in it.
        """
        ...

    def service(self) -> Service:
        """What answers strings."""
        ...


class Attentive(Protocol):
    """What a family has besides whose answers attend to their texts: `inspect --attention` asks it."""

    @staticmethod
    def check_attention(config: RunConfig, path: Path) -> None:
        """Raises early, before anything is computed, what `draw_attention` would.

        Raises:
            ConfigError: The file's ending is no picture's, or such a model has no attention to draw.
        """
        ...

    def draw_attention(self, texts: Sequence[str], path: Path) -> None:
        """Draws what each unit of the texts' answers attended to."""
        ...


class Followed(Protocol):
    """What a family has besides that answers a text by its last state: `inspect --automaton` asks it."""

    def trajectories(self, examples: Sequence[Any]) -> Any:
        """The states and answers after each token, as `seqtasks.pipelines.classification.trajectories` has them."""
        ...
