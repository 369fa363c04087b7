"""The averages, master and RPC, in a collaboration that encrypts.

Arguments: host, port, username, password, private key, own organization, file for the answers.
"""

import json
import sys

from vantage6.client import Client

IMAGE = "harbor2.vantage6.ai/demo/average"


def main(host, port, username, password, private_key, own, out):
    client = Client(host, int(port), "/api")
    client.authenticate(username, password)
    client.setup_encryption(private_key)
    kwargs = {"column_name": "age"}
    master = {"method": "master", "master": True, "kwargs": kwargs}
    partial = {"method": "average_partial", "master": False, "kwargs": kwargs}
    seen = {
        "master": run(client, [int(own)], master),
        "rpc": run(client, [2, 3, 4], partial),
        "json": run(client, [2, 3], dict(partial, output_format="json"), data_format="json"),
        "public key": client.organization.get(int(own))["public_key"],
    }
    with open(out, "w") as file:
        json.dump(seen, file, default=str)


def run(client, organizations, input_, **options):
    task = client.task.create(
        collaboration=1,
        organizations=organizations,
        name="averages",
        image=IMAGE,
        description="",
        input=input_,
        **options
    )
    client.wait_for_results(task["id"])
    rows = client.result.list(task=task["id"], include_metadata=False)
    rows.sort(key=lambda row: row["organization"]["id"])
    return [row["result"] for row in rows]


if __name__ == "__main__":
    main(*sys.argv[1:])
