"""The first program of the server's container: chooses the database by the profiles of Compose."""

import os
import sys

ON_POSTGRES = "postgresql+psycopg://v6sim@/v6sim?host=/database"
OPTIONS = ("--host", "0.0.0.0", "--keep", "/state", "--handout", "/nodes", "--new-secrets")  # noqa: S104


def main() -> None:
    """Go on as the server."""
    if "postgres" in os.environ.get("COMPOSE_PROFILES", "").split(","):
        os.environ["V6SIM_DATABASE_URL"] = ON_POSTGRES
    os.execvp("v6sim", ["v6sim", "server", *OPTIONS, *sys.argv[1:]])


main()
