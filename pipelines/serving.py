"""SavedModels: write one from a service, read one back."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import keras
import tensorflow as tf

from seqtasks.errors import RunError
from seqtasks.pipelines import subwords

_PARTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets")
"""What TensorFlow writes into a SavedModel's folder."""


def export(service: tf.Module, target: Path) -> None:
    """Writes a SavedModel with the service's signatures; it appears whole or not at all.

    It is written beside the target and takes its place by renaming; what a kill left there the next export mends.

    `keras.export.ExportArchive` is used because what `tf.saved_model.save` writes of a module that holds a Keras 3
    model does not load in TensorFlow's C++ loader.

    Args:
        service: Has `signatures`, name to function, and `tracked`, the lookup tables behind them.
        target: The folder; an older SavedModel in it is replaced, and what a person put beside that is kept.

    Raises:
        RunError: The folder holds something else, or the file system refused.
    """
    target = target.resolve()
    _recover(target)
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
    try:
        archive.write_out(str(partial), verbose=False)
        if target.exists():
            target.rename(_replaced(target))
        partial.rename(target)
    except (OSError, tf.errors.OpError) as error:
        _recover(target)
        raise RunError(
            "cannot write",
            where=str(target),
            received=getattr(error, "strerror", None) or str(error).partition("\n")[0],
            hint="make space or choose another --to, then start the same command again",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _recover(target)


def remove(target: Path) -> None:
    """Removes a SavedModel, if one is there, and nothing that a person may have put beside it; of a link the link."""
    if target.is_symlink():
        target.unlink()
    _recover(target)
    if not (target / "saved_model.pb").exists():
        return
    # the graph last: without it what is left would be nobody's
    for name in reversed(_PARTS):
        part = target / name
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
    if not any(target.iterdir()):
        target.rmdir()


def _recover(target: Path) -> None:
    """Ends a replacement: takes over from the older folder what is no SavedModel's, and removes the rest."""
    older = _replaced(target)
    if not older.exists():
        return
    if not target.exists():  # killed between the two renamings
        older.rename(target)
        return
    for path in list(older.iterdir()):
        if path.name not in _PARTS and not (target / path.name).exists():
            path.rename(target / path.name)
    shutil.rmtree(older)


def _replaced(target: Path) -> Path:
    return target.parent / f".replaced-{target.name}"


def load(path: Path, expected: Mapping[str, Collection[str]]) -> dict[str, tf.types.experimental.ConcreteFunction]:
    """The signatures of a SavedModel.

    Args:
        expected: The signatures that one of the task's family has, and their outputs.

    Raises:
        RunError: There is no SavedModel in the folder, or one without these signatures, or it is of subwords and
            tensorflow-text is not here.
    """
    if not (path / "saved_model.pb").exists():
        raise RunError("no SavedModel in the folder", where=str(path), hint="seqtasks export TASK --to DIR")
    try:
        signatures = dict(_loaded(path).signatures)
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise RunError("a damaged SavedModel", where=str(path), hint="seqtasks export TASK --to DIR") from error
    outputs = {name: set(function.structured_outputs) for name, function in signatures.items()}
    if not all(set(names) <= outputs.get(signature, set()) for signature, names in expected.items()):
        raise RunError("a SavedModel of another kind", where=str(path), received=", ".join(signatures))
    return signatures


def _loaded(path: Path):
    """What TensorFlow loads; a model of subwords at the second try, for importing their operations takes a while."""
    try:
        return tf.saved_model.load(str(path))
    except (OSError, RuntimeError) as error:
        if "not registered" not in str(error):
            raise
    if not subwords.register():
        hint = "pip install tensorflow-text, of TensorFlow's version"
        raise RunError("a SavedModel of subwords, which needs tensorflow-text", where=str(path), hint=hint)
    return tf.saved_model.load(str(path))
