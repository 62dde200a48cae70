"""`predict`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.errors import ConfigError
from seqtasks.tasks.task import Task


@task_group("predict", "Answer lines of text with a finished run or a SavedModel.", main)
def predict_command(task: Task) -> click.Command:
    @click.command(task.name, help=_help(task))
    @click.argument("source", default="-", metavar="[FILE|-]")
    @click.option(
        "--run", "run_path", metavar="DIR", default="", help="A run's folder.  [default: the newest finished run]"
    )
    @click.option("--model", metavar="SAVEDMODEL", default="", help="An exported model instead of a run.")
    @click.option(
        "--tokens",
        is_flag=True,
        help="The input is tokenised: CoNLL columns or CoNLL-U where the file's ending or its first lines say so, "
        "else tokens joined by spaces.",
    )
    @click.option(
        "--format", "output", default="conll", metavar="NAME", help="conll, jsonl, tsv or text.  [default: conll]"
    )
    @click.option("--out", metavar="FILE", default="", help="Write here instead of to stdout.")
    def command(source, run_path, model, tokens, output, out):
        if run_path and model:
            raise ConfigError("--run and --model exclude each other", hint="one of them")

        conductor = load_conductor()
        from seqtasks.pipelines.files import replacing
        from seqtasks.pipelines.sources import open_file

        with ExitStack() as stack:
            stream = sys.stdin.buffer if source == "-" else stack.enter_context(open_file(Path(source)))
            question = conductor.Question(stream, "standard input" if source == "-" else source, tokens, output)
            answers = conductor.predict(task, run_path, model, question)
            if out:
                path = stack.enter_context(replacing(Path(out)))
                stack.enter_context(open(path, "w", encoding="utf-8", newline="\n")).writelines(answers)
            else:
                sys.stdout.reconfigure(encoding="utf-8", newline="\n")
                sys.stdout.writelines(answers)

    return command


def _help(task: Task) -> str:
    return f"""Answer a file, or stdin, line by line, with a finished run of {task.name}.

    Memory stays the same however long the input is; a line of more than 131,072 characters is refused.

    Example: echo "Jordan may leave in May." | seqtasks predict {task.name}
    """
