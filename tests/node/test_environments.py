"""What is told of the environment of runs."""

from v6sim.node.environments import HIDDEN, without_secrets


def test_secrets_are_hidden_and_the_rest_is_not() -> None:
    told = without_secrets(
        {
            "DATABASE_URI": "postgresql://reader:pass@db.example/patients",
            "TOKEN_FILE": "/tmp/token",
            "OMOP_PASSWORD": "pass",
            "API_KEY": "pass",
            "MY_SECRET": "pass",
            "AWS_SESSION_TOKEN": "pass",
            "HTTP_PROXY": "http://pass@proxy.example:3128",
            "THRESHOLD": "10",
        }
    )
    assert "pass" not in "".join(told.values())
    assert told["DATABASE_URI"] == f"postgresql://{HIDDEN}@db.example/patients"
    assert told["TOKEN_FILE"] == "/tmp/token"
    assert told["THRESHOLD"] == "10"
