"""The activity log: recorded acts, newest first, read from the append-only tables.

Each source is filtered by the reader's permissions before rows are counted, so that totals do not reveal hidden acts.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.access.roles import Reader
from issues.access.visibility import knows_people, visible_provisions, visible_requests, visible_steps
from issues.models import (
    Change,
    ChangeRequest,
    Negotiation,
    Proposal,
    ProposalStep,
    Provision,
    Revision,
    SmallGroup,
    StatusReport,
)
from issues.models.choices import ChangeKind, RequestState
from issues.models.known import on_record
from issues.models.page_links import PageLink, path_of
from issues.text.changed_brackets import ChangedBracket, changed_brackets
from issues.text.entries import acting_in, compared
from issues.text.member_names import load_register, names_by_code
from issues.text.stored import stored_tree
from issues.wording import quote, sentences
from members.demonstration import is_demo_user
from members.models import Member

KINDS = {
    "revision": gettext_lazy("Texts"),
    "status": gettext_lazy("Statuses"),
    "proposal": gettext_lazy("Proposals"),
    "request": gettext_lazy("Requests"),
    "answer": gettext_lazy("Responses to requests"),
}
# The first revision of a text has no predecessor with which to compare it.
FIRST = gettext_lazy("the first text on record")


@dataclass(frozen=True)
class Selection:
    """The filters of the log. An empty value selects everything.

    `person` is a user name, and both dates are inclusive.
    """

    person: str = ""
    member: Member | None = None
    kind: str = ""
    small_group: SmallGroup | None = None
    provision: Provision | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    news: "News | None" = None


@dataclass(frozen=True)
class News:
    """The entries first published in the changes numbered after `after` and up to `until` (`issues.models.Change`).

    If the number of the last change sent is unknown, `after` is None, and the entries recorded after `since` are
    selected instead. In both cases, entries committed in the meantime are excluded, because their numbers exceed
    `until`.
    """

    after: int | None
    until: int
    since: datetime.datetime


class Row(NamedTuple):
    """A reference to an act: its time, its kind, and the primary key of its row."""

    at: datetime.datetime
    kind: str
    pk: int


@dataclass(frozen=True)
class Entry:
    """An act, described in words.

    `person` is an empty string if the person is unknown or hidden from the reader. `demonstration` is true if the act
    concerns demonstration text or was recorded by a demonstration user.
    """

    at: datetime.datetime
    kind: str
    person: str
    member: Member | None
    what: str
    subject: str
    says: list[str] = field(default_factory=list)
    provision: Provision | None = None
    revision: int = 0
    small_group: SmallGroup | None = None
    proposal: str = ""
    demonstration: bool = False
    brackets: Sequence[ChangedBracket] = ()

    @property
    def page(self) -> PageLink:
        """A link to the page of the object that the act concerns."""
        if self.proposal:
            return PageLink("proposal", (self.proposal,))
        if self.small_group is not None:
            return PageLink("small-group", (self.small_group.slug,))
        assert self.provision is not None  # every other act has a provision
        if self.revision:
            return PageLink("history", (self.provision.slug,), fragment=f"revision-{self.revision}")
        return PageLink("provision", (self.provision.slug,))

    @property
    def path(self) -> str:
        """The path of the page to which `page` links."""
        return path_of(self.page)


def rows(reader: Reader, negotiation: Negotiation, selection: Selection) -> "QuerySet[Any]":
    """Return a lazy query for the time, kind and primary key of each visible act in `selection`, newest first."""
    parts = [
        source.order_by()
        .annotate(at=F(when), kind=Value(kind, output_field=CharField()), row=Cast("pk", BigIntegerField()))
        .values_list("at", "kind", "row")
        for kind, when, source in _sources(reader, negotiation, selection)
        if selection.kind in ("", kind)
        for source in [_new(source, negotiation, kind, selection.news, when)]
    ]
    whole: QuerySet[Any] = parts[0].union(*parts[1:], all=True).order_by("-at", "kind", "-row")
    return whole


def _sources(
    reader: Reader, negotiation: Negotiation, selection: Selection
) -> Iterator[tuple[str, str, "QuerySet[Any]"]]:
    texts = visible_provisions(reader).filter(negotiation=negotiation)
    in_group = Q()
    if selection.small_group is not None:
        in_group = Q(provision__in=Provision.objects.of_group(selection.small_group))
    if selection.provision is not None:
        in_group &= Q(provision=selection.provision)
    revisions = Revision.objects.acts().filter(in_group, provision__in=texts)
    yield "revision", "recorded_at", _narrowed(revisions, selection, "recorded_at", "recorded_by", "on_behalf_of")
    if selection.provision is None:
        reports = StatusReport.objects.filter(small_group__negotiation=negotiation)
        if selection.small_group is not None:
            reports = reports.filter(small_group=selection.small_group)
        yield "status", "recorded_at", _narrowed(reports, selection, "recorded_at", "recorded_by", "")
    steps = visible_steps(reader).filter(proposal__negotiation=negotiation)
    if selection.small_group is not None:
        steps = steps.filter(proposal__in=Proposal.objects.of_group(selection.small_group))
    if selection.provision is not None:
        steps = steps.filter(revision__provision=selection.provision)
    yield "proposal", "recorded_at", _narrowed(steps, selection, "recorded_at", "recorded_by", "on_behalf_of")
    requests = visible_requests(reader).filter(in_group, provision__negotiation=negotiation)
    yield "request", "asked_at", _narrowed(requests, selection, "asked_at", "asked_by", "on_behalf_of")
    answers = requests.exclude(state=RequestState.OPEN)
    yield "answer", "decided_at", _narrowed(answers, selection, "decided_at", "decided_by", "on_behalf_of")


# The resource and the kind of change under which the change feed publishes each kind of act.
_PUBLISHED_AS = {
    "revision": ("revision", ChangeKind.ADDED),
    "status": ("status-report", ChangeKind.ADDED),
    "proposal": ("proposal-step", ChangeKind.ADDED),
    "request": ("request", ChangeKind.ADDED),
    "answer": ("request", ChangeKind.CHANGED),
}


def _new(source: "QuerySet[Any]", negotiation: Negotiation, kind: str, news: News | None, when: str) -> "QuerySet[Any]":
    """Return the rows of `source` that were first published within `news`.

    The rows are selected by their numbers in the change feed or, if these are unknown, by their times.
    """
    if news is None:
        return source
    resource, change = _PUBLISHED_AS[kind]
    published = Change.objects.filter(negotiation=negotiation, resource=resource, row=OuterRef("pk"), kind=change)
    if kind == "answer":  # a request may have been published as changed before it was answered
        published = published.filter(at__gte=OuterRef(when))
    if news.after is None:
        return source.filter(~Exists(published.filter(number__gt=news.until)), **{f"{when}__gt": news.since})
    first = published.filter(number__gt=news.after, number__lte=news.until)
    return source.filter(Exists(first), ~Exists(published.filter(number__lte=news.after)))


def _narrowed(source: "QuerySet[Any]", selection: Selection, when: str, person: str, member: str) -> "QuerySet[Any]":
    """Return the rows of `source` that match the person, member and dates in `selection`."""
    if selection.person:
        source = source.filter(**{f"{person}__username": selection.person})
    if selection.member is not None:
        source = source.filter(**{member: selection.member}) if member else source.none()
    if selection.since is not None:
        source = source.filter(**{f"{when}__date__gte": selection.since})
    if selection.until is not None:
        source = source.filter(on_record(selection.until, when), **{f"{when}__date__lte": selection.until})
    return source


def entries(reader: Reader, negotiation: Negotiation, page: list[tuple[datetime.datetime, str, int]]) -> list[Entry]:
    """Return the entries for the rows on one page. The number of queries does not depend on the number of rows."""
    page_rows = [Row(*row) for row in page]
    people = knows_people(reader, negotiation.pk)
    details = (
        _revisions(_keys(page_rows, "revision"))
        | _reports(_keys(page_rows, "status"))
        | _steps(_keys(page_rows, "proposal"))
    )
    details |= _requests(_keys(page_rows, "request"), _keys(page_rows, "answer"))
    return [
        replace(entry, demonstration=entry.demonstration or _is_invented(user, entry))
        for row in page_rows
        for user, *rest in [details[row.kind, row.pk]]
        for entry in [Entry(row.at, row.kind, _name(user) if people else "", *rest)]
    ]


def _is_invented(user: Any, entry: Entry) -> bool:
    """Return whether the entry concerns a demonstration provision or, without one, was made by a demonstration user.

    Entries on a proposal are invented if the proposal is.
    """
    if entry.provision is not None:
        return bool(entry.provision.demonstration)
    return not entry.proposal and is_demo_user(user)


def _keys(page_rows: list[Row], kind: str) -> list[int]:
    return [row.pk for row in page_rows if row.kind == kind]


def _name(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user is not None else ""


_Details = dict[tuple[str, int], tuple[Any, ...]]


def _revisions(keys: list[int]) -> _Details:
    if not keys:
        return {}
    revisions = Revision.objects.filter(pk__in=keys).select_related(
        "provision", "recorded_by", "on_behalf_of", "undoes", "corrects"
    )
    before = Q()
    for revision in revisions:
        before |= Q(provision=revision.provision_id, number=revision.follows_number)
    earlier = {(revision.provision_id, revision.number): revision for revision in Revision.objects.filter(before)}
    register, names = load_register(), names_by_code()
    details: _Details = {}
    for revision in revisions:
        previous = earlier.get((revision.provision_id, revision.follows_number))
        changes = [str(FIRST)]
        brackets: list[ChangedBracket] = []
        if previous is not None:
            old, new = stored_tree(previous, register), stored_tree(revision, register)
            comparison = compared(previous, revision, old, new)
            changes = sentences(old, new, comparison, lambda code: names.get(code, code), acting_in(revision))
            previous.provision = revision.provision
            brackets = changed_brackets((previous, revision), (old, new), comparison)
        details["revision", revision.pk] = (
            *(
                revision.recorded_by,
                revision.on_behalf_of,
                _logged(revision),
                revision.provision.heading,
            ),
            *(changes, revision.provision, revision.number, None, "", False, brackets),
        )
    return details


def _logged(revision: Revision) -> str:
    """Return the act of a revision as a verb phrase that names the revision undone or corrected, if any."""
    values = {"number": revision.number}
    if revision.undoes is not None:
        return _("undid revision %(mistake)s with revision %(number)s of") % {
            **values,
            "mistake": revision.undoes.number,
        }
    if revision.corrects is not None:
        mistake = revision.corrects.number
        return _("corrected revision %(mistake)s with revision %(number)s of") % {**values, "mistake": mistake}
    return _("logged revision %(number)s of") % values


def _reports(keys: list[int]) -> _Details:
    reports = StatusReport.objects.filter(pk__in=keys).select_related("small_group", "recorded_by", "corrects")
    return {("status", report.pk): _report(report) for report in reports} if keys else {}


def _report(report: StatusReport) -> tuple[Any, ...]:
    sentences = [stated(report)]
    what = _("recorded a status for")
    if report.corrects is not None:
        what = _("corrected a status for")
        sentences.append(_("This entry was a mistake: %(mistake)s") % {"mistake": stated(report.corrects)})
    return report.recorded_by, None, what, report.small_group.local_name, sentences, None, 0, report.small_group


def stated(report: StatusReport) -> str:
    """Return a sentence with the status, its date, and the person or body that stated it."""
    sentence = _("%(label)s, stated on %(stated_on)s by %(stated_by)s.")
    if report.stated_on_precision:
        sentence = _("%(label)s, stated in %(stated_on)s by %(stated_by)s.")
    return sentence % {
        "label": report.label,
        "stated_on": report.stated_on_text,
        "stated_by": report.stated_by,
    }


def _steps(keys: list[int]) -> _Details:
    related = ("proposal", "recorded_by", "on_behalf_of", "member")
    steps = ProposalStep.objects.filter(pk__in=keys).select_related(*related) if keys else []
    return {
        ("proposal", step.pk): (
            *(step.recorded_by, step.on_behalf_of, _("recorded a step of the proposal"), step.proposal.title),
            *(
                [
                    f"{step.member.local_name}{_(':')} {step.get_act_display()}."
                    if step.member
                    else f"{step.get_act_display()}."
                ],
            ),
            *(None, 0, None, step.proposal.slug, step.proposal.demonstration),
        )
        for step in steps
    }


def _requests(asked: list[int], answered: list[int]) -> _Details:
    related = ("provision", "asked_by", "decided_by", "on_behalf_of")
    keys = {*asked, *answered}
    by_key = (
        {request.pk: request for request in ChangeRequest.objects.filter(pk__in=keys).select_related(*related)}
        if keys
        else {}
    )
    details: _Details = {}
    for pk in asked:
        request = by_key[pk]
        details["request", pk] = (
            *(request.asked_by, request.on_behalf_of, _("asked the facilitator of"), request.provision.heading),
            *([request.says], request.provision),
        )
    for pk in answered:
        request = by_key[pk]
        lapsed = request.state == RequestState.LAPSED
        what = (
            _("noted the lapse of the request by %(on_behalf_of)s on")
            if lapsed
            else _("%(what)s the request by %(on_behalf_of)s on")
        ) % {"what": request.get_state_display().lower(), "on_behalf_of": request.on_behalf_of.local_name}
        details["answer", pk] = (
            request.decided_by,
            None,
            what,
            request.provision.heading,
            [request.says],
            request.provision,
        )
        if request.answer or lapsed:
            details["answer", pk][4].append(quote(request.answer) if request.answer else request.lapsed_because)
    return details
