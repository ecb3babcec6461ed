"""Store the names that may occur in the head of a bracket. The caller supplies all names; none are built in."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Names up to this length are codes and must match exactly: "NO" is Norway, but "no" is a word.
LONGEST_EXACT = 4
# The maximum number of stored heads, which exceeds the number of distinct heads in any known text.
MOST_HEADS = 4096


class Name(NamedTuple):
    """A member or a grouping, identified by its code.

    For a grouping, `members` contains the codes of its members.
    """

    code: str
    members: tuple[str, ...] = ()


class Register:
    """A collection of names that can be looked up by their written forms.

    Codes match exactly. Longer names match regardless of case, accents and repeated spaces.
    """

    __slots__ = ("_by_form", "_members", "heads")

    def __init__(self, forms: Iterable[tuple[str, Name]] = ()) -> None:
        self._by_form: dict[str, Name] = {}
        for written, name in forms:
            self._by_form[_form(written)] = name
        for written, name in list(self._by_form.items()):
            if len(written) <= LONGEST_EXACT:  # "PERU" is Peru, unless "PERU" is itself a code
                self._by_form.setdefault(written.upper(), name)
        self._members = {name.code: frozenset(name.members) for name in self._by_form.values()}
        # The heads that were read with this register, by their written form.
        self.heads: dict[str, object] = {}

    def find(self, written: str) -> Name | None:
        """Return the name with this written form, or None. A footnote number at its end is ignored."""
        name = self._by_form.get(written)
        if name is None and len(written) > LONGEST_EXACT:
            name = self._by_form.get(_form(written))
        if name is None and (code := written.rstrip("0123456789")) != written:
            name = self.find(code)
        return name

    def members_of(self, code: str) -> frozenset[str]:
        """Return the codes of the members of a grouping, or an empty set for a member."""
        return self._members.get(code, frozenset())

    def keep(self, written: str, head: object) -> None:
        """Store a head. The number of stored heads is limited so that a hostile text cannot exhaust the memory."""
        if len(self.heads) >= MOST_HEADS:
            self.heads.clear()
        self.heads[written] = head

    def __repr__(self) -> str:
        return f"<Register of {len(self._members)} names in {len(self)} forms>"

    def __len__(self) -> int:
        return len(self._by_form)


def _form(written: str) -> str:
    """Return the form in which a name is compared.

    A code is compared as written, and a longer name in a normalised form. The normalised form has no capitals, accents
    or repeated spaces.
    """
    if len(written) <= LONGEST_EXACT:
        return written
    if not written.isascii():
        letters = unicodedata.normalize("NFKD", written.replace("’", "'"))
        written = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(written.casefold().split())
