"""A trace as people read it: as text, and as a page to look at in a browser."""

from collections.abc import Iterator
from typing import Any

from v6sim.phases import PHASES, Row, length, rows_of
from v6sim.wire.statuses import is_failed

_WIDTH = 40  # characters of the time line
_LEFT, _RIGHT = 320, 1180  # where the time line of a page begins and ends


def text(trace: dict[str, Any], columns: int | None = None) -> Iterator[str]:
    """The lines of a trace: each run on one time line, with its phases and requests.

    Args:
        trace: what the server tells.
        columns: of the terminal; phases then have a line of their own. None: each run has one
            line, however long.
    """
    rows = list(rows_of(trace))
    name_width, bar_width = 40, _WIDTH
    if columns is not None:
        longest = max((2 * row.depth + len(row.label) for row in rows if row.run), default=0)
        name_width = min(longest, columns // 2)
        bar_width = min(_WIDTH, max(columns - name_width - 3, 1))
    seconds = length(trace)
    signs = ", ".join(f"{phase.sign} {phase.name}" for phase in PHASES)
    yield f"{seconds:.3f} s in all ({signs})"
    for row in rows:
        name = f"{'  ' * row.depth}{row.label}"
        if row.run is None:
            yield name
            continue
        phases = ", ".join(
            f"{phase.name} {1000 * (end - begin):.0f} ms" for phase, begin, end in row.spans
        )
        said = f"{row.run['status']}: {phases}"
        line = f"{name:<{name_width}} |{_bar(row, seconds, bar_width)}|"
        if columns is None:
            yield f"{line} {said}"
        else:
            yield from (line, f"{'  ' * (row.depth + 2)}{said}")
        for each in row.run["requests"]:
            yield (
                f"{'  ' * (row.depth + 2)}{1000 * each['at']:7.0f} ms  {each['what']}: "
                f"{each['status']} in {1000 * each['seconds']:.0f} ms"
            )


def page(trace: dict[str, Any]) -> str:
    """A trace as an HTML page that needs nothing else."""
    return _drawing(trace, "trace.html.j2", alone=False)


def picture(trace: dict[str, Any]) -> str:
    """A trace as an SVG picture that needs nothing else."""
    return _drawing(trace, "trace.svg.j2", alone=True)


def _drawing(trace: dict[str, Any], template: str, *, alone: bool) -> str:
    from jinja2 import Environment, PackageLoader

    seconds = length(trace)
    templates = Environment(
        loader=PackageLoader("v6sim.cli"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return templates.get_template(template).render(
        alone=alone,
        task_id=trace["task_id"],
        seconds=seconds,
        phases=PHASES,
        ticks=[
            {"x": _x(seconds * part / 5, seconds), "label": f"{1000 * seconds * part / 5:.0f} ms"}
            for part in range(6)
        ],
        rows=[_drawn(row, seconds) for row in rows_of(trace)],
    )


def _bar(row: Row, seconds: float, width: int) -> str:
    scale = width / seconds if seconds else 0
    signs = [" "] * width
    for phase, begin, end in row.spans:
        first = min(int(begin * scale), width - 1)
        last = max(first + 1, min(round(end * scale), width))
        signs[first:last] = phase.sign * (last - first)
    return "".join(signs)


def _x(moment: float, seconds: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * (moment / seconds if seconds else 0), 1)


def _drawn(row: Row, seconds: float) -> dict[str, Any]:
    """A line as the page's template takes it."""
    run = row.run or {"requests": [], "status": ""}
    return {
        "depth": row.depth,
        "label": row.label,
        "failed": is_failed(run["status"] or ""),
        "bars": [
            {
                "phase": phase.name,
                "x": _x(begin, seconds),
                "width": max(_x(end, seconds) - _x(begin, seconds), 1),
                "title": f"{phase.name}: {1000 * (end - begin):.1f} ms",
            }
            for phase, begin, end in row.spans
        ],
        "requests": [
            {
                "x": _x(each["at"], seconds),
                "width": max(
                    _x(each["at"] + each["seconds"], seconds) - _x(each["at"], seconds), 2
                ),
                "title": f"{each['what']}: {each['status']} in {1000 * each['seconds']:.1f} ms",
            }
            for each in run["requests"]
        ],
    }
