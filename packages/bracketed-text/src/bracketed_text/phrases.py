"""What the engine says to people is English, unless whoever uses it hands over a translator, once, at the start.

A phrase is looked up before its blanks are filled, so that a translator may order the words as its language does.
The names `_` and `gettext_noop` are those by which GNU gettext finds what is to be translated.
"""

from collections.abc import Callable

_translate: Callable[[str], str] = str


def speak_through(translate: Callable[[str], str]) -> None:
    """From now on pass every phrase through `translate`, which is asked each time and may answer in any language."""
    global _translate  # one voice for the whole engine
    _translate = translate


def translated(phrase: str) -> str:
    """Return `phrase` in the language of whoever listens, its blanks as they were."""
    return _translate(phrase)


def gettext_noop(phrase: str) -> str:
    """Return `phrase`, which is translated later, when it is said."""
    return phrase
