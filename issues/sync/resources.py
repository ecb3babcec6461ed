"""What programs may keep a copy of: each sort of thing, what it is called, and all that is said of it.

The feed of changes, the bulk download and webhooks say the same of a thing. Each fact stands in one place, so that a
change of it changes one thing; things name each other by code or slug. What is computed from the texts (variants,
positions, figures) is not here: it follows from the revisions.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Model, Prefetch, QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac

from issues.access.roles import Reader
from issues.access.visibility import (
    visible_documents,
    visible_proposals,
    visible_provisions,
    visible_requests,
    visible_steps,
)
from issues.models import (
    ChangeRequest,
    Document,
    Issue,
    Lens,
    Meeting,
    Negotiation,
    Participation,
    Proposal,
    ProposalStep,
    Provision,
    ReportedPosition,
    Revision,
    Section,
    SmallGroup,
    StatusReport,
    SubIssue,
)
from issues.models.text import PLACE
from members.models import Grouping, Member

Data = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """One sort of thing.

    `visible` are the rows of a negotiation that a reader may read, in a settled order; `along` fetches, in a bounded
    number of queries, what `data` says of many of them. `key` names a thing among its sort, `page` is where it is read.
    """

    name: str
    model: type[Model]
    visible: Callable[[Reader, Negotiation], "QuerySet[Any]"]
    along: Callable[["QuerySet[Any]", Reader], "QuerySet[Any]"]
    key: Callable[[Any], str]
    data: Callable[[Any], Data]
    page: Callable[[Any], str]
    # Whether a row of it is never changed, so that it is told once.
    append_only: bool = False


def plain(value: Any) -> Any:
    """Return a value as JSON has it: days and moments in ISO 8601, moments in UTC."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def digest_of(key: str, data: Data) -> str:
    """Return a digest of what is said of a thing."""
    said = json.dumps([key, data], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _columns(thing: Any, *names: str) -> Data:
    return {name: plain(getattr(thing, name)) for name in names}


def _code(thing: Any) -> str | None:
    """Return how a related thing is named, None where there is none, or none that the reader may read."""
    return None if thing is None else getattr(thing, "code", None) or thing.slug


def _codes(things: Any) -> list[str]:
    return sorted(str(_code(thing)) for thing in things.all())


def _negotiation(thing: Negotiation) -> Data:
    return _columns(thing, "slug", "name", "short_name", "stands_on", "description", "source")


def _lens(thing: Lens) -> Data:
    return _columns(thing, "slug", "name", "definition", "source")


def _section(thing: Section) -> Data:
    return _columns(thing, "code", "label", "kind", "title", "position", "note", "source")


def _issue(thing: Issue) -> Data:
    own = _columns(thing, "code", "title", "position", "assessment", "note", "source")
    return {**own, "section": thing.section.code}


def _sub_issue(thing: SubIssue) -> Data:
    own = _columns(thing, "code", "title", "position", "note", "source")
    return {**own, "issue": _code(thing.issue), "section": thing.parent_section.code, "lenses": _codes(thing.lenses)}


MEMBER = ("code", "name", "name_fr", "name_es", "iso_alpha2", "iso_alpha3", "region", "development_status")


def _member(thing: Member) -> Data:
    own = _columns(thing, *MEMBER, "wto_member_since", "note", "source")
    return {**own, "names": sorted(one.text for one in thing.aliases.all())}


def _grouping(thing: Grouping) -> Data:
    own = _columns(thing, "slug", "code", "name", "kind", "speaks", "note", "source")
    dates = ("since", "since_precision", "until", "until_precision", "source")
    members = [{"member": one.member.code, **_columns(one, *dates)} for one in thing.memberships.all()]
    members.sort(key=lambda one: (one["member"], one["since"] or ""))
    return {**own, "names": sorted(one.text for one in thing.aliases.all()), "memberships": members}


def _participation(thing: Participation) -> Data:
    dates = ("joined", "joined_precision", "basis", "left", "left_precision", "co_convener", "note", "source")
    return {"member": thing.member.code, **_columns(thing, *dates)}


def _small_group(thing: SmallGroup) -> Data:
    own = _columns(thing, "slug", "name", "position", "highlights", "state_of_play", "source")
    led = [
        {**_columns(one, "name", "since", "until", "source"), "member": _code(one.member)}
        for one in thing.facilitators.all()
    ]
    led.sort(key=lambda one: one["name"])
    return {**own, "sub_issues": _codes(thing.sub_issues), "issues": _codes(thing.issues), "facilitators": led}


def _status_report_key(thing: StatusReport) -> str:
    return f"{thing.small_group.slug}/{thing.pk}"


def _status_report(thing: StatusReport) -> Data:
    own = _columns(thing, "status", "stated_on", "stated_by", "until", "note", "source", "recorded_at")
    corrects = _status_report_key(thing.corrects) if thing.corrects else None
    return {"small_group": thing.small_group.slug, **own, "corrects": corrects}


DOCUMENT = ("slug", "symbol", "symbol_verified", "title", "genre", "dated", "dated_precision", "submitted_by_text")


def _document(thing: Document) -> Data:
    own = _columns(thing, *DOCUMENT, "access", "url", "verification", "note", "source")
    return {**own, "submitted_by": _codes(thing.submitted_by)}


MEETING = ("slug", "kind", "title", "starts", "starts_precision", "ends", "mode", "planned_only", "participants")


def _meeting(thing: Meeting) -> Data:
    related = {name: _codes(getattr(thing, name)) for name in ("documents", "sub_issues", "issues", "small_groups")}
    return {**_columns(thing, *MEETING, "outcome", "note", "source"), **related}


def _reported_position(thing: ReportedPosition) -> Data:
    own = _columns(thing, "described_as", "topic", "stance", "statement", "source")
    holder = {"member": _code(thing.member), "grouping": _code(thing.grouping)}
    return {**holder, **own, "issue": _code(thing.issue), "sub_issues": _codes(thing.sub_issues)}


def _provision(thing: Provision) -> Data:
    own = _columns(thing, "slug", "heading", "position", "visibility", "demonstration", "note", "source")
    return {**own, "place": thing.place.code, "section": thing.parent_section.code, "lenses": _codes(thing.lenses)}


def _revision(thing: Revision) -> Data:
    own = _columns(thing, "number", "text", "made_on", "recorded_at", "reason", "source", "digest")
    named = {name: _code(getattr(thing, name)) for name in ("on_behalf_of", "document", "meeting")}
    return {"provision": thing.provision.slug, **own, **named, "corrects": thing.corrects and thing.corrects.number}


PROPOSAL = ("slug", "title", "tabled", "tabled_precision", "state", "summary", "text", "visibility", "note", "source")


def _proposal(thing: Proposal) -> Data:
    many = {name: _codes(getattr(thing, name)) for name in ("proponents", "grouping_proponents")}
    many |= {name: _codes(getattr(thing, name)) for name in ("sub_issues", "issues", "lenses")}
    one = {name: _code(getattr(thing, name)) for name in ("document", "supersedes")}
    standing = thing.standing
    behind = {"confirmed_by": standing.confirmed_by, "not_confirmed_by": standing.not_confirmed_by}
    return {**_columns(thing, *PROPOSAL), **many, **behind, **one}


def _step(thing: ProposalStep) -> Data:
    own = _columns(thing, "number", "act", "text", "note", "made_on", "recorded_at")
    into = thing.revision and {"provision": thing.revision.provision.slug, "revision": thing.revision.number}
    named = {"member": _code(thing.member), "on_behalf_of": _code(thing.on_behalf_of)}
    return {"proposal": thing.proposal.slug, **own, **named, "merged_into": into}


def _request(thing: ChangeRequest) -> Data:
    own = _columns(thing, "operation", "says", "reason", "asked_at", "state", "decided_at", "answer")
    text = {"provision": thing.provision.slug, "base": thing.base.number}
    became = thing.revision and thing.revision.number
    lapsed = {"lapsed_because": thing.lapsed_because, "lapsed_in": thing.lapsed_in and thing.lapsed_in.number}
    return {**text, **own, "on_behalf_of": thing.on_behalf_of.code, "became": became, **lapsed}


def _request_key(thing: ChangeRequest) -> str:
    """Return a name that does not tell how many requests others have made."""
    digest = salted_hmac("issues.sync.resources.request", str(thing.pk), secret=settings.SECRET_KEY, algorithm="sha256")
    return digest.hexdigest()[:20]


def _all_of(model: type[Any], *order: str) -> Callable[[Reader, Negotiation], "QuerySet[Any]"]:
    """Return the rows of a negotiation that everybody may read."""
    return lambda reader, negotiation: model.objects.filter(negotiation=negotiation).order_by(*order, "pk")


def _with(*one: str, many: Iterable[str] = ()) -> Callable[["QuerySet[Any]", Reader], "QuerySet[Any]"]:
    def along(rows: "QuerySet[Any]", reader: Reader) -> "QuerySet[Any]":
        rows = rows.select_related(*one) if one else rows
        return rows.prefetch_related(*many)

    return along


def _with_older(rows: "QuerySet[Any]", reader: Reader) -> "QuerySet[Any]":
    """Fetch what belongs to proposals along; the older one that a proposal replaces, where the reader may read it."""
    older = Prefetch("supersedes", visible_proposals(reader))
    steps = Prefetch("steps", ProposalStep.objects.only("proposal", "member"))
    with_standing: QuerySet[Any] = rows.with_standing()  # type: ignore[attr-defined]  # they are proposals
    return with_standing.select_related("document").prefetch_related("sub_issues", "issues", "lenses", older, steps)


def _with_text(rows: "QuerySet[Any]", reader: Reader) -> "QuerySet[Any]":
    """Fetch what belongs to steps along; the text that one was merged into, where the reader may read it."""
    into = Revision.objects.filter(provision__in=visible_provisions(reader)).select_related("provision").defer("text")
    rows = rows.select_related("proposal", "member", "on_behalf_of")
    return rows.prefetch_related(Prefetch("revision", into))


def _with_numbers(rows: "QuerySet[Any]", reader: Reader) -> "QuerySet[Any]":
    """Fetch what requests name along, without the texts that they were made on and became."""
    rows = rows.select_related("provision", "base", "on_behalf_of", "revision", "lapsed_in")
    return rows.defer("base__text", "revision__text", "lapsed_in__text")


def _page(view: str, key: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda thing: reverse(view, args=[key(thing)])


def _slug(thing: Any) -> str:
    return str(thing.slug)


def _its_code(thing: Any) -> str:
    return str(thing.code)


def _revision_page(thing: Revision) -> str:
    return f"{reverse('history', args=[thing.provision.slug])}#revision-{thing.number}"


RESOURCES = {
    one.name: one
    for one in (
        Resource(
            "negotiation",
            Negotiation,
            lambda reader, negotiation: Negotiation.objects.filter(pk=negotiation.pk),
            _with(),
            _slug,
            _negotiation,
            lambda thing: reverse("api:status"),
        ),
        Resource(
            "lens",
            Lens,
            lambda reader, negotiation: Lens.objects.order_by("slug"),
            _with(),
            _slug,
            _lens,
            _page("lens", _slug),
        ),
        Resource(
            "section",
            Section,
            _all_of(Section, "position"),
            _with(),
            _its_code,
            _section,
            _page("api:section-detail", _its_code),
        ),
        Resource(
            "issue",
            Issue,
            _all_of(Issue, "position"),
            _with("section"),
            _its_code,
            _issue,
            _page("api:issue-detail", _its_code),
        ),
        Resource(
            "sub-issue",
            SubIssue,
            _all_of(SubIssue, "position"),
            _with("section", "issue__section", many=["lenses"]),
            _its_code,
            _sub_issue,
            _page("api:sub-issue-detail", _its_code),
        ),
        Resource(
            "member",
            Member,
            lambda reader, negotiation: Member.objects.order_by("code"),
            _with(many=["aliases"]),
            _its_code,
            _member,
            _page("api:member-detail", _its_code),
        ),
        Resource(
            "grouping",
            Grouping,
            lambda reader, negotiation: Grouping.objects.order_by("slug"),
            _with(many=["aliases", "memberships__member"]),
            _slug,
            _grouping,
            lambda thing: reverse("members"),
        ),
        Resource(
            "participation",
            Participation,
            _all_of(Participation, "member__code", "joined"),
            _with("member"),
            lambda thing: f"{thing.member.code}/{thing.joined.isoformat()}",
            _participation,
            lambda thing: reverse("api:member-detail", args=[thing.member.code]),
        ),
        Resource(
            "small-group",
            SmallGroup,
            _all_of(SmallGroup, "position"),
            _with(many=["sub_issues", "issues", "facilitators__member"]),
            _slug,
            _small_group,
            _page("api:small-group-detail", _slug),
        ),
        Resource(
            "document",
            Document,
            lambda reader, negotiation: visible_documents(reader).filter(negotiation=negotiation).order_by("slug"),
            _with(many=["submitted_by"]),
            _slug,
            _document,
            _page("document", _slug),
        ),
        Resource(
            "meeting",
            Meeting,
            _all_of(Meeting, "slug"),
            _with(many=["documents", "sub_issues", "issues", "small_groups"]),
            _slug,
            _meeting,
            _page("meeting", _slug),
        ),
        Resource(
            "reported-position",
            ReportedPosition,
            _all_of(ReportedPosition),
            _with("member", "grouping", "issue", many=["sub_issues"]),
            lambda thing: str(thing.pk),
            _reported_position,
            lambda thing: reverse("members"),
        ),
        Resource(
            "status-report",
            StatusReport,
            lambda reader, negotiation: StatusReport.objects.filter(small_group__negotiation=negotiation).order_by(
                "pk"
            ),
            _with("small_group", "corrects__small_group"),
            _status_report_key,
            _status_report,
            lambda thing: f"{reverse('small-group', args=[thing.small_group.slug])}#status-{thing.pk}",
            append_only=True,
        ),
        Resource(
            "provision",
            Provision,
            lambda reader, negotiation: (
                visible_provisions(reader).filter(negotiation=negotiation).order_by("position", "pk")
            ),
            _with(*PLACE, many=["lenses"]),
            _slug,
            _provision,
            _page("api:provision-detail", _slug),
        ),
        Resource(
            "revision",
            Revision,
            lambda reader, negotiation: Revision.objects.filter(
                provision__in=visible_provisions(reader).filter(negotiation=negotiation)
            ).order_by("provision__position", "provision", "number"),
            _with("provision", "on_behalf_of", "document", "meeting", "corrects"),
            lambda thing: f"{thing.provision.slug}/{thing.number}",
            _revision,
            _revision_page,
            append_only=True,
        ),
        Resource(
            "proposal",
            Proposal,
            lambda reader, negotiation: visible_proposals(reader).filter(negotiation=negotiation).order_by("slug"),
            _with_older,
            _slug,
            _proposal,
            _page("api:proposal-detail", _slug),
        ),
        Resource(
            "proposal-step",
            ProposalStep,
            lambda reader, negotiation: (
                visible_steps(reader).filter(proposal__negotiation=negotiation).order_by("proposal__slug", "number")
            ),
            _with_text,
            lambda thing: f"{thing.proposal.slug}/{thing.number}",
            _step,
            lambda thing: reverse("proposal", args=[thing.proposal.slug]),
            append_only=True,
        ),
        Resource(
            "request",
            ChangeRequest,
            lambda reader, negotiation: (
                visible_requests(reader).filter(provision__negotiation=negotiation).order_by("asked_at", "pk")
            ),
            _with_numbers,
            _request_key,
            _request,
            lambda thing: reverse("requests"),
        ),
    )
}
BY_MODEL = {one.model: one for one in RESOURCES.values()}
# What members negotiate; the rest are facts, which the desk keeps.
NEGOTIATED = (Provision, Revision, Proposal, ProposalStep, ChangeRequest)
# Belong to no negotiation, so that each of them tells of their changes.
EVERYWHERE = (Lens, Member, Grouping)


def resource_of(thing: Model) -> Resource | None:
    """Return what sort of thing a row is, None for one that nobody keeps a copy of."""
    return BY_MODEL.get(type(thing))


def fetched(resource: Resource, reader: Reader, negotiation: Negotiation) -> "QuerySet[Any]":
    """Return all things of a sort that `reader` may read, with what is said of them fetched along."""
    return resource.along(resource.visible(reader, negotiation), reader)


def negotiation_of_item(thing: Any) -> int | None:
    """Return the key of the negotiation that a thing belongs to, None for one that belongs to all."""
    if isinstance(thing, EVERYWHERE):
        return None
    if isinstance(thing, Negotiation):
        return thing.pk
    for owner in ("negotiation_id", "provision", "proposal", "small_group"):
        if (found := getattr(thing, owner, None)) is not None:
            return found if isinstance(found, int) else found.negotiation_id
    raise TypeError(f"{thing!r} belongs to no negotiation")
