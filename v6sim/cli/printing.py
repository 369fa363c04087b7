"""Printing for people: nothing is cut off, and nothing of theirs is read as markup."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_UNLIMITED = 100_000  # characters


def print_whole(console: Console, what: RenderableType) -> None:
    """Print something as wide as it is, however wide the terminal is."""
    unlimited = console.options.update(width=_UNLIMITED)
    usual = console.width
    console.width = max(usual, console.measure(what, options=unlimited).maximum)
    console.print(what)
    console.width = usual


def print_table(console: Console, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, a line for each row."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(Text(title), no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    print_whole(console, table)


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)
