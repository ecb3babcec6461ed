"""What a form carries along while two changes of one text are put together in it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from issues.actions.errors import TextRefused
from issues.actions.text_checks import require_bounded
from issues.models import Revision
from members.text_inputs import LineInput, WholeTextInput


class ClashForm(forms.Form):
    """A form whose text may be both changes put together, with places at which a side has to be taken.

    `written` is the text as it was typed on `written_on`, `taken` has a letter for each place (`issues.text.clashes`);
    all are empty as long as nothing conflicts. What they are put together with is the text that the form is based on.
    """

    written_on = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    written = WholeTextInput(widget=forms.HiddenInput)
    taken = LineInput(max_length=10_000, required=False, widget=forms.HiddenInput)

    @property
    def clash_fields(self) -> list[Any]:
        """The fields that are carried along, for the page."""
        return [self[name] for name in ("written_on", "written", "taken")]

    def clean_written(self) -> str:
        """Return what was typed, with line ends as texts on record have them: browsers send CRLF for every line.

        It was typed within the limits of a text: what is not is refused before it is put together with anything.
        """
        written = str(self.cleaned_data["written"]).replace("\r\n", "\n")
        try:
            require_bounded(written)
        except TextRefused as refused:
            raise ValidationError(str(refused)) from refused
        return written


class WholeTextForm(ClashForm):
    """A form whose `text` is a whole new text, with the line ends of the one that it changes.

    Browsers send CRLF for every line.
    """

    def changed_revision(self) -> Revision | None:
        """Return the text that is changed, None where there is none yet."""
        raise NotImplementedError

    def clean_text(self) -> str:
        """Return the text with the line ends of the one that it changes."""
        return self._with_line_ends(self.cleaned_data["text"])

    def clean_written(self) -> str:
        """Return what was typed before it was put together with others' changes, with the same line ends."""
        return self._with_line_ends(self.cleaned_data["written"])

    def _with_line_ends(self, text: str) -> str:
        changed = self.changed_revision()
        return text if changed and "\r\n" in changed.text else text.replace("\r\n", "\n")
