"""Functions that table proposals on customs duties, act on them, and read their steps."""

import datetime
from dataclasses import replace
from typing import Any

from issues.actions import proposals
from issues.actions.proposals import Draft, Entry, Placement
from issues.models import Proposal, ProposalStep, Provision, SubIssue
from tests.factories import NegotiationFactory
from tests.people import delegate, member

BASE = "Each Member shall [BRA: promptly] act."
WORDS = "No Member shall impose customs duties."
DAY = datetime.date(2021, 2, 5)


def by(code: str, user: Any = None, **values: Any) -> Entry:
    """Return an entry by a delegate of the member, or by `user` on the member's behalf."""
    return Entry(user or delegate(code), member(code), **{"made_on": DAY, **values})


def draft(place: SubIssue, **values: Any) -> Draft:
    return replace(Draft("Customs duties", WORDS, [place]), **values)


def tabled(place: SubIssue, entry: Entry | None = None, **values: Any) -> Proposal:
    return proposals.table(NegotiationFactory(), draft(place, **values), entry or by("CAN"))


def codes(proposal: Proposal) -> set[str]:
    return set(proposal.proponents.values_list("code", flat=True))


def acts(proposal: Proposal) -> list[str]:
    return list(proposal.steps.values_list("act", flat=True))


def joint(place: SubIssue) -> Proposal:
    """Return a proposal by Canada that Japan has joined."""
    proposal = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    return proposal


def merge(proposal: Proposal, provision: Provision, entry: Entry, base: int = 1, **placing: Any) -> ProposalStep:
    return proposals.merge_into(proposal, provision, Placement(**(placing or {"words": WORDS})), entry, base=base)
