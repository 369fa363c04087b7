"""Packages as people publish them: each shows one way in which they differ from a textbook's."""

from pathlib import Path
from typing import Any, NamedTuple

WRAPPED = """\
FROM BASE
ARG PKG_NAME="NAME"
COPY . /app
INSTALL
ENV PKG_NAME=${PKG_NAME}
CMD python -c "from vantage6.tools.docker_wrapper import WRAPPER; WRAPPER('${PKG_NAME}')"
"""
TABLE = {"a": "name,age\nx,40\ny,41\nz,46\n", "b": "name,age\nx,60\ny,63\n"}


class Package(NamedTuple):
    """A package, what to ask of it, and what it answers.

    Args:
        dockerfile: its Dockerfile, with the base and the installation to be filled in.
        sources: its files, by their paths.
        asked: methods with their arguments.
        answers: what organizations `a` and `b` give, or a master.
    """

    dockerfile: str
    sources: dict[str, str]
    asked: tuple[tuple[str, dict[str, Any]], ...]
    answers: tuple[Any, ...]
    suffix: str = "csv"


def _wrapped(name: str, wrapper: str = "docker_wrapper") -> str:
    return WRAPPED.replace("WRAPPER", wrapper).replace('"NAME"', f'"{name}"')


_ROWS = "def RPC_rows(data):\n    return len(data)\n"

ROWS = (("a", 3), ("b", 2))
MODEL = {
    "ForeignObject": {
        "type": "Model",
        "module": "v6_foreign",
        "fields": {"coefficients": [1.5, -0.5]},
    }
}

