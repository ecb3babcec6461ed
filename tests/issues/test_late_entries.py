"""Tests of changes that are recorded after the date on which they were made, when later changes are on record."""

import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import parse
from bracketed_text.advanced import variants
from engine_texts import sound_texts
from issues.access.permissions import Refused
from issues.actions import changes
from issues.actions.change_previews import preview_change
from issues.actions.edits import TextChange
from issues.actions.errors import ConflictOnDay, NotRecorded, TextRefused
from issues.actions.undo import undo_revision
from issues.models import Measure, Position, Provision, Revision, Variant
from issues.models.choices import Act, Outcome
from issues.text.member_names import load_register
from issues.text.operations import Operation
from issues.text.sentences import describe_revision
from issues.text.verification import verify
from members.models import Member
from tests.factories import FIRST_DAY, DelegationFactory, provision_with
from tests.issues.test_index import CODES
from tests.issues.undoing.acts import log, press, standing, whole
from tests.selection import share_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("members")]

THURSDAY, FRIDAY, SATURDAY, SUNDAY = (datetime.date(2021, 6, day) for day in (3, 4, 5, 6))
TEXT = "Each Party shall [CAN: promptly] publish its laws. Parties [JPN: may] meet."
AGREED = "Each Party shall promptly publish its laws. Parties [JPN: may] meet."
ON_SUNDAY = "Each Party shall [CAN: promptly] publish its laws. Parties [JPN: may] meet [BRA: often]."
BOTH = "Each Party shall promptly publish its laws. Parties [JPN: may] meet [BRA: often]."


@pytest.fixture
def provision(secretariat: Any) -> Provision:
    """Return a provision of FIRST_DAY that was changed on Sunday."""
    made = provision_with(TEXT)
    log(made, secretariat, ON_SUNDAY, made_on=SUNDAY)
    return made


def as_of(provision: Provision, day: datetime.date | None = None) -> str:
    return Revision.objects.current(day).get(provision=provision).text


def sound(provision: Provision) -> None:
    """Assert that the digests are valid and that the index agrees with the texts and with the current text."""
    whole(provision)
    assert [problem for _, found in verify([provision]) for problem in found] == []
    newest = provision.revisions.latest("number")
    tree = parse(newest.text, load_register())
    stands = [variant.words(tree.text).strip() for variant in variants(tree)]
    assert list(Variant.objects.filter(provision=provision).open_on().values_list("text", flat=True)) == stands
    assert Measure.objects.get(revision=newest).open_brackets == sum(
        1 for bracket, _ in tree.walk() if any(one.bracket is bracket for one in variants(tree))
    )


def test_a_change_agreed_on_friday_and_logged_on_sunday_applies_from_friday(
    provision: Provision, secretariat: Any
) -> None:
    late = log(provision, secretariat, BOTH, made_on=FRIDAY, reason="Agreed on Friday")
    assert (late.number, late.text, late.made_on, late.follows) == (3, AGREED, FRIDAY, 1)
    assert as_of(provision, THURSDAY) == TEXT
    assert as_of(provision, FRIDAY) == as_of(provision, SATURDAY) == AGREED
    assert as_of(provision, SUNDAY) == as_of(provision) == BOTH
    carrying = provision.revisions.latest("number")
    assert (carrying.number, carrying.made_on, carrying.follows, carrying.carries) == (4, SUNDAY, 2, late)
    assert describe_revision(late)[0] == "Bracket lifted, words kept: “promptly”."
    assert describe_revision(carrying) == describe_revision(late)
    row = Variant.objects.get(provision=provision, text="promptly")
    assert (row.closed_in, row.closed_on, row.outcome) == (late, FRIDAY, Outcome.LIFTED)
    assert Position.objects.get(variant=row).until == FRIDAY
    sound(provision)


def test_a_late_entry_also_changes_the_text_of_its_date(provision: Provision, secretariat: Any) -> None:
    late = changes.log(TextChange(provision, base_revision=1, edit=AGREED, made_on=FRIDAY), actor=secretariat)
    assert late.text == AGREED
    assert as_of(provision) == BOTH
    sound(provision)


