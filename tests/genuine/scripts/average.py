"""A master task by the user that build.py made.

Arguments: host, port, collaboration, list of organizations, file for the answers.
"""

import json
import sys

from vantage6.client import Client


def main(host, port, collaboration, organizations, out):
    client = Client(host, int(port), "/api")
    client.authenticate("builder", "Builder-1")
    client.setup_encryption(None)
    task = client.task.create(
        collaboration=int(collaboration),
        organizations=json.loads(organizations)[:1],
        name="average",
        image="harbor2.vantage6.ai/demo/average",
        description="",
        input={"method": "master", "master": True, "kwargs": {"column_name": "age"}},
    )
    client.wait_for_results(task["id"])
    rows = client.result.list(task=task["id"])["data"]
    with open(out, "w") as file:
        json.dump({"average": [row["result"] for row in rows]}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
