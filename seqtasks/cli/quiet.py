"""TensorFlow loaded without its notes on processors and GPUs, which are no news to a person who trains a tagger."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def load_conductor() -> ModuleType:
    """`seqtasks.pipelines.run`, and with it TensorFlow.

    `TF_CPP_MIN_LOG_LEVEL`, where the user sets it to less than 3, brings the notes back.
    """
    chatty = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") < "3"
    # a person may have closed stderr
    if chatty or "tensorflow" in sys.modules or sys.stderr is None:
        return _import()
    # what TensorFlow says before it has read the level goes to the file descriptor, past Python's sys.stderr
    with _closed_stderr():
        return _import()


def _import() -> ModuleType:
    from seqtasks.pipelines import run

    return run


@contextmanager
def _closed_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
