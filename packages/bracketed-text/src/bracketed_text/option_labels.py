"""Find whether the label of an option is also in the other text, where the option is not recognised as such.

For example, a label may have become a heading, as in "Option 2: (paragraphs 3–5)", or be in the middle of a line now.
In neither case did the option end.
"""

import re
from functools import cache

_LABEL = re.compile(r"\b(opt|alt)[a-z]*\W{1,6}(\w{1,4})\b", re.IGNORECASE)
_ROMANS = {letters: str(number) for number, letters in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
# The label may be so many characters from the expected place, because a page header or a title may precede it.
_FAR = 60


@cache
def _number(kind: str, name: str) -> tuple[str, str]:
    """Return the kind of a label and its number or letter. "Option II" and "OPTION 2" have the same number."""
    name = name.casefold()
    return kind.casefold(), _ROMANS.get(name, name)


def is_beside(label: str, text: str, start: int, end: int) -> bool:
    """Return whether `text[start:end]`, or the text beside it, contains this label in any spelling."""
    match = _LABEL.search(label)
    if match is None:
        return False
    beside = _LABEL.finditer(text, max(0, start - _FAR), end + _FAR)
    return any(_number(*label_beside.groups()) == _number(*match.groups()) for label_beside in beside)
