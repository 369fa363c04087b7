"""What an algorithm prints of its own doing; the lines of the genuine `vantage6.tools.util`."""


def info(msg: str) -> None:
    """Print a line about the ordinary course of things."""
    print("info > " + msg)


def warn(msg: str) -> None:
    """Print a line about something that went wrong."""
    print("warn > " + msg)


def error(msg: str) -> None:
    """Print a line about something that ends the run."""
    print("error > " + msg)
