"""Filters of the API: the site's FilterSets, and no parameter is ignored in silence."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

# What a list takes besides its filters.
COMMON_PARAMETERS = frozenset({"page", "page_size", "format"})


def refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """Raise ValidationError where the query has a parameter that nothing would answer to."""
    unknown = sorted(set(request.query_params) - known - COMMON_PARAMETERS)
    if unknown:
        raise ValidationError(
            {
                name: [f"Unknown parameter. Known here: {', '.join(sorted(known | COMMON_PARAMETERS))}."]
                for name in unknown
            }
        )


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's FilterSet; an unknown parameter is an error that lists the known ones."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        known = frozenset(filterset_class.base_filters) if filterset_class else frozenset[str]()
        known |= getattr(view, "further_parameters", frozenset[str]())
        refuse_unknown_parameters(request, known)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered
