"""`predict`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import click

from seqtasks.cli.options import COLUMNS, MODEL, RUN, NearChoice, column_options, decoding_options, given, named
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.cli.texts import answers_out, texts_of
from seqtasks.config import ANSWERS, resolve
from seqtasks.errors import ConfigError, RefusedLinesError
from seqtasks.tasks.task import Task

_IN_TABLES = ("classification", "translation")
"""Families whose texts may stand in a table."""

DRAWN = 8
"""Texts of which the attention is drawn."""


@task_group("predict", "Answer lines of text with a finished run or a SavedModel.", main)
def predict_command(task: Task) -> click.Command:
    formats = ANSWERS[task.example_type.family]

    @click.command(task.name, help=_help(task))
    @click.argument("source", default="-", metavar="[FILE|-]")
    @RUN
    @MODEL
    @_tokens_option(task)
    @_format_option(task)
    @column_options(task.example_type.family)
    @click.option(
        "--format",
        "output",
        type=NearChoice(formats),
        default=formats[0],
        show_default=True,
        help="How the answers are written.",
    )
    @click.option("--out", metavar="FILE", default="", callback=named, help="Write here instead of to stdout.")
    @_translation_options(task)
    def command(source, run_path, model, output, out, tokens=False, form=None, nbest=0, attention="", **flags):
        if (run_path or attention) and model:
            name = "run" if run_path else "attention"
            raise ConfigError(f"--{name} and --model exclude each other", hint="one of them")

        if nbest and flags.get("temperature"):
            raise ConfigError("--nbest is of the beam search, and --temperature draws", hint="one of them")

        columns = given({name: flags.pop(name) for name in COLUMNS if name in flags})
        # checks them as `run` does
        resolve(task.name, task.example_type.family, {}, columns)

        conductor = load_conductor()
        from seqtasks.cli.terminal import Terminal
        from seqtasks.pipelines import inspection

        if attention:
            # a run that ends meanwhile would be the newest: answers and picture are of one
            run_path = str(inspection.check_attention(task, run_path, Path(attention), given(flags)))
        heard: list[str] = []
        refused = None
        with ExitStack() as stack:
            stream, name = texts_of(source, stack)
            hear = _first(DRAWN if attention else 0, heard)
            question = conductor.Question(stream, name, tokens, output, form or "", columns, nbest, hear)
            warn = stack.enter_context(Terminal()).warn
            answers = conductor.predict(task, run_path, model, question, warn, given(flags))
            target = _written(Path(out), stack) if out else answers_out()
            try:
                target.writelines(answers)
                # here an error of the last lines can still be told
                target.flush()
            except RefusedLinesError as error:
                refused = error
        if attention:
            inspection.attention(task, run_path, heard, Path(attention), given(flags))
        # said when the answers to all others are in their place
        if refused:
            raise refused

    return command


def _written(path: Path, stack: ExitStack) -> TextIO:
    """A file that is there when it is whole; through a link the file behind it."""
    from seqtasks.pipelines.files import replacing

    path = path.resolve()
    # a pipe or a device is written to, not replaced
    if path.is_file() or not path.exists():
        path = stack.enter_context(replacing(path))
    return stack.enter_context(open(path, "w", encoding="utf-8", newline="\n"))


def _first(count: int, kept: list[str]) -> Callable[[str], None]:
    """A function that keeps the first `count` texts that it hears."""
    return lambda text: kept.append(text) if len(kept) < count else None


def _translation_options(task: Task) -> Callable[[Callable], Callable]:
    """What only a family whose answers are texts knows."""
    if task.example_type.family != "translation":
        return lambda command: command
    options = (
        click.option(
            "--nbest", type=click.IntRange(min=0), default=0, metavar="N", help="The N best translations; 0: the best."
        ),
        click.option(
            "--attention",
            metavar="FILE",
            default="",
            callback=named,
            help=f"Draw what each word of the first {DRAWN} answers attended to (.png, .svg, .pdf, .html).",
        ),
        decoding_options(task.example_type.family),
    )

    def decorate(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _tokens_option(task: Task) -> Callable[[Callable], Callable]:
    """`--tokens`, where a family knows tokens that are given."""
    if task.example_type.family != "tagging":
        return lambda command: command
    return click.option(
        "--tokens",
        is_flag=True,
        help="The input is tokenised: CoNLL columns or CoNLL-U where the file's ending, TABs in its first lines or "
        "--token-column say so, else tokens joined by spaces.",
    )


def _format_option(task: Task) -> Callable[[Callable], Callable]:
    """`--input-format`, where a family's texts may stand in a table."""
    if task.example_type.family not in _IN_TABLES:
        return lambda command: command
    return click.option(
        "--input-format",
        "form",
        type=NearChoice([known.name for known in task.formats]),
        help="The input's format.  [default: told by the ending, else a text a line]",
    )


def _help(task: Task) -> str:
    rows = cut = ""
    if task.example_type.family in _IN_TABLES:
        rows = ", row by row of a table or JSON lines (told by the ending or by --input-format),"
    if task.example_type.family == "classification":
        cut = ", unless the run reads only the first words of a text (--max-tokens)"
    return f"""Answer a file, or stdin, line by line{rows} with a finished run of {task.name}.

    Memory stays the same however long the input is. A line of more than 131,072 characters has an empty answer{cut},
    is named at the end, and makes the status 1.

    Example: echo "Jordan may leave in May." | seqtasks predict {task.name}
    """
