"""The manual's other half: a federation made from nothing, with the genuine client.

Arguments: host, port, file for the answers.
"""

import base64
import json
import pathlib
import sys
import tempfile

from vantage6.client import Client
from vantage6.common.encryption import RSACryptor


def main(host, port, out):
    client = Client(host, int(port), "/api")
    client.authenticate("root", "root")
    client.setup_encryption(None)

    folder = pathlib.Path(tempfile.mkdtemp())
    key = RSACryptor.create_new_rsa_key(folder / "private.pem")
    public_key = base64.b64encode(RSACryptor.create_public_key_bytes(key)).decode()
    organizations = [
        client.organization.create(
            name=name,
            address1="Street 1",
            address2="",
            zipcode="1234",
            country="NL",
            domain="%s.example" % name,
            public_key=public_key,
        )
        for name in ("built_org1", "built_org2")
    ]
    ids = [organization["id"] for organization in organizations]
    collaboration = client.collaboration.create(
        name="built_collab", organizations=ids, encrypted=False
    )
    nodes = [client.node.create(collaboration=collaboration["id"], organization=key) for key in ids]
    researcher = [role for role in client.role.list()["data"] if role["name"] == "Researcher"][0]
    user = client.user.create(
        username="builder",
        firstname="B",
        lastname="Uilder",
        password="Builder-1",
        email="builder@example.org",
        organization=ids[0],
        roles=[researcher["id"]],
    )
    with open(out, "w") as file:
        json.dump(
            {
                "key kept": all(each["public_key"] == public_key for each in organizations),
                "collaboration": collaboration["id"],
                "organizations": ids,
                "api keys": [node["api_key"] for node in nodes],
                "user": user["username"],
                "refused": client.user.create("builder", "x", "y", "Builder-1", "other@x.org"),
            },
            file,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
