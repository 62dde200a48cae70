"""The conductor: it alone knows every stage, and tells the story of `run`, `eval`, `predict` and `export`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import keras
import tensorflow as tf

from seqtasks.config import DataConfig, RunConfig, resolve, sections
from seqtasks.errors import ConfigError, RunError, SeqtasksError
from seqtasks.pipelines import baselines, evaluation, files, serving, sources, tensorboard, training, weights
from seqtasks.pipelines.family import Family, family_of
from seqtasks.pipelines.question import Question, answers, hypotheses, telling_cuts
from seqtasks.pipelines.run_folder import RunFolder, finished_run, new_run, runs
from seqtasks.pipelines.sources import Data
from seqtasks.tasks.task import Score, Task

_DATA_NAMES = ("data", "train", "dev", "test")
AS_RUN: Mapping[str, Any] = {}
"""Decoding by the run's own options."""

Splits = Mapping[str, Sequence[Any]]
"""Examples by the split's name."""


class Reporter(training.Reporter, Protocol):
    """Who is told what goes on."""

    def say(self, line: str) -> None: ...

    def warn(self, line: str) -> None: ...


@dataclass(frozen=True)
class Place:
    """Where a run goes.

    Attributes:
        out: The folder that the user named, or empty.
        fresh: Start anew whatever is there.
    """

    out: str = ""
    fresh: bool = False


def run(task: Task, config: RunConfig, place: Place, reporter: Reporter) -> tuple[RunFolder, dict[str, Any]]:
    """Reads, trains, scores and keeps; goes on with an unfinished run, and only shows a finished one.

    Returns:
        The run's folder and the contents of its `scores.json`.

    Raises:
        SeqtasksError: A fault in the data, the configuration or the folder.
    """
    if config.training.tensorboard:
        tensorboard.check_installed()
    config = replace(config, data=sources.absolute(config.data))
    data = sources.load(task, config.data)
    config, data = _with_vectors(config, data)
    for line in data.notes:
        reporter.say(line)
    folder = _folder(task, config, data, place, reporter)
    # a finished run is only read, which many may do at once
    with nullcontext() if folder.finished and not place.fresh else folder.held():
        anew = _starts_anew(task, config, data, place, folder)
        reporter.say(f"run: {'new,' if anew else 'finished' if folder.finished else 'going on'} in {folder.path}")
        if anew or not folder.finished:
            # all that can be wrong with the data comes to light before a file is touched
            model, splits = _prepare(task, config, data, reporter)
            if anew:
                folder.clear()
                folder.begin(config, data.hashes)
            fitted = baselines.fit(task, model, splits["train"], folder.baselines)
            _learn(task, config, model, splits, folder, reporter)
            _conclude(task, model, fitted, splits, data, folder)
    return folder, folder.read_scores()


def evaluate(
    task: Task,
    run_path: str,
    given: Mapping[str, Any],
    split: str | None,
    reporter: Reporter,
    decoding: Mapping[str, Any] = AS_RUN,
) -> dict[str, Any]:
    """Scores a finished run and its baselines on a split of its own data or of other data.

    Args:
        decoding: Options of the model that no weight depends on, and the values to take instead of the run's.
        given: The fields of the `[data]` section that the user gave; where one names data, the run's own is left aside.
        split: None: test, or dev where there is no test with a truth, or train where `given` names nothing else.

    Returns:
        What `scores.json` holds.
    """
    folder = finished_run(task, run_path)
    config = folder.load_config(task)
    elsewhere = any(name in given for name in _DATA_NAMES)
    wanted, wishes = sources.elsewhere(task, config.data, given) if elsewhere else (replace(config.data, **given), ())
    # a training file that is all there is to score is scored as a whole
    usual = ("train",) if "train" in given and not {"dev", "test"} & set(given) else ("test", "dev")
    model = _load_model(task, decoded_by(task, config, decoding), folder)
    # where test has a truth dev is not read, which may be a share of a large training file
    for asked in dict.fromkeys([(split,)] if split else [usual[:1], usual]):
        data = sources.load(task, wanted, asked, hold_out=not elsewhere, wishes=wishes)
        if any(map(model.labelled, data.splits.values())):
            break
    _tell(data, folder, reporter)
    chosen = evaluation.chosen_split(model, data, split, wanted)
    examples = _checked(model, data.splits[chosen], reporter)
    _, scores, others = _score(task, model, baselines.load(task, folder.baselines), examples)
    return evaluation.report(task.name, str(folder.path), data.names[chosen], chosen, scores, others)


