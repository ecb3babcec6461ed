"""Validation of texts, of the wording of operations and of accompanying values before they are recorded.

The pages, the API, the admin, requests, proposals and imports all use these functions. The checks that take the least
time come first: those of the length, the characters (`members.plain_text`) and the number of brackets. A text is parsed
only if it passes these checks.

A text recorded by an earlier release may contain characters that are now refused. Such a text is displayed with U+FFFD
in place of these characters, and forms and programs send the text back with U+FFFD. Only the parts that an author has
changed are validated. An unchanged character retains its stored value, and a deleted or replaced character is removed.
In the following example, `?` represents the refused character:

    on record  "Members? shall"        shown  "Members\ufffd shall"
    sent back  "Members\ufffd may"     stored "Members? may"
"""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from bracketed_text import Code, Diagnostic, Register, Tree, compare, parse
from bracketed_text.advanced import MOST_VARIANTS, excess
from issues.actions.errors import InvalidValue, TextRefused, WordsRefused
from issues.text.member_names import load_register
from issues.text.operations import MAX_OPERATIONS, Operation
from issues.wording import diagnostic_hint, diagnostic_message, diagnostic_text
from members.plain_text import (
    InvalidCharacter,
    InvalidText,
    TextRules,
    explain,
    first_invalid_character,
    invalid_characters,
    is_blank,
    sanitize,
    validate,
)

# In an existing text, an unknown name causes only a warning. In a text that is being logged, it is refused as a typing
# error, because the position would belong to no member.
REFUSED_WHEN_LOGGED = frozenset({Code.UNKNOWN_NAME})


def require_text(text: str, on_record: str = "") -> str:
    """Return `text` in the form in which it would replace `on_record`. Raise TextRefused for an invalid text.

    The result equals `text` unless `on_record` contains characters that are now refused. Brackets may be malformed, but
    their number is limited.
    """
    text = require_characters(text, on_record)
    require_bounded(text)
    return text


def require_bounded(text: str) -> None:
    """Raise TextRefused for a text that is too long or has too many brackets, without parsing it."""
    require_length(text)
    if (diagnostic := excess(text)) is not None:
        raise _refused(Tree(text, (), [diagnostic], load_register()), [diagnostic])


def require_as_found(text: str, register: Register, *, unparsed: bool) -> Tree:
    """Return the tree of a first text that may contain the errors of its source.

    If `unparsed` is true, the text may have any number of brackets, because they are not evaluated. Raise TextRefused
    for an invalid text.
    """
    if unparsed:
        return parse(require_characters(text, ""), register)
    tree = parse(require_text(text), register)
    if excessive := [diagnostic for diagnostic in tree.diagnostics if diagnostic.code is Code.TOO_MANY_BRACKETS]:
        raise _refused(tree, excessive)
    return tree


def exceeds_limits(text: str, register: Register) -> bool:
    """Return whether the brackets, alternatives and options in `text` exceed the limit for a single provision."""
    try:
        require_as_found(text, register, unparsed=False)
    except TextRefused as refused:
        return bool(refused.problems)
    return False


def require_sound_text(text: str, on_record: str = "") -> str:
    """Return `text` in the form in which it would be stored.

    Raise TextRefused, with the line and column of the first problem, for a text that cannot be logged.
    """
    text = require_text(text, on_record)
    require_sound(parse(text, load_register()))
    return text


def require_sound(tree: Tree) -> None:
    """Raise TextRefused for a text that is too long or has problems that prevent logging."""
    require_length(tree.text)
    if problems := blocking_problems(tree):
        raise _refused(tree, problems)


def blocking_problems(tree: Tree) -> list[Diagnostic]:
    """Return the diagnostics that prevent a text from being logged."""
    errors = set(tree.errors)
    return [
        diagnostic for diagnostic in tree.diagnostics if diagnostic in errors or diagnostic.code in REFUSED_WHEN_LOGGED
    ]


def require_value(field: str, value: str, kind: TextRules) -> None:
    """Raise InvalidValue for `field` unless `value` satisfies the rules in `kind`."""
    try:
        validate(value, kind)
    except InvalidText as refused:
        raise InvalidValue(field, str(refused)) from refused


