"""`tasks`, `cells` and `data`: what there is."""

from __future__ import annotations

import click

from seqtasks.cli.options import config_options
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.config import resolve
from seqtasks.errors import DataError
from seqtasks.layers import CELLS
from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.task import Task


@main.command()
def tasks() -> None:
    """List the tasks.

    Example: seqtasks tasks
    """
    for name in TASKS:
        task = load_task(name)
        baselines = ", ".join(task.baselines)
        click.echo(f"{name:12}{task.summary}\n{'':12}baselines: {baselines}; {task.citation}")


@main.command()
def cells() -> None:
    """List the recurrent cells.

    Example: seqtasks cells
    """
    for name, summary in CELLS.items():
        click.echo(f"{name:12}{summary}")


@main.group()
def data() -> None:
    """List, show or check data sets."""


@data.command("list")
def list_sets() -> None:
    """List the TensorFlow Datasets names that each task reads, and the sets that are made in code.

    Example: seqtasks data list
    """
    for name in TASKS:
        for entry in load_task(name).catalogue:
            fields = ", ".join(f"{part} from {feature}" for part, feature in entry.fields.items())
            click.echo(f"{name:12}{'any set' if entry.name == '*' else entry.name:28}{fields}")
        for made, found in load_task(name).made.items():
            click.echo(f"{name:12}{made:28}made in code: {found.summary}")
        click.echo(f"{name:12}{'(no --data)':28}the demo corpus, made in code")


@task_group("show", "Show the first examples of a data set.", data)
def show_command(task: Task) -> click.Command:
    @click.command(
        task.name,
        help=f"Show a task's data; without options the demo corpus.\n\nExample: seqtasks data show {task.name}",
    )
    @click.option(
        "-n", "count", type=click.IntRange(min=0), default=3, metavar="N", help="Examples a split.  [default: 3]"
    )
    @config_options(task.example_type.family, only=("data",), without=("dev_share",))
    def command(count, **flags):
        config = resolve(task.name, task.example_type.family, {}, flags).data

        sources = load_conductor().sources

        # as the files are: nothing is trained here, so that train may be missing and no share of it is dev
        found = sources.load(task, config, hold_out=False)
        if not found.splits:
            raise DataError(
                "no file of a split",
                where=config.data,
                allowed="a file whose name holds the word train, dev or test",
                hint="--train FILE, --dev FILE or --test FILE",
            )
        for line in found.notes:
            click.echo(line, err=True)
        for split, examples in found.splits.items():
            click.echo(f"# {split}: {len(examples):,} examples")
            for example in examples[:count]:
                click.echo(task.show(example) + "\n")

    return command


@task_group("check", "Read files and report what is in them.", data)
def check_command(task: Task) -> click.Command:
    # which files are read is said by name, and of them nothing is left out
    unused = ("data", "train", "dev", "test", "dev_share", "drop_empty", "max_words")
    example = f"seqtasks data check {task.name} train{task.formats[0].suffixes[0]}"

    @click.command(
        task.name,
        help=f"""Read files and report counts and faults, with line numbers; status 1 if a line is malformed.

        Of several files it also says what they share with the one for training, and which words and labels that lacks.

        Example: {example}
        """,
    )
    @click.argument("files", nargs=-1, required=True, metavar="FILE...")
    @config_options(task.example_type.family, only=("data",), without=unused)
    def command(files, **flags):
        config = resolve(task.name, task.example_type.family, {}, flags).data

        load_conductor()
        from seqtasks.pipelines.checking import check

        faulty = False
        for fault, line in check(task, files, config):
            faulty |= fault
            click.echo(f"Error: {line}" if fault else line, err=fault)
        if faulty:
            raise click.exceptions.Exit(1)

    return command
