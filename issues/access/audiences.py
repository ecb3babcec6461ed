"""Audiences: the access rules, expressed as sets of scopes for readers and for the objects that they read.

A scope is a string, such as `public`, `participants`, `sub-issue:12` or `member:7`, that is valid within one
negotiation. A reader may read an object if they have a scope in common. The secretariat may read everything and needs
no common scope. Both sets of scopes are derived from the same rows of `RULES`. A reader's scopes follow from the
relations that each role grants, and an object's scopes follow from the relations that its readers need.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from issues.access.conditions import groups_of
from issues.access.roles import Capacity, Reader
from issues.access.rules import READING, RULES, Action, Relation, Role
from issues.access.visibility import INVITATIONS, reads_everything
from issues.models import ChangeRequest, Document, Negotiation, Proposal, ProposalStep, Provision, Revision

PUBLIC, SECRETARIAT = "public", "secretariat"
# No reader holds these scopes. They identify the counter of all changes and the counter of recomputations.
COUNTER, COMPUTED = "", "computed"


@dataclass(frozen=True)
class Rights:
    """The scopes that a reader has in one negotiation."""

    negotiation: int
    secretariat: bool
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def mark(self) -> str:
        """A fingerprint that changes whenever the rights change."""
        rights = f"{self.negotiation} {self.secretariat} {' '.join(sorted(self.scopes))}"
        return hashlib.sha256(rights.encode()).hexdigest()[:16]


def rights_of(reader: Reader, negotiation: Negotiation) -> Rights:
    """Return the rights of `reader` in `negotiation`.

    The function runs one query for each capacity as a delegate or facilitator, and no query for other roles.
    """
    if reads_everything(reader, negotiation.pk):
        return Rights(negotiation.pk, secretariat=True, scopes=frozenset({SECRETARIAT}))
    holdings = [_Holding.of(capacity) for capacity in reader.capacities_in(negotiation.pk)]
    texts = {visibility for visibility, action in READING.items() if Role.ANYBODY in RULES[action]}
    for visibility, action in READING.items():
        for holding in holdings:
            texts |= holding.scopes(action, visibility)
    scopes = set(texts)
    for holding in holdings:
        scopes |= holding.scopes(Action.READ_OWN_PROPOSALS, "proposals")
        scopes |= _of_requests(holding.scopes(Action.READ_OWN_REQUESTS, "requests"), texts)
    return Rights(negotiation.pk, secretariat=False, scopes=frozenset(scopes))


@dataclass(frozen=True)
class _Holding:
    """A capacity, with the scopes that each relation grants to it."""

    role: Role
    places: frozenset[str]
    groups: frozenset[str]
    members: frozenset[str]

    @classmethod
    def of(cls, capacity: Capacity) -> "_Holding":
        """Return `capacity` with its scopes. One query is run if the capacity has small groups or members."""
        return cls(
            capacity.role,
            frozenset(_places_of(capacity)) if capacity.groups or capacity.members else frozenset(),
            frozenset(f"group:{group}" for group in capacity.groups),
            frozenset(f"member:{member}" for member in capacity.members),
        )

    def scopes(self, action: Action, everything: str) -> frozenset[str]:
        """Return the scopes that the rules grant for `action`.

        `everything` is the scope of the whole negotiation.
        """
        nothing: frozenset[str] = frozenset()
        by_relation: dict[Relation | None, frozenset[str]] = {
            Relation.NEGOTIATION: frozenset({everything}),
            Relation.PLACE: self.places,
            Relation.GROUP: self.groups,
            Relation.MEMBER: self.members,
        }
        return by_relation.get(RULES[action].get(self.role), nothing)


def _places_of(capacity: Capacity) -> Iterator[str]:
    """Yield the scopes of the places assigned to the small groups of a capacity.

    These places include all sub-issues of assigned issues.
    """
    rows = groups_of(capacity).order_by().values_list("sub_issues", "issues", "issues__sub_issues")
    for sub_issue, issue, sub_issue_of_issue in rows:
        yield from _places([sub_issue, sub_issue_of_issue], [issue])


def _of_requests(scopes: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Return the scopes for requests that correspond to `scopes`.

    A member may read its own requests on those texts that it may read. A small group may read the requests to which it
    may respond.
    """
    request_scopes: set[str] = set()
    for scope in scopes:
        kind, _, key = scope.partition(":")
        request_scopes |= {f"asks:{key}:{text}" for text in texts} if kind == "member" else {f"answers:{scope}"}
    return request_scopes


def _needed(action: Action, everything: str, places: Iterable[str] = (), members: Iterable[int] = ()) -> frozenset[str]:
    """Return the scopes of an object that permit `action` to readers outside the secretariat.

    `everything` is the scope of all such objects in the negotiation. `places` contains the scopes of the object's
    places, and `members` contains the primary keys of its members.
    """
    relations = {relation for role, relation in RULES[action].items() if role is not Role.SECRETARIAT}
    scopes: set[str] = set()
    if relations & {Relation.ALWAYS, Relation.NEGOTIATION}:
        scopes.add(everything)
    if Relation.PLACE in relations:
        scopes |= set(places)
    if Relation.MEMBER in relations:
        scopes |= {f"member:{member}" for member in members}
    return frozenset(scopes)


@singledispatch
def scopes_of(item: Any) -> frozenset[str]:
    """Return the scopes of the readers of `item`. Items of a type that has no specific rule are public."""
    return frozenset({PUBLIC})


@scopes_of.register
def _(item: Provision) -> frozenset[str]:
    return _needed(READING[item.visibility], item.visibility, _places_of_text(item))


@scopes_of.register
def _(item: Revision) -> frozenset[str]:
    return scopes_of(item.provision)


@scopes_of.register
def _(item: Proposal) -> frozenset[str]:
    places = _places((sub_issue.pk for sub_issue in item.sub_issues.all()), (issue.pk for issue in item.issues.all()))
    by_visibility = _needed(READING[item.visibility], item.visibility, places)
    return by_visibility | _needed(Action.READ_OWN_PROPOSALS, "proposals", members=_concerned(item))


@scopes_of.register
def _(item: Document) -> frozenset[str]:
    if item.recorded_with is None or item.meetings.exists():
        return frozenset({PUBLIC})
    return scopes_of(item.recorded_with)


@scopes_of.register
def _(item: ProposalStep) -> frozenset[str]:
    if item.act not in INVITATIONS:
        return scopes_of(item.proposal)
    return _needed(Action.READ_INVITATIONS, "invitations", members=_concerned(item.proposal))


@scopes_of.register
def _(item: ChangeRequest) -> frozenset[str]:
    members = [item.on_behalf_of_id]
    scopes = _needed(Action.READ_OWN_REQUESTS, "requests", _places_of_text(item.provision), members)
    return frozenset(_of_requests(scopes, scopes_of(item.provision)))


def _places_of_text(provision: Provision) -> set[str]:
    """Return the scopes of a provision's place. The set is empty for a provision directly under a section."""
    return _places([provision.sub_issue_id], [provision.issue_id])


def _places(sub_issues: Iterable[int | None], issues: Iterable[int | None]) -> set[str]:
    """Return the scopes of sub-issues and issues, which are given by their primary keys. None values are ignored."""
    return {f"sub-issue:{pk}" for pk in sub_issues if pk} | {f"issue:{pk}" for pk in issues if pk}


def _concerned(proposal: Proposal) -> set[int]:
    """Return the primary keys of a proposal's proponents and of all members named in its steps."""
    members = {member.pk for member in proposal.proponents.all()}
    return members | {step.member_id for step in proposal.steps.all() if step.member_id}
