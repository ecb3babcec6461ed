"""What of a text is not one member's own: the part that the member may not change.

A member may take, change and withdraw its positions, put words in brackets under its name and reword a
bracket that it alone proposes. So, seen without the member, the text stays the same:

- a bracket that it alone proposes disappears with its words, unless others have spoken to words in it;
- the "/" or "or" that makes such a bracket an alternative to its neighbour disappears with it;
- a bracket that it alone opposes, supports, reserves … may stand or not: the words are not its own, and a
  bracket in which nobody was named may be behind it;
- beside others, only its name disappears from the head.

Words, marks and the ends of lines count; other white space does not.
"""

from collections.abc import Iterator
from typing import NamedTuple

from issues.brackets.diagnostics import Code
from issues.brackets.heads import PROPOSE, Head
from issues.brackets.tree import Bracket, Tree
from issues.brackets.words import WORD

_HIDDEN = "own bracket"
_LINE_END = "end of line"
_SEPARATORS = frozenset({"/", "or", "{and/or}"})


class Foreign(NamedTuple):
    """A word, mark or head that is not the member's; `start` and `end` say where in the text.

    An optional one may be in one version and not in the other.
    """

    token: str
    start: int
    end: int
    optional: bool = False
    mark: bool = False  # a mark of a bracket, with its head


def foreign(tree: Tree, code: str) -> list[Foreign]:
    """Return what remains of the text without the positions and proposals of `code`, token by token."""
    found: list[Foreign] = []
    for token in _without_own(list(_foreign(tree, code))):
        if token.token == _LINE_END and (not found or found[-1].token == _LINE_END):
            continue
        found.append(token)
    while found and found[-1].token == _LINE_END:
        found.pop()
    return found


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
    text, shared = tree.text, _spoken_to_by_others(tree, code)
    hidden_until = -1  # the end of a bracket that is the member's own
    for start, end, role, bracket in tree.pieces():
        if start < hidden_until:
            continue
        if role in ("text", "label"):
            yield from (Foreign(*found) for found in _tokens(text, start, end))
        elif role == "aside" or bracket is None:
            yield Foreign(text[start:end], start, end)
        elif role == "head":
            continue  # behind a paragraph number: its mark stood for it
        elif role == "close":
            yield Foreign("]", start, end, _may_come_and_go(bracket.head, code), True)
        elif bracket.head.names(PROPOSE) == {code} == _everybody(bracket.head) and id(bracket) not in shared:
            yield Foreign(_HIDDEN, start, end)
            hidden_until = bracket.end
        else:
            yield Foreign(_head_without(bracket.head, code), start, end, _may_come_and_go(bracket.head, code), True)


def _spoken_to_by_others(tree: Tree, code: str) -> set[int]:
    """Return the brackets (by identity) at which, or within which, somebody else than `code` is named. Linear."""
    walked = [bracket for bracket, _ in tree.walk()]
    found: set[int] = set()
    for bracket in reversed(walked):  # children come before their parents
        if _everybody(bracket.head) - {code} or any(id(child) in found for child in bracket.children):
            found.add(id(bracket))
    return found


def _without_own(tokens: list[Foreign]) -> list[Foreign]:
    """Return `tokens` without the own brackets, and without the separators that are there for their sake.

    Between two separators an own bracket takes one of them along; beside another bracket, the one that joins both.
    """
    found: list[Foreign] = []
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        if token.token != _HIDDEN:
            found.append(token)
            continue
        separated_before = bool(found) and found[-1].token in _SEPARATORS
        separated_after = at + 1 < len(tokens) and tokens[at + 1].token in _SEPARATORS
        if separated_after and (separated_before or (at + 2 < len(tokens) and _opens(tokens[at + 2]))):
            skip = True
        elif separated_before and len(found) > 1 and _closes(found[-2]):
            found.pop()
    return found


def _opens(token: Foreign) -> bool:
    return token.token == _HIDDEN or (token.token.startswith("[") and token.mark and not token.optional)


def _closes(token: Foreign) -> bool:
    return token.mark and not token.optional and token.token.endswith("]")


def _tokens(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield words, punctuation and ends of lines."""
    position = start
    for match in WORD.finditer(text, start, end):
        yield from _between_words(text, position, match.start())
        yield match[0], match.start(), match.end()
        position = match.end()
    yield from _between_words(text, position, end)


def _between_words(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for at in range(start, end):
        if text[at] == "\n":
            yield _LINE_END, at, at + 1
        elif not text[at].isspace():
            yield text[at], at, at + 1


def _may_come_and_go(head: Head, code: str) -> bool:
    """Whether the member alone speaks at the bracket, to words that it did not propose."""
    return _everybody(head) == {code} and not head.names(PROPOSE)


def _everybody(head: Head) -> frozenset[str]:
    """Return who is named at the head, also those who are nobody in the register: they are not the member."""
    return head.names() | frozenset(name for problem, name in head.problems if problem is Code.UNKNOWN_NAME)


def _head_without(head: Head, code: str) -> str:
    """Return the head as the others left it.

    That somebody proposed the words is kept although it was `code`: without it, "[BRA oppose: …]" would turn
    an addition into base text.
    """
    others = [f"{claim.stance} {name}" for claim in head.claims for name in claim.names if name != code]
    others += sorted(_everybody(head) - head.names())
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
