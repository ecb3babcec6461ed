"""Create a register from a list of names or from the heads in a text.

A list contains one line for each member or grouping: its code, its other names and, for a grouping, "=" followed by the
codes of its members. Empty lines and lines that begin with "#" are ignored.

    CAN, Canada
    AFRICAN GROUP, GRUPE AFRICAIN = KEN, NGA
"""

import re
from collections.abc import Iterator

from bracketed_text.heads import CODES
from bracketed_text.register import Name, Register

_HEAD = re.compile(
    rf"[\[\];:]\s*(?:\d{{1,3}}\.\s*)?({CODES})\s*(?:\d*\s*(?:propos|support|oppos|reserv|consider)|[:;])"
)
_CODE = re.compile(r"[A-Z]{2,5}")


def read_names(listed: str) -> Register:
    """Return the register that a list of names defines.

    Raises ValueError, with the line number, if a line contains no code.
    """
    return Register(_listed(listed))


def names_at_heads(text: str) -> Register:
    """Return a register of the codes in the heads of `text`.

    A code consists of two to five capitals before a verb or a colon.
    """
    codes = {code for match in _HEAD.finditer(text) for code in _CODE.findall(match[1])} - {"NOTE"}
    return Register((code, Name(code)) for code in sorted(codes))


def _listed(listed: str) -> Iterator[tuple[str, Name]]:
    for number, line in enumerate(listed.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        written, _, members = line.partition("=")
        forms = [form.strip() for form in written.split(",") if form.strip()]
        if not forms:
            raise ValueError(f"Line {number} of the names has no code. Write, for example, “CAN, Canada”.")
        name = Name(forms[0], tuple(code.strip() for code in members.split(",") if code.strip()))
        for form in forms:
            yield form, name
