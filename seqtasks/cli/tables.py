"""Tables on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 160
"""Where nobody looks a table is as wide as it needs to be, so that a file holds whole lines."""


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> None:
    """Prints a table; without rows nothing.

    Args:
        columns: Their heads.
        rows: A text a column.
        texts: So many columns on the left hold words, the others numbers.
    """
    table = Table(box=box.SIMPLE)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < texts else "right")
    for row in rows:
        table.add_row(*row)
    if table.rows:
        width = None if sys.stdout.isatty() else WIDTH
        console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
        # not the table's own title, which would be broken at the table's width
        console.print(title, style="bold")
        console.print(table)
