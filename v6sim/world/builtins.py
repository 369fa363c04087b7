"""What comes with v6sim: worlds and algorithms.

`empty` is what every server makes by itself, the organization root with the user root, and no more.
`manual` is the walk-through of the vantage6 3.7 manual, with made-up data. They are JSON, which is
read sooner than YAML.
"""

from pathlib import Path

from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build

_WORLDS = Path(__file__).parent / "builtin"
_PACKAGE = Path(__file__).parents[1]


def builtin_worlds() -> list[str]:
    """Names of the built-in worlds."""
    return sorted(folder.parent.name for folder in _WORLDS.glob("*/world.json"))


def builtin_file(name: str) -> Path | None:
    """The file of the built-in world of that name; None if there is none."""
    return _WORLDS / name / "world.json" if name in builtin_worlds() else None


def builtin_algorithms() -> dict[str, Algorithm]:
    """The algorithms that every loaded world knows, by image name."""
    folder = _PACKAGE / "algorithms"  # of an installed wheel; else we are in a source checkout
    if not folder.is_dir():
        folder = _PACKAGE.parent / "algorithms"
    return {
        f"harbor2.vantage6.ai/demo/{name}": Algorithm(
            package=str(folder / name),
            module=f"v6_{name}",
            build=Build(context=str(folder / name)),
        )
        for name in ("average", "summary")
    }
