"""The genuine library's own encryption: opens what others sealed, and seals for them.

Arguments: JSON file with `private_key` (a file), `public_key`, `texts` and `payloads` (in base64),
file for the answers.
"""

import base64
import json
import pathlib
import sys

from vantage6.common.encryption import RSACryptor


def main(given, out):
    with open(given) as file:
        given = json.load(file)
    cryptor = RSACryptor(pathlib.Path(given["private_key"]))
    made = RSACryptor.create_new_rsa_key(pathlib.Path("made.pem"))
    payloads = [base64.b64decode(payload) for payload in given["payloads"]]
    with open(out, "w") as file:
        json.dump(
            {
                "public_key": cryptor.public_key_str,
                "opened": [
                    base64.b64encode(cryptor.decrypt_str_to_bytes(text)).decode()
                    for text in given["texts"]
                ],
                "sealed": [
                    cryptor.encrypt_bytes_to_str(payload, given["public_key"])
                    for payload in payloads
                ],
                "verified": cryptor.verify_public_key(given["public_key"]),
                "made": str(pathlib.Path("made.pem").resolve()),
                "made public": base64.b64encode(
                    RSACryptor.create_public_key_bytes(made)
                ).decode(),
            },
            file,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