def test_each_later_date_has_its_own_text(provision: Provision, secretariat: Any) -> None:
    monday = SUNDAY + datetime.timedelta(1)
    log(provision, secretariat, ON_SUNDAY.replace("often", "often enough"), made_on=SUNDAY)
    log(provision, secretariat, ON_SUNDAY.replace("often", "weekly"), made_on=monday)
    log(provision, secretariat, BOTH.replace("often", "weekly"), made_on=FRIDAY)
    assert as_of(provision, SATURDAY) == AGREED
    assert as_of(provision, SUNDAY) == BOTH.replace("often", "often enough")
    assert as_of(provision, monday) == BOTH.replace("often", "weekly")
    assert provision.revisions.count() == 7
    sound(provision)


def test_an_entry_after_a_late_entry_is_based_on_the_current_text(provision: Provision, secretariat: Any) -> None:
    late = log(provision, secretariat, BOTH, made_on=FRIDAY)
    following = changes.log(
        TextChange(provision, base_revision=late.number, edit=AGREED.replace("[JPN: may]", "may")), actor=secretariat
    )
    assert (following.number, following.follows) == (5, None)
    assert following.text == BOTH.replace("[JPN: may]", "may")
    sound(provision)


def test_a_conflict_shows_both_sides_and_nothing_is_stored(provision: Provision, secretariat: Any) -> None:
    log(provision, secretariat, ON_SUNDAY.replace("[CAN: promptly]", "[CAN: at once]"), made_on=SUNDAY)
    before = provision.revisions.count()
    with pytest.raises(ConflictOnDay) as clash:
        changes.log(TextChange(provision, base_revision=1, edit=AGREED, made_on=FRIDAY), actor=secretariat)
    assert clash.value.current.number == 3
    assert str(clash.value) == (
        "Your change, dated 4 June 2021, and revision 3 of 6 June 2021 conflict in the same passage: "
        "you wrote “promptly”; that revision contains “[CAN: at once]”."
    )
    assert provision.revisions.count() == before


@pytest.mark.parametrize("text", [TEXT, ON_SUNDAY.replace("[CAN: promptly] ", "")])
def test_a_conflict_with_the_text_of_the_same_date_is_reported(
    provision: Provision, secretariat: Any, text: str
) -> None:
    """Brackets added on Sunday cannot be changed as of Friday."""
    with pytest.raises(NotRecorded) as clash:
        log(provision, secretariat, ON_SUNDAY.replace("often", "daily"), made_on=FRIDAY)
    assert isinstance(clash.value, ConflictOnDay | TextRefused)
    assert provision.revisions.count() == 2


def test_a_date_before_the_first_text_or_after_today_is_refused(provision: Provision, secretariat: Any) -> None:
    with pytest.raises(TextRefused, match="Enter that date or a later date"):
        log(provision, secretariat, BOTH, made_on=FIRST_DAY - datetime.timedelta(1))
    with pytest.raises(TextRefused, match="is in the future"):
        log(provision, secretariat, BOTH, made_on=datetime.date(2999, 1, 1))


def test_a_late_entry_equal_to_the_text_of_its_date_is_refused(provision: Provision, secretariat: Any) -> None:
    with pytest.raises(TextRefused, match="does not contain the passage that this change affects"):
        log(provision, secretariat, TEXT, made_on=FRIDAY)


def test_a_late_entry_can_be_undone_and_redone_on_every_date(provision: Provision, secretariat: Any) -> None:
    before = standing(provision)
    late = log(provision, secretariat, BOTH, made_on=FRIDAY)
    after = standing(provision)
    undone = undo_revision(revision=provision.revisions.latest("number"), actor=secretariat)
    assert undone.undoes == late
    assert (as_of(provision, FRIDAY), as_of(provision, SUNDAY)) == (TEXT, ON_SUNDAY)
    assert standing(provision) == before
    undo_revision(revision=undone, actor=secretariat)
    assert (as_of(provision, FRIDAY), as_of(provision, SUNDAY)) == (AGREED, BOTH)
    assert standing(provision) == after
    sound(provision)


def test_an_earlier_dated_operation_ends_the_variants_that_it_chose(secretariat: Any) -> None:
    text = "Each Party shall publish [CAN: its laws] / [BRA: its laws and its laws]. Parties [JPN: may] meet."
    provision = provision_with(text)
    log(provision, secretariat, "[CHN: First,] " + text, made_on=SUNDAY)
    late = press(provision, secretariat, Act.CHOOSE, "its laws and its laws", made_on=FRIDAY)
    assert late.text == "Each Party shall publish its laws and its laws. Parties [JPN: may] meet."
    ended = Variant.objects.filter(closed_in=late).values_list("text", "outcome")
    assert dict(ended) == {"its laws": Outcome.DROPPED, "its laws and its laws": Outcome.CHOSEN}
    sound(provision)


