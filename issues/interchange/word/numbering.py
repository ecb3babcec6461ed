"""Compute Word's automatic paragraph numbers, which are not part of the text of a paragraph.

A paragraph refers to a numbering instance (`w:num`) and a level. The instance refers to an abstract definition
(`w:abstractNum`), which it may override. Instances of the same definition share its counters, unless an override
restarts them. A paragraph increments the counter of its level and resets the counters of deeper levels. Each level
defines a text such as "%1.%2". The number of the paragraph is this text, in which the formatted counter of a level
replaces each placeholder that refers to that level.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")]
_ROMAN += [(9, "ix"), (5, "v"), (4, "iv"), (1, "i")]


class _Level(NamedTuple):
    start: int
    form: str
    text: str
    restarts: int  # the counter restarts after a paragraph at an outer level with a lower number; 0 means never
    legal: bool


class ListNumbering:
    """A counter for the numbered paragraphs of a document. The paragraphs must be visited in order."""

    def __init__(self, part: Any) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._of: dict[str, tuple[str, dict[int, _Level], dict[int, int]]] = {}
        self._counts: defaultdict[str, list[int | None]] = defaultdict(lambda: [None] * _LEVELS)
        self._begun: set[str] = set()
        if part is not None:
            self._read(part)

    def _read(self, part: Any) -> None:
        for abstract in part.iter(f"{W}abstractNum"):
            self._abstract[abstract.get(f"{W}abstractNumId")] = _levels(abstract)
        for num in part.iter(f"{W}num"):
            of = num.find(f"{W}abstractNumId")
            if of is None:
                continue
            starts: dict[int, int] = {}
            own: dict[int, _Level] = {}
            for override in num.findall(f"{W}lvlOverride"):
                level = _number(override.get(f"{W}ilvl"), 0)
                start = override.find(f"{W}startOverride")
                if start is not None:
                    starts[level] = _number(start.get(f"{W}val"), 1)
                own |= _levels(override)
            self._of[num.get(f"{W}numId")] = (of.get(f"{W}val"), own, starts)

    def next(self, num: str, level: int) -> str:
        """Return the number of the next paragraph of the instance `num` at `level`, where 0 is the outermost level.

        Returns "" for an unknown instance or level.
        """
        if num not in self._of or not 0 <= level < _LEVELS:
            return ""
        abstract, own, starts = self._of[num]
        levels = self._abstract.get(abstract, {}) | own
        current = levels.get(level)
        if current is None:
            return ""
        counts = self._counts[abstract]
        if num not in self._begun:
            self._begun.add(num)
            for at in starts:
                counts[at] = None
        before = counts[level]
        counts[level] = starts.get(level, current.start) if before is None else before + 1
        for at in range(level + 1, _LEVELS):
            if at in levels and levels[at].restarts and level < levels[at].restarts:
                counts[at] = None
        return self._written(current, levels, counts)

    def _written(self, current: _Level, levels: dict[int, _Level], counts: list[int | None]) -> str:
        if current.form == "bullet":
            return "•"
        text = current.text
        for at in range(_LEVELS):
            if f"%{at + 1}" in text:
                level = levels.get(at)
                form = "decimal" if current.legal or level is None else level.form
                count = counts[at] if counts[at] is not None else level.start if level else 1
                text = text.replace(f"%{at + 1}", format_number(int(count or 0), form))
        return text.strip()


def _levels(parent: Any) -> dict[int, _Level]:
    levels = {}
    for element in parent.findall(f"{W}lvl"):
        at = _number(element.get(f"{W}ilvl"), 0)
        restart = _value(element, "lvlRestart", str(at))
        levels[at] = _Level(
            _number(_value(element, "start", "1"), 1),
            _value(element, "numFmt", "decimal"),
            _value(element, "lvlText", ""),
            _number(restart, at),
            element.find(f"{W}isLgl") is not None,
        )
    return levels


def _value(parent: Any, name: str, otherwise: str) -> str:
    element = parent.find(f"{W}{name}")
    return otherwise if element is None else element.get(f"{W}val") or otherwise


def _number(digits: str | None, otherwise: int) -> int:
    return int(digits) if digits is not None and digits.isdecimal() and len(digits) < 7 else otherwise


def format_number(count: int, form: str) -> str:
    """Return `count` in the Word number format `form`, or in decimal digits if the format is unknown."""
    return _FORMS.get(form, str)(count)


def _letters(count: int) -> str:
    # After "z", Word continues with "aa" and "bb".
    return chr(97 + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count < 1000 else str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    parts = []
    for value, sign in _ROMAN:
        parts.append(sign * (count // value))
        count %= value
    return "".join(parts)


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "decimalZero": lambda count: f"{count:02}",
    "none": lambda count: "",
}
