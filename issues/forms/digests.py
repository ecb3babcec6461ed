"""The form for subscribing to a digest."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from issues.models import SmallGroup
from issues.models.choices import Rhythm


class DigestForm(forms.Form):
    """A form for the scope and the frequency of a digest."""

    small_group = forms.ModelChoiceField(
        queryset=SmallGroup.objects.none(),
        to_field_name="slug",
        required=False,
        label=_("Scope"),
        empty_label=_("Everything"),
    )
    rhythm = forms.ChoiceField(label=_("Frequency"), choices=Rhythm.choices)

    def __init__(self, *args: Any, groups: "QuerySet[SmallGroup]", **kwargs: Any) -> None:
        """Set up the form, in which the small groups in `groups` can be selected as scopes."""
        super().__init__(*args, **kwargs)
        self.fields["small_group"].queryset = groups  # type: ignore[attr-defined]
