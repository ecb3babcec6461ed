"""For whom a thing is, and what a reader may read, in the same words: the table of rules as sets.

A scope is a word such as `public`, `participants`, `sub-issue:12` or `member:7`, and is meant within one negotiation.
Whoever may read a thing has one of its scopes; the secretariat reads everything and needs none. Both sides go through
the same rows of the table: what a role has there is a scope of the reader, what any role needs there one of the thing.
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
# No scopes of anybody, but kept beside them: the counter of all changes, and when figures were computed anew.
COUNTER, COMPUTED = "", "computed"


@dataclass(frozen=True)
class Rights:
    """What follows in one negotiation from who somebody is: the scopes that the reader has."""

    negotiation: int
    secretariat: bool
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def mark(self) -> str:
        """Another one whenever the reader may read by another right than before."""
        rights = f"{self.negotiation} {self.secretariat} {' '.join(sorted(self.scopes))}"
        return hashlib.sha256(rights.encode()).hexdigest()[:16]


def rights_of(reader: Reader, negotiation: Negotiation) -> Rights:
    """Return the rights of `reader`. One query for a delegate and one for a facilitator, none for others."""
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
    """A capacity with the scopes that each relation gives it."""

    role: Role
    places: frozenset[str]
    groups: frozenset[str]
    members: frozenset[str]

    @classmethod
    def of(cls, capacity: Capacity) -> "_Holding":
        """Return a capacity with its scopes; the places of its groups are looked up."""
        return cls(
            capacity.role,
            frozenset(_places_of(capacity)) if capacity.groups or capacity.members else frozenset(),
            frozenset(f"group:{group}" for group in capacity.groups),
            frozenset(f"member:{member}" for member in capacity.members),
        )

    def scopes(self, action: Action, everything: str) -> frozenset[str]:
        """Return the scopes that the table gives for `action`; `everything` names all of it in the negotiation."""
        nothing: frozenset[str] = frozenset()
        by_relation: dict[Relation | None, frozenset[str]] = {
            Relation.NEGOTIATION: frozenset({everything}),
            Relation.PLACE: self.places,
            Relation.GROUP: self.groups,
            Relation.MEMBER: self.members,
        }
        return by_relation.get(RULES[action].get(self.role), nothing)


def _places_of(capacity: Capacity) -> Iterator[str]:
    """Yield the places where the groups of a capacity work: sub-issues, and issues with all their sub-issues."""
    rows = groups_of(capacity).order_by().values_list("sub_issues", "issues", "issues__sub_issues")
    for sub_issue, issue, sub_issue_of_issue in rows:
        yield from _places([sub_issue, sub_issue_of_issue], [issue])


def _of_requests(scopes: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Return what scopes mean of requests: a member reads its own as far as it may read the text; a place answers."""
    request_scopes: set[str] = set()
    for scope in scopes:
        kind, _, key = scope.partition(":")
        request_scopes |= {f"asks:{key}:{text}" for text in texts} if kind == "member" else {f"answers:{scope}"}
    return request_scopes


def _needed(action: Action, everything: str, places: Iterable[str] = (), members: Iterable[int] = ()) -> frozenset[str]:
    """Return the scopes of a thing with which somebody outside the secretariat does `action`.

    `everything` names all such things of the negotiation; `places` and `members` are those of the thing.
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
    """Return for whom `thing` is. Facts are everybody's."""
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
    """Return the places whose small groups work on a text; none for one that stands directly in a section."""
    return _places([provision.sub_issue_id], [provision.issue_id])


def _places(sub_issues: Iterable[int | None], issues: Iterable[int | None]) -> set[str]:
    """Return the scopes of places, given by primary keys; None is no place."""
    return {f"sub-issue:{pk}" for pk in sub_issues if pk} | {f"issue:{pk}" for pk in issues if pk}


def _concerned(proposal: Proposal) -> set[int]:
    """Return the members that a proposal is about: its proponents, and whoever was ever named in a step."""
    members = {member.pk for member in proposal.proponents.all()}
    return members | {step.member_id for step in proposal.steps.all() if step.member_id}
