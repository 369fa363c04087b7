"""What a world file may hold, and what comes of it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v6sim.world import Algorithm, Participant, World, builtin_algorithms
from v6sim.world.json_text import parse_json
from v6sim.world.yaml_text import parse_yaml

Write = Callable[..., str]


def test_a_file_for_vserver_import_is_a_world(write: Write) -> None:
    world = World.load(
        write(
            """
            organizations:
              - name: OrgA
                domain: a.example
                address1: Street 1
                address2:
                zipcode: 1234
                country: NL
                public_key: LS0tLS1CRUdJTi4uLg==
                users:
                  - username: ua
                    firstname: U
                    lastname: A
                    password: password
              - name: OrgB
                domain:
                address1:
                address2: ''
                zipcode:
                country:
                public_key: ''
            collaborations:
              - name: Z
                participants:
                  - {name: OrgA, api_key: 123e4567-e89b-12d3-a456-426614174001}
                  - {name: OrgB, api_key: 123e4567-e89b-12d3-a456-426614174002}
                tasks: [hello-world]
            """
        )
    )
    first, second = world.organizations
    assert (first.zipcode, first.address2, first.users[0].email) == ("1234", None, None)
    assert (second.domain, second.address2, second.public_key, second.users) == (None, "", "", [])
    (collaboration,) = world.collaborations
    assert collaboration.encrypted is True
    assert collaboration.tasks == ["hello-world"]
    assert collaboration.node_name(collaboration.participants[1]) == "OrgB - Z Node"


def test_json_and_yaml_give_the_same_world(write: Write) -> None:
    data = {
        "settings": {"api_path": "", "two_factor_auth": True, "hold_seconds": 0.5},
        "organizations": [{"name": "Bü\U0001f600", "users": [{"username": "ann"}]}],
        "collaborations": [{"name": "Heart", "encrypted": False, "participants": None}],
        "executor": "inline",
    }
    as_json = World.load(write(json.dumps(data, indent="\t"), "world.json"))
    as_yaml = World.load(write(json.dumps(data, ensure_ascii=False), "world.yaml"))
    assert as_json == as_yaml == World.of(data)
    assert as_json.settings == data["settings"]


def test_the_path_of_a_private_key_counts_from_the_file(write: Write, folder: Path) -> None:
    (folder / "keys").mkdir()
    (folder / "keys" / "north.pem").touch()
    world = World.load(write("organizations: [{name: North, private_key: keys/north.pem}]"))
    assert world.organizations[0].private_key == str(folder / "keys" / "north.pem")


@pytest.mark.parametrize("text", ["{}", "settings:\norganizations:\ncollaborations: []\n"])
def test_a_world_may_be_empty(write: Write, text: str) -> None:
    world = World.load(write(text))
    assert (world.settings, world.organizations, world.collaborations) == ({}, [], [])
    assert world.executor == "process"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0123", "0123"),
        ("1234", "1234"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2020-01-31", "2020-01-31"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("-5", "-5"),
        ("~", None),
        ("", None),
    ],
)
def test_plain_words_in_yaml_are_the_texts_they_look_like(
    write: Write, written: str, meant: str | None
) -> None:
    world = World.load(write(f"organizations: [{{name: North, country: {written}}}]"))
    assert world.organizations[0].country == meant


@pytest.mark.parametrize(("written", "meant"), [("yes", True), ("false", False), ("", True)])
def test_encryption_may_be_said_in_several_words(write: Write, written: str, meant: bool) -> None:
    world = World.load(write(f"collaborations: [{{name: Heart, encrypted: {written}}}]"))
    assert world.collaborations[0].encrypted is meant


def test_yaml_may_repeat_itself_by_reference(write: Write) -> None:
    world = World.load(
        write(
            """
            organizations:
              - &north {name: North, country: Norway, domain: north.example}
              - {<<: *north, name: South}
            """
        )
    )
    assert [(each.name, each.country) for each in world.organizations] == [
        ("North", "Norway"),
        ("South", "Norway"),
    ]


def test_a_key_may_be_folded_over_lines(write: Write) -> None:
    world = World.load(
        write(
            """
            organizations:
              - name: North
                public_key: |
                  LS0tLS1C
                  RUdJTi4uLg==
            """
        )
    )
    assert world.organizations[0].public_key == "LS0tLS1CRUdJTi4uLg=="


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    (folder / "world.json").write_text('{"executor": "inline"}', encoding="utf-8-sig")
    assert World.load("world.json").executor == "inline"


def test_an_own_role_goes_by_its_name(write: Write) -> None:
    world = World.load(
        write(
            """
            organizations:
              - name: North
                roles:
                  - {name: 7, rules: [{name: task, scope: GLOBAL, operation: VIEW}]}
                users: [{username: ann, roles: [7, Viewer]}]
            """
        )
    )
    assert world.organization("North").users[0].roles == ["7", "Viewer"]
    assert world.organization("North").roles[0].rules[0].model_dump() == {
        "name": "task",
        "scope": "GLOBAL",
        "operation": "VIEW",
    }


def test_files_are_found_beside_the_world_from_everywhere(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "link.csv").symlink_to("a.csv")
    write(
        """
        organizations: [{name: North}]
        collaborations:
          - name: Heart
            participants:
              - name: North
                databases:
                  default: a.csv
                  up: sub/../a.csv
                  link: ./link.csv
                  endpoint: https://north.example/sparql
        algorithms:
          north/mean: mean.py
          north/folder: .
          north/module: v6_mean.extra
          north/long: {package: ./mean.py, module: mean, python: ../python/bin/python}
        """
    )
    interpreter = folder.parent / "python" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    monkeypatch.chdir("/")
    world = World.load(folder / "world.yaml")
    assert world.collaborations[0].participants[0].databases == {
        "default": f"{folder}/a.csv",
        "up": f"{folder}/a.csv",
        "link": f"{folder}/link.csv",
        "endpoint": "https://north.example/sparql",
    }
    own = {name: each for name, each in world.algorithms.items() if name.startswith("north/")}
    assert own == {
        "north/mean": Algorithm(package=f"{folder}/mean.py"),
        "north/folder": Algorithm(package=str(folder)),
        "north/module": Algorithm(package="v6_mean.extra"),
        "north/long": Algorithm(
            package=f"{folder}/mean.py", module="mean", python=str(interpreter)
        ),
    }


def test_an_interpreter_may_be_a_command(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    world = World.load(write("algorithms: {a: {package: json, python: python}}"))
    assert world.algorithms["a"].python == str(Path(sys.executable).with_name("python"))


def test_own_algorithms_come_on_top_of_the_built_in_ones(write: Write) -> None:
    average, summary = builtin_algorithms()
    world = World.load(write(f"algorithms: {{{average}: mean.py}}"))
    assert str(world.algorithms[average].package).endswith("/mean.py")
    assert world.algorithms[summary] == builtin_algorithms()[summary]


def test_a_world_in_code_counts_its_paths_from_a_folder_of_choice(folder: Path) -> None:
    data = {
        "organizations": [{"name": "North"}],
        "collaborations": [
            {"name": "Heart", "participants": [{"name": "North", "databases": {"a": "a.csv"}}]}
        ],
    }
    here, there = World.of(data), World.of(data, folder)
    assert here == there
    assert here.collaborations[0].participants[0].databases == {"a": f"{folder}/a.csv"}


def test_a_world_can_be_taken_apart_and_put_together_again(folder: Path) -> None:
    world = World.load("manual")
    assert World.of(world.model_dump()) == world
    assert World.of(json.loads(world.model_dump_json())) == world


@pytest.mark.parametrize(
    ("fields", "has_node"),
    [
        ({}, False),
        ({"databases": {}}, False),
        ({"api_key": "k"}, True),
        ({"databases": {"default": "a.csv"}}, True),
    ],
)
def test_a_key_or_databases_make_a_node(fields: dict[str, object], has_node: bool) -> None:
    assert Participant.model_validate({"name": "North", **fields}).has_node is has_node


def test_an_unknown_organization_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="Nowhere"):
        World.load("manual").organization("Nowhere")


def test_built_in_worlds_win_over_files_of_their_name(folder: Path) -> None:
    (folder / "empty").write_text("executor: inline")
    assert World.load("empty").executor == "process"
    assert World.load("./empty").executor == "inline"
    assert World.load(Path("empty")).executor == "inline"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def places(data: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """All places in some data, in their order."""
    steps: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        steps = list(data.items())
    if isinstance(data, list):
        steps = list(enumerate(data))
    return [place] + [each for step, inner in steps for each in places(inner, (*place, step))]


@given(JSON)
def test_every_place_of_indented_json_has_the_line_it_is_printed_on(data: object) -> None:
    text = json.dumps(data, indent=1)
    document = parse_json(text)
    assert document.data == data
    lines = [document.line(place) for place in places(data)]
    assert lines == sorted(lines, key=lambda line: line or 0)
    printed = [line for line in text.splitlines() if line.strip() not in ("]", "],", "}", "},")]
    assert len(set(lines)) == len(printed)


@given(JSON)
def test_yaml_agrees_with_json_on_values_and_lines(data: object) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=True)
    if "\\ud" in text or "\\u007f" in text:  # escapes that YAML has not
        return
    as_json, as_yaml = parse_json(text), parse_yaml(text)
    assert as_yaml.data == as_json.data
    for place in places(data):
        assert as_yaml.line(place) == as_json.line(place)
