"""The command line. Pipelines are imported inside commands, so that `--help` never loads TensorFlow."""

# imported for the commands that they add to the program
from seqtasks.cli import comparison, inspection, language, listing, prediction, training  # noqa: F401
from seqtasks.cli.program import main

__all__ = ["main"]
