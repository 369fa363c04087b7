"""The error of what can only be done with a v6sim of this process."""


class Impossible(NotImplementedError):
    """What cannot be done with a v6sim that runs in another process; the text says what can."""

    def __init__(self, what: str, url: str, instead: str) -> None:
        super().__init__(f"{what} is impossible at {url}, a v6sim of another process: {instead}")
