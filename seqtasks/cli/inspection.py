"""`inspect`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.tasks.task import Task

LAGS = (1, 2, 4, 8, 16, 32, 64)
"""Steps of the recurrence back that the table shows; the JSON has all."""


@task_group("inspect", "Look into a finished run: how far its gradients reach.", main)
def inspect_command(task: Task) -> click.Command:
    @click.command(task.name, help=_help(task))
    @click.option(
        "--run", "run_path", metavar="DIR", default="", help="A run's folder.  [default: the newest finished run]"
    )
    @click.option(
        "--gradients",
        metavar="FILE.png",
        default="",
        help="Draw how far gradients reach back in each recurrent layer, and its spectral radii (.png, .svg, .pdf).",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
    def command(run_path, gradients, as_json):
        if not gradients:
            raise click.UsageError("Say what to look at: --gradients FILE.png.")

        load_conductor()
        from seqtasks.pipelines import inspection

        report = inspection.gradients(task, run_path, Path(gradients))
        if as_json:
            click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            _show_gradients(report)

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
    return f"""Look into a finished run of {task.name}.

    --gradients: for each layer and direction the gain of the gradient from a sentence's last state to the state k steps
    back, ||dh_t / dh_{{t-k}}|| over the root of the units, mean over sentences of dev. Curves that fall steeply show a
    vanishing gradient, curves that rise an exploding one.

    Example: seqtasks inspect {task.name} --gradients gradients.png
    """
