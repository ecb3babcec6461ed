"""Provide the engine's messages, which are in English unless the caller passes a translator.

A translator is a function that takes an English phrase and returns its translation, such as Django's or GNU `gettext`.
A phrase is translated before its placeholders are filled, so that a translation can change their order.

    >>> message = Message("{code} already takes this position.", code="CAN")
    >>> message
    'CAN already takes this position.'
    >>> message.translated({"{code} already takes this position.": "{code} a déjà cette position."}.__getitem__)
    'CAN a déjà cette position.'

Modules mark their phrases with `gettext_noop` or its alias `_`, because GNU gettext recognises these names.
"""

from collections.abc import Callable
from typing import Self

Translate = Callable[[str], str]


class Message(str):
    """A sentence in English that also stores the phrase and the values of its placeholders."""

    __slots__ = ("phrase", "values")

    phrase: str
    values: dict[str, object]

    def __new__(cls, phrase: str, **values: object) -> Self:
        message = super().__new__(cls, phrase.format(**values) if values else phrase)
        message.phrase, message.values = phrase, values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.phrase,), self.values

    def translated(self, translate: Translate) -> str:
        """Return the sentence in the language of `translate`. Values that are messages are also translated."""
        phrase = translate(self.phrase)
        return (
            phrase.format(**{name: _translated(value, translate) for name, value in self.values.items()})
            if self.values
            else phrase
        )


def _translated(value: object, translate: Translate) -> object:
    return value.translated(translate) if isinstance(value, Message) else value


def gettext_noop(phrase: str) -> str:
    """Return `phrase` unchanged. The call marks the phrase for extraction by GNU gettext."""
    return phrase
