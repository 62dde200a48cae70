"""`run`, `eval` and `export`."""

from __future__ import annotations

import click

from seqtasks.cli.options import CONFIG, RUN, NearChoice, config_options, configuration, decoding_options, given, named
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.config import resolve
from seqtasks.config_translation import DECODING
from seqtasks.tasks.task import Task

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")


@task_group("run", "Train on data, score, and keep everything in a folder.", main)
def run_command(task: Task) -> click.Command:
    family = task.example_type.family

    @click.command(task.name, help=_run_help(task))
    @click.option(
        "--out", metavar="DIR", default="", callback=named, help=f"The run's folder.  [default: runs/{task.name}/TIME]"
    )
    @click.option("--fresh", is_flag=True, help="Start anew, whatever the folder holds.")
    @click.option("--export", is_flag=True, help="Write the SavedModel too, into the run's folder.")
    @CONFIG
    @_JSON
    @config_options(family)
    def command(out, fresh, export, config_path, as_json, **flags):
        config = configuration(task, config_path, flags)

        from seqtasks.cli.terminal import Terminal, show_scores

        conductor = load_conductor()

        with Terminal() as terminal:
            folder, report = conductor.run(task, config, conductor.Place(out, fresh), terminal)
            if export:
                terminal.say(f"export: {conductor.export(task, str(folder.path), '')}")
        show_scores(report, as_json)

    return command


@task_group("eval", "Score a finished run, and its baselines, on its own test split or on other data.", main)
def eval_command(task: Task) -> click.Command:
    @click.command(task.name, help=_eval_help(task))
    @RUN
    @click.option(
        "--split",
        type=NearChoice(["train", "dev", "test"]),
        default=None,
        help="Which split.  [default: test, or dev where the run's data has no test]",
    )
    @_JSON
    # what was held out belongs to the run, and of other data nothing is held out
    @config_options(task.example_type.family, only=("data",), without=("dev_share",), as_run=True)
    @decoding_options(task.example_type.family)
    def command(run_path, split, as_json, **flags):
        decoding = given({name: flags.pop(name) for name in DECODING if name in flags})
        # checks names and types as `run` does
        resolve(task.name, task.example_type.family, {}, flags)

        from seqtasks.cli.terminal import Terminal, show_scores

        conductor = load_conductor()

        with Terminal() as terminal:
            report = conductor.evaluate(task, run_path, given(flags), split, terminal, decoding)
        show_scores(report, as_json)

    return command


@task_group("export", "Write a finished run as a SavedModel that takes raw strings.", main)
def export_command(task: Task) -> click.Command:
    @click.command(task.name, help=_export_help(task))
    @RUN
    @click.option(
        "--to",
        metavar="DIR",
        default="",
        callback=named,
        help="The SavedModel's folder.  [default: export in the run's folder]",
    )
    @decoding_options(task.example_type.family)
    def command(run_path, to, **decoding):
        conductor = load_conductor()

        click.echo(conductor.export(task, run_path, to, given(decoding)))

    return command


def _run_help(task: Task) -> str:
    return f"""Train a model for {task.name} ({task.summary}).

    Without data options it reads the demo corpus. The same command goes on with a run that was stopped.

    Example: seqtasks run {task.name} --epochs 2 --units 16 --out runs/{task.name}/small
    """


def _eval_help(task: Task) -> str:
    return f"""Score a finished run of {task.name}, and its baselines.

    Example: seqtasks eval {task.name} --json
    """


def _export_help(task: Task) -> str:
    more = {
        "tagging": "; the signature tokens takes tokens joined by spaces",
        "translation": "; greedy and nbest are further signatures. The options of the search are fixed in it",
        "language": " and says how probable it is; the signatures sample and sample_top go on from prompts",
    }.get(task.example_type.family, "")
    return f"""Write a finished run of {task.name} as a SavedModel.

    The signature serving_default takes raw text{more}. Prints the folder.

    Example: seqtasks export {task.name} --to model
    """
