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
        match = TARGET.fullmatch(self.target)
        if not match:
            raise ValueError(f"“{self.target}” is no target: at most, below or at least, a number")
        return "met" if COMPARED[match[1]](self.ratio, float(match[2])) else "**not met**"


class NotMeasured(Exception):
    """Why a part was not measured on this machine."""
