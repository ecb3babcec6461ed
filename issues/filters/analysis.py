"""Filters for the pages that analyse, compare, read and export the text."""

from typing import Any

import django_filters
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from issues.filters.days import AsOfFilter, DayFilter, WholeNumberFilter
from issues.filters.fields import CodeFilter, CodesFilter
from issues.filters.names import UNKNOWN_PARTICIPANT, participants_of_request
from issues.filters.places import OneProvisionFilter, PlaceFilter
from issues.models import Provision
from issues.models.choices import FileFormat


class ProvisionFilter(PlaceFilter, AsOfFilter):
    """A FilterSet for provisions, by place in the table of issues and by date."""

    class Meta:
        model = Provision
        fields: list[str] = []


class NarrowingFilter(ProvisionFilter):
    """A FilterSet for provisions, by place and date. Subclasses add filters whose values are read by the page."""

    @property
    def narrows(self) -> bool:
        """Whether the query selects a place in the table of issues."""
        return any(self.form.cleaned_data.get(name) for name in ("section", "issue", "sub_issue", "small_group"))

    def unchanged(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` unchanged, because the page reads the value."""
        return queryset

    def require_valid(self) -> dict[str, Any]:
        """Return the cleaned values. If any filters are invalid, raise BadRequest, which names them."""
        if not self.is_valid():
            raise BadRequest(
                " ".join(f"{name}: {' '.join(map(str, messages))}" for name, messages in self.errors.items())
            )
        values: dict[str, Any] = self.form.cleaned_data
        return values


class LandingFilter(NarrowingFilter):
    """Filters for landing zones: place, date and members."""

    member = CodesFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="unchanged",
        label=_("Between these members (hold Ctrl to select several)"),
        error_messages={"invalid_choice": UNKNOWN_PARTICIPANT},
    )


class Mode(models.TextChoices):
    """A reading of the text."""

    EVERYTHING = "everything", _("Everything")
    BASE = "base", _("Base text")
    MEMBERS = "members", _("According to members' positions")


class ReadingFilter(NarrowingFilter):
    """Filters for readings of the text: place, date, reading, and the meaning of silence."""

    mode = django_filters.ChoiceFilter(
        choices=Mode.choices[1:], empty_label=Mode.EVERYTHING.label, method="unchanged", label=_("Reading")
    )
    silence = django_filters.ChoiceFilter(
        choices=[("keep", _("is kept")), ("drop", _("is left out"))],
        empty_label=_("stays in brackets"),
        method="unchanged",
        label=_("Bracketed text on which these members are silent"),
    )
    member = CodesFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="unchanged",
        label=_("Members (hold Ctrl to select several)"),
        error_messages={"invalid_choice": UNKNOWN_PARTICIPANT},
    )


class ComparisonFilter(OneProvisionFilter, PlaceFilter):
    """Filters for comparisons of two dates, or of two revisions of a provision."""

    start = DayFilter(label=_("From (end of day)"))
    end = DayFilter(label=_("To (end of day)"))
    old = WholeNumberFilter(method="unchanged", min_value=1, label=_("From this revision of the provision"))
    new = WholeNumberFilter(method="unchanged", min_value=1, label=_("To this revision"))

    class Meta:
        model = Provision
        fields: list[str] = []

    @property
    def problems(self) -> dict[str, Any]:
        """The errors that result from combinations of values. The keys are the names of the fields."""
        values = self.form.cleaned_data
        start, end, old, new = (values.get(name) for name in ("start", "end", "old", "new"))
        if old is not None and (start or end):
            return {"old": _("Choose either dates or revisions of one provision.")}
        if new is not None and old is None:
            return {"old": _("Also choose the starting revision.")}
        if old is None and start is None:
            return {"start": _("Choose a start date, or a starting revision of one provision.")}
        if old is not None and values.get("provision") is None:
            return {"provision": _("Choose the provision whose revisions you want to compare.")}
        if (end and start and end < start) or (new and old and new < old):
            return {"new" if old else "end": _("The end is before the start. Swap the two values.")}
        return {}

    def unchanged(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` unchanged, because the value selects the revisions to compare."""
        return queryset


class ExportFilter(OneProvisionFilter, NarrowingFilter):
    """Filters for exports: place, date, the earlier date for comparison, and format."""

    since = DayFilter(label=_("Show changes since (end of day)"))
    format = django_filters.ChoiceFilter(
        choices=FileFormat.choices,
        method="unchanged",
        label=_("Format"),
        empty_label=None,
    )
    proponents = django_filters.ChoiceFilter(
        choices=[("notes", _("in footnotes (Word)"))],
        empty_label=_("in the brackets"),
        method="unchanged",
        label=_("Proponents shown"),
    )


class StandingFilter(NarrowingFilter):
    """Filters for the agreement between members: place, date, start of the period of movement, and members."""

    since = DayFilter(label=_("Movement since"))
    member = CodeFilter(
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="unchanged",
        label=_("Compare this member with the others"),
        empty_label=_("No member"),
        error_messages={"invalid_choice": UNKNOWN_PARTICIPANT},
    )
    least = WholeNumberFilter(
        method="unchanged", min_value=1, label=_("Members that take a side at least this many times")
    )
    order = django_filters.ChoiceFilter(
        choices=[("clusters", _("By cluster")), ("code", _("By code"))],
        method="unchanged",
        label=_("Order"),
        empty_label=None,
    )

    def is_valid(self) -> bool:
        """Return whether all values are valid and `since` is not after the selected date."""
        valid = bool(super().is_valid())
        since, day = (self.form.cleaned_data.get(name) for name in ("since", "as_of")) if valid else (None, None)
        if not (since and day and since > day):
            return valid
        self.form.add_error(
            "since",
            _("%(since)s is after the selected date, %(day)s. Choose an earlier date.")
            % {"since": date_format(since), "day": date_format(day)},
        )
        return False
