"""Parsers for the notation, built with two parser libraries and reasonably optimized, as peers of the engine.

Each parser, except the one that returns lark's own tree, returns nested lists, one for each bracket, with the same
offsets as in the engine:

    [start, end, [(stance, [name, …]), …], [child, …]]

The parsers accept well-formed texts with base text, nested brackets, heads of capitalized names with or without a verb,
escapes and notes. They do less than the engine. They have no register, so any capitalized words before the colon count
as a name, and they support neither placeholders, links, diagnostics nor error recovery. The ratios are therefore
conservative.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

# Slashes are escaped because lark uses them to delimit terminals. Runs of text use possessive quantifiers.
_TEXT = r"(?:[^\[\]{\\]++|\\[\[\]{}\\]?)"
_NOTE = r"\{[^}]*\}"
_SEPARATOR = r"\s*(?:\/+|,|&|\band\b)\s*"
_NAME = r"[A-Z]{2,}(?:[ -][A-Z]{2,})*"
_NAMES = rf"{_NAME}(?:{_SEPARATOR}{_NAME})*"
_VERB = r"(?:propose|support|oppose|reserve|consider|flexible)"
_CLAUSE = rf"{_NAMES}(?:\s+{_VERB}(?:e?[sd])?)?"
# The opening mark with its head, if any.
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
    """Return the claims in an opening mark with its head. As in the engine's register, results are cached."""
    return [(match[2] or "propose", _SPLIT.split(match[1])) for match in _CLAIM.finditer(opening)]


def lark_parser() -> Callable[[str], list[Any]]:
    """Return a LALR parser built with lark, using every optimization that lark offers.

    A single terminal covers an opening mark with its head. The lexer skips runs of text, so that they do not reach the
    parser. The lists are built during parsing, without an intermediate tree. Offsets are taken from the tokens of the
    marks, which is cheaper than propagating positions. The basic lexer is as fast as the contextual lexer and simpler.
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
        brackets: Any = parser.parse(text)  # a list built by the transformer
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
    """Return a LALR parser built with lark in the usual way. It returns lark's own tree with text and positions.

    The engine's tree contains the same information, because its joined leaves reproduce the text.
    """
    import lark

    return lark.Lark(_TREE_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False).parse


def pyparsing_parser() -> Callable[[str], list[Any]]:
    """Return a parser built with pyparsing from as few elements as the notation allows.

    Each mark includes the run of text after it, and offsets are taken from its match object. This method is twice as
    fast as a separate element for text and more than twice as fast as `Located`. Because the grammar never backtracks,
    packrat parsing would only slow the parser.
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
