"""Command-line options made from the configuration's dataclasses, so that a default or a help text stands once."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from seqtasks.config import RunConfig, read_table, resolve, sections
from seqtasks.config_checks import is_utf8
from seqtasks.config_translation import DECODING
from seqtasks.tasks.task import Task

AS_RUN = "  [default: the run's]"

OF_FILES = ("header", "format", "drop_empty", "max_words")
"""Options whose value in a run says nothing about other files."""


class NearChoice(click.Choice):
    """A choice whose error also names the nearest of what may be chosen."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = difflib.get_close_matches(str(value), list(self.choices), n=1, cutoff=0.5)
            if near:
                error.message += f" Did you mean {near[0]}?"
            raise


def config_options(
    family: str, only: tuple[str, ...] = (), without: tuple[str, ...] = (), as_run: bool = False
) -> Callable[[Callable], Callable]:
    """A decorator that adds an option for each field of the family's sections, or of those that `only` names.

    Fields that `without` names are left out. An option that is not given is None, so that the value of a configuration
    file stays, or that of a run: then `as_run` says so in the help.
    """
    chosen = {name: kind for name, kind in sections(family).items() if not only or name in only}
    fields = [field for kind in chosen.values() for field in dataclasses.fields(kind) if field.name not in without]

    def decorate(command: Callable) -> Callable:
        for field in reversed(fields):
            command = _option(field, AS_RUN if as_run and field.name not in OF_FILES else None)(command)
        return command

    return decorate


def decoding_options(family: str) -> Callable[[Callable], Callable]:
    """A decorator that adds the options of a family that no weight depends on; None: as the run has it."""
    known = {field.name: field for field in dataclasses.fields(sections(family)["model"])}

    def decorate(command: Callable) -> Callable:
        for name in reversed(DECODING if DECODING[0] in known else ()):
            command = _option(known[name], AS_RUN)(command)
        return command

    return decorate


DATA = ("data", "train", "dev", "test")
"""Options that name files."""

COLUMNS = ("token_column", "text_column", "source_column", "header")
"""Options of the data that say where an input's texts or tokens stand, whatever stands beside them."""


def column_options(family: str) -> Callable[[Callable], Callable]:
    """A decorator that adds a family's options of `COLUMNS`; a column not given is the run's, if it is there."""
    known = {field.name: field for field in dataclasses.fields(sections(family)["data"])}

    def decorate(command: Callable) -> Callable:
        for name in reversed([name for name in COLUMNS if name in known]):
            shown = None if name in OF_FILES else "  [default: the run's, where the input has it]"
            command = _option(known[name], shown)(command)
        return command

    return decorate


def given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that the user gave."""
    return {name: value for name, value in flags.items() if value is not None}


def recipes() -> dict[str, Path]:
    """The configuration files that the package ships, by name."""
    return {path.stem: path for path in sorted((Path(__file__).parent.parent / "recipes").glob("*.toml"))}


def utf8(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A callback that refuses what no file of a run can hold.

    Raises:
        BadParameter: A byte of the command line came through undecoded.
    """
    if value and not is_utf8(value):
        raise click.BadParameter("bytes that are not UTF-8")
    return value


def named(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A callback for the name of a file or folder, which refuses an empty one, too: it may be an unset variable.

    Raises:
        BadParameter: It is empty, or as of `utf8`.
    """
    if value == "" and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
        raise click.BadParameter("it names nothing")
    return utf8(context, parameter, value)


CONFIG = click.option(
    "--config",
    "config_path",
    metavar="FILE.toml",
    default="",
    callback=named,
    help=f"Options from a file, or from a recipe of ours ({', '.join(recipes())}); the command line overrides it.",
)


RUN = click.option(
    "--run",
    "run_path",
    metavar="DIR",
    default="",
    callback=named,
    help="A run's folder.  [default: the newest finished run]",
)
MODEL = click.option(
    "--model", metavar="SAVEDMODEL", default="", callback=named, help="An exported model instead of a run."
)


def configuration(task: Task, path: str, flags: Mapping[str, Any]) -> RunConfig:
    """What the file of `--config`, if any, and the flags make of the defaults.

    Raises:
        ConfigError: A fault in the file, or a value out of its bounds.
    """
    table = _without_other_data(read_table(_config_file(path)), flags) if path else {}
    return resolve(task.name, task.example_type.family, table, flags, path)


def _without_other_data(table: Mapping[str, Any], flags: Mapping[str, Any]) -> Mapping[str, Any]:
    """The file's table without its way of naming data where the command line goes the other: a place, or files."""
    section = table.get("data")
    if not isinstance(section, Mapping):
        return table
    files = ("train", "dev", "test")
    dropped = [*(files if flags.get("data") else ()), *(("data",) if any(map(flags.get, files)) else ())]
    return {**table, "data": {key: value for key, value in section.items() if key not in dropped}}


def _config_file(name: str) -> Path:
    """The user's file, or the recipe of that name that the package ships."""
    return recipes().get(name, Path(name)) if not Path(name).is_file() else Path(name)


def _option(field: dataclasses.Field, shown: str | None = None) -> Callable[[Callable], Callable]:
    flag = field.name.replace("_", "-")
    default = field.default
    if shown is None:
        meant = field.metadata["unset"] if default == "" else _shown(default)
        shown = meant and f"  [default: {meant}]"
    kwargs: dict[str, Any] = {"default": None, "help": field.metadata["help"] + shown}
    if isinstance(default, bool):
        return click.option(f"--{flag}/--no-{flag}", field.name, **kwargs)
    choices = field.metadata["choices"]
    kind = NearChoice(choices) if choices else type(default)
    if field.name in DATA:
        kwargs["callback"] = named
    return click.option(
        f"--{flag}", field.name, type=kind, metavar=None if choices else _METAVARS[type(default)], **kwargs
    )


class Real(click.FloatRange):
    """A number within bounds; nan, which no bound keeps out, and the infinite are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        return number if math.isfinite(number) else self.fail(f"{value!r} is no finite number.", param, ctx)


_METAVARS = {str: "TEXT", int: "N", float: "X"}


def _shown(default: Any) -> str:
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)
