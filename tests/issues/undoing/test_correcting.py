"""Tests that correcting a mistake changes no dates and resumes brackets and positions that the mistake had ended."""

import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from engine_texts import sound_texts
from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions.change_previews import preview_text
from issues.actions.errors import NotRecorded, TextRefused
from issues.actions.undo import undo_revision
from issues.models import Position, Provision, Revision, Variant
from issues.models.choices import Act
from members.models import Member
from tests import people
from tests.factories import FIRST_DAY, provision_with
from tests.guards import guards_lifted
from tests.issues.test_index import operate
from tests.issues.undoing.acts import LATER, LIFTED, TEXT, log, press, standing, whole
from tests.selection import share_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("members")]


def test_correcting_a_mistaken_lift_restores_everything(provision: Provision, facilitator: Any) -> None:
    before = standing(provision)
    slip = press(provision, facilitator, Act.LIFT, "promptly", made_on=LATER)
    corrected = log(provision, facilitator, TEXT, corrects=slip)
    assert corrected.corrects == slip
    assert standing(provision) == before
    whole(provision)


def test_a_correction_after_unrelated_entries_resumes_what_the_mistake_ended(
    provision: Provision, facilitator: Any, canada: Any
) -> None:
    slip = press(provision, facilitator, Act.LIFT, "promptly", made_on=LATER)
    press(provision, canada, Act.TAKE, "internet", "CAN", stance="oppose")
    current = provision.revisions.latest("number").text
    restored = current.replace("promptly publish", "[CAN support; BRA oppose: promptly publish]")
    log(provision, facilitator, f"Subject to this Chapter, {restored}", corrects=slip)
    row = Variant.objects.get(provision=provision, closed_in=None, text="promptly publish")
    assert (row.begun_on, row.resumes, row.ordinal) == (FIRST_DAY, True, 1)
    assert sorted(row.positions.values_list("stance", "begun_on")) == [("oppose", FIRST_DAY), ("support", FIRST_DAY)]
    whole(provision)


def test_a_correction_that_restores_a_part_resumes_that_part(provision: Provision, facilitator: Any) -> None:
    text = "Each Party shall promptly publish its laws on the internet."
    slip = log(provision, facilitator, text, made_on=LATER)
    log(provision, facilitator, TEXT.replace("CAN support; BRA oppose: ", "CAN support: "), corrects=slip)
    rows = Variant.objects.filter(provision=provision, closed_in=None).order_by("ordinal")
    assert [(row.text, row.begun_on, row.resumes) for row in rows] == [
        ("promptly publish", FIRST_DAY, True),
        ("on the internet", FIRST_DAY, True),
    ]
    assert list(rows[0].positions.values_list("member__code", "begun_on")) == [("CAN", FIRST_DAY)]
    whole(provision)


def test_a_correction_of_a_rewording_resumes_the_previous_words(provision: Provision, secretariat: Any) -> None:
    before = standing(provision)
    slip = log(provision, secretariat, TEXT.replace("promptly publish", "publish without delay"), made_on=LATER)
    assert Variant.objects.filter(provision=provision, closed_in=slip).count() == 1
    log(provision, secretariat, TEXT, corrects=slip)
    assert standing(provision) == before
    whole(provision)


def test_a_correction_does_not_resume_what_was_ended_intentionally(provision: Provision, secretariat: Any) -> None:
    slip = log(provision, secretariat, LIFTED, made_on=LATER)
    log(provision, secretariat, TEXT, corrects=slip)
    meant = log(provision, secretariat, LIFTED)
    again = log(provision, secretariat, TEXT, corrects=slip)
    row = Variant.objects.get(provision=provision, closed_in=None, text="promptly publish")
    assert (row.begun_in, row.resumes, row.earlier.closed_in) == (again, False, meant)
    whole(provision)


def test_a_position_ended_by_mistake_is_resumed_despite_a_second_mistake(
    provision: Provision, secretariat: Any
) -> None:
    before = standing(provision)
    first = log(provision, secretariat, TEXT.replace("CAN support; ", ""), made_on=LATER)
    second = log(provision, secretariat, LIFTED)
    undo_revision(revision=second, actor=secretariat)
    log(provision, secretariat, TEXT, corrects=first)
    assert standing(provision) == before
    whole(provision)


def test_an_intended_withdrawal_interrupts_the_support(provision: Provision, canada: Any) -> None:
    press(provision, canada, Act.WITHDRAW, "promptly", "CAN", made_on=LATER)
    back = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="support")
    held = Position.objects.get(member__code="CAN", until_revision=None)
    assert (held.begun_in, held.begun_on, held.resumes) == (back, back.made_on, False)
    assert (held.earlier.begun_on, held.earlier.until) == (FIRST_DAY, LATER)
    whole(provision)


