"""What a form carries along while two changes of one text are put together in it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from issues.actions.text_checks import TextRefused, require_bounded
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
