"""An oracle that decides whether a text differs from an older text only by the additions of one member.

The oracle is independent of the engine's rules. It reads both texts in parallel. In the newer text, it may skip the
member's own brackets with adjacent blanks, line breaks or separators, the member's name in heads, and the marks of
brackets that name only this member. All other characters must be the same.
"""

import re
from collections.abc import Iterator

from bracketed_text import Silence, Tree, parse, read
from bracketed_text.advanced import Bracket, Relation, groups

CHOICES = {Relation.ALTERNATIVES, Relation.MIRROR, Relation.OPTIONS, Relation.INSIDE}
_SEPARATOR_BEFORE = re.compile(r"(?<=\])[ \t]*(?:/|or|\{and/or\})[ \t]*\n?[ \t]*$")
_SEPARATOR_BEHIND = re.compile(r"[ \t]*(?:/|or|\{and/or\})[ \t]*\n?[ \t]*(?=\[)")
_PARTED = re.compile(r"\]([ \t]*)/([ \t]*)\[")
_LONGEST = 40
_WORD = re.compile(r"\w+")
_HIDDEN = "¤"
# Two offsets in the newer text, and the characters of the older text that correspond to them.
Step = tuple[int, int, str]


def added_by(code: str, old: str, new: Tree) -> dict[int, int] | None:
    """Return the offset in `old` of each common character of `new`, or None if there are other changes.

    `code` must not occur in `old`.
    """
    steps: dict[int, list[Step]] = {}
    for step in _steps(new, code):
        steps.setdefault(step[0], []).append(step)
    came: dict[tuple[int, int], tuple[int, int]] = {}
    waiting, text = [(0, 0)], new.text
    while waiting:
        at, to = waiting.pop()
        if (at, to) == (len(text), len(old)):
            return _matched((at, to), came, text)
        literal = [(at, at + 1, text[at : at + 1])] if at < len(text) else []
        for _, until, stood in [*literal, *steps.get(at, [])]:
            reached = (until, to + len(stood))
            if old.startswith(stood, to) and reached not in came:
                came[reached] = (at, to)
                waiting.append(reached)
    return None


def _matched(end: tuple[int, int], came: dict[tuple[int, int], tuple[int, int]], text: str) -> dict[int, int]:
    result = {}
    while end in came and end != (0, 0):
        before = came[end]
        if end[1] > before[1]:
            result[before[0]] = before[1]
            if text[before[0]] == "]" and end[0] > before[0] + 1:
                result[text.index("[", before[0])] = before[1]
        end = before
    return result


def own_words(bracket: Bracket, code: str) -> bool:
    """Return whether only `code` proposes the bracket and no other member is named in it."""
    others = any(named(child) - {code} for child, _ in _within(bracket))
    return bracket.head.names("propose") == named(bracket) == {code} and not others


def named(bracket: Bracket) -> frozenset[str]:
    return bracket.head.names() | {name for _, name in bracket.head.problems}


def _within(bracket: Bracket) -> Iterator[tuple[Bracket, int]]:
    waiting = [(child, 1) for child in bracket.children]
    while waiting:
        inner, depth = waiting.pop()
        yield inner, depth
        waiting += [(child, depth + 1) for child in inner.children]


def _steps(new: Tree, code: str) -> Iterator[Step]:
    for bracket, _ in new.walk():
        yield from _steps_at(new.text, bracket, code)
    for match in _PARTED.finditer(new.text):
        for before in ("", match[1], " "):
            for behind in ("", match[2], " "):
                yield match.start(), match.end(), f"{before}/{behind}"
    for match in re.finditer(rf"\][ \t]*/[ \t]*\[{code} \w+: ?", new.text):
        for stood in ("/", " /", "/ ", " / "):
            yield match.start(), match.end(), stood


