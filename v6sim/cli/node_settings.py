"""What `v6sim node` is told about its node, in its options."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from v6sim.cli.failures import Mistake
from v6sim.world.secrets import without_passwords

if TYPE_CHECKING:
    from v6sim.world import Algorithm


def api_key(given: str | None) -> str:
    """The key of the node.

    Raises:
        Mistake: none is given.
    """
    if not given:
        raise Mistake("--api-key KEY is needed, or V6SIM_API_KEY in the environment, or --handout")
    return given


def check_alone(handout: Path, *given: object) -> None:
    """Insist that what was handed out is not said in options too.

    Raises:
        Mistake: it is.
    """
    if any(given):
        raise Mistake(
            f"--handout {handout}: the key, the databases, the encryption and the allowed images "
            "are in it: leave --api-key, --database, --encrypted, --private-key and "
            "--allowed-image out"
        )


def databases(given: list[str]) -> dict[str, str]:
    """The databases that are given as LABEL=PATH.

    Raises:
        Mistake: one is not, or its label is there already.
    """
    from v6sim.cli.files import data_place

    found: dict[str, str] = {}
    for each in given:
        text = without_passwords(each)
        label, place = _pair("--database", each, "LABEL=PATH, such as default=data.csv")
        for other in found:
            if other == label:
                raise Mistake(f"--database {text!r}: there is a database {label!r} already")
            if other.upper() == label.upper():
                raise Mistake(
                    f"--database {text!r}: {label!r} and {other!r} look the same to algorithms, "
                    "which see labels in capitals; rename one"
                )
        found[label] = data_place(f"--database {text!r}", place)
    return found


def sizes(**given: str | None) -> dict[str, int]:
    """Those of the given sizes that are given, in bytes.

    Raises:
        Mistake: one is none.
    """
    from v6sim.wire.sizes import parse_size

    found: dict[str, int] = {}
    for name, text in given.items():
        try:
            found |= {} if text is None else {name: parse_size(text)}
        except ValueError as error:
            option = f"--{name.replace('_', '-')}"
            raise Mistake(f"{option} {text!r}: {error}") from None
    return found


def patterns(given: list[str]) -> list[str]:
    """Regular expressions, as they are given.

    Raises:
        Mistake: one is none.
    """
    for text in given:
        try:
            re.compile(text)
        except re.error as error:
            raise Mistake(f"--allowed-image {text!r}: no regular expression: {error}") from None
    return given


def algorithms(given: list[str]) -> dict[str, "Algorithm"]:
    """The algorithms that are given as IMAGE=PACKAGE, and those that are known everywhere.

    Raises:
        Mistake: one is not, or its image has a package already.
        NoPackage: there is no one module in it.
    """
    from v6sim.cli.packages import algorithm_of
    from v6sim.world import builtin_algorithms

    known, chosen = builtin_algorithms(), set[str]()
    for text in given:
        image, place = _pair("--algorithm", text, "IMAGE=PACKAGE, such as my/image=./my-package")
        if image in chosen:
            raise Mistake(f"--algorithm {text!r}: there is a package for {image!r} already")
        chosen.add(image)
        known[image] = algorithm_of(place)
    return known


def _pair(option: str, text: str, expected: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise Mistake(f"{option} {without_passwords(text)!r}: {expected} is expected")
    return name, value