def require_words(*words: str) -> None:
    """Raise WordsRefused if any of `words` cannot be part of a valid text.

    Each argument is the wording of one operation. The combined length and number of brackets of all arguments must not
    exceed the limits for a complete text.
    """
    length = marks = 0
    for index, inserted in enumerate(words):
        length += len(inserted)
        if length > settings.LONGEST_PROVISION:
            raise WordsRefused(
                _("The words exceed the limit of %(longest)s characters for a text. Shorten them.")
                % {"longest": f"{settings.LONGEST_PROVISION:,}"},
                index,
            )
    for index, inserted in enumerate(words):
        if (reason := _flaw_of_words(inserted)) is not None:
            raise WordsRefused(reason, index)
        marks += sum(map(inserted.count, "[]/"))
        if marks > 2 * MOST_VARIANTS:
            raise WordsRefused(diagnostic_text(Diagnostic(Code.TOO_MANY_BRACKETS, 0, 0)), index)


def require_operations(operations: Sequence[Operation]) -> None:
    """Raise WordsRefused if a change has too many operations or if their wording cannot be part of a valid text."""
    if len(operations) > MAX_OPERATIONS:
        raise WordsRefused(
            _("A change can contain at most %(most)s operations. Log the rest in a second change.")
            % {"most": MAX_OPERATIONS}
        )
    require_words(*(operation.words for operation in operations))


def require_characters(text: str, on_record: str) -> str:
    """Return `text` in the form in which it would replace `on_record`, without checking its brackets.

    Raise TextRefused if the text is empty or too long or contains an invalid character.
    """
    require_length(text)
    if is_blank(text):
        raise TextRefused(
            _("The text is empty. To remove a provision, put its text in brackets and have the bracket dropped.")
        )
    return _kept(text, on_record)


def _flaw_of_words(words: str) -> str | None:
    """Return the reason why `words` cannot be part of a valid text, or None if they are valid."""
    if (flaw := first_invalid_character(words)) is not None:
        return explain(flaw)
    if words.strip() and is_blank(words):
        return str(InvalidText())
    diagnostic = excess(words)
    return None if diagnostic is None else diagnostic_text(diagnostic)


def require_length(text: str) -> None:
    """Raise TextRefused for a text that exceeds the maximum length of a provision."""
    if len(text) > settings.LONGEST_PROVISION:
        raise TextRefused(
            _(
                "The text is longer than %(longest)s characters. Split it: a provision should be a single article "
                "or paragraph."
            )
            % {"longest": f"{settings.LONGEST_PROVISION:,}"}
        )


def _refused(tree: Tree, problems: list[Diagnostic]) -> TextRefused:
    line, column = tree.line_and_column(problems[0].start)
    message = _("Line %(line)s, column %(column)s: %(message)s %(hint)s") % {
        "line": line,
        "column": column,
        "message": diagnostic_message(problems[0]),
        "hint": diagnostic_hint(problems[0]),
    }
    return TextRefused(message, tree, problems)


def _kept(typed: str, on_record: str) -> str:
    """Return `typed` with the stored characters of `on_record` in its unchanged parts.

    Raise TextRefused for an invalid character in a changed part.
    """
    flaw = first_invalid_character(typed)
    shown = sanitize(on_record)
    if flaw is None and shown == on_record:
        return typed
    if flaw is not None and first_invalid_character(on_record) is None:
        raise TextRefused(explain(flaw), flaw=flaw)
    parts, at = [], 0
    for start, end, first, last in _changed(shown, sanitize(typed)):
        if (new_flaw := _flaw_in(typed, first, last)) is not None:
            raise TextRefused(explain(new_flaw), flaw=new_flaw)
        parts += [on_record[at:start], typed[first:last]]
        at = end
    return "".join([*parts, on_record[at:]])


def _changed(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield, for each difference, the start and end offsets in `old` followed by those in `new`."""
    gained = 0
    for hunk in compare(parse(old), parse(new)).hunks:
        before, after = old[hunk.start : hunk.end], hunk.text
        prefix = _common_prefix(before, after)
        suffix = _common_prefix(before[prefix:][::-1], after[prefix:][::-1])
        start, end = hunk.start + prefix, hunk.end - suffix
        first = start + gained
        gained += len(after) - len(before)
        yield start, end, first, end + gained


def _common_prefix(left: str, right: str) -> int:
    """Return the length of the common prefix of two strings."""
    for length, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return length
    return min(len(left), len(right))


def _flaw_in(text: str, start: int, end: int) -> InvalidCharacter | None:
    """Return the first invalid character in `text[start:end]`, with its offset in the complete text."""
    if first_invalid_character(text[start:end]) is None:
        return None
    return next((flaw for flaw in invalid_characters(text) if start <= flaw.offset < end), None)
