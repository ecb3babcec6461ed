"""The pages that one reads. Writing is in `logging_changes`."""

import datetime
from collections import Counter
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from issues import convergence, statements
from issues.access import may_log, may_state
from issues.choices import STATUS_DEFINITIONS, Stance, Status
from issues.models import (
    Document,
    Issue,
    Meeting,
    Negotiation,
    Position,
    Provision,
    Revision,
    SmallGroup,
    StatusReport,
    SubIssue,
)
from issues.queries import (
    Reader,
    current_revisions,
    groups_of,
    knows_people,
    negotiation_of,
    participations,
    reader_of,
    visible_proposals,
    visible_provisions,
    visible_variants,
)
from issues.web import touching
from issues.web.asked import asked_day
from issues.web.cards import card, cards, load_names
from issues.web.history import REVISIONS_A_PAGE, entries
from issues.web.paging import page_of
from issues.web.rendering import Touch
from issues.web.trends import OF_THE_WHOLE, last_day, marks_of, through_time
from members.models import Member, in_force, local_name

VARIANTS_A_PAGE = 50
ALONE_SHOWN, CO_SPONSORS_SHOWN = 5, 12


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show each small group and issue: what is stated, what is measured, and where it goes."""
    day = asked_day(request)
    try:
        negotiation = negotiation_of(request)
    except Negotiation.DoesNotExist:
        return render(request, "issues/empty.html")
    found = convergence.overview(reader_of(request.user), negotiation, day)
    plots = through_time(found.measured, last_day(negotiation, day))
    return render(
        request,
        "issues/overview.html",
        {
            "negotiation": negotiation,
            "overview": found,
            "plots": [(name, plot) for name, plot in plots.items() if name in OF_THE_WHOLE],
            "day": day,
            "sub_issues": negotiation.subissues.count(),
            "slugs": _slugs_of_last_steps(found),
            "participants": participations(negotiation, day).count(),
        },
    )


def _slugs_of_last_steps(found: convergence.Overview) -> dict[int, Provision]:
    wanted = {one.measured.last_step.provision for one in found.groups if one.measured.last_step}
    return Provision.objects.in_bulk(wanted)


@require_safe
def small_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one small group: status, figures, provisions."""
    day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
    groups = SmallGroup.objects.filter(negotiation=negotiation).prefetch_related(
        "sub_issues", "issues", "facilitators__member"
    )
    group = get_object_or_404(groups, slug=slug)
    provisions = Provision.objects.of_group(group).filter(pk__in=visible_provisions(reader))
    reports = group.status_reports.all()
    reports = reports.filter(stated_on__lte=day) if day else reports
    standing = convergence.group_standing(reader, group, day)
    return render(
        request,
        "issues/small_group.html",
        {
            "standing": standing,
            "against": statements.brackets_against(reader, group, standing.stated.status)
            if standing.contradiction and standing.stated and not day
            else [],
            "may_state": may_state(reader, group),
            "group": group,
            "reports": reports,
            "plots": through_time(standing.measured, last_day(negotiation, day), marks_of(reports)).items(),
            "cards": cards(reader, provisions, load_names(), day),
            "meetings": group.meetings.filter(starts__lte=day) if day else group.meetings.all(),
            "day": day,
        },
    )


@require_safe
def outline(request: HttpRequest) -> HttpResponse:
    """Show the table of issues."""
    day, negotiation = asked_day(request), negotiation_of(request)
    sections = negotiation.sections.prefetch_related("issues__sub_issues", "sub_issues", "issues__small_groups")
    texts = current_revisions(reader_of(request.user), day).filter(provision__negotiation=negotiation)
    with_text = set(texts.values_list("provision__sub_issue", flat=True))
    return render(request, "issues/outline.html", {"sections": sections, "with_text": with_text, "day": day})


