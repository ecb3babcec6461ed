"""Recognise list labels that are only in another place of the same line.

The text layer of a PDF often contains "(a)" after the first line of its item, while another version contains it before.
"""

import re

from bracketed_text.elsewhere import Elsewhere
from bracketed_text.events import Event

_LABEL = re.compile(r"\((?:[a-z]|[ivx]{1,4})\)")
# Labels and the numbers of paragraphs, without any other word.
_ONLY_LABELS = re.compile(r"(?:\((?:[a-z]|[ivx]{1,4})\)|(?<!\d)\d{1,3}(?!\d)|[\s.;:,])+")
# A label is in another place of its line if it is at most so many characters away.
_FAR = 200


def without_shifted_labels(number: int, event: Event, elsewhere: Elsewhere) -> tuple[str, str]:
    """Return the texts that the event with this number removed and added, without labels that were only shifted.

    Labels are left out only if the text contains nothing else, and if the other text has them close by.
    """
    removed, added = event.removed, event.added
    if removed and _ONLY_LABELS.fullmatch(removed):
        expected = elsewhere.new_offset(elsewhere.removed[number][0][0])
        removed = _without(removed, elsewhere.new.text, expected)
    if added and _ONLY_LABELS.fullmatch(added):
        expected = elsewhere.old_offset(elsewhere.added[number][0][0])
        added = _without(added, elsewhere.old.text, expected)
    return removed, added


def _without(labels: str, text: str, expected: int) -> str:
    beside = set(_LABEL.findall(text, max(0, expected - _FAR), expected + _FAR))
    return _LABEL.sub(lambda label: "" if label[0] in beside else label[0], labels)
