"""Groups whose subcommands are the tasks: `seqtasks run ner` has the options that ner's examples need."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import click

from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.task import Task


class TaskGroup(click.Group):
    """A command for each task, made on first use by `make(task)`.

    Args:
        family: The one family whose tasks have the command; empty: all have it.
    """

    def __init__(self, make: Callable[[Task], click.Command], family: str = "", **kwargs):
        super().__init__(subcommand_metavar="TASK [OPTIONS]...", **kwargs)
        self._make, self._family = make, family

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in TASKS if self._family in ("", load_task(name).example_type.family)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self._make(load_task(name)) if name in self.list_commands(ctx) else None

    def resolve_command(self, ctx: click.Context, args: list[str]):
        tasks = self.list_commands(ctx)
        if args[0] not in tasks:
            near = difflib.get_close_matches(args[0], tasks, n=1, cutoff=0.3)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"No such task {args[0]!r} here; the tasks are {', '.join(tasks)}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Tasks"):
            formatter.write_dl([(name, TASKS[name]) for name in self.list_commands(ctx)])


def task_group(
    name: str, help: str, group: click.Group, family: str = ""
) -> Callable[[Callable[[Task], click.Command]], TaskGroup]:
    """A decorator that turns `make(task)` into a `TaskGroup` of `group`."""

    def decorate(make: Callable[[Task], click.Command]) -> TaskGroup:
        made = TaskGroup(make, family, name=name, help=help)
        group.add_command(made)
        return made

    return decorate
