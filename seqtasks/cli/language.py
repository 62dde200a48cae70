"""`score` and `sample`."""

from __future__ import annotations

import json
from contextlib import ExitStack

import click

from seqtasks.cli.options import MODEL, RUN, NearChoice, Real, utf8
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.cli.texts import answers_out, texts_of
from seqtasks.config_language import MOST_WRITTEN
from seqtasks.errors import ConfigError
from seqtasks.tasks.task import Task

_INT32 = 2**31 - 1


@task_group("score", "Say how probable each line is, or which of several candidates is best.", main, "language")
def score_command(task: Task) -> click.Command:
    @click.command(task.name, help=_score_help(task))
    @click.argument("source", default="-", metavar="[FILE|-]")
    @RUN
    @MODEL
    @click.option(
        "--choose",
        is_flag=True,
        help="Of each group of lines, parted by blank ones, only the best: of those with the fewest unknown words the "
        "most probable.",
    )
    @click.option(
        "--format",
        "output",
        type=NearChoice(["tsv", "jsonl", "text"]),
        default=None,
        help="tsv: log-probability, perplexity, units, unknown ones, text; text: the text alone.  [default: tsv, with "
        "--choose text]",
    )
    def command(source, run_path, model, choose, output):
        _either(run_path, model)

        load_conductor()
        from seqtasks.pipelines import scoring
        from seqtasks.pipelines.language.output import WRITERS

        writers = {
            "tsv": lambda answer: WRITERS["tsv"](answer).removesuffix("\n") + f"\t{answer['text']}\n",
            "jsonl": WRITERS["jsonl"],
            "text": lambda answer: f"{answer['text']}\n",
        }
        with ExitStack() as stack:
            answers = scoring.score(task, run_path, model, *texts_of(source, stack), choose)
            _print(map(writers[output or ("text" if choose else "tsv")], answers))

    return command


@task_group("sample", "Write texts that may come next.", main, "language")
def sample_command(task: Task) -> click.Command:
    @click.command(task.name, help=_sample_help(task))
    @RUN
    @MODEL
    @click.option("--prompt", metavar="TEXT", default="", callback=utf8, help="What each text begins with.")
    @click.option(
        "--length",
        metavar="N",
        type=click.IntRange(1, MOST_WRITTEN),
        default=100,
        show_default=True,
        help="Units added at most; a text that comes to its end is shorter.",
    )
    @click.option(
        "--temperature",
        metavar="X",
        type=Real(min=0, max=1e6),
        default=1.0,
        show_default=True,
        help="Below 1 the probable gets more probable; 0: always the most probable unit.",
    )
    @click.option(
        "--top-k",
        metavar="N",
        type=click.IntRange(0, _INT32),
        default=0,
        help="Draw among so many units.  [default: all]",
    )
    @click.option(
        "--top-p",
        metavar="X",
        type=Real(min=0, max=1, min_open=True),
        default=1.0,
        help="Draw among the most probable units that have this share together.  [default: all]",
    )
    @click.option("--unknown", is_flag=True, help="Let <unk> be written too.")
    @click.option(
        "--seed", metavar="N", type=click.IntRange(0, 2**32), default=1, show_default=True, help="Of the first text."
    )
    @click.option("-n", "count", metavar="N", type=click.IntRange(min=1), default=1, show_default=True, help="Texts.")
    @click.option(
        "--format",
        "output",
        type=NearChoice(["text", "jsonl"]),
        default="text",
        show_default=True,
        help="jsonl: an object a text, whatever line ends it has, with the number of units added.",
    )
    def command(run_path, model, output, **wish):
        _either(run_path, model)

        load_conductor()
        from seqtasks.cli.terminal import Terminal
        from seqtasks.pipelines import sampling

        with Terminal() as terminal:
            found = sampling.sample(task, run_path, model, sampling.Wish(**wish), terminal.warn)
            if output == "jsonl":
                _print(json.dumps(answer, ensure_ascii=False) + "\n" for answer in found)
            else:
                _print(f"{answer['text']}\n" for answer in found)

    return command


def _either(run_path: str, model: str) -> None:
    if run_path and model:
        raise ConfigError("--run and --model exclude each other", hint="one of them")


def _print(lines) -> None:
    out = answers_out()
    out.writelines(lines)
    # here an error of the last lines can still be told
    out.flush()


def _score_help(task: Task) -> str:
    return f"""Say how probable each line of a file, or of stdin, is: its natural log-probability and its perplexity.

    Each line stands alone; its end is foretold and counted. With --choose, which of several candidates a speech
    recogniser or a translator should take.

    Example: printf 'Jordan left Paris .\\nParis left Jordan .\\n' | seqtasks score {task.name} --choose
    """


def _sample_help(task: Task) -> str:
    return f"""Write texts with a finished run of {task.name}: from a prompt, or from the beginning.

    Equal seeds give equal texts.

    Example: seqtasks sample {task.name} --prompt "Jordan may" --temperature 0.8 -n 3
    """
