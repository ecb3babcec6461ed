"""The notation as two parser libraries read it: peers of the engine, as fast as they can honestly be made.

Each gives plain nested lists, one for each bracket, with the offsets of its marks as the engine counts them:

    [start, end, [(stance, [name, …]), …], [child, …]]

They know base text, nested brackets, heads of names in capitals with or without a verb, escapes and notes, in sound
texts. They do less than the engine: no register (whatever stands in capitals before the colon is a name), no
placeholders or links, no diagnostics, no repair. So they are favoured, and a ratio against them is a careful one.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

# Slashes are escaped because lark writes a terminal between slashes. A run of text never gives back what it took.
_TEXT = r"(?:[^\[\]{\\]++|\\[\[\]{}\\]?)"
_NOTE = r"\{[^}]*\}"
_SEPARATOR = r"\s*(?:\/+|,|&|\band\b)\s*"
_NAME = r"[A-Z]{2,}(?:[ -][A-Z]{2,})*"
_NAMES = rf"{_NAME}(?:{_SEPARATOR}{_NAME})*"
_VERB = r"(?:propose|support|oppose|reserve|consider|flexible)"
_CLAUSE = rf"{_NAMES}(?:\s+{_VERB}(?:e?[sd])?)?"
# The opening mark with its whole head, where it has one.
_OPEN = rf"\[(?:\s*{_CLAUSE}(?:\s*;\s*{_CLAUSE})*\s*:)?"

_GRAMMAR = rf"""
start: (bracket | NOTE)*
bracket: OPEN (bracket | NOTE)* CLOSE

OPEN: /{_OPEN}/
CLOSE: "]"
NOTE: /{_NOTE}/
TEXT: /{_TEXT}++/
%ignore TEXT
"""

_SPLIT = re.compile(_SEPARATOR)
_CLAIM = re.compile(rf"({_NAMES})(?:\s+({_VERB}))?")


@lru_cache(maxsize=4096)
def _claims(opening: str) -> list[tuple[str, list[str]]]:
    """Return who claims what in an opening mark with its head; each is read once, as the engine's register does it."""
    return [(match[2] or "propose", _SPLIT.split(match[1])) for match in _CLAIM.finditer(opening)]


def lark_parser() -> Callable[[str], list[Any]]:
    """Return a LALR parser by lark, built. It measures lark with all that makes it fast.

    One terminal for an opening mark with its head; runs of text are skipped by the lexer and never reach the parser;
    the lists are made while parsing, without a tree in between; offsets come from the tokens of the marks, which is
    cheaper than having positions propagated. The basic lexer is as fast as the contextual one, and simpler.
    """
    import lark

    class Lists(lark.Transformer[Any, Any]):
        def start(self, brackets: list[Any]) -> list[Any]:
            return brackets

        def bracket(self, parts: list[Any]) -> list[Any]:
            return [parts[0].start_pos, parts[-1].end_pos, _claims(parts[0].value), parts[1:-1]]

        def NOTE(self, note: lark.Token) -> list[Any]:
            return [note.start_pos, note.end_pos, [], []]

    parser = lark.Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=Lists(), maybe_placeholders=False)

    def parse(text: str) -> list[Any]:
        brackets: Any = parser.parse(text)  # a list, made by the transformer
        return brackets  # type: ignore[no-any-return]

    return parse


_TREE_GRAMMAR = rf"""
start: (bracket | NOTE | TEXT)*
bracket: OPEN (bracket | NOTE | TEXT)* CLOSE

OPEN: /{_OPEN}/
CLOSE: "]"
NOTE: /{_NOTE}/
TEXT: /{_TEXT}++/
"""


def lark_tree_parser() -> Callable[[str], Any]:
    """Return a LALR parser by lark as one would write it: its own tree, with the text in it and positions propagated.

    That is what the engine's tree holds as well: joined, its leaves give the text back.
    """
    import lark

    return lark.Lark(_TREE_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False).parse


def pyparsing_parser() -> Callable[[str], list[Any]]:
    """Return a parser by pyparsing, built. It measures pyparsing with as few elements as the notation allows.

    Each mark takes the run of text behind it along, and offsets come from the match of its expression: twice as fast as
    an element of its own for text, and more than twice as fast as `Located`. The grammar never goes back, so that
    packrat would only cost.
    """
    from pyparsing import Forward, Regex, ZeroOrMore

    bracket = Forward()
    note = Regex(rf"({_NOTE}){_TEXT}*+", as_match=True)
    note.add_parse_action(lambda matches: [[*matches[0].span(1), [], []]])
    opening = Regex(rf"({_OPEN}){_TEXT}*+", as_match=True)
    closing = Regex(rf"\]{_TEXT}*+", as_match=True)
    inside = ZeroOrMore(bracket | note)
    bracket <<= (opening + inside + closing).add_parse_action(
        lambda parts: [[parts[0].start(), parts[-1].start() + 1, _claims(parts[0][1]), parts[1:-1]]]
    )
    whole = (Regex(rf"{_TEXT}*+").suppress() + inside).leave_whitespace().parse_with_tabs()

    def parse(text: str) -> list[Any]:
        return list(whole.parse_string(text, parse_all=True))

    return parse
