"""A network's weights in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import keras
import numpy as np

from seqtasks.errors import RunError
from seqtasks.pipelines.files import replacing

BYTES_A_VARIABLE = 1 << 14
"""More than HDF5 takes for a variable's groups and attributes."""

CHUNK = 1 << 20
"""Bytes that are written at once."""


def load(network: keras.Model, path: Path) -> None:
    """Puts what `save` wrote into a network that is built alike.

    Raises:
        RunError: The file is damaged or missing, or of another network.
    """
    try:
        _check_links(path)
        with _without_optimizer(network):
            network.load_weights(path)
    # h5py raises almost anything for bytes that are none of its own
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise RunError("damaged or missing weights", where=str(path), received=str(error), hint="--fresh") from error


def save(network: keras.Model, path: Path) -> None:
    """Writes the weights, whole or not at all.

    Raises:
        RunError: There is no room for them.
    """
    with replacing(path) as temporary, _without_optimizer(network):
        _make_room(temporary, network)
        network.save_weights(temporary)


def _make_room(path: Path, network: keras.Model) -> None:
    """Fills the file with as many bytes as the weights will need at most, which take their place.

    On a full disk HDF5 raises errors of several types, and then may end the process; a plain write raises an OSError.
    """
    room = sum(BYTES_A_VARIABLE + variable.nbytes for variable in map(np.asarray, network.variables))
    with open(path, "wb") as stream:
        for begin in range(0, room, CHUNK):
            stream.write(bytes(min(CHUNK, room - begin)))
        stream.flush()
        os.fsync(stream.fileno())


def _check_links(path: Path) -> None:
    """That all that a file seems to hold is in it: HDF5 can point to other files, and would read those.

    Raises:
        ValueError: A link, or a data set that is kept elsewhere.
    """

    def check(group: h5py.Group) -> None:
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{group.name}/{name} is a link")
            entry = group[name]
            if isinstance(entry, h5py.Group):
                check(entry)
            elif entry.external or entry.is_virtual:
                raise ValueError(f"{entry.name} is kept in another file")

    with h5py.File(path) as stream:
        check(stream)


@contextmanager
def _without_optimizer(network: keras.Model) -> Iterator[None]:
    """Weight files hold weights: Keras would add the optimiser, three times as large, which the checkpoint has."""
    optimizer, network.optimizer = getattr(network, "optimizer", None), None
    try:
        yield
    finally:
        network.optimizer = optimizer