@pytest.mark.parametrize(
    ("text", "again", "linked"),
    [
        ("[CAN: on the internet] we act.", "[BRA: on the internet] we act.", True),
        ("[CAN: at once] we act.", "[BRA: at once] we act.", False),
        ("[CAN: at once] we act.", "[CAN: at once] we act.", True),
        ("[CAN: on the internet] we [CAN: on the internet] act.", "[CAN: on the internet] we act.", False),
    ],
    ids=["three words", "few words of others", "few words under a shared name", "two of which it could be"],
)
def test_a_reopened_bracket_names_its_earlier_life_if_that_is_certain(
    secretariat: Any, text: str, again: str, linked: bool
) -> None:
    provision = provision_with(text)
    clean = log(provision, secretariat, "We act otherwise.", made_on=LATER)
    back = log(provision, secretariat, again)
    row = Variant.objects.get(provision=provision, closed_in=None)
    assert (row.begun_in, row.resumes) == (back, False)
    assert (row.earlier is not None and row.earlier.closed_in == clean) is linked
    whole(provision)


def test_reverting_the_last_entry_is_offered_to_its_author_as_a_correction_for_a_day(
    provision: Provision, canada: Any, facilitator: Any
) -> None:
    member = people.member("CAN")

    def takes_back(actor: Any, text: str, on_behalf_of: Member | None = member) -> Revision | None:
        base = provision.revisions.latest("number")
        return preview_text(
            provision=provision, base=base, new_text=text, actor=reader_of(actor), member=on_behalf_of
        ).takes_back

    slip = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="oppose")
    assert takes_back(canada, TEXT) == slip
    assert takes_back(canada, f"{slip.text} [CAN: And more.]") is None
    assert takes_back(facilitator, TEXT, None) is None
    assert takes_back(canada, slip.text) is None
    with guards_lifted():
        Revision.objects.filter(pk=slip.pk).update(recorded_at=slip.recorded_at - datetime.timedelta(days=1))
    assert takes_back(canada, TEXT) is None


def test_users_can_correct_their_own_entries_for_a_day_and_the_secretariat_any_entry(
    provision: Provision, canada: Any, facilitator: Any, secretariat: Any
) -> None:
    member = people.member("CAN")
    slip = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="oppose")
    with pytest.raises(Refused, match="your own entries, within a day"):
        log(provision, facilitator, LIFTED, corrects=slip)
    with guards_lifted():
        Revision.objects.filter(pk=slip.pk).update(recorded_at=slip.recorded_at - datetime.timedelta(days=1))
    slip.refresh_from_db()
    with pytest.raises(Refused, match="within a day"):
        log(provision, canada, TEXT, corrects=slip, on_behalf_of=member)
    assert log(provision, secretariat, TEXT, corrects=slip).corrects == slip


def test_a_correction_that_refers_to_another_text_is_refused(provision: Provision, secretariat: Any) -> None:
    foreign = provision_with("Another text.").revisions.get()
    with pytest.raises(TextRefused, match="belongs to another text"):
        log(provision, secretariat, LIFTED, corrects=foreign)
    assert provision.revisions.count() == 1


def act_somehow(provision: Provision, actor: Any, draw: Any) -> None:
    """At random, log a text, perform an operation, undo the last entry, or correct an earlier entry."""
    entries = list(provision.revisions.order_by("number"))
    what = draw(st.sampled_from(["operate", "operate", "edit", "undo", "undo", "correct", "restore"]))
    if what == "operate":
        operate(provision, actor, draw)
    elif what == "undo":
        before = standing(Provision.objects.get(pk=provision.pk))
        number = entries[-1].number
        undone = undo_revision(revision=entries[-1], actor=actor)
        assert undone.number == number + 1
        # Undoing the undo is itself undone at once, after which the state must be unchanged.
        undo_revision(revision=undo_revision(revision=undone, actor=actor), actor=actor)
        after = standing(provision)
        undo_revision(revision=provision.revisions.latest("number"), actor=actor)
        assert standing(provision) == before
        undo_revision(revision=provision.revisions.latest("number"), actor=actor)
        assert standing(provision) == after
    else:
        text = draw(st.sampled_from(entries)).text if what != "edit" else draw(sound_texts)
        mistake = draw(st.sampled_from(entries)) if what == "correct" else None
        log(provision, actor, text, corrects=mistake)


@given(texts=st.lists(sound_texts, min_size=1, max_size=3), data=st.data())
@examples(max_examples=share_of(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_mistakes_undos_and_corrections_the_index_equals_a_rebuilt_index(
    secretariat: Any, texts: list[str], data: Any
) -> None:
    provision = provision_with(*dict.fromkeys(texts))
    for _ in range(data.draw(st.integers(1, 6))):
        try:
            act_somehow(provision, secretariat, data.draw)
        except (NotRecorded, Refused):
            continue
    whole(provision)


@given(texts=st.lists(sound_texts, min_size=2, max_size=2, unique=True))
@examples(max_examples=share_of(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_mistake_its_undo_and_its_correction_restore_every_date(secretariat: Any, texts: list[str]) -> None:
    provision = provision_with(texts[0])
    before = standing(provision)
    slip = log(provision, secretariat, texts[1])
    after = standing(provision)
    undone = undo_revision(revision=slip, actor=secretariat)
    assert standing(provision) == before
    redone = undo_revision(revision=undone, actor=secretariat)
    assert standing(provision) == after
    log(provision, secretariat, texts[0], corrects=redone)
    assert [row[:3] for row in standing(provision)] == [row[:3] for row in before]
    whole(provision)
