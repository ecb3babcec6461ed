"""Translate the engine's sentences, quotations, lists and messages into the reader's language with gettext."""

from collections.abc import Callable, Collection, Iterable

from django.utils.translation import gettext

import bracketed_text
from bracketed_text import Comparison, Diagnostic, EditRefused, Tree, advanced


def sentences(
    old: Tree,
    new: Tree,
    comparison: Comparison,
    name_of: Callable[[str], str] = str,
    acting: Collection[str] = (),
) -> list[str]:
    """Return a translated sentence for each change; see `bracketed_text.sentences`."""
    return bracketed_text.sentences(old, new, comparison, name_of, acting, translate=gettext)


def stance_sentence(claims: Iterable[tuple[str, str]], words: str, name_of: Callable[[str], str] = str) -> str:
    """Return a translated sentence on the stances taken; see `bracketed_text.advanced.stance_sentence`."""
    return advanced.stance_sentence(claims, words, name_of, translate=gettext)


def quote(text: str) -> str:
    """Return `text` in quotation marks, shortened if it is long."""
    return advanced.quote(text, translate=gettext)


def listed(names: list[str]) -> str:
    """Return the names joined as in “Canada, Japan and Brazil”; see `bracketed_text.advanced.listed`."""
    return advanced.listed(names, translate=gettext)


def joined(names: Iterable[str]) -> str:
    """Return the names joined by semicolons, because some contain commas, as “Bahrain, Kingdom of” does."""
    return f"{gettext(';')} ".join(names)


def diagnostic_message(diagnostic: Diagnostic) -> str:
    """Return the translated description of the problem."""
    return diagnostic.message.translated(gettext)


def diagnostic_hint(diagnostic: Diagnostic) -> str:
    """Return the translated advice on correcting the problem."""
    return diagnostic.hint.translated(gettext)


def diagnostic_text(diagnostic: Diagnostic) -> str:
    """Return the description of the problem, followed by the advice on correcting it."""
    return f"{diagnostic_message(diagnostic)} {diagnostic_hint(diagnostic)}"


def refusal_reason(refused: EditRefused) -> str:
    """Return the translated reason for refusing an edit."""
    return refused.reason.translated(gettext)
