"""Filters of the API: the site's FilterSets, and no parameter is ignored in silence."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from issues.api.errors import Problem, at

# What every address takes; `format` chooses between JSON and the browsable pages.
COMMON_PARAMETERS = frozenset({"format"})


def refuse_unknown_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise Problem where the query has a parameter that nothing would answer to."""
    taken = COMMON_PARAMETERS.union(known)
    refuse_unknown("parameter", set(request.query_params), taken)


def refuse_unknown(what: str, asked: Iterable[str], known: Iterable[str], at_field: str = "") -> None:
    """Raise Problem where one of `asked` is not `known`; it lists those that are."""
    unknown = sorted(set(asked) - set(known))
    if unknown:
        said = f"Unknown {what}. Known here: {', '.join(sorted(known))}."
        errors = [at(at_field or name, f"“{name}”: {said}") for name in unknown]
        raise Problem("unknown_parameter", f"{', '.join(unknown)}: unknown {what}.", errors)


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's FilterSet; an unknown parameter is an error that lists the known ones."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        refuse_unknown_parameters(request, self.known(view, queryset))
        if not view.lists:  # one row is found by its address, whatever its state
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def known(self, view: Any, queryset: QuerySet[Any]) -> frozenset[str]:
        """Return the parameters that the view answers to."""
        filterset_class = self.get_filterset_class(view, queryset)
        known = frozenset(filterset_class.base_filters) if filterset_class and view.lists else frozenset[str]()
        further: frozenset[str] = view.parameters()
        return known | further
