"""`predict`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.config import ANSWERS
from seqtasks.errors import ConfigError
from seqtasks.tasks.task import Task


@task_group("predict", "Answer lines of text with a finished run or a SavedModel.", main)
def predict_command(task: Task) -> click.Command:
    formats = ANSWERS[task.example_type.family]
    listed = " or ".join([", ".join(formats[:-1]), formats[-1]])

    @click.command(task.name, help=_help(task))
    @click.argument("source", default="-", metavar="[FILE|-]")
    @click.option(
        "--run", "run_path", metavar="DIR", default="", help="A run's folder.  [default: the newest finished run]"
    )
    @click.option("--model", metavar="SAVEDMODEL", default="", help="An exported model instead of a run.")
    @_tokens_option(task)
    @click.option("--format", "output", default=formats[0], metavar="NAME", help=f"{listed}.  [default: {formats[0]}]")
    @click.option("--out", metavar="FILE", default="", help="Write here instead of to stdout.")
    def command(source, run_path, model, output, out, tokens=False):
        if run_path and model:
            raise ConfigError("--run and --model exclude each other", hint="one of them")

        conductor = load_conductor()
        from seqtasks.cli.terminal import Terminal
        from seqtasks.pipelines.files import replacing
        from seqtasks.pipelines.sources import open_file

        with ExitStack() as stack:
            stream = sys.stdin.buffer if source == "-" else stack.enter_context(open_file(Path(source)))
            question = conductor.Question(stream, "standard input" if source == "-" else source, tokens, output)
            answers = conductor.predict(task, run_path, model, question, stack.enter_context(Terminal()).warn)
            if out:
                path = stack.enter_context(replacing(Path(out)))
                stack.enter_context(open(path, "w", encoding="utf-8", newline="\n")).writelines(answers)
            else:
                sys.stdout.reconfigure(encoding="utf-8", newline="\n")
                sys.stdout.writelines(answers)

    return command


def _tokens_option(task: Task) -> Callable[[Callable], Callable]:
    """`--tokens`, where a family knows tokens that are given."""
    if task.example_type.family != "tagging":
        return lambda command: command
    return click.option(
        "--tokens",
        is_flag=True,
        help="The input is tokenised: CoNLL columns or CoNLL-U where the file's ending or its first lines say so, "
        "else tokens joined by spaces.",
    )


def _help(task: Task) -> str:
    rows = ", row by row where its ending says table or JSON lines," if task.example_type.family != "tagging" else ""
    return f"""Answer a file, or stdin, line by line{rows} with a finished run of {task.name}.

    Memory stays the same however long the input is; a line of more than 131,072 characters is refused.

    Example: echo "Jordan may leave in May." | seqtasks predict {task.name}
    """
