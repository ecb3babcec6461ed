"""The search page, with the results grouped by kind."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of
from issues.forms import SearchForm
from issues.models.page_links import path_of
from issues.reports.search import MAX_MATCHES, Hit, Match, ResultKind, Results, SearchInput, find, hits
from issues.web.paging import page_of
from issues.web.query_params import requested_day

# The results of each kind that are shown at first, and on each page of the results of one kind.
SHOWN_OF_EACH_KIND, RESULTS_A_PAGE, EXACT_SHOWN = 5, 25, 8


@dataclass(frozen=True)
class Result:
    """A hit with the path of its page."""

    hit: Hit
    path: str


@dataclass(frozen=True)
class Group:
    """The first results of a kind, with the number of all results of that kind."""

    kind: ResultKind
    count: int
    is_incomplete: bool
    results: list[Result]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the results of a search: the first of every kind, or all results of the selected kind in pages."""
    day = requested_day(request)
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form, "day": day, "search_text": request.GET.get("q", "")}
    if not request.GET.get("q") and "kind" not in request.GET:
        return render(request, "issues/search.html", context)
    if not form.is_valid():
        return render(request, "issues/search.html", {**context, "errors": form.errors}, status=400)
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    text, kind = form.cleaned_data["q"], form.cleaned_data["kind"]
    results = find(SearchInput(reader, negotiation, text, form.terms, day))
    context |= {"results": results, "text": text, "kind": kind, "kinds": _counts(results), "limit": MAX_MATCHES}
    if kind:
        page = page_of(request, results.by_kind[ResultKind(kind)], RESULTS_A_PAGE)
        shown = _shown(results, list(page.object_list))
        context |= {"page": page, "listed": shown, "label": ResultKind(kind).label}
    else:
        exact, groups = _shown(results, results.exact[:EXACT_SHOWN]), _groups(results)
        shown = exact + [result for group in groups for result in group.results]
        context |= {"exact": exact, "groups": groups}
    context["demonstration"] = any(result.hit.demonstration for result in shown)
    return render(request, "issues/search.html", context)


def _counts(results: Results) -> list[Group]:
    """Return the kinds that have results, without the results."""
    return [
        Group(kind, results.count(kind), kind in results.incomplete, []) for kind in ResultKind if results.count(kind)
    ]


def _groups(results: Results) -> list[Group]:
    """Return the first results of each kind, the kind with the best match first.

    Exact matches are left out, because they are shown above all kinds.
    """
    first = {
        kind: [row for row in matches if row.match is not Match.EXACT][:SHOWN_OF_EACH_KIND]
        for kind, matches in results.by_kind.items()
    }
    shown = _shown(results, [row for matches in first.values() for row in matches])
    groups = []
    for group in _counts(results):
        of_kind = [result for result in shown if result.hit.kind == group.kind]
        if of_kind:
            groups.append(Group(group.kind, group.count, group.is_incomplete, of_kind))
    return sorted(groups, key=lambda group: group.results[0].hit.match)


def _shown(results: Results, matches: list[Any]) -> list[Result]:
    return [Result(hit, path_of(hit.link)) for hit in hits(results.search, matches)]
