"""Who may stand at the head of a bracket. The caller passes it in; the engine knows no member by heart."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Up to this length a written form is a code and must match letter by letter: "NO" is Norway, "no" is a word.
LONGEST_EXACT = 4
# More different heads than any text has.
MOST_HEADS = 4096


class Name(NamedTuple):
    """A member or a grouping: its code, and for a grouping the codes of its members."""

    code: str
    members: tuple[str, ...] = ()


class Register:
    """Finds a `Name` by the ways in which it is written: codes letter by letter, longer names in any case."""

    __slots__ = ("_by_form", "_members", "heads")

    def __init__(self, forms: Iterable[tuple[str, Name]] = ()) -> None:
        self._by_form: dict[str, Name] = {}
        for written, name in forms:
            self._by_form[_form(written)] = name
        for written, name in list(self._by_form.items()):
            if len(written) <= LONGEST_EXACT:  # "PERU" is Peru, as long as it is nobody's code
                self._by_form.setdefault(written.upper(), name)
        self._members = {name.code: frozenset(name.members) for name in self._by_form.values()}
        # Heads that were read with this register, by how they are written.
        self.heads: dict[str, object] = {}

    def find(self, written: str) -> Name | None:
        """Return who is written like this, or None; a footnote number glued to a code belongs to the code."""
        found = self._by_form.get(written)
        if found is None and len(written) > LONGEST_EXACT:
            found = self._by_form.get(_form(written))
        if found is None and (code := written.rstrip("0123456789")) != written:
            found = self.find(code)
        return found

    def members_of(self, code: str) -> frozenset[str]:
        """Return the codes of the members of a grouping; none for a member."""
        return self._members.get(code, frozenset())

    def keep(self, written: str, head: object) -> None:
        """Remember a head; a hostile text cannot make the memory grow without end."""
        if len(self.heads) >= MOST_HEADS:
            self.heads.clear()
        self.heads[written] = head

    def __len__(self) -> int:
        return len(self._by_form)


def _form(written: str) -> str:
    """Return how a name is compared: codes as they are, longer names without case, accents and repeated spaces."""
    if len(written) <= LONGEST_EXACT:
        return written
    if not written.isascii():
        letters = unicodedata.normalize("NFKD", written.replace("’", "'"))
        written = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(written.casefold().split())
