"""For whom a thing is, and what a reader may read, in the same words: the rules of `visibility`, as sets.

A scope is a word such as `public`, `participants`, `sub-issue:12` or `member:7`. Whoever may read a thing has one of
its scopes; the secretariat reads everything and needs none. Tests hold both against `visibility.visible_*`.
"""

import hashlib
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from django.db.models import Q, Value

from issues.access.visibility import Reader
from issues.choices import ProposalAct, Visibility
from issues.models import (
    ChangeRequest,
    Document,
    Negotiation,
    Participation,
    Proposal,
    ProposalStep,
    Provision,
    Revision,
)
from issues.models import SmallGroup as Group

PUBLIC, SECRETARIAT = "public", "secretariat"
# No scopes of anybody, but kept beside them: the counter of all changes, and when figures were computed anew.
COUNTER, COMPUTED = "", "computed"
FOR_THE_CONCERNED = (ProposalAct.INVITED, ProposalAct.DECLINED)


@dataclass(frozen=True)
class Rights:
    """What follows in one negotiation from who somebody is: the scopes that the reader has."""

    negotiation: int
    secretariat: bool
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def mark(self) -> str:
        """Another one whenever the reader may read by another right than before."""
        said = f"{self.negotiation} {self.secretariat} {' '.join(sorted(self.scopes))}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def rights_of(reader: Reader, negotiation: Negotiation) -> Rights:
    """Return the rights of `reader`. One query, and none for who acts for no member and leads no group."""
    if reader.secretariat:
        return Rights(negotiation.pk, secretariat=True, scopes=frozenset({SECRETARIAT}))
    takes_part, places, led = _inside(reader, negotiation) if reader.members or reader.facilitated else (False, [], [])
    scopes = {PUBLIC, *places, *(f"answers:{place}" for place in led)}
    if takes_part or reader.analyst or reader.facilitated:
        scopes.add(Visibility.PARTICIPANTS.value)
    # A request is for the member that asks, as far as it may read the text that it is about.
    asked = [one for one in scopes if one in Visibility.values or one in places]
    for member in reader.members:
        scopes |= {f"member:{member}", *(f"asks:{member}:{one}" for one in asked)}
    return Rights(negotiation.pk, secretariat=False, scopes=frozenset(scopes))


def _inside(reader: Reader, negotiation: Negotiation) -> tuple[bool, list[str], list[str]]:
    """Return whether the reader takes part, the places of its groups, and those of the groups that it leads."""
    mine = Q(pk__in=reader.facilitated) | Q(members__in=reader.members)
    groups = Group.objects.filter(mine, negotiation=negotiation).order_by()
    part = Participation.objects.filter(negotiation=negotiation, member__in=reader.members, left=None).order_by()
    nothing = {name: Value(0) for name in "abcd"}
    rows = groups.values_list("pk", "sub_issues", "issues", "issues__sub_issues").union(
        part.annotate(**nothing).values_list(*nothing)
    )
    places: set[str] = set()
    led: set[str] = set()
    takes_part = False
    for group, sub_issue, issue, of_issue in rows:
        takes_part |= group == 0
        found = {f"issue:{issue}"} if issue else set()
        found |= {f"sub-issue:{one}" for one in (sub_issue, of_issue) if one}
        places |= found
        led |= found if group in reader.facilitated else set()
    return takes_part, sorted(places), sorted(led)


@singledispatch
def scopes_of(thing: Any) -> frozenset[str]:
    """Return for whom `thing` is. Facts are everybody's."""
    return frozenset({PUBLIC})


@scopes_of.register
def _(thing: Provision) -> frozenset[str]:
    return _by_visibility(thing.visibility, _places(thing))


@scopes_of.register
def _(thing: Revision) -> frozenset[str]:
    return scopes_of(thing.provision)


@scopes_of.register
def _(thing: Proposal) -> frozenset[str]:
    places = [f"sub-issue:{one.pk}" for one in thing.sub_issues.all()]
    places += [f"issue:{one.pk}" for one in thing.issues.all()]
    return _by_visibility(thing.visibility, places) | _concerned(thing)


@scopes_of.register
def _(thing: Document) -> frozenset[str]:
    if thing.recorded_with_id is None or thing.meetings.exists():
        return frozenset({PUBLIC})
    proposals = Proposal.objects.filter(Q(pk=thing.recorded_with_id) | Q(document=thing))
    texts = Provision.objects.filter(revisions__document=thing).distinct()
    return frozenset[str]().union(*(scopes_of(one) for one in (*proposals, *texts)))


@scopes_of.register
def _(thing: ProposalStep) -> frozenset[str]:
    return _concerned(thing.proposal) if thing.act in FOR_THE_CONCERNED else scopes_of(thing.proposal)


@scopes_of.register
def _(thing: ChangeRequest) -> frozenset[str]:
    text = scopes_of(thing.provision)
    answering = {f"answers:{place}" for place in _places(thing.provision)}
    return frozenset({f"asks:{thing.on_behalf_of_id}:{scope}" for scope in text} | answering)


def _by_visibility(visibility: str, places: list[str]) -> frozenset[str]:
    return frozenset(places if visibility == Visibility.GROUP else [str(visibility)])


def _places(provision: Provision) -> list[str]:
    """Return the places whose small groups work on a text; none for one that stands directly in a section."""
    if provision.sub_issue_id:
        return [f"sub-issue:{provision.sub_issue_id}"]
    return [f"issue:{provision.issue_id}"] if provision.issue_id else []


def _concerned(proposal: Proposal) -> frozenset[str]:
    """Return the members that a proposal is about: its proponents, and whoever was ever named in a step."""
    members = {one.pk for one in proposal.proponents.all()}
    members |= {step.member_id for step in proposal.steps.all() if step.member_id}
    return frozenset(f"member:{member}" for member in members)
