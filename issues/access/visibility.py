"""What is visible to whom, as of when. Every page, endpoint, export and feed reads through here."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from issues.choices import ProposalAct, Visibility
from issues.models import (
    ChangeRequest,
    Document,
    Facilitator,
    Meeting,
    Negotiation,
    Participation,
    Proposal,
    ProposalStep,
    Provision,
    Revision,
    SmallGroup,
    StagedImport,
    Variant,
)
from issues.models.index import VariantQuerySet
from issues.models.negotiation import ParticipationQuerySet
from issues.models.proposals import ProposalQuerySet
from issues.models.text import ProvisionQuerySet, RevisionQuerySet
from members.choices import Role
from members.demonstration import is_refused
from members.models import Delegation, GroupingMembership, in_force


@dataclass(frozen=True)
class Reader:
    """Who reads, with every role that counts for reading and writing. Primary keys only."""

    user: int | None = None
    members: frozenset[int] = field(default_factory=frozenset)
    facilitated: frozenset[int] = field(default_factory=frozenset)
    secretariat: bool = False
    analyst: bool = False

    @property
    def may_write(self) -> bool:
        """Whether there is anything at all that the reader may log."""
        return self.secretariat or bool(self.members or self.facilitated)


ANYBODY = Reader()


def reader_of(user: Any, day: datetime.date | None = None) -> Reader:
    """Return `user` (a request's user, signed in or not) with the roles in force on `day`, today by default."""
    if not user.is_authenticated or not user.is_active or is_refused(user):
        return ANYBODY
    day = day or timezone.localdate()
    delegations = list(Delegation.objects.on(day).filter(user=user).values_list("role", "member"))
    groups = Facilitator.objects.on(day).filter(user=user).values_list("small_group", flat=True)
    return Reader(
        user=user.pk,
        members=frozenset(member for role, member in delegations if role == Role.DELEGATE),
        facilitated=frozenset(groups),
        secretariat=any(role == Role.SECRETARIAT for role, _ in delegations),
        analyst=any(role == Role.ANALYST for role, _ in delegations),
    )


def negotiation_of(request: Any) -> Negotiation:
    """Return the negotiation that `request` is about: the one in its address, else the one that the site opens with.

    Raises Negotiation.DoesNotExist before any is loaded. Looked up once a request.
    """
    http = getattr(request, "_request", request)  # REST framework wraps the request
    if not hasattr(http, "negotiation"):
        http.negotiation = Negotiation.objects.get(is_default=True)
    found: Negotiation = http.negotiation
    return found


def participations(negotiation: Negotiation, day: datetime.date | None = None) -> ParticipationQuerySet:
    """Return who takes part on `day`; without one, on the day up to which the facts were collected, or now."""
    day = day or negotiation.stands_on
    everybody = Participation.objects.filter(negotiation=negotiation)
    return everybody.filter(left=None) if day is None else everybody.on(day)


def belonging(day: datetime.date | None = None) -> dict[int, list[int]]:
    """Return the members of each grouping on `day`, or today, all as primary keys. One query."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    memberships = GroupingMembership.objects.filter(in_force(day or timezone.localdate()))
    for grouping, member in memberships.values_list("grouping", "member"):
        found[grouping].append(member)
    return dict(found)


def takes_part(negotiation: int, members: Collection[int]) -> bool:
    """Whether one of `members` takes part in the negotiation now; both are primary keys."""
    here = Participation.objects.filter(negotiation=negotiation, left=None)
    return bool(members) and here.filter(member__in=members).exists()


def visible_provisions(reader: Reader) -> ProvisionQuerySet:
    """Return the provisions that `reader` may read. What one may not read does not exist for them."""
    return Provision.objects.filter(_visible(reader, ("sub_issue", "issue", "sub_issue__issue")))


def visible_proposals(reader: Reader) -> ProposalQuerySet:
    """Return the proposals that `reader` may read; a member always reads its own, and what it is invited to."""
    visible = _visible(reader, ("sub_issues", "issues", "sub_issues__issue"))
    if reader.members:
        visible |= Q(pk__in=ProposalStep.objects.filter(member__in=reader.members).values("proposal"))
        visible |= Q(proponents__in=reader.members)
    # A subquery instead of joins: a proposal must not come twice because it has two sub-issues.
    return Proposal.objects.filter(pk__in=Proposal.objects.filter(visible).values("pk"))


def visible_documents(reader: Reader) -> "QuerySet[Document]":
    """Return the documents that `reader` may read: all but those known only by what one may not read.

    One that came onto record with the symbol of a proposal is read by whoever reads a proposal or a text that names it,
    and by everybody once a meeting has it.
    """
    if reader.secretariat:
        return Document.objects.all()
    proposals = visible_proposals(reader)
    named = Proposal.objects.filter(pk__in=proposals, document__isnull=False)
    texts = Revision.objects.filter(document__isnull=False, provision__in=visible_provisions(reader))
    return Document.objects.filter(
        Q(recorded_with=None)
        | Q(recorded_with__in=proposals)
        | Q(pk__in=named.values("document"))
        | Q(pk__in=texts.values("document"))
        | Q(pk__in=Meeting.documents.through.objects.values("document"))
    )


def visible_steps(reader: Reader) -> "QuerySet[ProposalStep]":
    """Return the steps of proposals that `reader` may read.

    Who was invited and who declined is for the members concerned and the secretariat: a refusal is no news.
    """
    steps = ProposalStep.objects.filter(proposal__in=visible_proposals(reader))
    if reader.secretariat:
        return steps
    named = Q(proponents__in=reader.members) | Q(steps__member__in=reader.members)
    concerned = Proposal.objects.filter(named).values("pk")
    return steps.exclude(Q(act__in=[ProposalAct.INVITED, ProposalAct.DECLINED]) & ~Q(proposal__in=concerned))


def knows_people(reader: Reader, negotiation: int) -> bool:
    """Whether `reader` is told which person did something in the negotiation (a primary key).

    The public reads for which member it was done, and so do members that take no part.
    """
    inside = reader.secretariat or reader.analyst or bool(reader.facilitated)
    return inside or takes_part(negotiation, reader.members)


def provisions_for(reader: Reader, proposal: Proposal) -> ProvisionQuerySet:
    """Return the provisions that `reader` may see under what `proposal` is about; all, where it does not say."""
    provisions = visible_provisions(reader).filter(negotiation=proposal.negotiation)
    issues, sub_issues = proposal.issues.all(), proposal.sub_issues.all()
    if not (issues.exists() or sub_issues.exists()):
        return provisions
    return provisions.filter(Q(sub_issue__in=sub_issues) | Q(issue__in=issues) | Q(sub_issue__issue__in=issues))


def _visible(reader: Reader, places: tuple[str, str, str]) -> Q:
    """Return the condition on rows with a negotiation and a visibility; `places` lead to their place in the table."""
    if reader.secretariat:
        return Q()
    visible = Q(visibility=Visibility.PUBLIC)
    if reader.analyst or reader.facilitated:
        visible |= Q(visibility=Visibility.PARTICIPANTS)
    if reader.members:
        # A subquery instead of a join: a provision must not come twice where somebody acts for two members.
        takes_part = Participation.objects.filter(member__in=reader.members, left=None).values("negotiation")
        visible |= Q(visibility=Visibility.PARTICIPANTS, negotiation__in=takes_part)
    groups = SmallGroup.objects.filter(Q(pk__in=reader.facilitated) | Q(members__in=reader.members))
    if reader.members or reader.facilitated:
        sub_issue, issue, issue_of_sub_issue = places
        visible |= Q(visibility=Visibility.GROUP) & (
            Q(**{f"{sub_issue}__in": groups.values("sub_issues")})
            | Q(**{f"{issue}__in": groups.values("issues")})
            | Q(**{f"{issue_of_sub_issue}__in": groups.values("issues")})
        )
    return visible


def visible_requests(reader: Reader) -> "QuerySet[ChangeRequest]":
    """Return the requests that `reader` may read: those of its own members, and those that it may answer."""
    requests = ChangeRequest.objects.filter(provision__in=visible_provisions(reader))
    if reader.secretariat:
        return requests
    groups = SmallGroup.objects.filter(pk__in=reader.facilitated)
    answered_by_reader = Provision.objects.filter(
        Q(sub_issue__in=groups.values("sub_issues"))
        | Q(issue__in=groups.values("issues"))
        | Q(sub_issue__issue__in=groups.values("issues"))
    )
    return requests.filter(Q(on_behalf_of__in=reader.members) | Q(provision__in=answered_by_reader))


def visible_imports(reader: Reader) -> "QuerySet[StagedImport]":
    """Return the texts that came in, as far as `reader` may look: the secretariat at all, facilitators at their own."""
    if reader.secretariat:
        return StagedImport.objects.all()
    return StagedImport.objects.filter(small_group__in=reader.facilitated)


def visible_variants(reader: Reader) -> VariantQuerySet:
    """Return the variants of the provisions that `reader` may read."""
    return Variant.objects.filter(provision__in=visible_provisions(reader))


def current_revisions(reader: Reader, day: datetime.date | None = None) -> RevisionQuerySet:
    """Return the text of each visible provision as it stood at the end of `day`, or stands now."""
    return Revision.objects.current(day).filter(provision__in=visible_provisions(reader))


def groups_of(provision: Provision) -> "QuerySet[SmallGroup]":
    """Return the small groups that work on `provision`."""
    if provision.sub_issue is not None:
        return SmallGroup.objects.filter(
            Q(sub_issues=provision.sub_issue) | Q(issues=provision.sub_issue.issue_id)
        ).distinct()
    return SmallGroup.objects.filter(issues=provision.issue_id) if provision.issue_id else SmallGroup.objects.none()
