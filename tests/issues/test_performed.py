"""Tests that a variant's outcome follows from the operation, both at once and after a rebuild of the index."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import parse
from bracketed_text.advanced import variants
from engine_texts import choice_texts
from issues.actions import changes, requests
from issues.actions.change_previews import describe_operation
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.actions.undo import undo_revision
from issues.models import Provision, Revision, Variant
from issues.models.choices import Act, Outcome
from issues.text import index
from issues.text.lifetimes import holders_of
from issues.text.member_names import load_register
from issues.text.operations import Operation, perform
from issues.text.sentences import describe_revision
from issues.text.steps import OUTCOMES
from issues.text.verification import verify
from members.models import Member
from tests.factories import DelegationFactory, FacilitatorFactory, SmallGroupFactory, log_change, provision_with
from tests.guards import guards_lifted
from tests.issues.test_index import operate
from tests.issues.undoing.acts import whole
from tests.selection import share_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("members")]

# The first alternative's text also occurs in the second one, so the remaining text does not show which was chosen.
TWINS = "Each Party shall publish [CAN: its laws] / [BRA: its laws and its laws] and do so [JPN: at once]."


def closed_by(revision: Revision) -> dict[int, str]:
    """Return the outcomes of the variants that a revision closed, by ordinal."""
    return dict(Variant.objects.filter(closed_in=revision).values_list("ordinal", "outcome"))


def problems(provision: Provision) -> list[str]:
    return [problem for _, found in verify([provision]) for problem in found]


def ordinal(text: str, words: str) -> int:
    tree = parse(text, load_register())
    return next(place for place, one in enumerate(variants(tree), 1) if one.words(tree.text).strip() == words)


def begin(text: str, words: str) -> int:
    return list(variants(parse(text, load_register())))[ordinal(text, words) - 1].begin


def choose(provision: Provision, actor: Any, words: str, **values: Any) -> Revision:
    current = provision.revisions.latest("number")
    base = values.pop("base", current)
    operation = Operation(Act.CHOOSE, begin(base.text, words))
    return log_change(
        provision=provision, base_revision=base.number, edit=operation, actor=actor, on_behalf_of=None, **values
    )


def test_the_chosen_alternative_is_recorded_as_chosen_whatever_words_remain(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    revision = choose(provision, secretariat, "its laws and its laws")
    expected = {ordinal(TWINS, "its laws"): Outcome.DROPPED, ordinal(TWINS, "its laws and its laws"): Outcome.CHOSEN}
    assert closed_by(revision) == expected
    assert revision.performed is not None
    assert revision.performed["on"] == 1
    assert revision.performed["operations"] == [{"act": "choose", "at": begin(TWINS, "its laws and its laws")}]
    whole(provision)
    assert closed_by(revision) == expected
    assert problems(provision) == []


def test_the_outcome_of_an_operation_does_not_depend_on_simultaneous_changes(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    base = provision.revisions.get()
    longer = "[CHN: First of all,] " + TWINS
    changes.log(TextChange(provision, base_revision=1, edit=longer), actor=secretariat)
    revision = choose(provision, secretariat, "its laws and its laws", base=base)
    assert closed_by(revision) == {
        ordinal(longer, "its laws"): Outcome.DROPPED,
        ordinal(longer, "its laws and its laws"): Outcome.CHOSEN,
    }
    whole(provision)


def test_an_accepted_request_ends_the_variants_as_requested(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    group = SmallGroupFactory()
    group.sub_issues.add(provision.sub_issue)
    user = DelegationFactory(role="analyst", member=None).user
    FacilitatorFactory(small_group=group, user=user)
    canada = Member.objects.get(code="CAN")
    asking = DelegationFactory(role="delegate", member=canada).user
    operation = Operation(Act.CHOOSE, begin(TWINS, "its laws and its laws"))
    request = requests.ask(
        provision=provision, base_revision=1, operation=operation, actor=asking, on_behalf_of=canada, reason=""
    )
    revision = requests.accept(request=request, actor=user, answer="")
    assert closed_by(revision)[ordinal(TWINS, "its laws and its laws")] == Outcome.CHOSEN
    assert closed_by(revision)[ordinal(TWINS, "its laws")] == Outcome.DROPPED
    whole(provision)


def test_undoing_and_redoing_an_operation_gives_the_same_outcomes(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    first = choose(provision, secretariat, "its laws and its laws")
    ended, said = closed_by(first), describe_revision(first)
    again = undo_revision(revision=undo_revision(revision=first, actor=secretariat), actor=secretariat)
    assert closed_by(again) == ended
    assert describe_revision(again) == said
    whole(provision)


def test_the_preview_of_a_button_equals_the_recorded_sentences(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    operation = Operation(Act.CHOOSE, begin(TWINS, "its laws and its laws"))
    foretold = describe_operation(provision.revisions.get(), operation)
    revision = choose(provision, secretariat, "its laws and its laws")
    assert describe_revision(revision) == foretold


def test_the_hash_covers_the_performed_operations(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    revision = choose(provision, secretariat, "its laws and its laws")
    with guards_lifted():
        Revision.objects.filter(pk=revision.pk).update(performed={**(revision.performed or {}), "outcomes": []})
    assert any("altered in performed" in problem for problem in problems(provision))


def test_a_free_edit_stores_no_performed_operations(secretariat: Any) -> None:
    provision = provision_with(TWINS)
    text = "Each Party shall publish its laws and do so [JPN: at once]."
    revision = changes.log(TextChange(provision, base_revision=1, edit=text), actor=secretariat)
    assert revision.performed is None


@given(text=choice_texts(), data=st.data())
@examples(max_examples=share_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_operation_has_the_same_outcomes_immediately_and_after_a_rebuild(
    secretariat: Any, text: str, data: Any
) -> None:
    provision = provision_with(text)
    for _ in range(data.draw(st.integers(1, 4))):
        before = provision.revisions.latest("number")
        try:
            operate(provision, secretariat, data.draw)
        except NotRecorded:
            continue
        revision = provision.revisions.latest("number")
        performed = revision.performed
        assert performed is not None
        tree = parse(before.text, load_register())
        edit = perform(tree, Operation.from_json(performed["operations"][0]), revision.on_behalf_of.code)  # type: ignore[union-attr]
        places = {one.begin: place for place, one in enumerate(variants(tree), 1)}
        meant = {places[at]: OUTCOMES[how] for at, how in edit.outcomes}
        closed = closed_by(revision)
        assert {place: closed[place] for place in meant} == meant
        assert {closed[place] for place in closed.keys() - meant.keys()} <= {Outcome.REWORDED}
    assert index.differences(provision, load_register(), holders_of()) == []
    whole(provision)
