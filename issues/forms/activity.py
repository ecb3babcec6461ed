"""The form that contains the filters of the activity list. The page, the export and the API use this form."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.access.roles import Reader
from issues.access.visibility import knows_people, visible_provisions
from issues.models import Negotiation, Provision, SmallGroup
from issues.reports.activity import KINDS, Selection
from members.codes import get_by_code
from members.models import Member
from members.text_inputs import LineInput

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _CodeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A field that selects a member by its code, in any case."""

    def to_python(self, value: Any) -> Any:
        """Return the member. Raise ValidationError for an unknown code."""
        if not isinstance(value, str) or value in self.empty_values or self.queryset is None:
            return super().to_python(value)
        try:
            return get_by_code(self.queryset, value)
        except Member.DoesNotExist:
            return super().to_python(value)


class ActivityForm(forms.Form):
    """The filters of the activity list, all of which are optional."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type of activity"),
        choices=[("", gettext_lazy("Everything")), *KINDS.items()],
        required=False,
    )
    member = _CodeField(
        Member.objects.all(),
        label=gettext_lazy("On behalf of"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("Any member"),
    )
    small_group = forms.ModelChoiceField(
        SmallGroup.objects.none(),
        label=gettext_lazy("Small group"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("Any group"),
    )
    provision = forms.ModelChoiceField(
        Provision.objects.none(),
        label=gettext_lazy("Text"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("Any text"),
    )
    person = LineInput(label=gettext_lazy("User name"), max_length=150, required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DAY)
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DAY)

    def __init__(self, *args: Any, reader: Reader, negotiation: Negotiation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups, texts = self.fields["small_group"], self.fields["provision"]
        assert isinstance(groups, forms.ModelChoiceField)
        assert isinstance(texts, forms.ModelChoiceField)
        groups.queryset = SmallGroup.objects.filter(negotiation=negotiation)
        texts.queryset = visible_provisions(reader).filter(negotiation=negotiation).with_place()
        if not knows_people(reader, negotiation.pk):
            del self.fields["person"]

    def clean(self) -> dict[str, Any]:
        """Reject a period that ends before it begins."""
        typed = super().clean() or {}
        since: datetime.date | None = typed.get("since")
        until: datetime.date | None = typed.get("until")
        if since and until and until < since:
            raise ValidationError({"until": _("This date is before the start date. Choose a later date.")})
        return typed

    def selection(self) -> Selection:
        """Return the selected filters. The form must be valid."""
        return Selection(**{name: value for name, value in self.cleaned_data.items() if value})
