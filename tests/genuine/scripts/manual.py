"""What the vantage6 manual walks its reader through, with the genuine client.

Arguments: host, port, what to print at the end as JSON goes to the file named last.
"""

import json
import sys
import time

from vantage6.client import Client


def main(host, port, out):
    print("Attempt login to Vantage6 API")
    client = Client(host, int(port), "/api")
    client.authenticate("researcher", "Researcher-1")
    client.setup_encryption(None)
    seen = {"whoami": [client.whoami.name, client.whoami.organization_name]}

    collaborations = client.collaboration.list(fields=["id", "name"])
    seen["collaborations"] = collaborations
    seen["organizations"] = client.organization.list(fields=["id", "name"], include_metadata=False)
    seen["nodes"] = len(client.node.list()["data"])

    seen["master"] = run(
        client, [2], {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
    )
    seen["master at two"] = run(
        client, [2, 3], {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
    )
    partial = {"method": "average_partial", "master": False, "kwargs": {"column_name": "age"}}
    seen["rpc"] = run(client, [2, 3], partial)
    seen["other database"] = run(client, [2, 3], partial, database="my_other_database")
    seen["json"] = run(client, [2, 3], dict(partial, output_format="json"), data_format="json")
    with open(out, "w") as file:
        json.dump(seen, file, default=str)


def run(client, organizations, input_, **options):
    task = client.task.create(
        collaboration=1,
        organizations=organizations,
        name="an-awesome-task",
        image="harbor2.vantage6.ai/demo/average",
        description="",
        input=input_,
        **options,
    )
    started = time.time()
    info = client.task.get(task["id"], include_results=True)
    while not info.get("complete"):
        info = client.task.get(task["id"], include_results=True)
        print("Waiting for results")
        time.sleep(3)
    print("Results are ready after", time.time() - started)
    rows = client.result.list(task=info["id"])["data"]
    return [rows[number]["result"] for number in range(len(rows))]


if __name__ == "__main__":
    main(*sys.argv[1:])
