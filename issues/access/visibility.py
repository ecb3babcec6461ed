"""Visibility: the objects that a reader may read. All pages, endpoints, exports and feeds rely on this module."""

import datetime
from collections import defaultdict
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from issues.access.conditions import IMPORT, PROPOSAL, PROVISION, REQUEST, Paths, Subject, allowed, may
from issues.access.roles import Reader
from issues.access.rules import READING, RULES, Action, Relation, Role
from issues.models import (
    ChangeRequest,
    Document,
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
from issues.models.choices import ProposalAct
from issues.models.index import VariantQuerySet
from issues.models.negotiation import ParticipationQuerySet
from issues.models.outline import hanging_at
from issues.models.proposals import ProposalQuerySet
from issues.models.record import DocumentQuerySet
from issues.models.small_groups import SmallGroupQuerySet
from issues.models.text import ProvisionQuerySet, RevisionQuerySet
from members.models import GroupingMembership, in_force

INVITATIONS = (ProposalAct.INVITED, ProposalAct.DECLINED)


def negotiation_of(request: Any) -> Negotiation:
    """Return the negotiation in the URL of `request`, or the default negotiation.

    The result is cached on the request. Raise Negotiation.DoesNotExist if the site has no data yet.
    """
    http = getattr(request, "_request", request)  # Django REST framework wraps the request
    if not hasattr(http, "negotiation"):
        http.negotiation = Negotiation.objects.get(is_default=True)
    negotiation: Negotiation = http.negotiation
    return negotiation


def participations(negotiation: Negotiation, day: datetime.date | None = None) -> ParticipationQuerySet:
    """Return the participations in force on `day`.

    By default, `day` is the day that the negotiation shows.
    """
    return Participation.objects.filter(negotiation=negotiation).on(negotiation.day(day))


def belonging(day: datetime.date) -> dict[int, list[int]]:
    """Return the members of each grouping on `day`.

    All members and groupings are given by primary key.
    """
    members: defaultdict[int, list[int]] = defaultdict(list)
    memberships = GroupingMembership.objects.filter(in_force(day))
    for grouping, member in memberships.values_list("grouping", "member"):
        members[grouping].append(member)
    return dict(members)


def visible_provisions(reader: Reader) -> ProvisionQuerySet:
    """Return the provisions that `reader` may read. All other provisions are treated as non-existent."""
    return Provision.objects.filter(_readable(reader, PROVISION))


def visible_proposals(reader: Reader) -> ProposalQuerySet:
    """Return the proposals that `reader` may read, including those that name the reader's member."""
    visible = _readable(reader, PROPOSAL) | allowed(reader, Action.READ_OWN_PROPOSALS, PROPOSAL)
    # A subquery is used instead of joins, so that a proposal with two sub-issues is returned only once.
    return Proposal.objects.filter(pk__in=Proposal.objects.filter(visible).values("pk"))


def visible_documents(reader: Reader) -> DocumentQuerySet:
    """Return the documents that `reader` may read.

    The result contains all documents except those that are known only from a proposal that the reader may not read. A
    document first recorded with a proposal is visible only to the proposal's readers until it is linked to a meeting.
    Other references to the document's symbol do not make the document visible, because anyone can type a symbol.
    """
    return Document.objects.select_related("recorded_with").filter(
        Q(recorded_with=None)
        | Q(recorded_with__in=visible_proposals(reader))
        | Q(pk__in=Meeting.documents.through.objects.values("document"))
    )


def visible_steps(reader: Reader) -> "QuerySet[ProposalStep]":
    """Return the steps of proposals that `reader` may read.

    Invitations and refusals are visible only to the members concerned and to the secretariat.
    """
    steps = ProposalStep.objects.filter(proposal__in=visible_proposals(reader))
    concerned = Proposal.objects.filter(allowed(reader, Action.READ_INVITATIONS, PROPOSAL)).values("pk")
    return steps.filter(~Q(act__in=INVITATIONS) | Q(proposal__in=concerned))


def reads_everything(reader: Reader, negotiation: int) -> bool:
    """Return whether a single role gives `reader` access to everything in `negotiation`."""
    reading = {*READING.values(), Action.READ_OWN_PROPOSALS, Action.READ_INVITATIONS, Action.READ_OWN_REQUESTS}
    return any(
        all(
            Role.ANYBODY in RULES[action] or RULES[action].get(capacity.role) is Relation.NEGOTIATION
            for action in reading
        )
        for capacity in reader.capacities_in(negotiation)
    )


def knows_people(reader: Reader, negotiation: int) -> bool:
    """Return whether `reader` may see the names of persons in `negotiation`.

    The public and members that do not take part can see only the member on whose behalf a person acted.
    """
    return may(reader, Action.READ_NAMES, Subject(negotiation))


def provisions_for(reader: Reader, proposal: Proposal) -> ProvisionQuerySet:
    """Return the visible provisions under the issues of `proposal`.

    If the proposal names no issue, return all visible provisions.
    """
    provisions = visible_provisions(reader).filter(negotiation=proposal.negotiation)
    issues, sub_issues = proposal.issues.all(), proposal.sub_issues.all()
    if not (issues.exists() or sub_issues.exists()):
        return provisions
    return provisions.filter(hanging_at(sub_issues, issues))


def _readable(reader: Reader, paths: Paths) -> Q:
    """Return the condition under which `reader` may read a row of a model that has the field `visibility`."""
    return reduce(
        or_, (Q(visibility=visibility) & allowed(reader, action, paths) for visibility, action in READING.items())
    )


def visible_requests(reader: Reader) -> "QuerySet[ChangeRequest]":
    """Return the requests that `reader` may read.

    These are the requests of the members that the reader represents, and the requests to which the reader may respond.
    """
    requests = ChangeRequest.objects.filter(provision__in=visible_provisions(reader))
    return requests.filter(allowed(reader, Action.READ_OWN_REQUESTS, REQUEST))


def visible_imports(reader: Reader) -> "QuerySet[StagedImport]":
    """Return the imports that `reader` may review.

    The secretariat may review all imports. Facilitators may review the imports for their groups.
    """
    return StagedImport.objects.filter(allowed(reader, Action.READ_IMPORTS, IMPORT))


def visible_variants(reader: Reader) -> VariantQuerySet:
    """Return the variants of the provisions that `reader` may read."""
    return Variant.objects.filter(provision__in=visible_provisions(reader))


def current_revisions(reader: Reader, day: datetime.date | None = None) -> RevisionQuerySet:
    """Return the revision of each visible provision that is current at the end of `day` (now by default)."""
    return Revision.objects.current(day).filter(provision__in=visible_provisions(reader))


def groups_of(provision: Provision) -> SmallGroupQuerySet:
    """Return the small groups that work on `provision`."""
    return SmallGroup.objects.working_at([provision.sub_issue_id], [provision.issue_id])
