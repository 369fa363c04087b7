"""Optional libraries: found, and imported where they are used.

A folder without `__init__.py` that happens to lie on the import path, such as `docker/` of a
project, is a namespace package to Python. It is no library: it counts as missing.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType


class MissingLibrary(ImportError):
    """An optional library is not installed; the text says what needs it, and how to get it."""


@dataclass(frozen=True)
class Library:
    """An optional library.

    Args:
        title: its name, as messages have it.
        modules: the modules of which one is enough.
        needed_by: what does not work without it.
        requirement: what pip is told to install.
    """

    title: str
    modules: tuple[str, ...]
    needed_by: str
    requirement: str

    @property
    def is_installed(self) -> bool:
        """Whether it is there."""
        return any(find_module(module) for module in self.modules)

    @property
    def lack(self) -> str:
        """What to say where it is not there."""
        return (
            f"{self.title} is not installed, which {self.needed_by} needs: "
            f"pip install '{self.requirement}'"
        )

    def check(self) -> None:
        """Insist that it is there.

        Raises:
            MissingLibrary: it is not.
        """
        if not self.is_installed:
            raise MissingLibrary(self.lack)

    def load(self) -> ModuleType:
        """Import it.

        Raises:
            MissingLibrary: it is not there.
        """
        self.check()
        return import_module(next(filter(find_module, self.modules)))


def find_module(name: str) -> ModuleSpec | None:
    """Return where a module is, importing nothing; None for a mere folder, too."""
    top, *inner = name.split(".")
    try:
        spec = find_spec(top)
        for part in inner:
            places = spec and spec.submodule_search_locations
            top += "." + part
            spec = PathFinder.find_spec(top, places) if places else None
    except (ImportError, ValueError, KeyError):  # what it would be a part of is no module
        return None
    return None if spec is None or spec.origin is None else spec


DOCKER = Library(
    "the Python library of Docker", ("docker",), "the docker executor", "v6sim[docker]"
)
POSTGRES = Library("psycopg", ("psycopg",), "a PostgreSQL database", "v6sim[postgres]")
PARQUET = Library("pyarrow", ("pyarrow", "fastparquet"), "reading Parquet files", "pyarrow")
EXCEL = Library("openpyxl", ("openpyxl",), "reading Excel files", "openpyxl")
