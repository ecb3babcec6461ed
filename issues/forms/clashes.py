"""Forms that preserve an author's text while the author resolves a conflict with another change."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from issues.actions.edits import TextChange
from issues.actions.errors import TextRefused
from issues.actions.text_checks import require_bounded
from issues.models import Provision, Revision
from members.text_inputs import LineInput, WholeTextInput


class ClashForm(forms.Form):
    """A form whose text may combine two conflicting changes. For each conflict, a side is chosen.

    `written` is the text that the author typed, based on revision `written_on`, and `taken` contains a character for
    each conflict (`issues.text.clashes`). If there is no conflict, all three fields are empty. The other change is part
    of the text on which the form is now based.
    """

    written_on = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    written = WholeTextInput(widget=forms.HiddenInput)
    taken = LineInput(max_length=10_000, required=False, widget=forms.HiddenInput)

    @property
    def clash_fields(self) -> list[Any]:
        """The hidden fields of the form, for use in the template."""
        return [self[name] for name in ("written_on", "written", "taken")]

    def clean_written(self) -> str:
        """Return the typed text with the line endings of the text that it changes.

        Raise ValidationError if the text exceeds the limits. This check takes place before the text is merged.
        """
        written = self._with_line_ends(self.cleaned_data["written"])
        try:
            require_bounded(written)
        except TextRefused as refused:
            raise ValidationError(str(refused)) from refused
        return written

    def _with_line_ends(self, text: str) -> str:
        """Return a text with LF line endings in place of the CRLF line endings that browsers send."""
        return text.replace("\r\n", "\n")


class WholeTextForm(ClashForm):
    """A form whose `text` is a whole new text. The line endings are those of the text that it changes."""

    def changed_revision(self) -> Revision | None:
        """Return the revision that the form changes, or None for a first text."""
        raise NotImplementedError

    def clean_text(self) -> str:
        """Return the text with the line endings of the text that it changes."""
        return self._with_line_ends(self.cleaned_data["text"])

    def text_change(self, provision: Provision) -> TextChange:
        """Return the change to a provision that the form describes. The form must be valid."""
        typed = self.cleaned_data
        return TextChange(
            provision,
            base_revision=typed["base_revision"],
            edit=typed["text"],
            on_behalf_of=typed["on_behalf_of"],
            made_on=typed["made_on"],
            reason=typed["reason"],
            source=typed["source"],
            corrects=typed["corrects"],
        )

    def _with_line_ends(self, text: str) -> str:
        changed = self.changed_revision()
        return text if changed and "\r\n" in changed.text else super()._with_line_ends(text)
