"""The options of `v6sim run`."""

from pathlib import Path
from typing import Annotated

import typer

from v6sim.cli import options

Algorithm = Annotated[
    str,
    typer.Argument(
        help="Package folder, project folder, .py file or installed package; with docker also "
        "an image's name."
    ),
]
Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FOLDER]...", help="More folders for --matrix, as shells give them."),
]
Data = Annotated[
    list[str],
    typer.Option(
        metavar="CSV",
        help="Data of one organization: a file, or the address of a database; repeatable.",
    ),
]
Matrix = Annotated[
    list[str],
    typer.Option(
        metavar="FOLDERS",
        help="Run it for each folder (a pattern such as 'data/*/'); each CSV file in it is the "
        "data of one organization.",
    ),
]
Method = Annotated[str | None, typer.Option(help="What to call, without the prefix RPC_.")]
Kwarg = Annotated[
    list[str],
    typer.Option(metavar="NAME=VALUE", help="Argument by name; VALUE as JSON or text; repeatable."),
]
Arg = Annotated[list[str], typer.Option(metavar="VALUE", help="Argument by position; repeatable.")]
Input = Annotated[
    list[str],
    typer.Option(
        "--input",
        metavar="NAME=VALUE",
        help="What else the input has, such as the query of an SQL or SPARQL wrapper; repeatable.",
    ),
]
Master = Annotated[
    bool | None,
    typer.Option(
        "--master/--no-master",
        help="Run it as a master at the first organization, or as a partial at all; default: "
        "what the package has under that name.",
    ),
]
Encrypted = Annotated[
    bool, typer.Option("--encrypted", help="Encrypt all payloads, with keys of the moment.")
]
Executor = Annotated[
    options.ExecutorName | None,
    typer.Option(
        "--executor",
        help="How algorithms run: in a process of their own, or inline, where breakpoints work; "
        "default: process, and inline with --pdb.",
    ),
]
Python = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Interpreter that runs the algorithm: a path, or a command on the PATH.",
    ),
]
Command = Annotated[
    str | None,
    typer.Option(
        metavar="COMMAND",
        help="What starts a run, instead of the CMD of the Dockerfile: python -c with a call of a "
        "wrapper, or any program in the package's folder; in one word.",
    ),
]
Module = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Module to import; default: found out from the folder."),
]
Env = Annotated[
    list[str],
    typer.Option(metavar="NAME=VALUE", help="Environment variable for the algorithm; repeatable."),
]
Watch = Annotated[
    bool,
    typer.Option("--watch", help="Run again whenever the algorithm or the data change."),
]
Pdb = Annotated[
    bool,
    typer.Option("--pdb", help="When the algorithm raises, debug it in the frame that raised."),
]
Pooled = Annotated[
    bool,
    typer.Option(
        "--pooled",
        help="Compare the result with that of one organization that holds all rows.",
    ),
]
Relative = Annotated[
    float | None,
    typer.Option(
        "--rtol",
        metavar="PART",
        min=0,
        help="For --pooled: by what part of the larger one numbers may differ; default 1e-9.",
    ),
]
Absolute = Annotated[
    float | None,
    typer.Option(
        "--atol",
        metavar="NUMBER",
        min=0,
        help="For --pooled: by how much numbers may differ in any case; default 0.",
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Record what a master asks for, and what it is given.",
    ),
]
Replay = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Run a recorded master alone: its subtasks are answered from the recording.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the outcome as JSON, and nothing else.")
]
Junit = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the outcome as JUnit's XML too.")
]
Trace = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write where the time went: a page (.html), a picture (.svg), JSON (.json) or text "
        "(.txt).",
    ),
]
TrustResults = Annotated[
    bool,
    typer.Option(
        "--trust-results",
        help="Load results with the algorithm's own types, in a process of its interpreter, and "
        "show the fields of its objects. For algorithms of your own: their pickles can do whatever "
        "they can.",
    ),
]
MaxPayloadValues = Annotated[
    int | None,
    typer.Option(
        "--max-payload-values",
        metavar="N",
        min=1,
        help="How many values a result may have for --json and --pooled; default 50 million.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Show the logs of all runs, and log to stderr what happens."
    ),
]
