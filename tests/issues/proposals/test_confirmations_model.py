"""A comparison of confirmations with an independent statement of the rule."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.models import ProposalStep
from issues.models.confirmations import confirmations

pytestmark = pytest.mark.django_db


@dataclass
class Model:
    """A minimal model of a proposal, with its proponents and the members that have confirmed its text."""

    proponents: set[int] = field(default_factory=set)
    hands_up: set[int] = field(default_factory=set)
    invited: set[int] = field(default_factory=set)
    steps: list[ProposalStep] = field(default_factory=list)

    def add(self, act: str, member: int, **names: int) -> None:
        number = len(self.steps) + 1
        self.steps.append(ProposalStep(number=number, act=act, on_behalf_of_id=member, **names))


def follow(moves: list[tuple[str, int, int]]) -> Model:
    """Return the model after member 1 has tabled a proposal and all valid `moves` have been applied."""
    paper = Model({1}, {1})
    paper.add("tabled", 1)
    for move, who, whom in moves:
        is_in = who in paper.proponents
        if move == "revise" and is_in:
            paper.hands_up = {who}
            paper.add("revised", who)
        elif move == "invite" and is_in and whom not in paper.proponents | paper.invited:
            paper.invited.add(whom)
            paper.add("invited", who, member_id=whom)
        elif move == "confirm" and (who in paper.invited or (is_in and who not in paper.hands_up)):
            paper.invited.discard(who)
            paper.proponents.add(who)
            paper.hands_up.add(who)
            paper.add("confirmed", who, member_id=who)
        elif move == "decline" and who in paper.invited:
            paper.invited.discard(who)
            paper.add("declined", who, member_id=who)
        elif move == "leave" and is_in and len(paper.proponents) > 1:
            paper.proponents.discard(who)
            paper.hands_up.discard(who)
            paper.add("left", who, member_id=who)
        elif move == "merge":
            paper.add("merged", who)
    return paper


MEMBERS = range(1, 5)
MOVES = st.tuples(
    st.sampled_from(["revise", "invite", "confirm", "decline", "leave", "merge"]),
    st.sampled_from(MEMBERS),
    st.sampled_from(MEMBERS),
)


@given(st.lists(MOVES, max_size=30))
def test_confirmations_match_the_reference_model(moves: list[tuple[str, int, int]]) -> None:
    paper = follow(moves)
    steps = confirmations(paper.steps, paper.proponents)
    assert steps.texts[steps.base] & paper.proponents == paper.hands_up
    assert set(steps.asked) & paper.proponents == paper.proponents - paper.hands_up
    assert set(steps.asked) - paper.proponents == paper.invited
    assert all(text in steps.texts and text <= steps.base for text in steps.asked.values())