def test_a_delegate_has_the_same_rights_for_a_late_entry_as_for_a_current_one(provision: Provision) -> None:
    brazil = Member.objects.get(code="BRA")
    user = DelegationFactory(role="delegate", member=brazil).user
    late = log(
        provision,
        user,
        ON_SUNDAY.replace("[CAN:", "[CAN propose; BRA oppose:"),
        made_on=FRIDAY,
        on_behalf_of=brazil,
    )
    position = Position.objects.get(member=brazil, stance="oppose")
    assert (position.since, position.since_revision) == (FRIDAY, late)
    with pytest.raises(Refused):
        log(provision, user, BOTH, made_on=SATURDAY, on_behalf_of=brazil)


def test_a_correction_applies_from_the_date_of_the_mistake(provision: Provision, secretariat: Any) -> None:
    monday = SUNDAY + datetime.timedelta(1)
    log(provision, secretariat, BOTH, made_on=monday)
    mistake = provision.revisions.get(number=2)
    log(provision, secretariat, AGREED, made_on=SUNDAY, corrects=mistake)
    assert (as_of(provision, SUNDAY), as_of(provision, monday)) == (TEXT, AGREED)
    sound(provision)


def test_a_retry_returns_the_late_entry(provision: Provision, secretariat: Any) -> None:
    first = log(provision, secretariat, BOTH, made_on=FRIDAY, idempotency_key="once")
    again = changes.log(
        TextChange(provision, base_revision=2, edit=BOTH, made_on=FRIDAY), actor=secretariat, idempotency_key="once"
    )
    assert first == again
    assert provision.revisions.count() == 4


def test_the_preview_states_what_is_recorded_and_what_conflicts(provision: Provision, secretariat: Any) -> None:
    from issues.access.roles import reader_of

    reader = reader_of(secretariat)
    found = preview_change(TextChange(provision, base_revision=2, edit=BOTH, made_on=FRIDAY), actor=reader)
    assert found.can_be_logged
    assert [(day.entry.number, day.result.tree.text) for day in found.dated] == [(1, AGREED), (2, BOTH)]
    log(provision, secretariat, ON_SUNDAY.replace("[CAN: promptly]", "[CAN: at once]"), made_on=SUNDAY)
    with pytest.raises(ConflictOnDay):
        preview_change(TextChange(provision, base_revision=1, edit=AGREED, made_on=FRIDAY), actor=reader)


def late_operation(provision: Provision, actor: Any, draw: Any, day: datetime.date) -> None:
    """Perform a random operation on a bracket of the current text, as made on `day`."""
    current = provision.revisions.latest("number")
    places = [one.begin for one in variants(parse(current.text, load_register()))]
    act = draw(st.sampled_from([Act.LIFT, Act.DROP, Act.CHOOSE, Act.TAKE, Act.ALTERNATIVE, Act.PROPOSE]))
    at = draw(st.sampled_from(places)) if places and act != Act.PROPOSE else draw(st.integers(0, len(current.text)))
    changes.log(
        TextChange(
            provision,
            base_revision=current.number,
            edit=Operation(act, at, stance="oppose", words="in writing"),
            on_behalf_of=Member.objects.get(code=draw(st.sampled_from(CODES))),
            made_on=day,
        ),
        actor=actor,
    )


@given(text=sound_texts, data=st.data())
@examples(max_examples=share_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_late_entry_the_index_matches_the_texts(secretariat: Any, text: str, data: Any) -> None:
    provision = provision_with(text)
    days = st.sampled_from([FIRST_DAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY])
    for _ in range(data.draw(st.integers(2, 6))):
        last = provision.revisions.latest("number")
        try:
            if last.number > 1 and data.draw(st.integers(0, 4)) == 0:
                undo_revision(revision=last, actor=secretariat)
            else:
                late_operation(provision, secretariat, data.draw, data.draw(days))
        except (NotRecorded, Refused):
            continue
    sound(provision)
    newest = provision.revisions.latest("number")
    assert as_of(provision) == newest.text
    assert newest.made_on == max(provision.revisions.values_list("made_on", flat=True))
