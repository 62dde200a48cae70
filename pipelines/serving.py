"""SavedModels: write one from a service, read one back."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import keras
import tensorflow as tf

from seqtasks.errors import RunError


def export(service: tf.Module, target: Path) -> None:
    """Writes a SavedModel with the service's signatures; it appears whole or not at all.

    `keras.export.ExportArchive` is used because what `tf.saved_model.save` writes of a module that holds a Keras 3
    model does not load in TensorFlow's C++ loader.

    Args:
        service: Has `signatures`, name to function, and `tracked`, the lookup tables behind them.
        target: The folder; one that holds an older SavedModel is replaced.

    Raises:
        RunError: The folder holds something else.
    """
    target = target.resolve()
    taken = target.is_file() or (target.is_dir() and any(target.iterdir()))
    if taken and not (target / "saved_model.pb").exists():
        raise RunError("not empty, and not a SavedModel", where=str(target), hint="another --to")
    archive = keras.export.ExportArchive()
    for item in service.tracked:
        archive.track(item)
    for name, function in service.signatures.items():
        archive.add_endpoint(name, function)
    partial = target.with_name(f".partial-{target.name}")
    shutil.rmtree(partial, ignore_errors=True)
    archive.write_out(str(partial), verbose=False)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def load(path: Path, expected: Mapping[str, Collection[str]]) -> dict[str, tf.types.experimental.ConcreteFunction]:
    """The signatures of a SavedModel.

    Args:
        expected: The signatures that one of the task's family has, and their outputs.

    Raises:
        RunError: There is no SavedModel in the folder, or one without these signatures.
    """
    if not (path / "saved_model.pb").exists():
        raise RunError("no SavedModel in the folder", where=str(path), hint="seqtasks export TASK --to DIR")
    try:
        signatures = dict(tf.saved_model.load(str(path)).signatures)
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise RunError("a damaged SavedModel", where=str(path), hint="seqtasks export TASK --to DIR") from error
    outputs = {name: set(function.structured_outputs) for name, function in signatures.items()}
    if not all(set(names) <= outputs.get(signature, set()) for signature, names in expected.items()):
        raise RunError("a SavedModel of another kind", where=str(path), received=", ".join(signatures))
    return signatures