def _steps_at(text: str, bracket: Bracket, code: str) -> Iterator[Step]:
    body = bracket.body
    behind_head = body + 1 if text[body] == " " else body
    if own_words(bracket, code):
        yield from _taken_out(text, bracket.start, bracket.end)
    elif named(bracket) == {code} and not bracket.head.names("propose"):
        for stood in ("", "["):
            yield bracket.start, behind_head, stood
        yield bracket.close, bracket.end, ""
        yield bracket.lead, behind_head, ""
    elif named(bracket):
        for head in _heads_without(text[bracket.lead : body], code):
            yield bracket.lead, body, head


def _taken_out(text: str, start: int, end: int) -> Iterator[Step]:
    first, last = start, end
    while first and text[first - 1].isspace() and start - first < _LONGEST:
        first -= 1
    while last < len(text) and text[last].isspace() and last - end < _LONGEST:
        last += 1
    before = _SEPARATOR_BEFORE.search(text[max(0, start - _LONGEST) : start])
    behind = _SEPARATOR_BEHIND.match(text, end, end + _LONGEST)
    if before:
        yield start - len(before[0]), end, ""
    if behind:
        yield start, behind.end(), ""
    for at in range(first, start + 1):
        yield at, end, ""
        if last == len(text):
            yield at, last, ""
    for at in range(end, last + 1):
        yield start, at, ""


def _heads_without(head: str, code: str) -> list[str]:
    """Return the forms that a head in the usual form may have had before `code` was added."""
    left = []
    for clause in head.rstrip(":").split(";"):
        words, clause = clause.split(), clause.rstrip()
        verb = f" {words[-1]}" if words and words[-1].islower() else ""
        names = clause.removesuffix(verb) if verb else clause
        parts = re.split(r"(\s*[,/][\s,/]*)", names.strip())
        kept = [(parts[at - 1] if at else "", name) for at, name in enumerate(parts) if at % 2 == 0 and name != code]
        if kept:
            written = kept[0][1] + "".join(separator + name for separator, name in kept[1:])
            left.append((written, verb))
    result = ["; ".join(name + verb for name, verb in left) + ":"]
    if left and left[-1][1] in (" propose", ""):
        full_verb = "" if left[-1][1] else " propose"
        result.append("; ".join(name + verb for name, verb in [*left[:-1], (left[-1][0], full_verb)]) + ":")
    return result


def choices(tree: Tree, offsets: dict[int, int]) -> set[tuple[int, ...]]:
    """Return the groups of mutually exclusive brackets and options, by their starts in `offsets`."""
    result = set()
    for group in groups(tree):
        if group.relation not in CHOICES:
            continue
        starts = [member.start for member in group.blocks] or [member.start for member in group.brackets]
        members = tuple(offsets[start] for start in starts if start in offsets)
        if len(members) > 1:
            result.add(members)
    return result


def base_text_in_choices(tree: Tree, offsets: dict[int, int], code: str) -> list[Bracket]:
    """Return the brackets of `code` that turn another member's text into an alternative to other members' text."""
    result = []
    for group in groups(tree):
        others = [bracket for bracket in group.brackets if not own_words(bracket, code)]
        if group.relation in CHOICES and len(others) > 1:
            result += [bracket for bracket in others if bracket.start not in offsets]
    return result


def read_by(tree: Tree, member: str, code: str) -> str:
    """Return the joined words of the reading of `member`.

    The reading keeps text on which `member` is silent, and hides the words of `code`.
    """
    parts, at = [], 0
    for bracket, _ in tree.walk():
        if bracket.start >= at and own_words(bracket, code):
            parts += [tree.text[at : bracket.body], _WORD.sub(_HIDDEN, tree.text[bracket.body : bracket.end])]
            at = bracket.end
    marked = "".join([*parts, tree.text[at:]])
    shown = parse(read(parse(marked, tree.register), [member], Silence.KEEP).text, tree.register)
    text = " ".join(shown.text[start:end] for start, end, role, _ in shown.pieces() if role not in ("open", "head"))
    return "".join(word for word in _WORD.findall(text) if word != "or")
