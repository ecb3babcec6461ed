"""The form for stating a status."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.access.readership import readers_of_statuses
from issues.actions import status_reports
from issues.models import SmallGroup, StatusReport
from issues.models.choices import STATUS_DEFINITIONS, Status
from members.choices import Precision
from members.text_inputs import LineInput, ProseInput


class StatementForm(forms.Form):
    """A form for the status of a small group, with its date, author and source."""

    status = forms.ChoiceField(label=_("Status"), choices=Status.choices, widget=forms.RadioSelect)
    until = LineInput(
        label=_("Parked until"), max_length=200, required=False, help_text=_("Only for “parked until …”.")
    )
    stated_on = forms.DateField(
        label=_("Stated on"), initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"})
    )
    stated_on_precision = forms.ChoiceField(
        label=_("Known to"),
        choices=[("", _("the day")), (Precision.MONTH, _("the month")), (Precision.YEAR, _("the year"))],
        required=False,
    )
    stated_by = LineInput(
        label=_("Stated by"), max_length=200, help_text=_("Facilitator, co-conveners, plenary or source.")
    )
    source = ProseInput(
        label=_("Source"), max_length=500, help_text=_("The meeting or document in which the status was stated.")
    )
    note = ProseInput(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    corrects = forms.ModelChoiceField(StatusReport.objects.none(), required=False, widget=forms.HiddenInput)
    seen = forms.BooleanField(label=_("I am aware that brackets remain open"), required=False)

    def __init__(self, *args: Any, group: SmallGroup, **kwargs: Any) -> None:
        """Set up the form for one small group. Existing reports of this group can be corrected."""
        super().__init__(*args, **kwargs)
        self.read_by = readers_of_statuses()
        corrects = self.fields["corrects"]
        assert isinstance(corrects, forms.ModelChoiceField)
        corrects.queryset = group.status_reports.all()
        corrects.error_messages["invalid_choice"] = _("Unknown entry for this small group.")

    def choices_with_definitions(self) -> list[tuple[str, str, str, bool]]:
        """Return each status with its label, its definition, and whether it is selected."""
        chosen = self["status"].value()
        return [
            (status.value, str(status.label), str(STATUS_DEFINITIONS[status]), status.value == chosen)
            for status in Status
        ]

    def clean(self) -> dict[str, Any]:
        """Validate the report. Each error is assigned to the field that contains the invalid value."""
        typed = super().clean() or {}
        if {"status", "stated_on"} <= typed.keys():
            try:
                status_reports.validate(
                    status=typed["status"], stated_on=typed["stated_on"], until=typed.get("until", "")
                )
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    self.add_error(name, messages)
        return typed
