"""`compare`."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from seqtasks.cli.options import CONFIG, Real, config_options, configuration, named
from seqtasks.cli.program import main
from seqtasks.cli.quiet import load_conductor
from seqtasks.cli.tasks import task_group
from seqtasks.config import ModelConfig, sections
from seqtasks.errors import ConfigError
from seqtasks.tasks.task import Task


@task_group("compare", "Train cells, or other choices, with several seeds, and tabulate them.", main)
def compare_command(task: Task) -> click.Command:
    @click.command(task.name, help=_help(task))
    @click.option("--cells", metavar="A,B,...", default="", help="The cells to compare.  [default: all]")
    @click.option("--vary", metavar="OPTION=A,B,...", default="", help="Compare values of another option instead.")
    @click.option("--seeds", metavar="N", type=click.IntRange(min=1), default=3, show_default=True,
                  help="Runs of each, with the seeds from --seed on.")  # fmt: skip
    @click.option("--equal-parameters", is_flag=True,
                  help="Choose units that give all as many weights as the first one listed.")  # fmt: skip
    @click.option("--minutes", metavar="X", type=Real(min=0, min_open=True), default=None,
                  help="Give each as many updates as a short trial says it does in X minutes here; scoring is not "
                       "counted, and --patience may still end it earlier.")  # fmt: skip
    @click.option(
        "--out",
        metavar="DIR",
        default="",
        callback=named,
        help=f"The runs' folder.  [default: runs/compare/{task.name}]",
    )
    @click.option("--fresh", is_flag=True, help="Train all anew, whatever the folder holds.")
    @CONFIG
    @click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
    @config_options(task.example_type.family)
    def command(cells, vary, seeds, equal_parameters, minutes, out, fresh, config_path, as_json, **flags):
        if cells and vary:
            raise click.UsageError("--cells and --vary exclude each other")
        name, values = _varied(task, vary) if vary else ("cell", _cells(cells))
        if name == "units" and equal_parameters:
            raise click.UsageError("--equal-parameters chooses the units, and --vary gives them")
        for length in ("epochs", "updates"):
            if minutes and (name == length or flags[length]):
                raise click.UsageError(f"--minutes chooses how long to train, and --{length} gives it")
        if flags[name] is not None:
            asked = "--cells" if name == "cell" else "--vary"
            raise click.UsageError(f"--{name.replace('_', '-')} is what is compared: {asked} gives its values")
        configs = {str(value): configuration(task, config_path, {**flags, name: value}) for value in values}

        from seqtasks.cli.terminal import Terminal, show_comparison

        load_conductor()
        from seqtasks.pipelines import comparison

        variants = [comparison.Variant(value, config) for value, config in configs.items()]
        first = variants[0].config.training.seed
        # checked here and not when its turn comes
        configuration(task, config_path, {**flags, name: values[0], "seed": first + seeds - 1})
        folder = Path(out) if out else Path("runs") / "compare" / task.name
        with Terminal() as terminal:
            if equal_parameters:
                count = comparison.parameter_counter(task, variants[0].config)
                variants = comparison.equal_parameters(variants, count)
            seeds = range(first, first + seeds)
            table = comparison.compare(task, variants, seeds, folder, terminal, minutes or 0.0, fresh)
        if as_json:
            click.echo(json.dumps(table, ensure_ascii=False, indent=2))
        else:
            show_comparison(table, folder)

    return command


def _varied(task: Task, text: str) -> tuple[str, list[Any]]:
    """Option and values of `--vary`.

    Raises:
        ConfigError: No such option of the model or of training, or a value that is none of its type.
    """
    option, _, listed = text.partition("=")
    name = option.strip().lstrip("-").replace("-", "_")
    known = sections(task.example_type.family)
    fields = {field.name: field for part in ("model", "training") for field in dataclasses.fields(known[part])}
    if name not in fields or name == "seed" or not _listed(listed):
        raise ConfigError(
            "cannot vary that",
            where="--vary",
            received=text,
            allowed=", ".join(name.replace("_", "-") for name in fields if name != "seed"),
            hint="--vary units=50,100",
        )
    return name, [_typed(fields[name], value) for value in _listed(listed)]


def _typed(field: dataclasses.Field, text: str) -> Any:
    kind = type(field.default)
    words: Mapping[str, bool] = {"yes": True, "no": False}
    try:
        return words[text] if kind is bool else kind(text)
    except (ValueError, KeyError) as error:
        allowed = "yes, no" if kind is bool else kind.__name__
        raise ConfigError(f"{field.name} has the wrong type", where="--vary", received=text, allowed=allowed) from error


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _cells(text: str) -> Sequence[str]:
    """The cells of `--cells`, or all."""
    known = next(field.metadata["choices"] for field in dataclasses.fields(ModelConfig) if field.name == "cell")
    for name in (listed := _listed(text)):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.BadParameter(f"{name!r} is not one of {', '.join(known)}.{hint}", param_hint="--cells")
    return listed or known


def _help(task: Task) -> str:
    return f"""Compare cells, or values of another option, on {task.name}: mean and deviation over seeds.

    Each run has a folder of its own; the same command goes on where it was stopped. The table is kept beside them as
    table.csv and table.json.

    Example: seqtasks compare {task.name} --cells gru,mgu --seeds 2 --epochs 1 --units 16 --out runs/cells
    """