@require_safe
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Show one issue: its sub-issues, and its provisions where it has some of its own."""
    found = get_object_or_404(
        Issue.objects.select_related("section").prefetch_related("sub_issues", "small_groups"),
        negotiation=negotiation_of(request),
        code=code,
    )
    return _place(
        request,
        "issues/issue.html",
        found,
        Provision.objects.in_issue(found),
        SmallGroup.objects.filter(Q(issues=found) | Q(sub_issues__issue=found)).distinct(),
    )


@require_safe
def sub_issue(request: HttpRequest, code: str) -> HttpResponse:
    """Show one sub-issue: its provisions, status, proposals, documents and meetings."""
    found = get_object_or_404(
        SubIssue.objects.select_related("section", "issue__section").prefetch_related("lenses"),
        negotiation=negotiation_of(request),
        code=code,
    )
    return _place(
        request,
        "issues/sub_issue.html",
        found,
        Provision.objects.filter(sub_issue=found),
        SmallGroup.objects.filter(Q(sub_issues=found) | Q(issues=found.issue_id)).distinct(),
    )


def _place(
    request: HttpRequest,
    template: str,
    place: Issue | SubIssue,
    provisions: "QuerySet[Provision]",
    groups: "QuerySet[SmallGroup]",
) -> HttpResponse:
    day, reader = asked_day(request), reader_of(request.user)
    here = Q(issues=place) | Q(sub_issues__issue=place) if isinstance(place, Issue) else Q(sub_issues=place)
    reported = Q(sub_issues=place) if isinstance(place, SubIssue) else Q(issue=place) | Q(sub_issues__issue=place)
    proposals = visible_proposals(reader).filter(here).tabled_by(day).distinct().select_related("document")
    meetings = Meeting.objects.filter(here).distinct()
    meetings = meetings.filter(starts__lte=day) if day else meetings
    return render(
        request,
        template,
        {
            "place": place,
            "standing": convergence.provisions_standing(reader, provisions, day),
            "cards": cards(reader, provisions, load_names(), day),
            "groups": [(group, _stated(group, day)) for group in groups.prefetch_related("status_reports")],
            "proposals": proposals.prefetch_related("proponents", "grouping_proponents"),
            "reported": place.negotiation.reported_positions.filter(reported)
            .distinct()
            .select_related("member", "grouping"),
            "documents": Document.objects.filter(Q(proposals__in=proposals) | Q(meetings__in=meetings)).distinct(),
            "meetings": meetings,
            "day": day,
        },
    )


def _stated(group: SmallGroup, day: datetime.date | None) -> StatusReport | None:
    """Return the newest report of a group whose reports are fetched already."""
    return next((report for report in group.status_reports.all() if day is None or report.stated_on <= day), None)


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Show who takes part, with how often each stands at a bracket."""
    day, negotiation, reader = asked_day(request), negotiation_of(request), reader_of(request.user)
    here = visible_variants(reader).filter(provision__negotiation=negotiation)
    held = Position.objects.held_on(day).filter(variant__in=here)
    held = held.filter(stance__in=(Stance.PROPOSE, Stance.OPPOSE)).order_by()
    counted = held.values_list("member", "stance").annotate(n=Count("pk"))
    counts = Counter({(member, stance): n for member, stance, n in counted})
    rows = [
        (one, one.member, counts[one.member_id, Stance.PROPOSE], counts[one.member_id, Stance.OPPOSE])
        for one in participations(negotiation, day).select_related("member").order_by(local_name("member__"))
    ]
    return render(request, "issues/members.html", {"rows": rows, "until": day or negotiation.stands_on, "day": day})


