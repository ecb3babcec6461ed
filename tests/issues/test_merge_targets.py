"""Tests that a proposal can be merged only into the texts that it concerns."""

from typing import Any

import pytest

from issues.access.merging import provisions_to_merge_into
from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions import proposals
from issues.actions.proposals import Entry, Placement
from issues.models import Issue, Proposal, Provision, SubIssue
from tests import people
from tests.factories import (
    FacilitatorFactory,
    IssueFactory,
    ProposalFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.people import take_part

pytestmark = pytest.mark.django_db

TEXTS = ("sub-issue", "sibling", "issue", "elsewhere")


@pytest.fixture
def issue(db: None) -> Issue:
    """Return an issue with two sub-issues. These three entries and a sub-issue of another issue have provisions."""
    issue, other = IssueFactory(code="B.1"), IssueFactory(code="C.1")
    own, sibling = (SubIssueFactory(code=code, issue=issue) for code in ("B.1.a", "B.1.b"))
    provision_with("Text.", slug="sub-issue", sub_issue=own)
    provision_with("Text.", slug="sibling", sub_issue=sibling)
    provision_with("Text.", slug="issue", sub_issue=None, issue=issue)
    provision_with("Text.", slug="elsewhere", sub_issue=SubIssueFactory(code="C.1.a", issue=other))
    return issue


@pytest.fixture
def canada(db: None) -> Any:
    take_part("CAN")
    return people.delegate("CAN")


def about(canada: Any, sub_issues: list[SubIssue], issues: list[Issue]) -> Proposal:
    proposal: Proposal = ProposalFactory(text="No duties.", state="tabled")
    proposal.proponents.set([canada.delegations.get().member])
    proposal.sub_issues.set(sub_issues)
    proposal.issues.set(issues)
    return proposal


def reached(actor: Any, proposal: Proposal) -> set[str]:
    return set(provisions_to_merge_into(reader_of(actor), proposal).values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("of_sub_issue", "of_issue", "into"),
    [
        (True, False, {"sub-issue"}),
        (False, True, {"sub-issue", "sibling", "issue"}),
        (True, True, {"sub-issue", "sibling", "issue"}),
        (False, False, set(TEXTS)),
    ],
)
def test_a_proposal_can_be_merged_into_texts_of_its_issues_and_sub_issues(
    issue: Issue, canada: Any, of_sub_issue: bool, of_issue: bool, into: set[str]
) -> None:
    own = [SubIssue.objects.get(code="B.1.a")] if of_sub_issue else []
    proposal = about(canada, own, [issue] if of_issue else [])
    assert reached(canada, proposal) == into
    secretariat = people.secretariat()
    assert reached(secretariat, proposal) == into
    for slug in TEXTS:
        provision = Provision.objects.get(slug=slug)
        entry = Entry(secretariat, canada.delegations.get().member)
        placing = Placement(words="No duties.")
        if slug in into:
            assert proposals.merge_into(proposal, provision, placing, entry, base=1).revision is not None
        else:
            with pytest.raises(Refused, match="under one of the issues that it concerns"):
                proposals.merge_into(proposal, provision, placing, entry, base=1)


@pytest.mark.parametrize(
    ("works_on", "into"),
    [("sub-issue", {"sub-issue"}), ("issue", {"sub-issue", "sibling", "issue"}), ("nothing", set())],
)
def test_a_facilitator_can_merge_a_proposal_only_where_the_group_works(
    issue: Issue, canada: Any, works_on: str, into: set[str]
) -> None:
    group = SmallGroupFactory()
    if works_on == "sub-issue":
        group.sub_issues.add(SubIssue.objects.get(code="B.1.a"))
    elif works_on == "issue":
        group.issues.add(issue)
    facilitator = FacilitatorFactory(small_group=group, user=UserFactory()).user
    assert reached(facilitator, about(canada, [], [issue])) == into
    assert reached(facilitator, about(canada, [], [])) == into
