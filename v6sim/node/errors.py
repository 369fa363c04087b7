"""What can go wrong at a node.

NodeError
 ├── NodeRefused            the server does not know the node's api key
 ├── EncryptionMismatch     the node's setting is not its collaboration's
 ├── NoPrivateKey           the collaboration encrypts, and the node has no key for that
 ├── KeyMismatch            the node's key is not that of its organization
 ├── ServerRefused          the server answered a request with a refusal
 ├── ServerAway             the server cannot be reached, or was away meanwhile
 ├── ServerForgot           the server has started over, and knows nothing of this run
 ├── EngineAway             the Docker engine does not answer
 ├── NotAFile               an algorithm left something else where a file should be
 ├── FileTooLarge           an algorithm left more in a file than it may
 └── RunError               one run cannot be carried out; says how it is to be reported
      ├── UnreadableInput   the run's input cannot be decrypted, or decoded
      ├── InputTooLarge     the run's input is larger than the node takes
      ├── ImageRefused      the node's policy does not allow the image
      ├── NoRoom            the run's files cannot be written
      ├── MissingDatabase   the node has no database of that label, or its file is not there
      ├── UnknownImage      the image's name stands for nothing
      ├── NoImage           the image's name leads to no Docker image
      ├── BuildFailed       it leads to sources from which no image can be built
      ├── NotStarted        the image cannot be started
      └── NoPackage         the image's name stands for something that cannot be started
"""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from v6sim.wire.sizes import format_size
from v6sim.wire.statuses import RunStatus


class NodeError(Exception):
    """Anything a node cannot do; its text is for the person who runs it."""


class NodeRefused(NodeError):
    """The server does not know the api key.

    Args:
        server: the address that was asked.
        said: the server's own words.
    """

    def __init__(self, server: str, said: str) -> None:
        super().__init__(
            f"{server} does not know this node's api key ({said}). Take the key that the server "
            "gave when the node was created, or make a new one by resetting the node's key"
        )


class EncryptionMismatch(NodeError):
    """The node's setting `encrypted` differs from its collaboration's."""

    def __init__(self, collaboration: str, *, encrypted: bool) -> None:
        should = "encrypts" if encrypted else "does not encrypt"
        super().__init__(
            f"collaboration {collaboration!r} {should}, but this node is set to the opposite: "
            f"set its `encrypted` to {str(encrypted).lower()}"
        )


class NoPrivateKey(NodeError):
    """The collaboration encrypts, and the node has no key for that.

    Args:
        collaboration: its name.
        organization: the name of the node's organization.
        problem: what is with the node's key.
    """

    def __init__(self, collaboration: str, organization: str, problem: str) -> None:
        super().__init__(
            f"collaboration {collaboration!r} encrypts, which takes the private key of "
            f"{organization!r}, but {problem}. Give its file: `private_key` of the organization in "
            "the world, or --private-key of `v6sim node`"
        )


class KeyMismatch(NodeError):
    """The node's private key is not the one that others encrypt for.

    Args:
        organization: the name of the node's organization.
        file: where the private key is.
        problem: what the server has instead of its public key.
    """

    def __init__(self, organization: str, file: Path, problem: str) -> None:
        super().__init__(
            f"the private key {file} does not fit {organization!r}: {problem}. Give the node the "
            "private key that belongs to it, or have the organization's public key replaced "
            "at the server, which makes what was encrypted for it unreadable"
        )


class ServerRefused(NodeError):
    """The server answered a request with a refusal.

    Args:
        request: method and path.
        status: the HTTP status.
        said: the server's own words.
    """

    def __init__(self, request: str, status: int, said: str) -> None:
        super().__init__(f"{request}: {status} {said}")
        self.request, self.status, self.said = request, status, said


class ServerAway(NodeError):
    """The server cannot be reached; or it was away, and took no token from before."""


class ServerForgot(NodeError):
    """The server has started over: the run that it knows by this id is another one."""


class EngineAway(NodeError):
    """The Docker engine does not answer.

    Args:
        said: what there was instead of an answer.
    """

    def __init__(self, said: str) -> None:
        super().__init__(
            f"the Docker engine does not answer ({said}). Start it, or set DOCKER_HOST to where it "
            "listens; without Docker, algorithms run with the executor `process`"
        )


class NotAFile(NodeError):
    """An algorithm left something else where a file should be.

    Args:
        path: the place.
        problem: what is there instead.
    """

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name} is no plain file ({problem})")


class FileTooLarge(NodeError):
    """An algorithm left more in a file than it may.

    Args:
        size: how many bytes there are.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"the file has {format_size(size)}")
        self.size = size


class RunError(NodeError):
    """One run cannot be carried out; the text goes into its log."""

    status: ClassVar[RunStatus] = RunStatus.FAILED


class UnreadableInput(RunError):
    """The input cannot be decrypted, or decoded."""

    status = RunStatus.CRASHED


class InputTooLarge(RunError):
    """The run's input is larger than the node takes."""


class NoRoom(RunError):
    """The run's files cannot be written.

    Args:
        said: why not, in the words of the system.
    """

    status = RunStatus.CRASHED

    def __init__(self, said: str) -> None:
        super().__init__(
            f"the run's files cannot be written: {said}. Make room there, or set TMPDIR of the "
            "node to a folder on another disk"
        )


class MissingDatabase(RunError):
    """The task asks for a database that this node has not."""

    status = RunStatus.CRASHED


class ImageRefused(RunError):
    """The node's policy does not allow the image.

    Args:
        image: its name, as the task gives it.
        patterns: those of which one would have to fit.
    """

    def __init__(self, image: str, patterns: Iterable[str]) -> None:
        super().__init__(
            f"this node does not run the image {image!r}: its name fits none of the node's "
            f"`allowed_images`, {', '.join(map(repr, patterns))}"
        )


class NoImage(RunError):
    """The image's name leads to no Docker image.

    Args:
        image: the name, as the task gives it.
        looked: where was looked, and what was found there.
    """

    status = RunStatus.NO_IMAGE

    def __init__(self, image: str, looked: Iterable[str]) -> None:
        places = "; ".join(looked)
        super().__init__(f"there is no Docker image {image!r}. Looked for it: {places}")


class BuildFailed(RunError):
    """The image of an algorithm cannot be built; the text has what the build said.

    Args:
        summary: that, and where, without what the build said; for those who have seen it.
        said: what the build said, line by line, why it failed being the last.
    """

    status = RunStatus.START_FAILED

    def __init__(self, summary: str, said: Iterable[str] = ()) -> None:
        lines = "\n".join(said)
        super().__init__(f"{summary}. The build said:\n{lines}" if lines else summary)
        self.summary = summary


class NotStarted(RunError):
    """The container of an algorithm cannot be made, or does not start."""

    status = RunStatus.START_FAILED


class UnknownImage(RunError):
    """The image's name stands for no algorithm here.

    Args:
        image: the name, as the task gives it.
        tried: the names under which it was looked for.
        known: the names there are.
    """

    status = RunStatus.NO_IMAGE

    def __init__(self, image: str, tried: Iterable[str], known: Iterable[str]) -> None:
        names = ", ".join(sorted(known)) or "none"
        super().__init__(
            f"no algorithm is known by the image name {image!r} (looked for {', '.join(tried)}). "
            f"Known names: {names}. Map the name to a package: under `algorithms` of the world, "
            f"or with `--algorithm {image}=PACKAGE` of `v6sim node`"
        )


class NoPackage(RunError):
    """The package of an algorithm, or its interpreter, cannot be started."""

    status = RunStatus.START_FAILED
