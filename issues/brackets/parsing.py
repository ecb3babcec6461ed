"""Text in, tree out. Any string parses; nothing is repaired in silence; time and memory grow linearly."""

import re

from issues.brackets.diagnostics import DEPTH_LIMIT, DEPTH_WARNING, Code, Diagnostic
from issues.brackets.heads import NO_HEAD, read_head
from issues.brackets.register import Register
from issues.brackets.tree import Bracket, Kind, Tree

# A backslash before a mark makes it a letter; "{…}" is a note, whatever stands in it.
_MARKS = re.compile(r"\\[\[\]{}\\]|[\[\]{]")
_PLACEHOLDER = re.compile(
    r"\s+|\s*(?:[.…]+|[Xx]{1,3}|[_●•]+|[-–—]+"
    r"|date|number|year|month|day|name|title|place|to be (?:determined|inserted))\s*",
)
_FOOTNOTE = re.compile(r"\^\w{1,4}|\d{1,3}")
_NOTE = re.compile(r"\s*(?:[\w'’-]+\s+){0,3}[Nn](?:ote|OTE)s?\b[^:\[\]\n]{0,40}:")
_LINK_TARGET = re.compile(r"\((?=[^()\s]*[/.#])[^()\s]+\)")
# No blank, footnote mark or placeholder is longer than this.
_SHORT = 18
EMPTY_REGISTER = Register()


def parse(text: str, register: Register = EMPTY_REGISTER) -> Tree:
    """Return the tree of `text`; never raises. Names at heads are those of `register`."""
    diagnostics: list[Diagnostic] = []
    top: list[Bracket] = []
    stack: list[Bracket] = []
    deepest = 0
    skip_until = next_brace = -1
    for match in _MARKS.finditer(text):
        at = match.start()
        if at < skip_until:  # inside a note or a link's target
            continue
        mark = text[at]
        if mark == "[":
            stack.append(Bracket(at))
            deepest = max(deepest, len(stack))
        elif mark == "]":
            if not stack:
                diagnostics.append(Diagnostic(Code.UNMATCHED_CLOSE, at, at + 1))
                continue
            bracket = stack.pop()
            bracket.end = at + 1
            _classify(text, bracket, register, diagnostics)
            skip_until = max(skip_until, bracket.end)
            (stack[-1].children if stack else top).append(bracket)
        elif mark == "{":
            # Looked for once per stretch of text, so that a thousand "{" cost no more than one.
            next_brace = next_brace if next_brace >= at else _find_or_end(text, "}", at)
            if next_brace < len(text):
                (stack[-1].children if stack else top).append(_note(at, next_brace + 1))
                skip_until = next_brace + 1
    for bracket in stack:
        # Never closed: the mark is text, and what stood inside belongs to what is around it.
        diagnostics.append(Diagnostic(Code.UNMATCHED_OPEN, bracket.start, bracket.start + 1))
        top.extend(bracket.children)
    return _finished(Tree(text, top, diagnostics), deepest)


def _finished(tree: Tree, deepest: int) -> Tree:
    """Return the tree with its findings complete and in order; `deepest` is an upper bound of its depth."""
    if deepest >= DEPTH_WARNING:
        tree.diagnostics.extend(_depth_findings(tree))
    tree.diagnostics.sort(key=lambda found: found.start)
    return tree


def _find_or_end(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return found if found >= 0 else len(text)


def _note(start: int, end: int) -> Bracket:
    note = Bracket(start)
    note.end, note.kind = end, Kind.NOTE
    return note


def _classify(text: str, bracket: Bracket, register: Register, diagnostics: list[Diagnostic]) -> None:
    """Say what kind of bracket it is; read its head where it is negotiation."""
    start, close = bracket.start + 1, bracket.end - 1
    if close - start <= _SHORT and not bracket.children:
        if close == start:
            diagnostics.append(Diagnostic(Code.EMPTY_BRACKET, bracket.start, bracket.end))
        if _PLACEHOLDER.fullmatch(text, start, close):
            bracket.kind = Kind.PLACEHOLDER
            return
        if _FOOTNOTE.fullmatch(text, start, close) and _behind_a_word(text, bracket.start, start):
            bracket.kind = Kind.FOOTNOTE
            return
    target = _LINK_TARGET.match(text, bracket.end) if text.startswith("(", bracket.end) else None
    if target:
        bracket.kind, bracket.end = Kind.LINK, target.end()
        return
    if _NOTE.match(text, start, close):
        bracket.kind = Kind.NOTE
        return
    head = read_head(text, start, close, register)
    if head is not NO_HEAD and bracket.start + head.length <= close:
        bracket.head = head
        for code, name in head.problems:
            diagnostics.append(Diagnostic(code, bracket.start, bracket.start + head.length, name))


def _behind_a_word(text: str, bracket_start: int, inside: int) -> bool:
    """Return whether a number stands where a footnote mark stands: right behind a word, or as "[^1]"."""
    if text.startswith("^", inside):
        return True
    before = text[bracket_start - 1 : bracket_start]
    return before.isalnum() or before in tuple('.,;:)”"’')


def _depth_findings(tree: Tree) -> list[Diagnostic]:
    """Return one finding where a nest crosses each limit, not one for every bracket beyond it."""
    crossed = {DEPTH_WARNING: Code.DEEP, DEPTH_LIMIT + 1: Code.TOO_DEEP}
    return [
        Diagnostic(crossed[depth], bracket.start, bracket.start + 1)
        for bracket, depth in tree.walk()
        if depth in crossed
    ]
