"""Filtering in the API with the site's FilterSets. Unknown parameters are refused."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers
from rest_framework.request import Request

from issues.api.errors import Problem, error_entry
from issues.filters.names import NamesFilter
from issues.filters.variants import HolderFilter
from issues.models import Provision
from members.models import Member

# Parameters that every URL accepts; `format` selects JSON or the browsable API.
COMMON_PARAMETERS = frozenset({"format"})
# Filters that may be repeated, and parameters of all URLs that may be repeated.
REPEATABLE_FILTERS = (NamesFilter, HolderFilter, django_filters.ModelMultipleChoiceFilter)
REPEATABLE_PARAMETERS = frozenset({"fields", "include"})


def repeatable_parameters(filters: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the filters that may be repeated in a query."""
    return frozenset(name for name, entry in filters.items() if isinstance(entry, REPEATABLE_FILTERS))


def require_known_parameters(request: Request, known: Iterable[str], repeatable: Iterable[str] = ()) -> None:
    """Raise Problem if the query contains an unknown parameter or repeats one that takes a single value."""
    accepted = COMMON_PARAMETERS.union(known)
    require_known("parameter", set(request.query_params), accepted)
    twice = {name for name, values in request.query_params.lists() if len(values) > 1}
    if wrong := sorted(twice - REPEATABLE_PARAMETERS.union(repeatable)):
        errors = [
            error_entry(name, "Send this parameter only once, because it takes a single value.") for name in wrong
        ]
        raise Problem("invalid", f"Parameters sent more than once: {', '.join(wrong)}.", errors)


def require_known(noun: str, names: Iterable[str], known: Iterable[str], field: str = "") -> None:
    """Raise Problem, with a list of the known names, unless all `names` are in `known`."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        message = f"Unknown {noun}. Accepted names: {', '.join(sorted(known))}."
        errors = [error_entry(field or name, f"“{name}”: {message}") for name in unknown]
        raise Problem("unknown_parameter", f"Unknown {noun}: {', '.join(unknown)}.", errors)


# The longest list of accepted values in an error.
MOST_VALUES = 60


def filter_errors(filterset: Any) -> dict[str, list[str]]:
    """Return the messages of an invalid FilterSet by parameter, with the accepted values of closed lists."""
    return {
        name: [_with_accepted_values(error, filterset.form.fields.get(name)) for error in errors]
        for name, errors in filterset.errors.as_data().items()
    }


def _with_accepted_values(error: ValidationError, field: Any) -> str:
    """Return the message of an error. If the field is a closed list, list the values."""
    message = " ".join(map(str, error.messages))
    if error.code != "invalid_choice" or field is None:
        return message
    return f"{message} Accepted values: {', '.join(values)}." if (values := _accepted_values(field)) else message


def _accepted_values(field: Any) -> list[str]:
    """Return the values that a field accepts, or an empty list if they are not a short list that everyone may read."""
    queryset = getattr(field, "queryset", None)
    if queryset is None:
        return [str(value) for value, _label in getattr(field, "choices", ()) if str(value)]
    if queryset.model in (Provision, Member):
        return []
    values = sorted(map(str, queryset.values_list(field.to_field_name or "pk", flat=True)[: MOST_VALUES + 1]))
    return values if len(values) <= MOST_VALUES else []


class StrictFilterBackend(DjangoFilterBackend):
    """A backend that filters by the FilterSet of the view and refuses unknown parameters."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        require_known_parameters(
            request,
            self.known(view, queryset),
            repeatable_parameters(filterset_class.base_filters) if filterset_class else frozenset[str](),
        )
        if not view.lists:  # the URL identifies a single row, so no filter applies
            return queryset
        filterset: Any = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise serializers.ValidationError(filter_errors(filterset))
        filtered: QuerySet[Any] = filterset.qs
        return filtered

    def known(self, view: Any, queryset: QuerySet[Any]) -> frozenset[str]:
        """Return the parameters that the view accepts."""
        filterset_class = self.get_filterset_class(view, queryset)
        known = frozenset(filterset_class.base_filters) if filterset_class and view.lists else frozenset[str]()
        further: frozenset[str] = view.parameters()
        return known | further
