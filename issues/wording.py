"""The engine's words in the reader's language: its sentences, quotations, lists and messages through gettext."""

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
    """Return a sentence for each change; see `bracketed_text.sentences`."""
    return bracketed_text.sentences(old, new, comparison, name_of, acting, translate=gettext)


def stance_sentence(claims: Iterable[tuple[str, str]], words: str, name_of: Callable[[str], str] = str) -> str:
    """Return who takes which stance on the words; see `bracketed_text.advanced.stance_sentence`."""
    return advanced.stance_sentence(claims, words, name_of, translate=gettext)


def quote(text: str) -> str:
    """Return the words in quotation marks, shortened if they are long."""
    return advanced.quote(text, translate=gettext)


def listed(names: list[str]) -> str:
    """Return the names as a list: "Canada, Japan and Brazil"."""
    return advanced.listed(names, translate=gettext)


def diagnostic_message(diagnostic: Diagnostic) -> str:
    """Return what is wrong."""
    return diagnostic.message.translated(gettext)


def diagnostic_hint(diagnostic: Diagnostic) -> str:
    """Return how to correct it."""
    return diagnostic.hint.translated(gettext)


def diagnostic_text(diagnostic: Diagnostic) -> str:
    """Return what is wrong and how to correct it."""
    return f"{diagnostic_message(diagnostic)} {diagnostic_hint(diagnostic)}"


def refusal_reason(refused: EditRefused) -> str:
    """Return why an edit was refused."""
    return refused.reason.translated(gettext)