def _tell(data: Data, folder: RunFolder, reporter: Reporter) -> None:
    """What was noticed when the data was read, and which files are no longer those of the run."""
    for line in data.notes:
        reporter.say(line)
    for line in sources.changed(data, folder.read_hashes()):
        reporter.warn(line)


def predict(
    task: Task,
    run_path: str,
    model_path: str,
    question: Question,
    warn: Callable[[str], None],
    decoding: Mapping[str, Any] = AS_RUN,
) -> Iterator[str]:
    """Answers a stream with the serving function of a run, or of a SavedModel.

    Args:
        decoding: As in `evaluate`; of a SavedModel they are what they were at its export.

    Yields:
        The answers as text, one a line (raw text) or a sentence (tokens) of the input, in order.

    Raises:
        ConfigError: The output format is unknown, an option of decoding is given for a SavedModel, or one of columns
            for an input that has none.
        RunError: There is no such run or SavedModel.
        DataError: Bytes that are not UTF-8, or a malformed line of tokens.
    """
    family = family_of(task)
    if question.output not in family.writers:
        raise ConfigError(
            "no such output format", where="--format", received=question.output, allowed=", ".join(family.writers)
        )
    served = serving_functions(task, run_path, model_path, decoding)
    columns = sources.columns(*sources.elsewhere(task, served.data, question.given))
    found = answers(task, question, served.signatures, columns, warn, served.most, served.beam)
    return map(family.writers[question.output], telling_cuts(found, question.source, warn, served.most))


class Served(NamedTuple):
    """What answers strings.

    Attributes:
        signatures: Name to function.
        data: What the run read; of a SavedModel, which does not know, the defaults.
        most: How many tokens of a text are read; 0: all, or, of a SavedModel, not known.
        beam: How many hypotheses of a text are held at once.
    """

    signatures: Mapping[str, Callable]
    data: DataConfig
    most: int
    beam: int


def serving_functions(task: Task, run_path: str, model_path: str, decoding: Mapping[str, Any] = AS_RUN) -> Served:
    """The serving functions of a run, or of the SavedModel at `model_path`. `decoding` is as in `predict`.

    Raises:
        ConfigError: An option of decoding is given for a SavedModel.
        RunError: There is no such run or SavedModel.
    """
    if model_path and decoding:
        option = f"--{next(iter(decoding)).replace('_', '-')}"
        raise ConfigError("fixed when the SavedModel was exported", where=option, hint="--run DIR instead of --model")
    if model_path:
        data = sections(task.example_type.family)["data"]()
        signatures = serving.load(Path(model_path), family_of(task).signatures)
        return Served(signatures, data, 0, hypotheses(signatures["nbest"]) if "nbest" in signatures else 1)
    _, config, model = load_run(task, run_path, decoding)
    most = getattr(config.model, "max_tokens", 0)
    return Served(model.service().signatures, config.data, most, getattr(config.model, "beam", 1))


def export(task: Task, run_path: str, to: str, decoding: Mapping[str, Any] = AS_RUN) -> Path:
    """Writes a run's SavedModel; without `to` into the run's folder. `decoding` is as in `evaluate`."""
    folder, _, model = load_run(task, run_path, decoding)
    target = Path(to) if to else folder.export
    serving.export(model.service(), target)
    return target


