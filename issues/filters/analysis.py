"""Filters of the pages that analyse, compare, read and export the text."""

from typing import Any

import django_filters
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from issues.filters.days import AsOfFilter, DayFilter, WholeNumberFilter
from issues.filters.names import NO_PARTICIPANT, participants_of_request
from issues.filters.places import OneProvisionFilter, PlaceFilter
from issues.models import Provision
from issues.models.choices import FileFormat


class ProvisionFilter(PlaceFilter, AsOfFilter):
    """Provisions by their place in the table of issues, as of a day."""

    class Meta:
        model = Provision
        fields: list[str] = []


class NarrowingFilter(ProvisionFilter):
    """Provisions of a place and a day, with values beside that the page itself reads."""

    @property
    def narrows(self) -> bool:
        """Whether a place in the table of issues was asked for."""
        return any(self.form.cleaned_data.get(name) for name in ("section", "issue", "sub_issue", "small_group"))

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` as it is: the page reads the value."""
        return queryset

    def require_valid(self) -> dict[str, Any]:
        """Return what was asked for; raises BadRequest with the name of what cannot be read."""
        if not self.is_valid():
            raise BadRequest(
                " ".join(f"{name}: {' '.join(map(str, messages))}" for name, messages in self.errors.items())
            )
        values: dict[str, Any] = self.form.cleaned_data
        return values


class LandingFilter(NarrowingFilter):
    """Landing zones: on what, when, and for which members."""

    member = django_filters.ModelMultipleChoiceFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("Between these members (hold Ctrl to select several)"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )


class Mode(models.TextChoices):
    """How the text is read."""

    EVERYTHING = "everything", _("Everything")
    BASE = "base", _("Base text")
    MEMBERS = "members", _("As members would have it")


class ReadingFilter(NarrowingFilter):
    """The whole text: what of it, as of when, and read how."""

    mode = django_filters.ChoiceFilter(
        choices=Mode.choices[1:], empty_label=Mode.EVERYTHING.label, method="as_they_are", label=_("Reading")
    )
    silence = django_filters.ChoiceFilter(
        choices=[("keep", _("is kept")), ("drop", _("is left out"))],
        empty_label=_("stays in brackets"),
        method="as_they_are",
        label=_("Bracketed text on which they are silent"),
    )
    member = django_filters.ModelMultipleChoiceFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("Members (hold Ctrl to select several)"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )


class ComparisonFilter(OneProvisionFilter, PlaceFilter):
    """Two days and what of the text, or two revisions of one provision."""

    start = DayFilter(label=_("From the end of this day"))
    end = DayFilter(label=_("To the end of this day"))
    old = WholeNumberFilter(method="as_they_are", min_value=1, label=_("From this revision of the provision"))
    new = WholeNumberFilter(method="as_they_are", min_value=1, label=_("To this revision"))

    class Meta:
        model = Provision
        fields: list[str] = []

    @property
    def problems(self) -> dict[str, Any]:
        """What does not go together, by field."""
        asked = self.form.cleaned_data
        start, end, old, new = (asked.get(name) for name in ("start", "end", "old", "new"))
        if old is not None and (start or end):
            return {"old": _("Choose either days or revisions of one provision.")}
        if new is not None and old is None:
            return {"old": _("Choose the starting revision as well.")}
        if old is None and start is None:
            return {"start": _("Choose a starting day, or a starting revision of one provision.")}
        if old is not None and asked.get("provision") is None:
            return {"provision": _("Choose the provision whose revisions you want to compare.")}
        if (end and start and end < start) or (new and old and new < old):
            return {"new" if old else "end": _("The end is before the start. Swap the two.")}
        return {}

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset`: revisions narrow nothing, they say what is compared."""
        return queryset


class ExportFilter(OneProvisionFilter, NarrowingFilter):
    """What goes into a file: what of the text, as of when, compared with when, and in which format."""

    since = DayFilter(label=_("With the changes since the end of this day"))
    format = django_filters.ChoiceFilter(
        choices=FileFormat.choices,
        method="as_they_are",
        label=_("Format"),
        empty_label=None,
    )
    proponents = django_filters.ChoiceFilter(
        choices=[("notes", _("in footnotes (Word)"))],
        empty_label=_("in the brackets"),
        method="as_they_are",
        label=_("Proponents shown"),
    )


class StandingFilter(NarrowingFilter):
    """Who stands with whom: on what, when, since when for movement, and for which members."""

    since = DayFilter(label=_("Movement since this day"))
    member = django_filters.ModelChoiceFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("List for one member"),
        empty_label=_("No member"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )
    least = WholeNumberFilter(
        method="as_they_are", min_value=1, label=_("Members that take a side at least this many times")
    )
    order = django_filters.ChoiceFilter(
        choices=[("clusters", _("By clusters")), ("code", _("By code"))],
        method="as_they_are",
        label=_("Order"),
        empty_label=None,
    )

    def is_valid(self) -> bool:
        """Whether all can be read, and movement begins before the day as of which it is asked for."""
        valid = bool(super().is_valid())
        since, day = (self.form.cleaned_data.get(name) for name in ("since", "as_of")) if valid else (None, None)
        if not (since and day and since > day):
            return valid
        self.form.add_error(
            "since",
            _("%(since)s is after the selected day, %(day)s: choose an earlier day.")
            % {"since": date_format(since), "day": date_format(day)},
        )
        return False
