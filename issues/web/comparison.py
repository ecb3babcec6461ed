"""Compare two dates or two revisions in a redline and in sentences that describe the changes to brackets."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bracketed_text import Comparison, Measures
from issues.access.roles import Reader, reader_of
from issues.access.visibility import current_revisions, negotiation_of, visible_provisions
from issues.filters.analysis import ComparisonFilter
from issues.models import Provision, Revision
from issues.text.changed_brackets import ChangedBracket, changed_brackets
from issues.text.entries import compared
from issues.text.stored import stored_figures, stored_tree
from issues.web.paging import page_of
from issues.web.provision_cards import Names, load_names
from issues.web.query_params import requested_day
from issues.wording import sentences

PROVISIONS_A_PAGE = 10


@dataclass(frozen=True)
class Changed:
    """A provision whose text changed. `old` is None if the provision had no text at the start."""

    provision: Provision
    old: Revision | None
    new: Revision
    sentences: list[str]
    redline: SafeString
    before: Measures
    after: Measures
    brackets: Sequence[ChangedBracket] = ()


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    """Show the form and the provisions that changed."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    provisions = visible_provisions(reader).filter(negotiation=negotiation)
    # A link from a page as of a day selects no more than that day: nothing is compared yet.
    asked = set(request.GET) - {"as_of", "known_at"}
    filterset = ComparisonFilter(request.GET if asked else None, queryset=provisions, request=request)
    day = requested_day(request)
    context: dict[str, Any] = {"form": filterset.form, "day": day, "demonstration": negotiation.has_demonstration}
    valid = bool(asked) and filterset.is_valid()
    if valid:
        for name, problem in filterset.problems.items():
            filterset.form.add_error(name, problem)
            valid = False
    if valid:
        old, new = _both_ends(filterset, reader, day)
        moved = [revision for revision in new if old.get(revision.provision_id) != revision]
        page = page_of(request, moved, PROVISIONS_A_PAGE)
        names = load_names()
        context |= {
            "start": filterset.form.cleaned_data["start"],
            "end": _last(filterset.form.cleaned_data["end"], day),
            "old": filterset.form.cleaned_data["old"],
            "page": page,
            "compared": len(new),
            "demonstration": any(revision.provision.demonstration for revision in page),
            "changes": [_changed(old.get(revision.provision_id), revision, names) for revision in page],
        }
    return render(request, "issues/compare.html", context, status=200 if valid or not asked else 400)


def _both_ends(
    filterset: ComparisonFilter, reader: Reader, day: datetime.date | None
) -> tuple[dict[int, Revision], list[Revision]]:
    """Return the revisions at the start, by provision, and those at the end, in text order.

    No revision is later than `day`.
    """
    values = filterset.form.cleaned_data
    if values["old"] is None:
        selected = Q(provision__in=filterset.qs)
        before = current_revisions(reader, values["start"]).filter(selected)
        after = current_revisions(reader, _last(values["end"], day)).filter(selected)
    else:
        revisions = values["provision"].revisions.made_by(day)
        before = revisions.filter(number=values["old"])
        after = revisions.filter(number=values["new"]) if values["new"] else revisions.order_by("-number")[:1]
        if not (before and after):
            raise Http404(_("Unknown revision of this provision."))
    ordered = after.select_related("provision")
    return {revision.provision_id: revision for revision in before}, sorted(
        ordered, key=lambda revision: revision.provision.position
    )


def _last(end: datetime.date | None, day: datetime.date | None) -> datetime.date | None:
    """Return the earlier of two dates, where None means the present."""
    return min((limit for limit in (end, day) if limit is not None), default=None)


def _changed(old: Revision | None, new: Revision, names: Names) -> Changed:
    before, after = stored_tree(old, names.register), stored_tree(new, names.register)
    difference = compared(old, new, before, after)
    changes = sentences(before, after, difference, names.of) if old else []
    return Changed(
        new.provision,
        old,
        new,
        changes,
        redline(before.text, difference) if old else SafeString(""),
        stored_figures(old, before),
        stored_figures(new, after),
        changed_brackets((old, new), (before, after), difference) if old else (),
    )


def redline(old: str, difference: Comparison) -> SafeString:
    """Return `old` as HTML with deletions struck out and insertions underlined. All other characters are unchanged."""
    return mark_safe("".join(_marked(old, difference)))  # noqa: S308  each part comes from format_html


def _marked(old: str, difference: Comparison) -> Iterator[str]:
    at = 0
    for hunk in difference.hunks:
        yield format_html("{}", old[at : hunk.start])
        if hunk.end > hunk.start:
            yield format_html("<del>{}</del>", old[hunk.start : hunk.end])
        if hunk.text:
            yield format_html("<ins>{}</ins>", hunk.text)
        at = hunk.end
    yield format_html("{}", old[at:])
