"""The text of an earlier day comes in, although others have logged something since."""

import datetime
from typing import Any

import pytest

from issues import changes
from issues.choices import Decision, Finding
from issues.interchange import recording, reviewing, staging
from issues.models import Provision, Revision
from tests.factories import provision_with
from tests.interchange.test_staging import DAY, place, rows, secretariat, staged  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db

LATER = DAY + datetime.timedelta(2)
ON_RECORD = "Each Party shall [CAN: promptly] publish its measures. Parties [JPN: may] meet."
SINCE = "Each Party shall [CAN: promptly] publish its measures. Parties [JPN: may] meet [BRA: often]."
CAME_IN = "Article 1: Transparency\n\nEach Party shall promptly publish its measures. Parties [JPN: may] meet.\n"
LIFTED = ["Bracket lifted, the words stay: “promptly”.", "With that the position of Canada ends."]


@pytest.fixture
def provision(place: Any, secretariat: Any) -> Provision:  # noqa: F811
    """A text that somebody changed two days after that of the import."""
    found = provision_with(ON_RECORD, heading="Transparency", sub_issue=place)
    changes.log(provision=found, base_revision=1, new_text=SINCE, actor=secretariat, made_on=LATER)
    return found


def as_of(provision: Provision, day: datetime.date) -> str:
    return Revision.objects.current(day).get(provision=provision).text


def test_an_earlier_text_is_compared_with_that_of_its_day_and_carried_forward(
    provision: Provision,
    secretariat: Any,  # noqa: F811
) -> None:
    found = staged(CAME_IN, secretariat)
    row = found.provisions.get()
    assert (row.base, row.sentences) == (
        provision.revisions.get(number=1),
        LIFTED,
    )
    reviewing.accept_sound(found)
    (revision,) = recording.log(found, secretariat)
    assert (revision.made_on, revision.follows) == (DAY, 1)
    assert as_of(provision, DAY) == ON_RECORD.replace("[CAN: promptly]", "promptly")
    assert as_of(provision, LATER) == SINCE.replace("[CAN: promptly]", "promptly")


def test_the_day_is_changed_in_the_review_and_what_stood_then_is_compared_anew(
    provision: Provision,
    secretariat: Any,  # noqa: F811
) -> None:
    found = staged(CAME_IN, secretariat)
    reviewing.accept_sound(found)
    reviewing.redate(found, LATER)
    row = found.provisions.get()
    assert (row.base, row.decision) == (provision.revisions.get(number=2), Decision.OPEN)
    assert any("often" in said for said in row.sentences)
    reviewing.redate(found, DAY)
    assert found.provisions.get().sentences == LIFTED
    assert rows(found) == [("Article 1: Transparency", Finding.CHANGED, "Transparency")]


def test_a_decision_stays_where_the_same_text_stood_on_the_other_day(
    provision: Provision,
    secretariat: Any,  # noqa: F811
) -> None:
    found = staged(CAME_IN, secretariat)
    reviewing.accept_sound(found)
    reviewing.redate(found, DAY + datetime.timedelta(1))
    assert found.provisions.get().decision == Decision.ACCEPTED


def test_a_day_that_has_not_come_is_refused(provision: Provision, secretariat: Any) -> None:  # noqa: F811
    found = staged(CAME_IN, secretariat)
    with pytest.raises(staging.NotStaged, match="has not come yet"):
        reviewing.redate(found, datetime.date(2999, 1, 1))
    assert found.made_on == DAY


def test_a_clash_with_a_later_day_is_said_with_both_sides_and_nothing_is_logged(
    provision: Provision,
    secretariat: Any,  # noqa: F811
) -> None:
    text = SINCE.replace("[CAN: promptly]", "[CAN: at once]")
    changes.log(provision=provision, base_revision=2, new_text=text, actor=secretariat, made_on=LATER)
    found = staged(CAME_IN, secretariat)
    reviewing.accept_sound(found)
    with pytest.raises(recording.NotLogged, match=r"you wrote “promptly”, there it is “\[CAN: at once\]”"):
        recording.log(found, secretariat)
    assert provision.revisions.count() == 3
    assert "there it is" in found.provisions.get().note