def decoded_by(task: Task, config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """The run's configuration with other values for options that no weight depends on."""
    return resolve(task.name, task.example_type.family, config.to_table(), changes) if changes else config


def load_run(task: Task, run_path: str, decoding: Mapping[str, Any] = AS_RUN) -> tuple[RunFolder, RunConfig, Family]:
    """A finished run, or the newest: its folder, its configuration, and the model with its weights.

    Args:
        decoding: As in `evaluate`.

    Raises:
        RunError: There is none, or a file of it is damaged.
    """
    folder = finished_run(task, run_path)
    config = decoded_by(task, folder.load_config(task), decoding)
    return folder, config, _load_model(task, config, folder)


def _with_vectors(config: RunConfig, data: Data) -> tuple[RunConfig, Data]:
    """The vector file belongs to what determines a run: by an absolute path and its hash."""
    if not getattr(config.model, "vectors", ""):
        return config, data
    path = Path(config.model.vectors).resolve()
    with sources.open_data(path):
        hashes = {**data.hashes, str(path): files.sha256(path)}
    return replace(config, model=replace(config.model, vectors=str(path))), replace(data, hashes=hashes)


def _folder(task: Task, config: RunConfig, data: Data, place: Place, reporter: Reporter) -> RunFolder:
    """The folder of the run."""
    if place.out:
        return RunFolder(Path(place.out))
    unfinished = None if place.fresh else _unfinished(task, config, data, reporter)
    return unfinished or new_run(task)


def _starts_anew(task: Task, config: RunConfig, data: Data, place: Place, folder: RunFolder) -> bool:
    """Whether the run starts anew in its folder.

    Raises:
        RunError: The folder holds something else, or a run of another configuration.
    """
    if place.fresh or not folder.started:
        folder.check_ours()
        return True
    if difference := folder.difference(task, config, data.hashes):
        raise RunError(
            f"the folder holds a run that differs in {difference}",
            where=str(folder.path),
            hint="--fresh or another --out",
        )
    return False


def _unfinished(task: Task, config: RunConfig, data: Data, reporter: Reporter) -> RunFolder | None:
    """The newest stopped run of this configuration and data without `--out`; what can't be read is passed over."""
    for folder in runs(task, finished=False):
        try:
            if not folder.difference(task, config, data.hashes):
                return folder
        except SeqtasksError as error:
            reporter.say(f"passed over: {error}")
    return None


def _prepare(task: Task, config: RunConfig, data: Data, reporter: Reporter) -> tuple[Family, Splits]:
    """The untrained model, and the splits whose truth was checked."""
    # weights, dropout and every initial value follow from the seed; batches have generators of their own
    keras.utils.set_random_seed(config.training.seed)
    tf.config.experimental.enable_op_determinism()
    model = family_of(task).fit(task, config, data.splits["train"])
    splits = dict(data.splits)
    if "test" in splits and not model.labelled(splits["test"]):
        reporter.warn(f"{data.names['test']}: no label in the test split; dev is scored in its place")
        del splits["test"]
    return model, {split: _checked(model, examples, reporter) for split, examples in splits.items()}


def _learn(task: Task, config: RunConfig, model: Family, splits: Splits, folder: RunFolder, reporter: Reporter) -> None:
    """From fresh weights, or those of a checkpoint, to the best epoch's, calibrated."""
    model.save(folder.vocabulary)
    batches = model.training_batches(splits["train"])
    training.compile_model(model.network, config.training, batches.steps(0))
    layers = f"{config.model.depth} x {config.model.units} {config.model.cell}"
    reporter.say(f"model: {layers}, {model.network.count_params():,} weights")
    score_dev = evaluation.dev_scorer(task, model, splits["dev"])
    progress = training.train(
        model.network,
        config.training,
        batches,
        folder.checkpoint,
        tensorboard.Reporter(reporter, folder.tensorboard, model.network) if config.training.tensorboard else reporter,
        score_dev,
        lambda: weights.save(model.network, folder.weights),
    )
    folder.write_history(progress.history)
    weights.load(model.network, folder.weights)
    if done := model.calibrate(score_dev):
        reporter.say(done)
        weights.save(model.network, folder.weights)


def _conclude(
    task: Task, model: Family, fitted: Mapping[str, Any], splits: Splits, data: Data, folder: RunFolder
) -> None:
    """Scores and keeps the answers; the seal comes before the scores, which say that the run is finished."""
    split = "test" if "test" in splits else "dev"
    predicted, scores, others = _score(task, model, fitted, splits[split])
    target = folder.predictions / f"{split}{task.formats[0].suffixes[0]}"
    with files.replacing(target) as path, open(path, "w", encoding="utf-8", newline="\n") as stream:
        task.write(splits[split], predicted, stream)
    model.plot(splits[split], predicted, folder.plots)
    report = evaluation.report(task.name, str(folder.path), data.names[split], split, scores, others)
    folder.seal()
    files.write_json(folder.scores_file, report)


def _checked(model: Family, examples: Sequence[Any], reporter: Reporter) -> Sequence[Any]:
    """The examples whose truth is known, after warnings about it."""
    known = model.labelled(examples)
    if len(known) < len(examples):
        reporter.warn(f"{len(examples) - len(known):,} examples without a label are left out")
    for warning in model.check(known):
        reporter.warn(warning)
    return known


def _score(
    task: Task, model: Family, fitted: Mapping[str, Any], examples: Sequence[Any]
) -> tuple[list[Any], list[Score], dict[str, list[Score]]]:
    """The network's predictions, their scores, and each baseline's scores."""
    predicted = model.predict(model.encode(examples))
    others = baselines.scores(task, model, fitted, examples)
    return predicted, task.score(examples, predicted, model.known), others


def _load_model(task: Task, config: RunConfig, folder: RunFolder) -> Family:
    model = family_of(task).load(config, folder.vocabulary)
    weights.load(model.network, folder.weights)
    return model
