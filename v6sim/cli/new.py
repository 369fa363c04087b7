"""`v6sim new`: something to start from."""

import keyword
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from v6sim.cli import called, failures
from v6sim.cli.failures import Mistake

app = typer.Typer(help="Write something to start from.", no_args_is_help=True)

_NAME = re.compile(r"[A-Za-z]([\w-]*[A-Za-z0-9])?", re.ASCII)
_TAKEN = {"data", "tests", "v6sim", "vantage6", "pandas", "numpy", "pytest"}
_FILES = {
    "{package}/__init__.py": "code.py.j2",
    "tests/test_{package}.py": "test.py.j2",
    "data/three/north.csv": "data/three/north.csv",
    "data/three/south.csv": "data/three/south.csv",
    "data/three/west.csv": "data/three/west.csv",
    "data/two/north.csv": "data/two/north.csv",
    "data/two/south.csv": "data/two/south.csv",
    ".github/workflows/test.yml": "workflow.yml.j2",
    ".dockerignore": "dockerignore.j2",
    ".gitignore": "gitignore.j2",
    "Dockerfile": "Dockerfile.j2",
    "README.md": "README.md.j2",
    "pyproject.toml": "pyproject.toml.j2",
    "requirements.txt": "requirements.txt.j2",
}
"""The files of a new algorithm, and the templates that they are made from."""


@app.callback()
def _new() -> None:
    """Write something to start from."""


@app.command()
def algorithm(
    name: Annotated[str, typer.Argument(help="my-algorithm, say, with the package my_algorithm.")],
    to: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to make the folder of that name.")
    ] = Path(),
) -> None:
    """Write an algorithm: code, tests on v6sim, Dockerfile, data to try it on, and CI."""
    with failures.clear_failures():
        package = _package(name)
        folder = to.expanduser() / name
        if folder.exists():
            raise Mistake(f"{folder} is there already: choose another name, or another --dir DIR")
        try:
            _write(folder, name, package)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise type(error)(error.errno, error.strerror, error.filename or str(folder)) from None
        for file in _FILES:
            typer.echo(f"wrote {folder / file.format(package=package)}")
        typer.echo(f"\nNext:\n\n{_next(folder, package)}")


def _package(name: str) -> str:
    """The name of the package.

    Raises:
        Mistake: there can be none.
    """
    package = name.lower().replace("-", "_")
    if not _NAME.fullmatch(name):
        raise Mistake(
            f"{name!r} is no name for an algorithm: letters, digits, - and _ are expected, the "
            "first one a letter and the last one none of - and _, such as my-algorithm"
        )
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in _TAKEN:
        raise Mistake(
            f"{name!r} is no name for an algorithm: its package would be {package}, which is taken "
            f"by Python or by what algorithms use; say v6-{name}, perhaps"
        )
    return package


def _write(folder: Path, name: str, package: str) -> None:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(  # noqa: S701  they make no pages
        loader=PackageLoader("v6sim.cli", "templates/algorithm"), undefined=StrictUndefined,
        keep_trailing_newline=True,
    )  # fmt: skip
    title = re.sub(r"[-_]+", " ", name).capitalize()
    for file, template in _FILES.items():
        path = folder / file.format(package=package)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = templates.get_template(template).render(name=name, package=package, title=title)
        path.write_text(text, "utf-8")


def _next(folder: Path, package: str) -> str:
    place, me = shlex.quote(str(folder)), called.me()
    data = shlex.quote(str(folder / "data" / "*") + "/")
    python = "" if me == "v6sim" else f"{shlex.quote(str(Path(me).with_name('python')))} -m "
    return (
        f"    {python}pip install pytest\n"
        f"    {python}pytest {place}\n"
        f"    {me} run {place} --matrix {data} --method master --kwarg column_name=age --pooled\n\n"
        f"and then {folder / package / '__init__.py'}: it is yours."
    )
