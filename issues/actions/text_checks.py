"""What a text, the words of an operation and the values beside them must be before they go on record.

Every way in asks here: pages, API, admin, requests, proposals and imports. The order is from cheap to dear: the length,
then the characters (`members.plain_text`), then how many brackets there are, and only then is the text parsed. What
is refused by then has cost no more than to read it once.

A text on record may hold characters that are refused today, from before they were. It leaves with U+FFFD in their
places, and comes back so from a form or a program. Only what an author changes is judged: a character that stays
where it was stays what it was, and one that is deleted, or replaced, is mended.
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

# In a text that somebody else wrote an unknown name is a warning; in one that is being logged it is a slip of
# the pen, and the position would belong to nobody.
REFUSED_WHEN_LOGGED = frozenset({Code.UNKNOWN_NAME})


def text_kind() -> TextRules:
    """Return what a whole text may be: as long as settings.LONGEST_PROVISION."""
    return TextRules(settings.LONGEST_PROVISION)


def require_text(text: str, on_record: str = "") -> str:
    """Return `text` as it would be stored in the place of `on_record`; raises TextRefused for what is no text.

    The two are the same unless `on_record` holds characters that are refused today. Brackets may be wrong in it, but
    there are no more of them than a text has.
    """
    text = require_characters(text, on_record)
    require_bounded(text)
    return text


def require_bounded(text: str) -> None:
    """Raise TextRefused for a text that is too long, or holds more brackets than a text has; nothing is parsed."""
    require_length(text)
    if (found := excess(text)) is not None:
        raise _refused(Tree(text, (), [found], load_register()), [found])


def require_as_found(text: str, register: Register, *, unparsed: bool) -> Tree:
    """Return the tree of a first text that keeps what is wrong in it; raises TextRefused for what is no text.

    Where it is to be `unparsed`, no bracket in it is read, and there may be any number of them.
    """
    if unparsed:
        return parse(require_characters(text, ""), register)
    tree = parse(require_text(text), register)
    if beyond := [found for found in tree.diagnostics if found.code is Code.TOO_MANY_BRACKETS]:
        raise _refused(tree, beyond)
    return tree


def exceeds_limits(text: str, register: Register) -> bool:
    """Whether there are more brackets, alternatives and options in `text` than are read in one provision."""
    try:
        require_as_found(text, register, unparsed=False)
    except TextRefused as refused:
        return bool(refused.problems)
    return False


def require_sound_text(text: str, on_record: str = "") -> str:
    """Return `text` as it would be stored; raises TextRefused, with the place, for one that could stand nowhere."""
    text = require_text(text, on_record)
    require_sound(parse(text, load_register()))
    return text


def require_sound(tree: Tree) -> None:
    """Raise TextRefused for a text, however it was made, that is too long or that something in it keeps from record."""
    require_length(tree.text)
    if problems := blocking_problems(tree):
        raise _refused(tree, problems)


def blocking_problems(tree: Tree) -> list[Diagnostic]:
    """Return what in a text keeps it from being logged."""
    errors = set(tree.errors)
    return [found for found in tree.diagnostics if found in errors or found.code in REFUSED_WHEN_LOGGED]


def require_value(field: str, value: str, kind: TextRules) -> None:
    """Raise InvalidValue unless `value`, which is for `field`, is what `kind` says."""
    try:
        validate(value, kind)
    except InvalidText as refused:
        raise InvalidValue(field, str(refused)) from refused


def require_words(*words: str) -> None:
    """Raise WordsRefused unless `words`, of one operation each, could go into one text, whatever the text.

    Together they may be as long as a whole text, and hold as many brackets.
    """
    length = marks = 0
    for index, said in enumerate(words):
        length += len(said)
        if length > settings.LONGEST_PROVISION:
            raise WordsRefused(
                _("The words are longer than %(longest)s characters, the limit for a text: shorten them.")
                % {"longest": f"{settings.LONGEST_PROVISION:,}"},
                index,
            )
    for index, said in enumerate(words):
        if (reason := _flaw_of_words(said)) is not None:
            raise WordsRefused(reason, index)
        marks += sum(map(said.count, "[]/"))
        if marks > 2 * MOST_VARIANTS:
            raise WordsRefused(_in_words(Diagnostic(Code.TOO_MANY_BRACKETS, 0, 0)), index)


def require_operations(operations: Sequence[Operation]) -> None:
    """Raise WordsRefused where there are more `operations` than make one change, or their words can go into no text."""
    if len(operations) > MAX_OPERATIONS:
        raise WordsRefused(
            _("A change can contain at most %(most)s operations: log the others afterwards.") % {"most": MAX_OPERATIONS}
        )
    require_words(*(operation.words for operation in operations))


def require_characters(text: str, on_record: str) -> str:
    """Return `text` as it would be stored in the place of `on_record`; raises TextRefused for what is no text.

    Its brackets are not looked at.
    """
    require_length(text)
    if is_blank(text):
        raise TextRefused(_("The text is empty. To remove a provision, put it in brackets and have it dropped."))
    return _kept(text, on_record)


def _flaw_of_words(words: str) -> str | None:
    if (flaw := first_invalid_character(words)) is not None:
        return explain(flaw)
    if words.strip() and is_blank(words):
        return str(InvalidText())
    found = excess(words)
    return None if found is None else _in_words(found)


def _in_words(found: Diagnostic) -> str:
    return diagnostic_text(found)


def require_length(text: str) -> None:
    """Raise TextRefused for a text that is longer than a provision may be; costs nothing."""
    if len(text) > settings.LONGEST_PROVISION:
        raise TextRefused(
            _(
                "The text is longer than %(longest)s characters. A provision is an article or a paragraph: "
                "split the text."
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
    """Return `typed` with the characters of `on_record` where it was not changed; raises TextRefused for a new flaw."""
    flaw = first_invalid_character(typed)
    shown = sanitize(on_record)
    if flaw is None and shown == on_record:
        return typed
    if flaw is not None and first_invalid_character(on_record) is None:
        raise TextRefused(explain(flaw), flaw=flaw)
    parts, at = [], 0
    for start, end, first, last in _changed(shown, sanitize(typed)):
        if (found := _flaw_in(typed, first, last)) is not None:
            raise TextRefused(explain(found), flaw=found)
        parts += [on_record[at:start], typed[first:last]]
        at = end
    return "".join([*parts, on_record[at:]])


def _changed(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield where `old` and `new` differ: first and last offset in the one, and in the other."""
    gained = 0
    for hunk in compare(parse(old), parse(new)).hunks:
        before, after = old[hunk.start : hunk.end], hunk.text
        alike = _alike(before, after)
        alike_at_end = _alike(before[alike:][::-1], after[alike:][::-1])
        start, end = hunk.start + alike, hunk.end - alike_at_end
        first = start + gained
        gained += len(after) - len(before)
        yield start, end, first, end + gained


def _alike(one: str, other: str) -> int:
    """Return with how many characters both begin."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def _flaw_in(text: str, start: int, end: int) -> InvalidCharacter | None:
    """Return the first flaw of `text[start:end]`, with its place in the whole text."""
    if first_invalid_character(text[start:end]) is None:
        return None
    return next((flaw for flaw in invalid_characters(text) if start <= flaw.offset < end), None)
