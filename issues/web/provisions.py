"""The pages for a provision: its text with the panel and the table of positions, and its history."""

import datetime

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.permissions import may_correct_any, may_log
from issues.access.roles import Reader, reader_of
from issues.access.visibility import (
    current_revisions,
    groups_of,
    knows_people,
    negotiation_of,
    visible_proposals,
    visible_variants,
)
from issues.actions.undo import may_undo
from issues.models import (
    Negotiation,
    Position,
    Provision,
    Revision,
)
from issues.models.index import VariantQuerySet
from issues.web.bracket_panel import Panel, open_panel
from issues.web.bracket_tables import labels_for
from issues.web.confirmations import Question
from issues.web.history import REVISIONS_A_PAGE, entries
from issues.web.paging import page_of
from issues.web.provision_cards import card, load_names
from issues.web.query_params import requested_day
from issues.web.rendering import PanelLinks
from issues.web.reported_positions import Extract, extract
from issues.web.undo_notice import recorded_entry, recorded_request

VARIANTS_A_PAGE = 50
# Parameters that are not sent again with the answer to a question, because the answer replaces them.
NOT_SENT_AGAIN = ("confirmed", "corrects", "csrfmiddlewaretoken")


@require_safe
def provision(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a provision: its text, the positions on each bracket, its figures, and the panel of the selection."""
    return provision_page(request, slug, query=request.GET.dict())


def provision_page(
    request: HttpRequest,
    slug: str,
    query: dict[str, str],
    *,
    error: str = "",
    question: Question | None = None,
    too_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Return the page for a provision, with the panel for the selection in `query`.

    The panel also shows the entry that was just recorded, an `error`, a `question` to answer before anything is
    recorded, or, if the reader pressed a button `too_late`, the revisions logged since.
    """
    day, reader, names = requested_day(request), reader_of(request.user), load_names()
    revision = readable_revision(reader, negotiation_of(request), slug, day)
    page = page_of(request, _open_variants(reader, revision.provision, day), VARIANTS_A_PAGE)
    panel = open_panel(query, reader, revision, names, day, too_late=too_late)
    entry = recorded_entry(query, reader, revision.provision) if day is None else None
    change_request = recorded_request(query, reader, revision.provision) if day is None else None
    if panel is None and (entry or change_request):
        panel = Panel(revision)
    return render(
        request,
        "issues/provision.html",
        {
            "card": card(revision, names, PanelLinks(revision.number, panel.start if panel else -1, day=day)),
            "provision": revision.provision,
            "demonstration": revision.provision.demonstration,
            "groups": groups_of(revision.provision),
            "reported": _reported(revision.provision, day),
            "page": page,
            "labels": labels_for(request, page, day),
            "revisions": revision.provision.revisions.made_by(day).count(),
            "may_log": may_log(reader, revision.provision),
            "panel": panel,
            "recorded": entry,
            "request_asked": change_request,
            "question": question,
            "again": [(name, value) for name, value in query.items() if name not in NOT_SENT_AGAIN],
            "too_late": too_late,
            "error": error,
            "typed": query,
            "day": day,
        },
        status=status,
    )


def _reported(provision: Provision, day: datetime.date | None) -> Extract:
    """Return the positions reported on the place of a provision."""
    entry = provision.parent
    return extract(
        provision.negotiation.reported_positions.about(entry), provision.negotiation.day(day), place=entry.code
    )


def _open_variants(reader: Reader, provision: Provision, day: datetime.date | None) -> VariantQuerySet:
    """Return the open variants in a provision in text order, with their positions and visible proposals."""
    held = Position.objects.held_on(day).select_related("member", "grouping")
    return (
        visible_variants(reader)
        .filter(provision=provision)
        .open_on(day)
        .select_related("begun_in", "provision")
        .prefetch_related(
            Prefetch("positions", held, to_attr="held"),
            # Proposals that the reader may not see are not mentioned.
            Prefetch("begun_in__proposal", visible_proposals(reader)),
        )
        .order_by("ordinal")
    )


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all revisions of a provision, newest first, with their changes."""
    day, reader = requested_day(request), reader_of(request.user)
    provision = readable_revision(reader, negotiation_of(request), slug, day).provision
    revisions = provision.revisions.made_by(day).select_related(
        "measure", "recorded_by", "on_behalf_of", "corrects", "undoes", "carries"
    )
    revisions = revisions.prefetch_related("corrected_by", "undone_by").order_by("-number")
    page = page_of(request, revisions, REVISIONS_A_PAGE)
    return render(
        request,
        "issues/history.html",
        {
            "provision": provision,
            "demonstration": provision.demonstration,
            "page": page,
            "entries": entries(list(page.object_list), load_names()),
            "may_undo": _undoable(reader, revisions.first()) if day is None else None,
            "may_correct": may_correct_any(reader, provision.negotiation_id),
            "knows_people": knows_people(reader, provision.negotiation_id),
            "last": revisions.first(),
            "day": day,
        },
    )


def _undoable(reader: Reader, last: Revision | None) -> int | None:
    """Return the number of the last revision if the reader may undo it, otherwise None."""
    return last.number if last is not None and may_undo(reader, last) else None


def readable_revision(
    reader: Reader, negotiation: Negotiation, slug: str, day: datetime.date | None = None
) -> Revision:
    """Return the text of a provision.

    Raise Http404 if the reader may not see the provision, or if it had no text on `day`.
    """
    revisions = current_revisions(reader, day).select_related("measure").with_place()
    return get_object_or_404(revisions, provision__slug=slug, provision__negotiation=negotiation)
