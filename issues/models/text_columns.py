"""Fields for complete negotiated texts, limited in length and in the number of brackets."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from bracketed_text.advanced import excess
from issues.wording import diagnostic_text
from members.plain_text import TextRules
from members.text_fields import PlainTextValidator, ProseField


class WholeTextField(ProseField):
    """A field for a whole negotiated text. `issues.actions` applies stricter checks to changes of a text."""

    @cached_property
    def plain_text_validator(self) -> PlainTextValidator:
        """The validator for the characters of a text and for its length, which is limited to that of a provision."""
        return PlainTextValidator(TextRules(settings.LONGEST_PROVISION, required=not self.blank))

    @cached_property
    def validators(self) -> list[Any]:
        """The validators of the field. Characters are validated before brackets."""
        return [*super().validators, _require_no_excess]


def _require_no_excess(text: str) -> None:
    """Raise ValidationError if the text has too many brackets. Another validator reports a text that is too long."""
    if len(text) <= settings.LONGEST_PROVISION and (problem := excess(text)) is not None:
        raise ValidationError(diagnostic_text(problem), code=problem.code.value)
