"""Form fields for plain text, whose values are validated by the rules in `plain_text`."""

from typing import Any

from django import forms

from members.plain_text import LINE, PROSE, QUERY, TextRules
from members.text_fields import PlainTextValidator, without_null_check


class _PlainTextInput(forms.CharField):
    # Whether other people will read the input. If so, pages name the readers beside the field.
    is_written = True
    multiline = False
    default_max_length = LINE.max_length

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        max_length = max_length or self.default_max_length
        super().__init__(max_length=max_length, **kwargs)
        validate_as_plain_text(self, TextRules(max_length, self.multiline, required=self.required))


class LineInput(_PlainTextInput):
    """A form field for one line of text."""


class ProseInput(_PlainTextInput):
    """A form field for text of any number of lines."""

    multiline = True
    default_max_length = PROSE.max_length


class QueryInput(_PlainTextInput):
    """A form field for a query, such as search terms, a name or a code."""

    is_written = False
    default_max_length = QUERY.max_length


class URLInput(forms.URLField):
    """A form field for a URL."""

    is_written = True

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        validate_as_plain_text(self, TextRules(max_length, multiline=False))


class WholeTextInput(forms.CharField):
    """A form field for a negotiating text, or wording for such a text, which is accepted unchanged.

    As for all callers, `issues.actions.text_checks` validates the value against the current text.
    """

    is_written = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, "required": False, **kwargs})
        self.validators = []


def validate_as_plain_text(field: forms.Field, rules: TextRules) -> None:
    """Make a form field validate its value against `rules`."""
    validator = PlainTextValidator(rules, ignore_length=getattr(field, "max_length", None) is not None)
    field.validators = [validator, *without_null_check(field.validators)]
