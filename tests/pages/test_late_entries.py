"""Tests that pages accept changes and imports of an earlier date and show them correctly."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision, Revision, StagedImport
from tests.factories import FIRST_DAY, provision_with
from tests.pages.forms import form_with
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

FRIDAY, SUNDAY = datetime.date(2021, 6, 4), datetime.date(2021, 6, 6)
TEXT = "Each Party shall [CAN: promptly] publish its laws. Parties [JPN: may] meet."
ON_SUNDAY = TEXT.replace("meet", "meet [CAN: often]")
BOTH = ON_SUNDAY.replace("[CAN: promptly]", "promptly")


@pytest.fixture
def provision() -> Provision:
    """Return a provision that was changed on Sunday."""
    take_part("JPN", "CAN")
    return provision_with(TEXT, ON_SUNDAY, slug="article", heading="Publishing", days=[FIRST_DAY, SUNDAY])


def sent(**values: Any) -> dict[str, Any]:
    return {"text": BOTH, "base_revision": 2, "made_on": FRIDAY, **values}


def logged(client: Client, **values: Any) -> Any:
    """Log a change, and confirm if others' positions would end."""
    answer = client.post("/provisions/article/log/", sent(**values))
    if answer.status_code == 200 and "confirmed" in answer.content.decode():
        form = form_with(answer, "confirmed")
        answer = client.post("/provisions/article/log/", {**form.fields, "log": ""})
    return answer


def test_a_change_agreed_earlier_is_logged_and_marked_as_recorded_later(
    secretariat: Client, provision: Provision
) -> None:
    checked = text_of(secretariat.post("/provisions/article/log/check/", sent()))
    assert (
        "The change applies to revision 1 of 4 January 2021, the text on the date of the change, and is carried "
        "forward to later revisions: revision 2 of 6 June 2021." in checked
    )
    assert logged(secretariat).status_code == 302
    assert provision.revisions.count() == 4
    friday = text_of(secretariat.get(f"/provisions/article/?as_of={FRIDAY}"))
    assert "[CAN: promptly]" not in friday
    assert "Includes a change recorded later, on" in friday
    history = text_of(secretariat.get("/provisions/article/history/"))
    assert "Recorded later, on" in history
    assert "Carries forward revision 3 , which was recorded later, to revision 2" in history
    # The revision that carries the change forward does not count as a separate act.
    assert text_of(secretariat.get("/activity/")).count("Bracket lifted, words kept: “promptly”.") == 1


def test_a_conflict_is_shown_from_both_sides_during_typing_and_nothing_is_stored(
    secretariat: Client, provision: Provision
) -> None:
    at_once = TEXT.replace("[CAN: promptly]", "[CAN: at once]")
    assert logged(secretariat, text=at_once, base_revision=2, made_on=SUNDAY).status_code == 302
    answer = logged(secretariat, text=TEXT.replace("[CAN: promptly]", "promptly"), base_revision=1)
    assert answer.status_code == 409
    assert "you wrote “promptly”; that revision contains “[CAN: at once]”. Nothing was recorded" in text_of(answer)
    assert "promptly publish its laws" in answer.content.decode()
    assert Revision.objects.filter(provision=provision).count() == 3


def test_the_date_of_an_import_is_shown_and_can_be_changed_in_the_review(
    secretariat: Client, provision: Provision
) -> None:
    text = "Article 1: Publishing\n\n" + TEXT.replace("[CAN: promptly]", "promptly")
    asked = {"made_on": str(SUNDAY), "source": "INF/1/Rev.1", "visibility": "participants", "text": text}
    page = secretariat.post("/imports/", asked).url
    form = form_with(secretariat.get(page), "made_on")
    assert form.fields["made_on"] == str(SUNDAY)
    secretariat.post(form.action, {**form.fields, "act": "day", "made_on": str(FRIDAY)})
    assert StagedImport.objects.get().made_on == FRIDAY
    assert StagedImport.objects.get().provisions.get().base == provision.revisions.get(number=1)
    for wrong, said in (("2999-01-01", "is in the future"), ("2021-13-77", "Enter the date"), ("", "Enter the date")):
        refused = secretariat.post(form.action, {**form.fields, "act": "day", "made_on": wrong}, follow=True)
        assert said in text_of(refused)
        assert StagedImport.objects.get().made_on == FRIDAY
