"""Values of strangers as messages show them: never more than a line of them."""

import reprlib

_MOST = 200  # characters

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = _MOST
_repr.maxlist = _repr.maxtuple = _repr.maxdict = 40
_repr.maxlevel = 4


def excerpt(value: object) -> str:
    """Return `repr(value)`; of a long one the beginning, and three points.

    Args:
        value: of JSON.
    """
    text = _repr.repr(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."
