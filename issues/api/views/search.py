"""The endpoint for the search, with the same results as the page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.api.filtering import require_known_parameters
from issues.api.parameters import query_parameters
from issues.api.serializers.search import MATCHES, SearchSerializer
from issues.api.views.analysis import SmallPagination
from issues.api.views.base import Endpoint
from issues.forms import SearchForm
from issues.forms.search import MAX_LENGTH, MIN_LENGTH
from issues.models.page_links import path_of
from issues.reports.search import Found, Hit, ResultKind, Results, SearchInput, find, hits

DAYS = ("as_of", "known_at")
PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "minLength": MIN_LENGTH, "maxLength": MAX_LENGTH},
        required=True,
        description="A code, a symbol, a name, the label of a bracket, or words. Quotation marks keep words together, "
        "and a minus sign leaves a word out.",
    ),
    OpenApiParameter("kind", OpenApiTypes.STR, enum=ResultKind.values, description="Only results of this kind."),
]


class SearchView(Endpoint):
    """Search in everything that you may read: the text and its brackets, proposals, the record, members, definitions.

    Exact codes, symbols, names and labels of brackets come first, then words in titles, then words in texts. Texts,
    proposals, documents and meetings are those of the day in `as_of`. A label such as C.1.a ¶2 [1] in revision 3 also
    finds a bracket that has been closed. If nothing contains the words, the results contain words with similar
    spellings (see `similar`), unless the site's database cannot compare words. At most 1000 results of each kind are
    listed.
    """

    pagination_class = SmallPagination
    selects_fields = False
    lists = True

    @extend_schema(
        operation_id="search",
        tags=["record"],
        parameters=[*PARAMETERS, *query_parameters(*DAYS, pages=True)],
        responses=SearchSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return a page of results."""
        form = SearchForm(request.query_params)
        require_known_parameters(request, {*form.fields, *DAYS, *SmallPagination.parameters})
        day = self.day
        if not form.is_valid():
            raise ValidationError({name: list(map(str, messages)) for name, messages in form.errors.items()})
        text, kind = form.cleaned_data["q"], form.cleaned_data["kind"]
        results = find(SearchInput(self.reader, self.negotiation, text, form.terms, day))
        matches = results.by_kind[ResultKind(kind)] if kind else results.all

        def show(page: list[Found]) -> list[dict[str, Any]]:
            return [self._hit(hit) for hit in hits(results.search, page)]

        response = self.page_response(matches, show, SmallPagination)
        response.data |= {"similar": results.search.similar, "kinds": _counts(results)}
        return response

    def _hit(self, hit: Hit) -> dict[str, Any]:
        return {
            "kind": hit.kind.value,
            "key": hit.key,
            "match": MATCHES[hit.match],
            "title": hit.title.plain,
            "place": hit.place,
            "excerpt": hit.excerpt.plain,
            "marks": [{"start": start, "end": end} for start, end in hit.excerpt.spans],
            "demonstration": hit.demonstration,
            "url": self.request.build_absolute_uri(path_of(hit.link)),
        }


def _counts(results: Results) -> list[dict[str, Any]]:
    return [
        {"kind": kind.value, "count": results.count(kind), "more": kind in results.incomplete}
        for kind in ResultKind
        if results.count(kind)
    ]
