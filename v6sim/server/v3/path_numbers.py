"""Numbers in paths, `{key:int}`: of so many digits as Python turns into an integer.

Starlette takes any number of digits for one, and fails on those of more than 4,300.
"""

from starlette.convertors import IntegerConvertor, register_url_convertor


class PathNumber(IntegerConvertor):
    """An integer; a longer one is no such path."""

    regex = "[0-9]{1,4300}"


register_url_convertor("int", PathNumber())
