"""`inspect`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from seqtasks.cli.options import RUN, NearChoice
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.config import CLUSTERINGS, CLUSTERS, HIDDEN_STATES
from seqtasks.tasks.task import Task

LAGS = (1, 2, 4, 8, 16, 32, 64)
"""Steps of the recurrence back that the table shows; the JSON has all."""

MOST_CLUSTERS = 200
"""Nobody reads an automaton of more states."""


class Numbers(click.ParamType):
    """Rising numbers, as `2-8,12,16`."""

    name = "N,N-N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        try:
            found = set()
            for part in str(value).split(","):
                first, *last = map(int, part.split("-", 1))
                # one too many at most, which is refused below
                found |= set(range(first, min((last or [first])[0], MOST_CLUSTERS + 1) + 1)) or {0}
        except ValueError:
            self.fail(f"{value!r} is not like 2-8,12,16.", param, ctx)
        if not 1 <= min(found) <= max(found) <= MOST_CLUSTERS:
            self.fail(f"{value!r} is not within 1 to {MOST_CLUSTERS}, rising.", param, ctx)
        return tuple(sorted(found))


def _automaton_options(task: Task) -> Callable[[Callable], Callable]:
    """Options of `--automaton`, for tasks whose examples have one answer a text."""

    def decorate(command: Callable) -> Callable:
        if task.example_type.family != "classification":
            return command
        clusters = f"{CLUSTERS[0]}-{CLUSTERS[-1]}"
        options = (
            click.option(
                "--automaton",
                metavar="FILE.png",
                default="",
                help="Draw an automaton that is read off the hidden states, and beside it, as FILE-clusters.png, how "
                "well automata of so many states speak for the network (.png, .svg, .pdf).",
            ),
            click.option(
                "--clusters",
                type=Numbers(),
                default=clusters,
                help=f"Numbers of clusters that hidden states are put into.  [default: {clusters}]",
            ),
            click.option(
                "--clustering",
                type=NearChoice(CLUSTERINGS),
                default=CLUSTERINGS[0],
                help=f"By place alone; or so that states near in a text stay together.  [default: {CLUSTERINGS[0]}]",
            ),
            click.option(
                "--state",
                type=NearChoice(HIDDEN_STATES),
                default=HIDDEN_STATES[0],
                help="Of lstm and peephole: the output h, or the cell state c beside it.  "
                f"[default: {HIDDEN_STATES[0]}]",
            ),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@task_group("inspect", "Look into a finished run: how far its gradients reach, which automaton its states make.", main)
def inspect_command(task: Task) -> click.Command:
    @click.command(task.name, help=_help(task))
    @RUN
    @click.option(
        "--gradients",
        metavar="FILE.png",
        default="",
        help="Draw how far gradients reach back in each recurrent layer, and its spectral radii (.png, .svg, .pdf).",
    )
    @_automaton_options(task)
    @click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
    def command(run_path, gradients, as_json, automaton="", **how):
        if bool(gradients) == bool(automaton):
            several = " or --automaton FILE.png" if how else ""
            raise click.UsageError(f"Say what to look at: --gradients FILE.png{several}.")

        context = click.get_current_context()
        for name in how:
            if gradients and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
                raise click.UsageError(f"--{name} is of --automaton, not of --gradients.")

        load_conductor()
        if gradients:
            from seqtasks.pipelines import inspection

            report, show = inspection.gradients(task, run_path, Path(gradients)), _show_gradients
        else:
            from seqtasks.cli.automata import show_automaton as show
            from seqtasks.pipelines import extraction

            report = extraction.automaton(task, run_path, Path(automaton), extraction.Settings(**how))
        for line in report["gradients" if gradients else "automaton"]["warnings"]:
            click.echo(f"warning: {line}", err=True)
        if as_json:
            click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            show(report)

    return command


def _show_gradients(report: dict[str, Any]) -> None:
    from seqtasks.cli.tables import print_table

    found = report["gradients"]
    rows = found["layers"]
    gates = list(rows[0]["spectral_radius"])
    print_table(
        f"spectral radius of each gate's recurrent matrix: {found['cell']}",
        ["layer", "direction", "steps back", *gates],
        [
            [_layer(row), row["direction"], str(row["skip"]), *(f"{row['spectral_radius'][g]:.3f}" for g in gates)]
            for row in rows
        ],
        texts=2,
    )
    known = {lag for row in rows for curve in row["gradient"].values() for lag in curve["lag"]}
    lags = sorted({row["skip"] * lag for row in rows for lag in LAGS} & known)
    print_table(
        f"gain of the gradient so many steps back: mean over {found['examples']} examples of {found['split']}",
        ["layer", "direction", "of", *map(str, lags)],
        [
            [_layer(row), row["direction"], state, *(_gain(curve, lag) for lag in lags)]
            for row in rows
            for state, curve in row["gradient"].items()
        ],
        texts=3,
    )
    click.echo(f"run: {report['run']}")


def _layer(row: dict[str, Any]) -> str:
    return f"{row['stack']} {row['layer']}"


def _gain(curve: dict[str, list], lag: int) -> str:
    return f"{curve['gain'][curve['lag'].index(lag)]:.2g}" if lag in curve["lag"] else "-"


def _help(task: Task) -> str:
    of_labels = """

    --automaton: the hidden states on the training texts are clustered, and a finite automaton is read off by counting
    which word leads from which cluster to which. It then answers alone. The run must have --depth 1
    --no-bidirectional --pooling last (--config automaton has).
    """
    return f"""Look into a finished run of {task.name}.

    --gradients: for each layer and direction the gain of the gradient from a sentence's last state to the state k steps
    back, ||dh_t / dh_{{t-k}}|| over the root of the units, mean over sentences of dev (of long ones their first 256
    tokens). Curves that fall steeply show a vanishing gradient, curves that rise an exploding one.
    {of_labels if task.example_type.family == "classification" else ""}
    Example: seqtasks inspect {task.name} --gradients gradients.png
    """
