"""Columns that hold whole negotiated texts: as long as a provision, and with no more brackets than one has."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from bracketed_text.advanced import excess
from issues.wording import diagnostic_text
from members.plain_text import TextRules
from members.text_fields import PlainTextValidator, ProseField


class WholeTextField(ProseField):
    """A negotiated text. Where `issues.actions` change it, they ask for more."""

    @cached_property
    def plain_text_validator(self) -> PlainTextValidator:
        """The validator of its characters, with the maximum length of a provision."""
        return PlainTextValidator(TextRules(settings.LONGEST_PROVISION, required=not self.blank))

    @cached_property
    def validators(self) -> list[Any]:
        """The validators of the column: characters first, then brackets."""
        return [*super().validators, _require_no_excess]


def _require_no_excess(text: str) -> None:
    """Raise ValidationError for more brackets than a text has; what is too long is said already."""
    if len(text) <= settings.LONGEST_PROVISION and (problem := excess(text)) is not None:
        raise ValidationError(diagnostic_text(problem), code=problem.code.value)
