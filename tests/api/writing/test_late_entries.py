"""Tests of the REST API for changes that are recorded after the date on which they were made."""

import datetime
from typing import Any

import pytest

from issues.models import Provision
from tests.api.writing.programs import BY, TEXT, TEXTS, of
from tests.factories import FIRST_DAY

pytestmark = pytest.mark.django_db

FRIDAY, SUNDAY = (FIRST_DAY + datetime.timedelta(days) for days in (4, 6))
ON_SUNDAY = TEXT.replace("act", "act [CAN: fully]")


def log(**values: Any) -> Any:
    return of("CAN").post(TEXTS, {**BY, **values}, format="json")


def test_a_late_change_is_applied_on_its_date_and_carried_forward() -> None:
    assert log(base_revision=1, text=ON_SUNDAY, made_on=str(SUNDAY)).status_code == 201
    operation = {"act": "take", "at": TEXT.index("[JPN"), "stance": "oppose"}
    asked = {"base_revision": 1, "operation": operation, "made_on": str(FRIDAY)}
    checked = of("CAN").post("/api/v1/provisions/open/check/", {**BY, **asked}, format="json")
    assert checked.status_code == 200, checked.json()
    assert checked.json()["can_be_logged"] is True
    made = log(**asked)
    assert made.status_code == 201
    body = made.json()
    assert (body["number"], body["made_on"], body["follows"], body["carries"]) == (3, str(FRIDAY), 1, None)
    assert body["performed"] == {"on": 1, "operations": [operation], "outcomes": []}
    last = of("CAN").get(f"{TEXTS}4/").json()
    assert (last["follows"], last["carries"], last["made_on"]) == (2, 3, str(SUNDAY))
    then = of("CAN").get(f"/api/v1/provisions/open/?as_of={FRIDAY}").json()["revision"]
    assert (then["number"], then["recorded_later"]) == (3, body["recorded_at"])
    before = of("CAN").get(f"/api/v1/provisions/open/?as_of={FIRST_DAY}").json()["revision"]
    assert (before["number"], before["recorded_later"]) == (1, None)


def test_a_conflict_contains_both_sides_and_the_text_of_that_date() -> None:
    log(base_revision=1, text=TEXT.replace("promptly", "at once"), made_on=str(SUNDAY))
    found = log(base_revision=1, text=TEXT.replace("promptly", "soon"), made_on=str(FRIDAY))
    assert found.status_code == 409
    body = found.json()
    assert body["code"] == "conflict"
    assert (body["current"]["revision"], body["current"]["made_on"]) == (2, str(SUNDAY))
    assert [(place["yours"], place["theirs"]) for place in body["places"]] == [("soon", "at once")]
    assert Provision.objects.get().revisions.count() == 2


def test_a_date_before_the_first_text_is_refused() -> None:
    day = str(FIRST_DAY - datetime.timedelta(1))
    found = log(base_revision=1, text=TEXT.replace("promptly", "soon"), made_on=day)
    assert found.status_code == 400
    assert "Enter that date or a later date" in found.json()["detail"]
