"""The names that may be at the head of a bracket. The caller supplies them; the engine knows no member by itself."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Names up to this length are codes and must match exactly: "NO" is Norway, "no" is a word.
LONGEST_EXACT = 4
# More distinct heads than any text has.
MOST_HEADS = 4096


class Name(NamedTuple):
    """A member or a grouping: its code and, for a grouping, the codes of its members."""

    code: str
    members: tuple[str, ...] = ()


class Register:
    """Finds a `Name` by its written forms: codes match exactly, longer names in any case."""

    __slots__ = ("_by_form", "_members", "heads")

    def __init__(self, forms: Iterable[tuple[str, Name]] = ()) -> None:
        self._by_form: dict[str, Name] = {}
        for written, name in forms:
            self._by_form[_form(written)] = name
        for written, name in list(self._by_form.items()):
            if len(written) <= LONGEST_EXACT:  # "PERU" is Peru, unless it is a code
                self._by_form.setdefault(written.upper(), name)
        self._members = {name.code: frozenset(name.members) for name in self._by_form.values()}
        # Heads that were read with this register, by their written form.
        self.heads: dict[str, object] = {}

    def find(self, written: str) -> Name | None:
        """Return the name with this written form, or None; a footnote number attached to a code belongs to the code."""
        name = self._by_form.get(written)
        if name is None and len(written) > LONGEST_EXACT:
            name = self._by_form.get(_form(written))
        if name is None and (code := written.rstrip("0123456789")) != written:
            name = self.find(code)
        return name

    def members_of(self, code: str) -> frozenset[str]:
        """Return the codes of the members of a grouping; empty for a member."""
        return self._members.get(code, frozenset())

    def keep(self, written: str, head: object) -> None:
        """Remember a head; the number of heads is bounded, so that a hostile text cannot exhaust memory."""
        if len(self.heads) >= MOST_HEADS:
            self.heads.clear()
        self.heads[written] = head

    def __repr__(self) -> str:
        return f"<Register of {len(self._members)} names in {len(self)} forms>"

    def __len__(self) -> int:
        return len(self._by_form)


def _form(written: str) -> str:
    """Return the form under which a name is compared: codes unchanged, longer names without case, accents and repeated
    spaces.
    """
    if len(written) <= LONGEST_EXACT:
        return written
    if not written.isascii():
        letters = unicodedata.normalize("NFKD", written.replace("’", "'"))
        written = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(written.casefold().split())
