"""One provision: its text as it stands, and how it came to that."""

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
    Revision,
)
from issues.web import bracket_panel
from issues.web.confirmations import Question
from issues.web.history import REVISIONS_A_PAGE, entries
from issues.web.paging import page_of
from issues.web.provision_cards import card, load_names
from issues.web.query_params import asked_day
from issues.web.rendering import Touch
from issues.web.undo_notice import recorded, request_made

VARIANTS_A_PAGE = 50
# Of what was pressed, not sent again with the answer to a question: the answer itself, and the token of the form.
NOT_SENT_AGAIN = ("confirmed", "corrects", "csrfmiddlewaretoken")


@require_safe
def provision(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one provision: its text, who stands at which bracket since when, its figures, and what was touched."""
    return provision_page(request, slug, touched=request.GET.dict())


def provision_page(
    request: HttpRequest,
    slug: str,
    touched: dict[str, str],
    *,
    error: str = "",
    question: Question | None = None,
    too_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a provision with the panel of what was `touched`.

    In it stands what was just recorded, what went wrong, what is asked before it is recorded, or, where a press came
    `too_late`, what was done there meanwhile.
    """
    day, reader, names = asked_day(request), reader_of(request.user), load_names()
    revision = _revision(reader, negotiation_of(request), slug, day)
    held = Position.objects.held_on(day).select_related("member", "grouping")
    variants = (
        visible_variants(reader)
        .filter(provision=revision.provision)
        .open_on(day)
        .select_related("begun_in")
        .prefetch_related(
            Prefetch("positions", held, to_attr="held"),
            # Of a proposal that the reader may not see there is no word.
            Prefetch("begun_in__proposal", visible_proposals(reader)),
        )
        .order_by("ordinal")
    )
    panel = bracket_panel.panel(touched, reader, revision, names, day, too_late=too_late)
    own_entry = recorded(touched, reader, revision.provision) if day is None else None
    request_asked = request_made(touched, reader, revision.provision) if day is None else None
    if panel is None and (own_entry or request_asked):
        panel = bracket_panel.Panel(revision)
    return render(
        request,
        "issues/provision.html",
        {
            "card": card(revision, names, Touch(revision.number, panel.at if panel else -1, day=day)),
            "provision": revision.provision,
            "groups": groups_of(revision.provision),
            "page": page_of(request, variants, VARIANTS_A_PAGE),
            "revisions": revision.provision.revisions.made_by(day).count(),
            "may_log": may_log(reader, revision.provision),
            "panel": panel,
            "recorded": own_entry,
            "request_asked": request_asked,
            "question": question,
            "again": [(name, value) for name, value in touched.items() if name not in NOT_SENT_AGAIN],
            "too_late": too_late,
            "error": error,
            "typed": touched,
            "day": day,
        },
        status=status,
    )


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every revision of a provision, newest first, with what it changed."""
    day, reader = asked_day(request), reader_of(request.user)
    found = _revision(reader, negotiation_of(request), slug, day).provision
    revisions = found.revisions.made_by(day).select_related(
        "measure", "recorded_by", "on_behalf_of", "corrects", "undoes", "carries"
    )
    revisions = revisions.prefetch_related("corrected_by", "undone_by").order_by("-number")
    page = page_of(request, revisions, REVISIONS_A_PAGE)
    return render(
        request,
        "issues/history.html",
        {
            "provision": found,
            "page": page,
            "entries": entries(found, list(page.object_list), load_names()),
            "may_undo": _undoable(reader, revisions.first()) if day is None else None,
            "may_correct": may_correct_any(reader, found.negotiation_id),
            "knows_people": knows_people(reader, found.negotiation_id),
            "last": revisions.first(),
            "day": day,
        },
    )


def _undoable(reader: Reader, last: Revision | None) -> int | None:
    """Return the number of the last entry where the reader may undo it."""
    return last.number if last is not None and may_undo(reader, last) else None


def _revision(reader: Reader, negotiation: Negotiation, slug: str, day: datetime.date | None = None) -> Revision:
    """Return the text of a provision; 404 where the reader may not see it or it had none yet."""
    revisions = current_revisions(reader, day).select_related("measure").with_place()
    return get_object_or_404(revisions, provision__slug=slug, provision__negotiation=negotiation)
