"""The state of a proposal, derived from its steps."""

from issues.models import Proposal
from issues.models.choices import ProposalAct, ProposalState
from issues.models.confirmations import WITH_TEXT
from members.models import Member

# Steps that determine whether a member is invited or a proponent.
SPONSORING = (ProposalAct.INVITED, ProposalAct.CONFIRMED, ProposalAct.DECLINED, ProposalAct.LEFT)


def base_of(proposal: Proposal) -> int:
    """Return the number of the step that created the current text, or 0 if the text predates the first step."""
    steps = proposal.steps.filter(act__in=WITH_TEXT).order_by("-number")
    return steps.values_list("number", flat=True).first() or 0


def is_open(proposal: Proposal) -> bool:
    """Return whether the proposal is open to revision, withdrawal and changes of sponsorship."""
    return proposal.state in (ProposalState.TABLED, ProposalState.REVISED)


def invitations(proposal: Proposal) -> list[Member]:
    """Return the members that are invited and have not responded, sorted by name."""
    last_act: dict[Member, str] = {}
    steps = proposal.steps.filter(act__in=SPONSORING).exclude(member=None).select_related("member").order_by("number")
    for step in steps:
        assert step.member is not None  # guaranteed by the query
        last_act[step.member] = step.act
    invited = [member for member, act in last_act.items() if act == ProposalAct.INVITED]
    return sorted(invited, key=lambda member: member.name)


def has_single_proponent(proposal: Proposal) -> bool:
    """Return whether the proponents of the proposal comprise at most one member and no grouping."""
    return proposal.proponents.count() < 2 and not proposal.grouping_proponents.exists()
