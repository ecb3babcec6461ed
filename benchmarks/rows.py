"""A row of the benchmark table, and the check of whether it meets its target."""

import operator
import re
from typing import NamedTuple

COMPARED = {"at most": operator.le, "below": operator.lt, "at least": operator.ge}
TARGET = re.compile(r"(at most|below|at least) ([\d.]+)(?: \(.+\))?")


class Row(NamedTuple):
    """A measurement, with its peer, the ratio of the two, and a target such as “at most 4” or “below 1 (flat)”."""

    what: str
    peer: str
    ratio: float
    target: str = ""

    @property
    def met(self) -> str:
        """The result, "met" or "**not met**", or "" without a target. Raises ValueError for an invalid target."""
        if not self.target:
            return ""
        match = TARGET.fullmatch(self.target)
        if not match:
            raise ValueError(f"“{self.target}” is not a target. Write “at most”, “below” or “at least”, and a number.")
        return "met" if COMPARED[match[1]](self.ratio, float(match[2])) else "**not met**"


class NotMeasured(Exception):
    """Raised when a part cannot be measured on this machine. The message gives the reason."""
