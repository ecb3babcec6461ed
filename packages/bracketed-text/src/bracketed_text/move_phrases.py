"""Define the phrases for words that are elsewhere in the other text. The phrase depends on where the words are."""

from bracketed_text.phrases import gettext_noop
from bracketed_text.word_places import Fate

REMOVED = {
    Fate.NOWHERE: gettext_noop("Text outside brackets removed: {words}."),
    Fate.PARTLY: gettext_noop("Text outside brackets removed or moved: {words}."),
    Fate.HERE: gettext_noop("Wording outside brackets changed near {words}."),
    Fate.BASE_TEXT: gettext_noop("Text outside brackets moved: {words}."),
    Fate.BRACKET: gettext_noop("Text moved into brackets: {words}."),
    Fate.OPTION: gettext_noop("Text moved into a labelled option: {words}."),
    Fate.MIXED: gettext_noop("Text outside brackets moved, in part into brackets: {words}."),
}

ADDED = {
    Fate.NOWHERE: gettext_noop("Text outside brackets added: {words}."),
    Fate.PARTLY: gettext_noop("Text outside brackets added or moved: {words}."),
    Fate.BASE_TEXT: REMOVED[Fate.BASE_TEXT],
    Fate.BRACKET: gettext_noop("Text moved out of brackets: {words}."),
    Fate.OPTION: gettext_noop("Text moved out of a labelled option: {words}."),
    Fate.MIXED: gettext_noop("Text outside brackets moved, in part out of brackets: {words}."),
}

_MOVED_OUT = gettext_noop("Moved out of its bracket: {words}.")
_MOVED_OUT_OF_OPTION = gettext_noop("Moved out of its labelled option: {words}.")
_DROPPED_OR_MOVED = gettext_noop("Dropped or moved: {words}.")
DROPPED = gettext_noop("Dropped: {words}.")


def dropped(fate: Fate, *, is_option: bool) -> str:
    """Return the phrase for a variant that ended and whose words are no longer at their former place."""
    if fate is Fate.NOWHERE:
        return DROPPED
    if fate in (Fate.PARTLY, Fate.HERE):
        return _DROPPED_OR_MOVED
    return _MOVED_OUT_OF_OPTION if is_option else _MOVED_OUT
