"""Tests that a page as known at a moment excludes later entries, regardless of the dates of their changes."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision, Revision
from tests import people
from tests.factories import (
    FIRST_DAY,
    SmallGroupFactory,
    StatusReportFactory,
    provision_with,
)
from tests.guards import guards_lifted
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

FRIDAY, SUNDAY, MONDAY = (datetime.date(2021, 6, day) for day in (4, 6, 7))
TEXT = "Each Party shall [CAN: promptly] publish its laws. Parties [JPN: may] meet."
ON_SUNDAY = TEXT.replace("meet", "meet [CAN: often]")
BOTH = ON_SUNDAY.replace("[CAN: promptly]", "promptly")
LATE_ON_SUNDAY, TUESDAY = "2021-06-06T22:00:00Z", "2021-06-08T10:00:00Z"


def at(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), datetime.UTC)


@pytest.fixture
def provision() -> Provision:
    """Return a provision of FIRST_DAY, changed on Sunday, for which a change made on Friday was recorded on Monday."""
    take_part("JPN", "CAN")
    found = provision_with(TEXT, ON_SUNDAY, slug="article", heading="Publishing", days=[FIRST_DAY, SUNDAY])
    secretariat: Any = people.secretariat()
    changes.log(TextChange(found, base_revision=2, edit=BOTH, made_on=FRIDAY), actor=secretariat)
    with guards_lifted():
        for number, day in ((1, FIRST_DAY), (2, SUNDAY), (3, MONDAY), (4, MONDAY)):
            Revision.objects.filter(number=number).update(recorded_at=at(day))
    return found


def revision_of(client: Client, **asked: Any) -> tuple[int, str]:
    shown = client.get("/api/v1/provisions/article/", asked).json()["revision"]
    return shown["number"], shown["text"]


def words(client: Client, **asked: Any) -> list[str]:
    return [row["text"] for row in client.get("/api/v1/variants/", asked).json()["results"]]


def test_as_of_selects_by_effective_date_and_known_at_by_time_of_recording(
    provision: Provision, client: Client
) -> None:
    agreed = TEXT.replace("[CAN: promptly]", "promptly")
    assert revision_of(client, as_of=FRIDAY) == (3, agreed)
    assert revision_of(client, as_of=FRIDAY, known_at=LATE_ON_SUNDAY) == (1, TEXT)
    assert revision_of(client, as_of=SUNDAY, known_at=LATE_ON_SUNDAY) == (2, ON_SUNDAY)
    assert revision_of(client, known_at=LATE_ON_SUNDAY) == (2, ON_SUNDAY)
    assert revision_of(client, as_of=FRIDAY, known_at=TUESDAY) == (3, agreed)
    assert revision_of(client, known_at=TUESDAY) == (4, BOTH)
    assert client.get("/api/v1/provisions/article/?known_at=2020-12-01T10:00:00Z").status_code == 404


def test_with_known_at_variants_and_positions_are_those_recorded_by_then(provision: Provision, client: Client) -> None:
    assert words(client, as_of=FRIDAY) == ["may"]
    assert words(client, as_of=FRIDAY, known_at=LATE_ON_SUNDAY) == ["promptly", "may"]
    assert words(client, known_at=LATE_ON_SUNDAY) == ["promptly", "may", "often"]
    assert words(client, known_at=TUESDAY) == ["may", "often"]
    assert words(client, state="closed", known_at=LATE_ON_SUNDAY) == []
    assert words(client, state="closed", known_at=TUESDAY) == ["promptly"]
    for moment, held in ((LATE_ON_SUNDAY, 3), (TUESDAY, 2)):
        assert len(client.get("/api/v1/positions/", {"known_at": moment}).json()["results"]) == held
        revisions = client.get("/api/v1/provisions/article/revisions/", {"known_at": moment}).json()["results"]
        assert [row["number"] for row in revisions] == ([1, 2] if held == 3 else [1, 2, 3, 4])
    measured = client.get("/api/v1/provisions/article/", {"known_at": LATE_ON_SUNDAY}).json()["measured"]
    assert measured["open_brackets"] == 3


def test_with_known_at_pages_show_the_record_of_that_time_and_say_so(provision: Provision, client: Client) -> None:
    asked = {"as_of": str(SUNDAY), "known_at": LATE_ON_SUNDAY}
    page = client.get("/provisions/article/", asked)
    assert "Entries recorded after 7 June 2021" in text_of(page) or "Entries recorded after 6 June" in text_of(page)
    assert "supports “" not in text_of(page)
    assert "3 Open brackets" in text_of(page) or "Open brackets 3" in text_of(page)
    assert "known_at=2021-06-06" in page.content.decode()
    history = text_of(client.get("/provisions/article/history/", asked))
    assert "Revision 2" in history
    assert "Revision 3" not in history
    assert "promptly" in text_of(client.get("/variants/", asked))
    assert "1 day" not in text_of(client.get("/variants/", {"as_of": str(FIRST_DAY), "known_at": TUESDAY}))
    at_bracket = {**asked, "revision": 2, "at": ON_SUNDAY.index("[CAN: promptly")}
    assert "proposes Canada since 4 January 2021" in text_of(client.get("/provisions/article/", at_bracket))
    assert "Revision 4" not in text_of(client.get("/activity/", asked))


PAGES = [
    "/",
    "/provisions/article/",
    "/provisions/article/history/",
    "/members/",
    "/members/CAN/",
    "/variants/",
    "/text/",
    "/convergence/",
    "/standing/",
    "/landing/",
    "/lenses/",
    "/calendar/",
    "/documents/",
    "/activity/",
    "/proposals/",
    "/issues/",
    "/api/v1/status/",
    "/api/v1/provisions/",
    "/api/v1/provisions/article/",
    "/api/v1/provisions/article/revisions/",
    "/api/v1/variants/",
    "/api/v1/positions/",
    "/api/v1/status-reports/",
    "/api/v1/meetings/",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_time_is_accepted_wherever_a_date_is(provision: Provision, client: Client, address: str) -> None:
    as_of = client.get(address, {"as_of": str(SUNDAY)})
    assert as_of.status_code == 200
    for moment in (LATE_ON_SUNDAY, "2021-06-06T22:00", "2021-06-06 22:00:00", "2021-06-06T22:00:00+02:00"):
        assert client.get(address, {"as_of": str(SUNDAY), "known_at": moment}).status_code == 200
        assert client.get(address, {"known_at": moment}).status_code == 200
    assert client.get(f"{address}?known_at=2021-06-06T22:00:00+02:00").status_code == 200  # “+” is not encoded
    assert client.get(address, {"as_of": str(SUNDAY), "known_at": ""}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/provisions/article/", "/variants/", "/text/", "/api/v1/provisions/article/", "/api/v1/variants/"]
)
@pytest.mark.parametrize(
    "asked",
    [
        "2021-06-06",
        "yesterday",
        "2021-13-01T10:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "T",
        "1",
        "\x00",
    ],
)
def test_an_invalid_or_future_time_is_refused(provision: Provision, client: Client, address: str, asked: str) -> None:
    assert client.get(address, {"known_at": asked}).status_code == 400
    later = (timezone.now() + datetime.timedelta(1)).isoformat()
    refused = client.get(address, {"known_at": later})
    assert refused.status_code == 400
    assert "is in the future" in refused.content.decode()


def test_a_status_recorded_later_is_not_included(provision: Provision, client: Client) -> None:
    group = SmallGroupFactory(slug="circle")
    first = StatusReportFactory(small_group=group, stated_on=FRIDAY, status="compiled")
    later = StatusReportFactory(small_group=group, stated_on=FRIDAY, status="streamlined", corrects=first)
    with guards_lifted():
        type(first).objects.filter(pk=first.pk).update(recorded_at=at(FRIDAY))
        type(first).objects.filter(pk=later.pk).update(recorded_at=at(MONDAY))

    def stated(**asked: Any) -> Any:
        return client.get("/api/v1/status/small-groups/circle/", asked).json()["stated"]

    assert stated(as_of=FRIDAY)["status"] == "streamlined"
    assert stated(as_of=FRIDAY, known_at=LATE_ON_SUNDAY)["status"] == "compiled"
