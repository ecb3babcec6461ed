"""What a benchmark yields, and whether it is what was aimed at."""

import operator
import re
from typing import NamedTuple

COMPARED = {"at most": operator.le, "below": operator.lt, "at least": operator.ge}
TARGET = re.compile(r"(at most|below|at least) ([\d.]+)(?: \(.+\))?")


class Row(NamedTuple):
    """What was measured, against what, the ratio of both, and the target: “at most 4”, perhaps with a word on it."""

    what: str
    peer: str
    ratio: float
    target: str = ""

    @property
    def met(self) -> str:
        """Whether the target was met, "" where there is none; raises ValueError for one that is no number."""
        if not self.target:
            return ""
        found = TARGET.fullmatch(self.target)
        if not found:
            raise ValueError(f"“{self.target}” is no target: at most, below or at least, a number")
        return "met" if COMPARED[found[1]](self.ratio, float(found[2])) else "**not met**"


class NotMeasured(Exception):
    """Why a part was not measured on this machine."""
