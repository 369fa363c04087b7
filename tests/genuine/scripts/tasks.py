"""Tasks, one after another, by a user of the genuine client.

Arguments: host, port, what to do (JSON), file for the answers. What to do: `username`, `password`,
`private_key` (a path, or null) and `tasks`, each with the arguments of `client.task.create`.
"""

import json
import sys

from vantage6.client import Client


def main(host, port, what, out):
    what = json.loads(what)
    client = Client(host, int(port), "/api")
    client.authenticate(what["username"], what["password"])
    client.setup_encryption(what["private_key"])
    answers = [run(client, task) for task in what["tasks"]]
    with open(out, "w") as file:
        json.dump({"tasks": answers}, file)


def run(client, task):
    """The runs of a task, in the order of their organizations."""
    made = client.task.create(name="task", description="", **task)
    client.wait_for_results(made["id"], sleep=0.1)
    rows = client.result.list(task=made["id"], include_metadata=False)
    rows.sort(key=lambda row: row["organization"]["id"])
    return [{key: row[key] for key in ("result", "status", "log")} for row in rows]


if __name__ == "__main__":
    main(*sys.argv[1:])
