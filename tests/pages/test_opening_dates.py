"""Tests that corrected mistakes change no dates on any page, file or response."""

import csv
import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from issues.actions.undo import undo_revision
from issues.models import Provision, Revision, Variant
from issues.models.choices import Act
from members.models import Member
from tests import people
from tests.factories import provision_with
from tests.issues.undoing.acts import log, press, whole
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

SINCE = datetime.date(2020, 2, 12)
SLIP, RIGHT = datetime.date(2020, 9, 1), datetime.date(2020, 9, 3)
TEXT = "Each Party shall [CAN support; BRA oppose: promptly publish in full] its laws [JPN: on the internet]."
LIFTED = "Each Party shall promptly publish in full its laws [JPN: on the internet]."


@pytest.fixture
def provision() -> Provision:
    """Return a provision with Canada's support since SINCE."""
    take_part("CAN", "BRA", "JPN", joined=datetime.date(2019, 1, 1))
    return provision_with(TEXT, slug="article", heading="Publishing", days=[SINCE])


@pytest.fixture
def secretariat(provision: Provision) -> Any:
    return people.secretariat()


def oppose_and_undo(provision: Provision, secretariat: Any) -> None:
    slip = press(provision, secretariat, Act.TAKE, "promptly", "CAN", stance="oppose", made_on=SLIP)
    undo_revision(revision=slip, actor=secretariat)


def oppose_and_correct(provision: Provision, secretariat: Any) -> None:
    slip = press(provision, secretariat, Act.TAKE, "promptly", "CAN", stance="oppose", made_on=SLIP)
    canada = Member.objects.get(code="CAN")
    log(provision, secretariat, TEXT, corrects=slip, made_on=RIGHT, on_behalf_of=canada)


def lift_and_undo(provision: Provision, secretariat: Any) -> None:
    undo_revision(revision=press(provision, secretariat, Act.LIFT, "promptly", made_on=SLIP), actor=secretariat)


def lift_and_correct(provision: Provision, secretariat: Any) -> None:
    slip = press(provision, secretariat, Act.LIFT, "promptly", made_on=SLIP)
    log(provision, secretariat, TEXT, corrects=slip, made_on=RIGHT)


def lift_correct_late(provision: Provision, secretariat: Any) -> None:
    """Correct the mistake as of its own date after other changes have been logged."""
    slip = press(provision, secretariat, Act.LIFT, "promptly", made_on=SLIP)
    log(provision, secretariat, LIFTED + " [BRA: Meet.]", made_on=RIGHT)
    log(provision, secretariat, TEXT + " [BRA: Meet.]", corrects=slip, made_on=SLIP)


def oppose_undo_and_undo_twice(provision: Provision, secretariat: Any) -> None:
    last = press(provision, secretariat, Act.TAKE, "promptly", "CAN", stance="oppose", made_on=SLIP)
    for _ in range(3):
        last = undo_revision(revision=last, actor=secretariat)


SLIPS = [
    oppose_and_undo,
    oppose_and_correct,
    lift_and_undo,
    lift_and_correct,
    lift_correct_late,
    oppose_undo_and_undo_twice,
]


@pytest.mark.parametrize("slip", SLIPS)
def test_pages_and_responses_show_the_same_dates_after_an_undone_mistake(
    provision: Provision, secretariat: Any, slip: Callable[..., None]
) -> None:
    slip(provision, secretariat)
    client = Client()
    row = Variant.objects.get(provision=provision, closed_in=None, text="promptly publish in full")
    newest = provision.revisions.latest("number")
    panel = text_of(client.get(f"/provisions/article/?revision={newest.number}&at={newest.text.index('[CAN support')}"))
    assert "supports Canada since 12 February 2020" in panel
    assert "opposes Brazil since 12 February 2020" in panel
    assert "Open since 12 February 2020, revision 1" in panel
    assert "supports Canada since 12 Feb 2020" in panel
    assert text_of(client.get("/members/CAN/")).count("12 Feb 2020") == 1
    answer = client.get(f"/api/v1/variants/{row.pk}/").json()
    assert (answer["opened_on"], answer["opened_in"]) == (str(SINCE), 1)
    assert {(one["holder"], one["stance"], one["since"]) for one in answer["positions"]} == {
        ("CAN", "support", str(SINCE)),
        ("BRA", "oppose", str(SINCE)),
    }
    (held,) = client.get("/api/v1/positions/?member=CAN").json()["results"]
    assert (held["stance"], held["since"], held["since_revision"], held["until"]) == ("support", str(SINCE), 1, None)
    for address in ("/variants/export/?format=csv", "/variants/positions/?format=csv"):
        lines = client.get(address).getvalue().decode().splitlines()
        mine = [line for line in lines if "promptly publish in full" in line]
        assert mine
        assert all(str(SINCE) in line and str(SLIP) not in line and str(RIGHT) not in line for line in mine)
    whole(provision)


def test_a_later_act_starts_a_new_life_that_names_the_earlier_life(provision: Provision, secretariat: Any) -> None:
    log(provision, secretariat, LIFTED, made_on=SLIP)
    log(provision, secretariat, TEXT, made_on=RIGHT)
    client = Client()
    row = Variant.objects.get(provision=provision, closed_in=None, text="promptly publish in full")
    answer = client.get(f"/api/v1/variants/{row.pk}/").json()
    assert (answer["opened_on"], answer["resumes"]) == (str(RIGHT), False)
    assert answer["earlier"] == Variant.objects.get(provision=provision, opened_in__number=1, closed_in__number=2).pk
    panel = text_of(client.get(f"/provisions/article/?revision=3&at={TEXT.index('[CAN support')}"))
    assert "Open since 3 September 2020" in panel
    assert "Previously in the text from 12 February 2020 to 1 September 2020 (lifted: words kept" in panel
    whole(provision)


def test_a_position_withdrawn_for_months_is_not_continuous(provision: Provision, secretariat: Any) -> None:
    press(provision, secretariat, Act.WITHDRAW, "promptly", "CAN", made_on=SLIP)
    press(provision, secretariat, Act.TAKE, "promptly", "CAN", stance="support", made_on=RIGHT)
    (held,) = Client().get("/api/v1/positions/?member=CAN").json()["results"]
    assert (held["since"], held["resumes"]) == (str(RIGHT), False)
    assert held["earlier"] is not None
    whole(provision)


def days_open() -> list[str]:
    """Return the number of days for which each bracket has been open, according to the explorer's export."""
    sent = Client().get("/variants/export/?format=csv").getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sent)))
    header = next(row for row in rows if "days_open" in row)
    days, text = header.index("days_open"), header.index("text")
    brackets = [row for row in rows if len(row) == len(header) and row[text].startswith(("promptly", "on the"))]
    return sorted(row[days] for row in brackets)


@pytest.mark.parametrize("slip", SLIPS)
def test_the_variants_page_counts_the_days_since_a_variant_was_opened(
    provision: Provision, secretariat: Any, slip: Callable[..., None]
) -> None:
    before = days_open()
    assert before
    slip(provision, secretariat)
    assert days_open() == before
    assert Revision.objects.filter(provision=provision).count() > 2
