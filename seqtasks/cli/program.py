"""The program that every command belongs to, and how it shows errors."""

from __future__ import annotations

import io
import os
import sys

import click

from seqtasks import __version__
from seqtasks.errors import SeqtasksError


class Program(click.Group):
    """Shows an error that the user can mend in one line, and ends with status 1."""

    def invoke(self, ctx: click.Context):
        _write_any_character()
        try:
            return super().invoke(ctx)
        except SeqtasksError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
        except BrokenPipeError:
            # whoever read our output has seen enough
            _give_up_output()
            ctx.exit(1)
        except MemoryError as error:
            click.echo(f"Error: out of memory: {error}".removesuffix(": "), err=True)
            ctx.exit(1)
        except OSError as error:
            click.echo(f"Error: {error.filename or 'a file'}: {error.strerror or error}", err=True)
            _give_up_output()
            ctx.exit(1)


def _write_any_character() -> None:
    """Lets stdout take what texts and paths hold: a file or pipe as UTF-8, a terminal in its own characters."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def _give_up_output() -> None:
    """Lets go of output that can't be written: Python would complain once more while it shuts down."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="seqtasks")
def main() -> None:
    """Recurrent sequence models, from a file of text to a SavedModel.

    \b
    seqtasks run ner                        train on the demo corpus, score, keep
    seqtasks run pos --data FOLDER          train on your own files
    seqtasks predict ner story.txt          tag raw text with the newest run
    seqtasks export ner --to model          write a SavedModel that takes raw strings
    """
