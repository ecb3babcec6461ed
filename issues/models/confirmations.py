"""Confirmations: the proponents that support each text of a proposal, derived from its steps.

Each text was created by a step, when the proposal was tabled or revised, or predates the first step (text 0). The
supporters of a text are determined as follows:

- The member on whose behalf the text was tabled or revised supports it, as do the members that confirmed it afterwards.
- A proponent that is named by a source but by no step supports the text given in the source. That text is text 0 or the
  text of the step that recorded it without naming a member.
- A grouping, for which no user acts, supports each text that was recorded without naming a member. The secretariat
  records such texts only for proposals that have no member among their proponents.

After a revision, all other proponents are therefore asked again. Each may confirm the new text, leave the proposal or
not respond. A proponent that does not respond remains a proponent but is not named when the text is merged. Earlier
confirmations continue to apply to the earlier texts.

Example: CAN tables a proposal (step 1) and invites JPN (step 2), which confirms (step 3). CAN then revises the text
(step 4). CAN and JPN support text 1, only CAN supports text 4, and JPN is asked to confirm text 4. If JPN confirms
(step 5), both support text 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from issues.models.choices import ProposalAct
from members.models import Grouping, Member

if TYPE_CHECKING:
    from issues.models.proposals import Proposal, ProposalStep

WITH_TEXT = (ProposalAct.TABLED, ProposalAct.REVISED)


@dataclass
class Confirmations:
    """The confirmations that follow from the steps of a proposal.

    Members are represented by their primary keys, and texts by the numbers of the steps that created them. `texts` maps
    each text to its supporters. `asked` maps each member to the first text that it was asked to confirm and to which it
    has not responded. `in_nobodys_name` contains the texts that were recorded without naming a member.
    """

    texts: dict[int, set[int]] = field(default_factory=lambda: {0: set()})
    asked: dict[int, int] = field(default_factory=dict)
    in_nobodys_name: set[int] = field(default_factory=lambda: {0})

    @property
    def base(self) -> int:
        """The number of the step that created the current text."""
        return max(self.texts)


def confirmations(steps: Iterable["ProposalStep"], proponents: Iterable[int]) -> Confirmations:
    """Return the confirmations after `steps`. `proponents` contains the primary keys of the current proponents."""
    in_order = sorted(steps, key=lambda step: step.number)
    joined = {_joining(step) for step in in_order}
    by_source = {member for member in proponents if member not in joined}
    state = Confirmations()
    state.texts[0] |= by_source
    standing = set(by_source)
    for step in in_order:
        _apply(state, step, standing, by_source)
    return state


def _joining(step: "ProposalStep") -> int | None:
    """Return the primary key of the member that became a proponent in `step`, or None."""
    if step.act == ProposalAct.CONFIRMED:
        return step.member_id
    return step.on_behalf_of_id if step.act in WITH_TEXT else None


def _apply(state: Confirmations, step: "ProposalStep", proponents: set[int], by_source: set[int]) -> None:
    """Apply one step to `state`, and update `proponents`."""
    if step.act in WITH_TEXT:
        _new_text(state, step, proponents, by_source)
    elif step.act == ProposalAct.INVITED and step.member_id is not None:
        state.asked[step.member_id] = state.base
    elif step.act == ProposalAct.CONFIRMED and step.member_id is not None:
        state.texts[state.base].add(step.member_id)
        state.asked.pop(step.member_id, None)
        proponents.add(step.member_id)
    elif step.act in (ProposalAct.DECLINED, ProposalAct.LEFT) and step.member_id is not None:
        state.asked.pop(step.member_id, None)
        proponents.discard(step.member_id)


def _new_text(state: Confirmations, step: "ProposalStep", proponents: set[int], by_source: set[int]) -> None:
    author = step.on_behalf_of_id
    state.texts[step.number] = {author} if author is not None else set()
    if author is None:
        state.in_nobodys_name.add(step.number)
        if step.act == ProposalAct.TABLED:  # the text given in the source, which is recorded before it is changed
            state.texts[step.number] |= by_source & proponents
    else:
        proponents.add(author)
        state.asked.pop(author, None)
    for member in proponents - state.texts[step.number]:
        state.asked.setdefault(member, step.number)


@dataclass(frozen=True)
class Proponent:
    """A member or grouping that proposes a text. `confirmed` is true if the holder has confirmed the current text."""

    holder: Member | Grouping
    is_member: bool
    confirmed: bool


@dataclass(frozen=True)
class Standing:
    """The proponents that have confirmed the current text of a proposal and those that have not, sorted by name."""

    base: int
    members: list[Member]
    members_asked: list[Member]
    groupings: list[Grouping]
    groupings_without: list[Grouping]

    @property
    def names(self) -> list[Member | Grouping]:
        """The proponents that are named when the text is merged.

        They have confirmed the text and may be named at brackets.
        """
        return [*self.members, *(grouping for grouping in self.groupings if grouping.speaks)]

    @property
    def codes(self) -> list[str]:
        """The codes of the proponents in `names`, as written at the head of a bracket."""
        return [*sorted(member.code for member in self.members), *self._codes(self.groupings)]

    @property
    def confirmed_by(self) -> list[str]:
        """The codes of the proponents that have confirmed the text."""
        codes = [member.code for member in self.members]
        return sorted([*codes, *(grouping.code for grouping in self.groupings)])

    @property
    def not_confirmed_by(self) -> list[str]:
        """The codes of the proponents that have not confirmed the text."""
        codes = [member.code for member in self.members_asked]
        return sorted([*codes, *(grouping.code for grouping in self.groupings_without)])

    @property
    def proponents(self) -> list[Proponent]:
        """All proponents, members before groupings. Within each kind, those that have confirmed the text come first."""
        return [
            *(Proponent(member, True, True) for member in self.members),
            *(Proponent(member, True, False) for member in self.members_asked),
            *(Proponent(grouping, False, True) for grouping in self.groupings),
            *(Proponent(grouping, False, False) for grouping in self.groupings_without),
        ]

    @property
    def others(self) -> list[Member | Grouping]:
        """The proponents that have not confirmed the text."""
        return [*self.members_asked, *self.groupings_without]

    @staticmethod
    def _codes(groupings: Iterable[Grouping]) -> list[str]:
        return sorted(grouping.code for grouping in groupings if grouping.speaks)


def standing_of(proposal: "Proposal", steps: Iterable["ProposalStep"]) -> Standing:
    """Return the standing of the current text of `proposal`. The function does not read the texts of `steps`."""
    members = sorted(proposal.proponents.all(), key=lambda member: member.name)
    groupings = sorted(proposal.grouping_proponents.all(), key=lambda grouping: grouping.name)
    state = confirmations(steps, [member.pk for member in members])
    supporters = state.texts[state.base]
    nobodys = state.base in state.in_nobodys_name
    return Standing(
        state.base,
        [member for member in members if member.pk in supporters],
        [member for member in members if member.pk not in supporters],
        groupings if nobodys else [],
        [] if nobodys else groupings,
    )
