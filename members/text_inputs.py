"""Fields of forms that take what people write; each asks what `plain_text` asks."""

from typing import Any

from django import forms

from members.plain_text import ASKED, LINE, PROSE, Kind
from members.text_fields import PlainText, without_null_check


class _Input(forms.CharField):
    # Somebody writes in it what others read: beside it stands who.
    is_written = True
    lines = False
    longest = LINE.longest

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=max_length or self.longest, **kwargs)
        kind = Kind(max_length or self.longest, self.lines, required=self.required)
        guard(self, kind)


class LineInput(_Input):
    """One line of words."""


class ProseInput(_Input):
    """Words on as many lines as they need."""

    lines = True
    longest = PROSE.longest


class AskedInput(_Input):
    """What is looked for: words, a name, a code."""

    is_written = False
    longest = ASKED.longest


class WebInput(forms.URLField):
    """An address of the web."""

    is_written = True

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        guard(self, Kind(max_length, lines=False))


class WholeTextInput(forms.CharField):
    """A negotiated text, or words that go into one, to the letter.

    `issues.actions.text_checks` judges them beside the text that stands, as for every other caller.
    """

    is_written = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, "required": False, **kwargs})
        self.validators = []


def guard(field: forms.Field, kind: Kind) -> None:
    """Have a field of a form ask what `kind` says."""
    plain = PlainText(kind, leaves_length=getattr(field, "max_length", None) is not None)
    field.validators = [plain, *without_null_check(field.validators)]
