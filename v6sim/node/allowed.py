"""Which images a node runs."""

import re
from collections.abc import Iterable

from v6sim.node.errors import ImageRefused


class AllowedImages:
    """The images that a node runs.

    Args:
        patterns: regular expressions, matched from the start of an image's name (reference: node,
            section 5); none: all are allowed.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def check(self, image: str) -> None:
        """Let an image pass.

        Raises:
            ImageRefused: no pattern fits it.
        """
        if self._patterns and not any(pattern.match(image) for pattern in self._patterns):
            raise ImageRefused(image, [pattern.pattern for pattern in self._patterns])
