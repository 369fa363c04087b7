"""How large the payloads and logs of a node's runs may be."""

from dataclasses import dataclass

from v6sim.wire.long_payload import longest_text
from v6sim.wire.sizes import MAX_INPUT, MAX_LOG, MAX_RESULT, MIB


@dataclass(frozen=True)
class Limits:
    """The largest sizes, in bytes; payloads count as they are before they are encoded.

    Args:
        max_result: of a result.
        max_input: of an input, also of those that a master sends.
        max_log: of a log; of a longer one, the beginning and the end are reported.
    """

    max_result: int = MAX_RESULT
    max_input: int = MAX_INPUT
    max_log: int = MAX_LOG

    @property
    def longest_input(self) -> int:
        """How many characters an input has at most on the wire."""
        return longest_text(self.max_input)

    @property
    def longest_result(self) -> int:
        """How many characters a result has at most on the wire."""
        return longest_text(self.max_result)

    @property
    def largest_request(self) -> int:
        """How many bytes an algorithm may send at once: inputs for several organizations."""
        return max(self.longest_result, self.longest_input) + MIB
