"""The overview of small groups and issues, the small group page, and the definitions of statuses and figures."""

import datetime

from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.permissions import may_state
from issues.access.roles import Reader, reader_of
from issues.access.visibility import (
    negotiation_of,
    participations,
    visible_documents,
    visible_proposals,
    visible_provisions,
)
from issues.actions import status_reports
from issues.models import (
    Expectation,
    Negotiation,
    Provision,
    SmallGroup,
)
from issues.models.known import on_record
from issues.reports import convergence
from issues.reports.definitions import FIGURES, STATUSES
from issues.web.provision_cards import cards, load_names
from issues.web.query_params import requested_day
from issues.web.record_lists import Listed, listed, query_of, record_at
from issues.web.reported_positions import extract
from issues.web.time_series import OF_THE_WHOLE, marks_of, through_time


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the stated status and the measured figures for each small group and issue."""
    day = requested_day(request)
    try:
        negotiation = negotiation_of(request)
    except Negotiation.DoesNotExist:
        return render(request, "issues/empty.html")
    figures = convergence.overview(reader_of(request.user), negotiation, day)
    plots = through_time(figures.measured, negotiation.day(day))
    return render(
        request,
        "issues/overview.html",
        {
            "negotiation": negotiation,
            "overview": figures,
            "demonstration": figures.measured.demonstration,
            "plots": [(name, plot) for name, plot in plots.items() if name in OF_THE_WHOLE],
            "day": day,
            "shown_day": negotiation.day(day),
            "sub_issues": negotiation.subissues.count(),
            "slugs": _slugs_of_last_steps(figures),
            "participants": participations(negotiation, day).count(),
            "expectations": _expectations(reader_of(request.user), negotiation, day),
        },
    )


def _slugs_of_last_steps(figures: convergence.Overview) -> dict[int, Provision]:
    slugs = {group.measured.last_step.provision for group in figures.groups if group.measured.last_step}
    return Provision.objects.in_bulk(slugs)


@require_safe
def small_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a small group: status, figures and provisions."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    groups = SmallGroup.objects.filter(negotiation=negotiation).prefetch_related(
        "sub_issues", "issues", "facilitators__member"
    )
    group = get_object_or_404(groups, slug=slug)
    provisions = Provision.objects.of_group(group).filter(pk__in=visible_provisions(reader))
    reports = group.status_reports.prefetch_related("corrected_by").select_related("corrects")
    reports = reports.filter(on_record(day), stated_on__lte=day) if day else reports
    marks = marks_of(reports.stated_by_day(day))
    standing = convergence.group_standing(reader, group, day)
    return render(
        request,
        "issues/small_group.html",
        {
            "standing": standing,
            "demonstration": standing.measured.demonstration,
            "against": status_reports.brackets_against(reader, group, standing.stated.status)
            if standing.contradiction and standing.stated and not day
            else [],
            "may_state": may_state(reader, group),
            "group": group,
            "reports": reports,
            "plots": through_time(standing.measured, negotiation.day(day), marks).items(),
            "cards": cards(reader, provisions, load_names(), day),
            "reported": extract(
                negotiation.reported_positions.about(group), negotiation.day(day), small_group=group.slug
            ),
            "proposals": _proposals(reader, group, day),
            **record_at(reader, group, day),
            "day": day,
        },
    )


def _expectations(reader: Reader, negotiation: Negotiation, day: datetime.date | None) -> "QuerySet[Expectation]":
    """Return the expectations stated by `day`, with those of their documents that `reader` may read."""
    expectations = Expectation.objects.filter(negotiation=negotiation).stated_by_day(day)
    return expectations.prefetch_related("small_groups", Prefetch("documents", visible_documents(reader)))


def _proposals(reader: Reader, group: SmallGroup, day: datetime.date | None) -> Listed:
    """Return the proposals on the issues and sub-issues of a small group, newest first."""
    proposals = (
        visible_proposals(reader).filter(negotiation=group.negotiation).of_group(group).known_on(group.negotiation, day)
    )
    proposals = proposals.with_standing().select_related("document")
    return listed(proposals.order_by(F("tabled").desc(nulls_last=True), "slug"), "proposals", query_of(group))


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """Show the definition of each status and figure."""
    return render(request, "issues/definitions.html", {"figures": FIGURES, "statuses": STATUSES})