@require_safe
def member(request: HttpRequest, code: str) -> HttpResponse:
    """Show one member: positions at brackets, reported positions, proposals, groupings."""
    found = get_object_or_404(Member, code=code)
    day, negotiation, reader = asked_day(request), negotiation_of(request), reader_of(request.user)
    proposals = visible_proposals(reader).filter(negotiation=negotiation, proponents=found).tabled_by(day)
    positions = (
        Position.objects.held_on(day)
        .filter(member=found, variant__in=visible_variants(reader), variant__provision__negotiation=negotiation)
        .select_related("variant__provision__sub_issue", "variant__provision__issue", "variant__provision__section")
        .order_by("variant__provision__position", "variant__ordinal")
    )
    return render(
        request,
        "issues/member.html",
        {
            "member": found,
            "participations": found.participations.filter(negotiation=negotiation).order_by("joined"),
            "page": page_of(request, positions, VARIANTS_A_PAGE),
            "reported": found.reported_positions.filter(negotiation=negotiation).prefetch_related("sub_issues"),
            "proposals": proposals.prefetch_related("proponents", "sub_issues"),
            **_alone(reader, negotiation, found, day),
            "co_sponsors": Member.objects.filter(proposals__in=proposals)
            .exclude(pk=found.pk)
            .annotate(together=Count("proposals", distinct=True))
            .order_by("-together", "name")[:CO_SPONSORS_SHOWN],
            "groupings": found.groupings.filter(
                pk__in=found.memberships.filter(in_force(day or timezone.localdate())).values("grouping")
            ),
            "day": day,
        },
    )


def _alone(reader: Reader, negotiation: Negotiation, member: Member, day: datetime.date | None) -> dict[str, Any]:
    """Return the first of the open variants that `member` opposes and nobody else does, and how many more there are."""
    opposed = Position.objects.held_on(day).filter(stance=Stance.OPPOSE)
    found = (
        visible_variants(reader)
        .open_on(day)
        .filter(provision__negotiation=negotiation, pk__in=opposed.filter(member=member).values("variant"))
        .exclude(pk__in=opposed.exclude(member=member).values("variant"))
        .select_related("provision")
        .order_by("provision__position", "ordinal")
    )
    shown = list(found[:ALONE_SHOWN])
    return {"alone": shown, "alone_more": found.count() - len(shown)}


@require_safe
def provision(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one provision: its text, who stands at which bracket since when, its figures, and what was touched."""
    return provision_page(request, slug, touched=request.GET.dict())


def provision_page(
    request: HttpRequest, slug: str, touched: dict[str, str], error: str = "", status: int = 200
) -> HttpResponse:
    """Return the page of a provision with the panel of what was `touched`, and with what went wrong there."""
    day, reader, names = asked_day(request), reader_of(request.user), load_names()
    revision = _revision(reader, negotiation_of(request), slug, day)
    held = Position.objects.held_on(day).select_related("member", "grouping")
    variants = (
        visible_variants(reader)
        .filter(provision=revision.provision)
        .open_on(day)
        .select_related("opened_in")
        .prefetch_related(
            Prefetch("positions", held, to_attr="held"),
            # Of a proposal that the reader may not see there is no word.
            Prefetch("opened_in__proposal", visible_proposals(reader)),
        )
        .order_by("ordinal")
    )
    panel = touching.panel(touched, reader, revision, names, day)
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
    revisions = found.revisions.made_by(day).select_related("measure", "recorded_by", "on_behalf_of", "corrects")
    revisions = revisions.prefetch_related("corrected_by").order_by("-number")
    page = page_of(request, revisions, REVISIONS_A_PAGE)
    return render(
        request,
        "issues/history.html",
        {
            "provision": found,
            "page": page,
            "entries": entries(found, list(page.object_list), load_names()),
            "may_correct": reader.secretariat,
            "knows_people": knows_people(reader, found.negotiation_id),
            "last": revisions.first(),
            "day": day,
        },
    )


def _revision(reader: Reader, negotiation: Negotiation, slug: str, day: datetime.date | None = None) -> Revision:
    """Return the text of a provision; 404 where the reader may not see it or it had none yet."""
    revisions = current_revisions(reader, day).select_related("measure").with_place()
    return get_object_or_404(revisions, provision__slug=slug, provision__negotiation=negotiation)


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """Say what each status and each figure means."""
    statuses = [(status.label, STATUS_DEFINITIONS[status]) for status in Status]
    return render(request, "issues/definitions.html", {"statuses": statuses})
