"""Numbers as they are sent."""

from collections.abc import Mapping


def number(asked: Mapping[str, str], name: str) -> int:
    """Return a number that was sent, -1 for what is none."""
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
