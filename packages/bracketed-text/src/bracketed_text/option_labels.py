"""Find whether the label of an option is also in the other text, where the option is not recognised as such.

For example, a label may have become a heading, as in "Option 2: (paragraphs 3–5)", or be in the middle of a line now.
In neither case did the option end.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

from bracketed_text.alternatives import Form, Variant

_LABEL = re.compile(r"\b(opt|alt)[a-z]*\W{1,6}(\w{1,4})\b", re.IGNORECASE)
_ROMANS = {letters: str(number) for number, letters in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
# The label may be so many characters from the expected place, because a page header or a title may precede it.
_FAR = 60


@cache
def _number(kind: str, name: str) -> tuple[str, str]:
    """Return the kind of a label and its number or letter. "Option II" and "OPTION 2" have the same number."""
    name = name.casefold()
    return kind.casefold(), _ROMANS.get(name, name)


def labels_beside(label: str, text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offsets of this label, in any spelling, in `text[start:end]` or close to it."""
    match = _LABEL.search(label)
    if match is None:
        return
    for beside in _LABEL.finditer(text, max(0, start - _FAR), end + _FAR):
        if _number(*beside.groups()) == _number(*match.groups()):
            yield beside.start()


def in_a_label(variants: Sequence[Variant], offset: int) -> int | None:
    """Return the index of the option in whose label `offset` is, or None. `variants` are in order of the text."""
    at = bisect_right(variants, offset, key=lambda variant: variant.begin) - 1
    return at if at >= 0 and offset < variants[at].start and variants[at].form is Form.OPTION else None
