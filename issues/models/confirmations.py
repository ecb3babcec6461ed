"""Who stands behind which text of a proposal, read from its steps and stored nowhere else.

A text is made by a step (tabled or revised), or was on record before the first one: text 0. Behind a text stand

- the member in whose name it was tabled or revised, and whoever confirmed it afterwards;
- proponents that a source names, without a step of theirs: behind the text that the source has. That is text 0, or the
  step that puts it on record in nobody's name;
- groupings, which nobody acts for here: behind a text that was put on record in nobody's name. The secretariat does so
  only for proposals without a member among their proponents.

So a revision asks all other proponents again. Each confirms the new text, leaves the proposal, or stays silent: then it
is a proponent still, of a text that it has not confirmed, and is not named where that text is merged. What they
confirmed before stays with the earlier texts.

Example. 1 tabled (CAN) · 2 invited JPN · 3 confirmed JPN · 4 revised (CAN): CAN and JPN stand behind text 1, CAN behind
text 4, and JPN is asked about text 4. With 5 confirmed JPN both stand behind text 4.
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
    """What the steps of a proposal say. Members are primary keys, texts the numbers of the steps that made them.

    `texts` has the members behind each text, `asked` the first text that each member was asked about and has not
    answered for, `in_nobodys_name` the texts that were put on record so.
    """

    texts: dict[int, set[int]] = field(default_factory=lambda: {0: set()})
    asked: dict[int, int] = field(default_factory=dict)
    in_nobodys_name: set[int] = field(default_factory=lambda: {0})

    @property
    def base(self) -> int:
        """The text that stands."""
        return max(self.texts)


def confirmations(steps: Iterable["ProposalStep"], proponents: Iterable[int]) -> Confirmations:
    """Return what `steps` say of a proposal that has these `proponents` (primary keys) now."""
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
    """Return the member that became a proponent by a step, if any."""
    if step.act == ProposalAct.CONFIRMED:
        return step.member_id
    return step.on_behalf_of_id if step.act in WITH_TEXT else None


def _apply(state: Confirmations, step: "ProposalStep", proponents: set[int], by_source: set[int]) -> None:
    """Take one step into account; `proponents` are those before it, and after it."""
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
        if step.act == ProposalAct.TABLED:  # the source's own text, put on record before it is changed
            state.texts[step.number] |= by_source & proponents
    else:
        proponents.add(author)
        state.asked.pop(author, None)
    for member in proponents - state.texts[step.number]:
        state.asked.setdefault(member, step.number)


@dataclass(frozen=True)
class Proponent:
    """A member or grouping that proposes, and whether it stands behind the text."""

    holder: Member | Grouping
    is_member: bool
    confirmed: bool


@dataclass(frozen=True)
class Standing:
    """Who stands behind the text of a proposal that stands, and which proponents have not confirmed it; by name."""

    base: int
    members: list[Member]
    members_asked: list[Member]
    groupings: list[Grouping]
    groupings_without: list[Grouping]

    @property
    def names(self) -> list[Member | Grouping]:
        """Whom a merge of the text names: they have confirmed it, and can stand at the head of a bracket."""
        return [*self.members, *(grouping for grouping in self.groupings if grouping.speaks)]

    @property
    def codes(self) -> list[str]:
        """How these stand at the head of a bracket."""
        return [*sorted(member.code for member in self.members), *self._codes(self.groupings)]

    @property
    def confirmed_by(self) -> list[str]:
        """The codes of the proponents that stand behind it."""
        codes = [member.code for member in self.members]
        return sorted([*codes, *(grouping.code for grouping in self.groupings)])

    @property
    def not_confirmed_by(self) -> list[str]:
        """The codes of the other proponents."""
        codes = [member.code for member in self.members_asked]
        return sorted([*codes, *(grouping.code for grouping in self.groupings_without)])

    @property
    def proponents(self) -> list[Proponent]:
        """All of them: members, then groupings, those that stand behind the text first."""
        return [
            *(Proponent(member, True, True) for member in self.members),
            *(Proponent(member, True, False) for member in self.members_asked),
            *(Proponent(grouping, False, True) for grouping in self.groupings),
            *(Proponent(grouping, False, False) for grouping in self.groupings_without),
        ]

    @property
    def others(self) -> list[Member | Grouping]:
        """The proponents that do not stand behind it."""
        return [*self.members_asked, *self.groupings_without]

    @staticmethod
    def _codes(groupings: Iterable[Grouping]) -> list[str]:
        return sorted(grouping.code for grouping in groupings if grouping.speaks)


def standing_of(proposal: "Proposal", steps: Iterable["ProposalStep"]) -> Standing:
    """Return who stands behind the text of `proposal`; `steps` are its steps, of which the texts are not read."""
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
