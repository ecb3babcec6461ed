"""The table of issues, and the pages for issues and sub-issues."""

from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import current_revisions, negotiation_of, visible_proposals
from issues.models import (
    Issue,
    Provision,
    SmallGroup,
    StatusReport,
    SubIssue,
    Timeline,
)
from issues.models.outline import hanging_at
from issues.reports import convergence
from issues.web.provision_cards import cards, load_names
from issues.web.query_params import requested_day, row_with_code
from issues.web.record_lists import listed, query_of, record_at
from issues.web.reported_positions import extract


@require_safe
def outline(request: HttpRequest) -> HttpResponse:
    """Show the table of issues."""
    day, negotiation = requested_day(request), negotiation_of(request)
    sections = negotiation.sections.prefetch_related("issues__sub_issues", "sub_issues", "issues__small_groups")
    texts = current_revisions(reader_of(request.user), day).filter(provision__negotiation=negotiation)
    with_text = set(texts.values_list("provision__sub_issue", flat=True))
    return render(request, "issues/outline.html", {"sections": sections, "with_text": with_text, "day": day})


@require_safe
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Show an issue, its sub-issues, and the provisions that belong to the issue itself."""
    issues = Issue.objects.select_related("section").prefetch_related("sub_issues", "small_groups")
    issue = row_with_code(issues.filter(negotiation=negotiation_of(request)), code)
    return _place(
        request,
        "issues/issue.html",
        issue,
        Provision.objects.in_issue(issue),
        SmallGroup.objects.filter(hanging_at([], [issue], "sub_issues", "issues")).distinct(),
    )


@require_safe
def sub_issue(request: HttpRequest, code: str) -> HttpResponse:
    """Show a sub-issue with its provisions, status, proposals, documents and meetings."""
    sub_issues = SubIssue.objects.select_related("section", "issue__section")
    sub_issue = row_with_code(sub_issues.filter(negotiation=negotiation_of(request)), code)
    return _place(
        request,
        "issues/sub_issue.html",
        sub_issue,
        Provision.objects.filter(sub_issue=sub_issue),
        SmallGroup.objects.working_at([sub_issue.pk], []),
    )


def _place(
    request: HttpRequest,
    template: str,
    entry: Issue | SubIssue,
    provisions: "QuerySet[Provision]",
    groups: "QuerySet[SmallGroup]",
) -> HttpResponse:
    """Return the page for an issue or sub-issue, with everything that belongs to it."""
    day, reader = requested_day(request), reader_of(request.user)
    standing = convergence.provisions_standing(reader, provisions, day)
    sub_issues, issues = ((), [entry]) if isinstance(entry, Issue) else ([entry], ())
    related = hanging_at(sub_issues, issues, "sub_issues", "issues")
    proposals = (
        visible_proposals(reader).filter(related).known_on(entry.negotiation, day).distinct().select_related("document")
    )
    proposals = proposals.with_standing().order_by(F("tabled").desc(nulls_last=True), "slug")
    reports = Prefetch("status_reports", StatusReport.objects.stated_by_day(day))
    return render(
        request,
        template,
        {
            "place": entry,
            "standing": standing,
            "demonstration": standing.demonstration,
            "cards": cards(reader, provisions, load_names(), day),
            "groups": [
                (group, next(iter(group.status_reports.all()), None)) for group in groups.prefetch_related(reports)
            ],
            "proposals": listed(proposals, "proposals", query_of(entry)),
            "timelines": Timeline.objects.filter(
                hanging_at(sub_issues, issues, "issues__sub_issues", "issues")
            ).distinct(),
            "reported": extract(
                entry.negotiation.reported_positions.about(entry), entry.negotiation.day(day), place=entry.code
            ),
            **record_at(reader, entry, day),
            "day": day,
        },
    )
