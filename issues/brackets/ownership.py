"""What of a text is not one member's own: the part that the member may not change.

A member may take, change and withdraw its positions, put words in brackets under its name and reword a
bracket that it alone proposes. So, seen without the member, the text stays the same:

- a bracket that it alone proposes disappears with its words;
- a bracket that it alone opposes, supports, reserves … may stand or not: the words are not its own, and a
  bracket in which nobody was named may be behind it;
- beside others, only its name disappears from the head.
"""

from collections.abc import Iterator
from typing import NamedTuple

from issues.brackets.heads import PROPOSE, Head
from issues.brackets.tree import Bracket, Tree
from issues.brackets.words import WORD


class Foreign(NamedTuple):
    """A word, mark or head that is not the member's; `start` and `end` say where in the text."""

    token: str
    start: int
    end: int
    optional: bool = False


def foreign(tree: Tree, code: str) -> list[Foreign]:
    """Return what remains of the text without the positions and proposals of `code`, token by token."""
    return list(_foreign(tree, code))


def first_trespass(old: Tree, new: Tree, code: str) -> tuple[Foreign | None, Foreign | None] | None:
    """Return the first place where `new` changes what is not `code`'s own: (before, after), or None.

    Either side is None where something was added or removed at the end.
    """
    before, after = foreign(old, code), foreign(new, code)
    one = other = 0
    while one < len(before) and other < len(after):
        if before[one].token == after[other].token:
            one, other = one + 1, other + 1
        elif before[one].optional:
            one += 1
        elif after[other].optional:
            other += 1
        else:
            return before[one], after[other]
    removed = next((token for token in before[one:] if not token.optional), None)
    added = next((token for token in after[other:] if not token.optional), None)
    return (removed, added) if removed or added else None


def _foreign(tree: Tree, code: str) -> Iterator[Foreign]:
    text = tree.text
    hidden_until = -1  # the end of a bracket that is the member's own
    for start, end, role, bracket in tree.pieces():
        if start < hidden_until:
            continue
        if role == "text":
            yield from (Foreign(*found) for found in _tokens(text, start, end))
        elif role == "aside":
            yield Foreign(text[start:end], start, end)
        elif bracket is not None and role == "open":
            if _own(bracket.head, code):
                hidden_until = bracket.end
            else:
                yield Foreign(_head_without(bracket.head, code), start, end, _alone(bracket.head, code))
        elif bracket is not None and role == "close":
            yield Foreign("]", start, end, _alone(bracket.head, code))


def _tokens(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield words and punctuation; white space between them is nobody's."""
    position = start
    for match in WORD.finditer(text, start, end):
        yield from _punctuation(text, position, match.start())
        yield match[0], match.start(), match.end()
        position = match.end()
    yield from _punctuation(text, position, end)


def _punctuation(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for at in range(start, end):
        if not text[at].isspace():
            yield text[at], at, at + 1


def _own(head: Head, code: str) -> bool:
    """Whether the words are there because the member alone proposes them, and nobody else has spoken to them."""
    return head.names(PROPOSE) == {code} == head.names()


def _alone(head: Head, code: str) -> bool:
    """Whether the member is the only one named."""
    return head.names() == {code}


def _head_without(head: Head, code: str) -> str:
    """Return the head as the others left it.

    That somebody proposed the words is kept although it was `code`: without it, "[BRA oppose: …]" would turn
    an addition into base text.
    """
    if _alone(head, code):
        return "["
    others = [f"{claim.stance} {name}" for claim in head.claims for name in claim.names if name != code]
    return "[" + ("proposed; " if head.names(PROPOSE) else "") + ", ".join(sorted(others))


def innermost(tree: Tree, offset: int) -> Bracket | None:
    """Return the innermost negotiation bracket around `offset`, if any."""
    found = None
    for bracket, _ in tree.walk():
        if bracket.start <= offset < bracket.end:
            found = bracket
        elif bracket.start > offset:
            break
    return found
