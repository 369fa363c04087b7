"""How a run of an algorithm begins: what the CMD of its image does, without the image."""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035

from typing import NamedTuple, Tuple

WRAPPER, CODE, MODULE, SCRIPT = "wrapper", "code", "module", "script"


class Entry(NamedTuple):
    """How a run of an algorithm begins.

    Args:
        how: `wrapper` for one of those of `vantage6.tools`; `code`, `module` and `script` for what
            Python is told by `-c`, by `-m`, and by the path of a file.
        what: the name of the wrapper; the code, the module or the path.
        module: of a wrapper: the algorithm's module.
        arguments: those of the code, module or script.
        new_client: of a wrapper: whether masters get the client of 3.8 and later.
        load_data: of a wrapper: whether it reads the data.
    """

    how: str = WRAPPER
    what: str = "docker_wrapper"
    module: str = ""
    arguments: Tuple[str, ...] = ()
    new_client: bool = False
    load_data: bool = True

    def __str__(self) -> str:
        if self.how != WRAPPER:
            option = {CODE: "-c ", MODULE: "-m ", SCRIPT: ""}[self.how]
            return " ".join(["python", option + self.what, *self.arguments])
        options = ["use_new_client=True"] * self.new_client
        options += ["load_data=False"] * (not self.load_data)
        return f"{self.what}({', '.join([repr(self.module), *options])})"
