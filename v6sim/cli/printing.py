"""Printing for people: nothing is cut off, and nothing of theirs is read as markup."""

import textwrap
from collections.abc import Callable, Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_UNLIMITED = 100_000  # characters
_INDENT = "    "


def print_whole(console: Console, what: RenderableType) -> None:
    """Print something as wide as it is, however wide the terminal is."""
    unlimited = console.options.update(width=_UNLIMITED)
    usual = console.width
    console.width = max(usual, console.measure(what, options=unlimited).maximum)
    console.print(what)
    console.width = usual


def print_table(
    console: Console,
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[str] = (),
    narrow: Callable[[Sequence[str]], Iterable[str]] | None = None,
) -> None:
    """Print a table, a line for each row; where that is wider than the terminal, paragraphs.

    Args:
        console: where to. What is no terminal has room for everything.
        titles: of the columns.
        rows: the cells.
        numbers: titles of the columns that are aligned to the right.
        narrow: makes the lines of the paragraph of a row; None for a line with the first cell, and
            a line for each of the others.
    """
    cells = [[*row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(titles, *cells, strict=True)]
    if console.is_terminal and sum(widths) + 2 * len(widths) > console.width:
        lines = narrow or (lambda row: _paragraph(titles, row))
        for row in cells:
            for line in lines(row):
                print_wrapped(console, line)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title in titles:
        justify = "right" if title in numbers else "left"
        table.add_column(Text(title), no_wrap=True, justify=justify)  # type: ignore[arg-type]
    for row in cells:
        table.add_row(*map(Text, row))
    with console.capture() as capture:
        print_whole(console, table)
    print_lines(console, ["", *(line.rstrip() for line in capture.get().splitlines()), ""])


def print_wrapped(console: Console, line: str) -> None:
    """Print a line; a terminal that is narrower gets several, which end between words."""
    if console.is_terminal:
        begin = line[: len(line) - len(line.lstrip())]
        wrapped = textwrap.wrap(
            line.strip(), console.width, initial_indent=begin, subsequent_indent=begin + _INDENT,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        print_lines(console, wrapped or [""])
    else:
        print_lines(console, (line,))


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _paragraph(titles: Sequence[str], row: Sequence[str]) -> Iterable[str]:
    """The first cell, and below it each other one that is not empty, with its title."""
    yield row[0]
    for title, cell in zip(titles[1:], row[1:], strict=True):
        if cell:
            yield f"  {title}: {cell}"


def _width(text: str) -> int:
    return Text(text).cell_len