PACKAGES = {
    "star-import": Package(
        _wrapped("v6_star"),
        {
            "v6_star/__init__.py": "from .work import *\n",
            "v6_star/work.py": (
                "import time\n\n\n"
                "def total(client, data, column):\n"
                "    ids = [o['id'] for o in client.get_organizations_in_my_collaboration()]\n"
                "    task = client.create_new_task(\n"
                "        input_={'method': 'part', 'kwargs': {'column': column}},\n"
                "        organization_ids=ids,\n    )\n"
                "    while not client.get_task(task['id'])['complete']:\n"
                "        time.sleep(0.05)\n"
                "    return sum(r['sum'] for r in client.get_results(task_id=task['id']))\n\n\n"
                "def RPC_part(data, column):\n"
                "    return {'sum': int(data[column].sum())}\n"
            ),
        },
        (("total", {"column": "age"}),),
        (250,),
    ),
    "dashed-name": Package(
        _wrapped("v6-dash"),
        {"v6-dash/__init__.py": _ROWS, "helpers/__init__.py": ""},
        (("rows", {}),),
        ({"a": 3, "b": 2},),
    ),
    "dotted-name": Package(
        _wrapped("org_lab.algo"),
        {"org_lab/__init__.py": "", "org_lab/algo/__init__.py": _ROWS},
        (("rows", {}),),
        ({"a": 3, "b": 2},),
    ),
    "parquet-wrapper": Package(
        _wrapped("v6_parquet", "parquet_wrapper"),
        {"v6_parquet/__init__.py": _ROWS},
        (("rows", {}),),
        ({"a": 3, "b": 2},),
        suffix="data",
    ),
    "own-wrapper": Package(
        "FROM BASE\nCOPY . /app\nINSTALL\n"
        'CMD ["python", "-c", "from v6_own import wrapper; wrapper(\'v6_own\')"]\n',
        {
            "v6_own/__init__.py": (
                "import csv\nimport json\nimport os\n\n\n"
                "def RPC_kind(data):\n    return type(data).__name__\n\n\n"
                "def wrapper(module):\n"
                "    with open(os.environ['INPUT_FILE'], 'rb') as file:\n"
                "        task = json.loads(file.read().split(b'.', 1)[1].decode())\n"
                "    with open(os.environ['DATABASE_URI']) as file:\n"
                "        rows = list(csv.DictReader(file))\n"
                "    found = globals()['RPC_' + task['method']](rows)\n"
                "    with open(os.environ['OUTPUT_FILE'], 'wb') as file:\n"
                "        file.write(b'json.' + json.dumps(found).encode())\n"
            )
        },
        (("kind", {}),),
        ({"a": "list", "b": "list"},),
    ),
    "derived-wrapper": Package(
        "FROM BASE\nCOPY . /app\nINSTALL\nWORKDIR /app\nCMD python -u start.py\n",
        {
            "v6_derived/__init__.py": "def RPC_kind(data):\n    return sorted(data[0])\n",
            "reading.py": "import csv\n\ndef rows(file):\n    return list(csv.DictReader(file))\n",
            "start.py": (
                "from reading import rows\n"
                "from vantage6.tools.docker_wrapper import WrapperBase\n\n\n"
                "class Rows(WrapperBase):\n"
                "    @staticmethod\n"
                "    def load_data(database_uri, input_data):\n"
                "        with open(database_uri) as file:\n"
                "            return rows(file)\n\n\n"
                "if __name__ == '__main__':\n"
                "    Rows().wrap_algorithm('v6_derived')\n"
            ),
        },
        (("kind", {}),),
        ({"a": ["age", "name"], "b": ["age", "name"]},),
    ),
    "foreign-result": Package(
        _wrapped("v6_foreign"),
        {
            "v6_foreign/__init__.py": (
                "import pandas as pd\n\n\n"
                "class Model:\n"
                "    def __init__(self):\n"
                "        self.coefficients = [1.5, -0.5]\n\n\n"
                "def RPC_model(data):\n"
                "    return {'rows': len(data), 'model': Model(), 'accuracy': 0.875}\n\n\n"
                "def RPC_times(data):\n"
                "    return {'span': pd.Timedelta(days=3), 'nothing': pd.NaT,\n"
                "            'kinds': pd.Categorical(['a', 'b', 'a']), 'rows': len(data)}\n"
            )
        },
        (("model", {}), ("times", {})),
        (
            {each: {"rows": rows, "model": MODEL, "accuracy": 0.875} for each, rows in ROWS},
            {
                each: {
                    "span": "P3DT0H0M0S",
                    "nothing": "NaT",
                    "kinds": ["a", "b", "a"],
                    "rows": rows,
                }
                for each, rows in ROWS
            },
        ),
    ),
    "common-imports": Package(
        _wrapped("v6_imports"),
        {
            "v6_imports/__init__.py": (
                "from vantage6.client import ContainerClient\n"
                "from vantage6.common import error, info, warning\n"
                "from vantage6.tools.util import warn\n\n\n"
                "def master(client: ContainerClient, data):\n"
                "    info('asks its organizations')\n"
                "    return len(client.get_organizations_in_my_collaboration())\n\n\n"
                "def RPC_rows(data):\n"
                "    warning('only a few rows') if len(data) < 5 else error('too many')\n"
                "    return len(data)\n"
            )
        },
        (("rows", {}), ("master", {})),
        ({"a": 3, "b": 2}, 2),
    ),
}


def write(name: str, folder: Path, base: str = "python:3.8", install: str = "") -> Path:
    """Make a package in a folder; returns its project folder."""
    package, project = PACKAGES[name], folder / name
    for place, content in package.sources.items():
        (project / place).parent.mkdir(parents=True, exist_ok=True)
        (project / place).write_text(content)
    dockerfile = package.dockerfile.replace("BASE", base)
    installation = install or "RUN pip install /app"
    (project / "Dockerfile").write_text(dockerfile.replace("INSTALL", installation))
    return project


def tables(name: str, folder: Path) -> dict[str, Path]:
    """The data of organizations `a` and `b` in files of the kind that a package reads."""
    import io

    import pandas as pd

    found: dict[str, Path] = {}
    for organization, content in TABLE.items():
        path = found[organization] = folder / f"{organization}.{PACKAGES[name].suffix}"
        if name == "parquet-wrapper":
            pd.read_csv(io.StringIO(content)).to_parquet(path)
        else:
            path.write_text(content)
    return found
