"""Every mistake in a world file, and exactly what is said about it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from v6sim.cli.worlds import load
from v6sim.runtime.secret_file import SecretFile
from v6sim.sandbox.orders import Person
from v6sim.server.access.callers import Kind
from v6sim.server.access.second_factor import Factor
from v6sim.server.operations.logins import SignedIn
from v6sim.server.settings import MailServer
from v6sim.world import World, WorldError, WorldInvalidError
from v6sim.world.participant import Participant
from v6sim.world.user import User

Write = Callable[..., str]
Complaint = Callable[[str | Path], str]

ORGANIZATION_FIELDS = (
    "name, domain, address1, address2, zipcode, country, public_key, private_key, roles, users"
)
MISTAKES = [
    section.splitlines()
    for section in Path(__file__).with_name("mistakes.txt").read_text().split("\n## ")[1:]
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[heading for heading, *_ in MISTAKES])
def test_a_mistake_is_named_with_its_line_and_field(
    mistake: list[str], write: Write, folder: Path, complaint: Complaint
) -> None:
    (folder / "sub").mkdir()
    file = write("\n".join(line for line in mistake[1:] if not line.startswith("> ")))
    said = [line[2:].replace("{folder}", str(folder)) for line in mistake if line.startswith("> ")]
    assert complaint(file).splitlines() == [f"{file}:{line}" for line in said]


NOT_A_WORLD = {
    "nothing": ("world.yaml", "", "world.yaml: holds nothing"),
    "nothing, in JSON": ("world.json", " \n", "world.json: holds nothing"),
    "a comment": ("world.yaml", "# soon\n", "world.yaml: holds nothing"),
    "null": ("world.json", "null", "world.json:1: holds nothing"),
    "a list": ("world.yaml", "\n- name: North\n", "world.yaml:2: is a list; expected the fields"),
    "a list, in JSON": ("world.json", "[1]", "world.json:1: is a list; expected the fields"),
    "a word": ("world.yaml", "hello", "world.yaml:1: is a single value; expected the fields"),
    "JSON that ends early": (
        "world.json",
        '{"settings":\n {',
        "world.json:2: is not JSON: Expecting property name enclosed in double quotes (column 3)",
    ),
    "JSON that nests without end": ("world.json", "[" * 10**5, "world.json: is nested too deeply"),
    "a number without end": ("world.json", "9" * 10**4, "world.json: is not JSON: Exceeds"),
    "YAML that does not close": (
        "world.yaml",
        "settings: {a: 1\norganizations: []\n",
        "world.yaml:2: is not YAML: while parsing a flow mapping, did not find expected ',' or '}'",
    ),
    "YAML with tabs": (
        "world.yaml",
        "organizations:\n\t- name: North\n",
        "world.yaml:2: is not YAML: while scanning for the next token, found character that",
    ),
    "YAML with control characters": (
        "world.yaml",
        "# é\norganizations: \x01\n",
        "world.yaml:2: is not YAML: control characters are not allowed",
    ),
    "YAML with tags of Python's": (
        "world.yaml",
        "\nsettings: !!python/object/apply:os.getcwd []\n",
        "world.yaml:2: is not YAML: could not determine a constructor for the tag",
    ),
    "a password with an exclamation mark": (
        "world.yaml",
        "a:\n  password: !Secret-1\n",
        "world.yaml:2: is not YAML: could not determine a constructor for the tag; texts that",
    ),
    "two YAML documents": (
        "world.yaml",
        "settings: {}\n---\nsettings: {}\n",
        "world.yaml:2: is not YAML: expected a single document in the stream",
    ),
}


@pytest.mark.parametrize("kind", NOT_A_WORLD)
def test_a_file_that_holds_no_world_is_refused_in_words(
    kind: str, write: Write, complaint: Complaint
) -> None:
    name, text, expected = NOT_A_WORLD[kind]
    said = complaint(write(text, name))
    assert said.startswith(expected)
    assert "\n" not in said


def test_a_file_in_another_encoding_is_refused_with_its_line(
    folder: Path, complaint: Complaint
) -> None:
    (folder / "world.yaml").write_bytes("organizations:\n  - name: Zürich\n".encode("latin-1"))
    said = "world.yaml:2: byte 0xfc is not UTF-8; save the file as UTF-8"
    assert complaint("world.yaml") == said


def test_a_folder_is_no_world(folder: Path, complaint: Complaint) -> None:
    assert complaint(folder) == f"{folder}: is a folder; name the file in it"


def test_a_file_that_is_not_there_is_sought_nearby(write: Write, complaint: Complaint) -> None:
    write("", "worlds.yaml")
    assert complaint("world.yaml") == (
        "world.yaml: there is no such file, and no built-in world (empty, manual) of this name; "
        "did you mean 'worlds.yaml'?"
    )


def test_a_misspelled_built_in_world_is_recognized(folder: Path, complaint: Complaint) -> None:
    assert complaint("manuel").endswith("; did you mean 'manual'?")


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order(
    write: Write, complaint: Complaint
) -> None:
    file = write(
        """
        collaborations:
          - name: Heart
            participants: [{name: Nort, databases: {default: no.csv}}]
            encrypted: 7.5
        organizations:
          - {name: North, zip: 1}
          - {name: North}
        """
    )
    lines = [line.split(": ")[:2] for line in complaint(file).splitlines()]
    assert lines == [
        ["world.yaml:4", "collaborations[0].participants[0].name"],
        ["world.yaml:4", "collaborations[0].participants[0].databases.default"],
        ["world.yaml:5", "collaborations[0].encrypted"],
        ["world.yaml:7", "organizations[0].zip"],
        ["world.yaml:8", "organizations[1].name"],
    ]


def test_mistakes_in_json_have_lines_too_even_between_tabs(
    write: Write, complaint: Complaint
) -> None:
    file = write(
        '\t{"organizations":\t[\n'
        '\t\t{"name": "\\"{[,:", "smile": "\\ud83d\\ude00"},\n'
        '\t\t{"name":\n\t\t\tfalse, "country": "x", "country": "y"}\n\t]}\n',
        "world.json",
    )
    assert complaint(file).splitlines() == [
        "world.json:2: organizations[0].smile: 'smile' is no field of an organization; known: "
        + ORGANIZATION_FIELDS,
        "world.json:3: organizations[1].name: expected a text, not false; put it in quotes",
        "world.json:4: organizations[1].country: is given twice; put the two together",
    ]


def test_mistakes_in_code_are_named_by_their_fields(folder: Path) -> None:
    with pytest.raises(WorldInvalidError) as caught:
        World.of({"organizations": [{"name": "North", "size": 3}], "collaborations": None})
    (problem,) = caught.value.problems
    assert (problem.place, problem.field) == (("organizations", 0, "size"), "organizations[0].size")
    assert str(problem).startswith("organizations[0].size: 'size' is no field of an organization")


def test_a_world_put_together_in_code_is_checked_as_well() -> None:
    with pytest.raises(WorldInvalidError, match="'Nord' is not an organization of this world"):
        World(collaborations=[{"name": "Heart", "participants": [{"name": "Nord"}]}])


SECRET = "Secret-of-mine-1"
MISPLACED: dict[str, Any] = {
    "a text for a user": {"organizations": [{"name": "a", "users": [f"password:{SECRET}"]}]},
    "a text for users": {"organizations": [{"name": "a", "users": f"ada {SECRET}"}]},
    "a part of a name": {"organizations": [{"name": "a", f"password {SECRET}": None}]},
    "a name": {"settings": {f"root_password={SECRET}": 1}},
    "a name at the top": {f"api_key: {SECRET}": 1},
    "a list": {"settings": {"jwt_secret_key": [SECRET]}},
    "roles": {"organizations": [{"name": "a", "users": [{"username": "b", "password": "Abc-12345",
              "roles": [f"password: {SECRET}"]}]}]},
    "a database": {"settings": {"database_url": f"foo://u:{SECRET}@h/x"}},
    "a database, with signs": {"settings": {"database_url": f"foo://u:'/@\"{SECRET}@h/x"}},
    "a port": {"settings": {"database_url": f"postgresql://u:{SECRET}@h:abc/x"}},
    "a mail server": {"settings": {"smtp": f"smtp://u:{SECRET}@h"}},
    "an origin": {"settings": {"allowed_origins": [f"https://u:{SECRET}@x"]}},
    "a package": {"algorithms": {"a/b": f"https://u:{SECRET}@h/x.git"}},
    "a key": {"organizations": [{"name": "a", "private_key": f"-----BEGIN KEY-----\n{SECRET}"}]},
}  # fmt: skip


@pytest.mark.parametrize("where", MISPLACED)
def test_nothing_secret_is_in_a_complaint(where: str, write: Write, folder: Path) -> None:
    with pytest.raises(WorldError) as caught:
        load(write(json.dumps(MISPLACED[where])))
    assert SECRET not in str(caught.value)
    for problem in caught.value.problems:
        assert SECRET not in f"{problem.text} {problem.field}"


def test_nothing_secret_is_in_the_text_of_an_object() -> None:
    secret = "Secret-of-mine-1"
    made = [
        User(username="a", password=secret),
        Participant(name="a", api_key=secret),
        MailServer(password=secret),
        SecretFile("127.0.0.1", 5000, "1", secret),
        Factor(secret, f"otpauth://{secret}"),
        SignedIn(1, Kind.USER, secret, secret),
        Person("a", secret, "b"),
    ]
    assert secret not in repr(made)
