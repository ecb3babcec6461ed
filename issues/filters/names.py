"""Filters by names of members and groupings, and by other single-line text."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of, participations
from members.models import Alias, Member, fold
from members.text_inputs import QueryInput


def holder_condition(names: list[str]) -> Q:
    """Return the condition for positions held by any of `names`, which are codes or aliases of members and groupings.

    Raise ValidationError for an unknown name.
    """
    members, groupings = holder_keys(names)
    return Q(member__in=members) | Q(grouping__in=groupings)


def holder_keys(names: list[str]) -> tuple[set[int], set[int]]:
    """Return the primary keys of the members and of the groupings with these codes or aliases.

    Raise ValidationError for an unknown name.
    """
    aliases = {alias.folded: alias for alias in Alias.objects.filter(folded__in=[fold(name) for name in names])}
    members = {alias.member_id for alias in aliases.values() if alias.member_id}
    groupings = {alias.grouping_id for alias in aliases.values() if alias.grouping_id}
    codes = {name for name in names if fold(name) not in aliases}
    by_code = dict(Member.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    if unknown := sorted(codes - by_code.keys()):
        raise ValidationError(
            _("Unknown member or grouping: %(names)s. Use a code such as CAN, EU or AFRICAN GROUP."),
            params={"names": ", ".join(unknown)},
        )
    return members | set(by_code.values()), groupings


class NamesField(QueryInput):
    """A field for names of members or groupings. The parameter may be repeated."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [name for name in value or [] if name.strip()]

    def run_validators(self, value: Any) -> None:
        """Raise ValidationError for a value that cannot be a name."""
        for name in value:
            super().run_validators(name)

    def validate(self, value: Any) -> None:
        """Raise ValidationError for an unknown name."""
        self.run_validators(value)
        holder_condition(value)


class LineFilter(django_filters.CharFilter):
    """A filter by single-line text."""

    field_class = QueryInput


class NamesFilter(django_filters.Filter):
    """A filter by names of members or groupings."""

    field_class = NamesField


UNKNOWN_PARTICIPANT = _("No participant has this code.")


def participants_of_request(request: Any) -> QuerySet[Member]:
    taking = participations(negotiation_of(request)).values("member")
    return Member.objects.filter(pk__in=taking).order_by("name")
