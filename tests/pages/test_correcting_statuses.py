"""Tests that a mistaken status is corrected by a new entry, remains on record, and has no effect."""

import datetime
import random
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from issues.actions import status_reports
from issues.models import Change, Digest, Meeting, SmallGroup, StatusReport
from issues.models.choices import Status
from issues.notifications.digests import send_due
from tests import people
from tests.admin.rows import address, errors
from tests.factories import FacilitatorFactory, SmallGroupFactory, UserFactory
from tests.pages.test_reading import text_of
from tests.people import client_of, facilitator_of

pytestmark = pytest.mark.django_db

PAGE = "/small-groups/spam/state/"
API = "/api/v1/small-groups/spam/status-reports/"
MISTAKEN = datetime.date(2021, 2, 5)


@pytest.fixture
def group() -> SmallGroup:
    """Return a small group whose status was compiled until a clean text was stated by mistake."""
    group: SmallGroup = SmallGroupFactory(slug="spam", name="Spam")
    state(group, "compiled", datetime.date(2021, 1, 5))
    state(group, "clean text", MISTAKEN)
    return group


@pytest.fixture
def mistake(group: SmallGroup) -> StatusReport:
    return group.status_reports.get(status="clean text")


@pytest.fixture
def facilitator(group: SmallGroup) -> Client:
    return client_of(facilitator_of(group, name="Ana Silva"))


def secretariat() -> Any:
    return people.secretariat(is_staff=True)


def state(group: SmallGroup, status: str, day: datetime.date, **more: Any) -> StatusReport:
    said = {"stated_by": "Chair", "source": "Plenary", "actor": secretariat(), **more}
    return status_reports.state(small_group=group, status=status, stated_on=day, **said)


def sent(**values: Any) -> dict[str, Any]:
    return {"status": "streamlined", "stated_on": "2021-02-05", "stated_by": "Chair", "source": "Plenary", **values}


def current(group: SmallGroup, day: datetime.date | None = None) -> str | None:
    report = StatusReport.objects.current(day).filter(small_group=group).first()
    return report.status if report else None


def by_page(mistake: StatusReport) -> None:
    client = client_of(FacilitatorFactory(small_group=mistake.small_group, user=UserFactory()).user)
    assert client.post(PAGE, sent(corrects=mistake.pk)).status_code == 302


def by_admin(mistake: StatusReport) -> None:
    row = sent(small_group=mistake.small_group_id, corrects=mistake.pk)
    assert client_of(secretariat()).post(address(StatusReport, "add"), row).status_code == 302


def by_api(mistake: StatusReport) -> None:
    answer = client_of(secretariat()).post(API, sent(corrects=mistake.pk), content_type="application/json")
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["corrects"], answer.json()["corrected_by"]) == (mistake.pk, None)


@pytest.mark.parametrize("way", [by_page, by_admin, by_api])
def test_a_status_can_be_corrected_by_page_admin_and_api_and_the_mistake_never_applies(
    group: SmallGroup, mistake: StatusReport, way: Any
) -> None:
    way(mistake)
    correction = group.status_reports.get(corrects=mistake)
    assert correction.status == "streamlined"
    days = {day: current(group, datetime.date(2021, 2, day)) for day in (4, 5, 6)}
    assert days == {4: "compiled", 5: "streamlined", 6: "streamlined"}
    assert current(group) == "streamlined"
    assert list(group.status_reports.filter(pk=mistake.pk).values_list("status", flat=True)) == ["clean text"]
    call_command("verify_record")


def test_after_a_correction_with_another_date_the_previous_status_applies_in_between(
    group: SmallGroup, mistake: StatusReport
) -> None:
    state(group, "streamlined", datetime.date(2021, 3, 1), corrects=mistake)
    days = {month: current(group, datetime.date(2021, month, 20)) for month in (1, 2, 3)}
    assert days == {1: "compiled", 2: "compiled", 3: "streamlined"}


def test_a_status_recorded_late_applies_from_the_date_on_which_it_was_stated(group: SmallGroup) -> None:
    state(group, "under negotiation", datetime.date(2021, 1, 20))
    days = {day: current(group, datetime.date(2021, 1, day)) for day in (4, 10, 20, 31)}
    assert days == {4: None, 10: "compiled", 20: "under negotiation", 31: "under negotiation"}
    assert current(group) == "clean text"
    state(group, "stabilised", MISTAKEN)
    assert current(group, MISTAKEN) == "stabilised", "of one day, what was recorded last"


@pytest.mark.parametrize("seed", range(6))
def test_statuses_with_random_late_entries_and_corrections_match_a_simple_model(seed: int) -> None:
    draw, group = random.Random(seed), SmallGroupFactory()
    listed: list[StatusReport] = []
    for _ in range(12):
        day = datetime.date(2021, 1, draw.randint(1, 9))
        standing = [report for report in listed if report.pk not in {one.corrects_id for one in listed}]
        mistake = draw.choice(standing) if standing and draw.random() < 0.5 else None
        status = draw.choice([one.value for one in Status if one != Status.PARKED])
        try:
            listed.append(state(group, status, day, corrects=mistake))
        except ValidationError:
            continue  # this report states the same status as the mistake
    corrected = {report.corrects_id for report in listed}
    for number in range(1, 11):
        day = datetime.date(2021, 1, number)
        then = [report for report in listed if report.stated_on <= day and report.pk not in corrected]
        newest = max(then, key=lambda report: (report.stated_on, report.pk), default=None)
        assert current(group, day) == (newest.status if newest else None)


def test_the_page_shows_the_entry_that_is_being_corrected(facilitator: Client, mistake: StatusReport) -> None:
    group_page = facilitator.get("/small-groups/spam/")
    assert f'href="{PAGE}?corrects={mistake.pk}"' in group_page.content.decode()
    page = facilitator.get(f"{PAGE}?corrects={mistake.pk}")
    assert "You are correcting the entry “Clean text” (5 February 2021, Chair)." in text_of(page)
    form = page.context["form"]
    assert form["status"].value() == "clean text"
    assert form["source"].value() == "Plenary"
    refused = facilitator.post(PAGE, sent(corrects=mistake.pk, source="", note="Typed with care"))
    assert refused.status_code == 422
    assert "You are correcting the entry “Clean text”" in text_of(refused)
    assert "Typed with care" in refused.content.decode()


def test_the_history_shows_both_entries_and_the_mistake_counts_nowhere(
    facilitator: Client, group: SmallGroup, mistake: StatusReport
) -> None:
    day = {"starts": MISTAKEN, "negotiation": group.negotiation, "source": "test"}
    Meeting.objects.create(slug="plenary", kind="plenary", title="Plenary", **day)
    assert "Spam : clean text" in text_of(facilitator.get("/meetings/plenary/"))
    state(group, "streamlined", MISTAKEN, corrects=mistake)
    page = text_of(facilitator.get("/small-groups/spam/"))
    assert "5 February 2021: Clean text Plenary mistake corrected" in page
    assert "5 February 2021: Streamlined Plenary corrects “Clean text”" in page
    assert f"?corrects={mistake.pk}" not in facilitator.get("/small-groups/spam/").content.decode()
    for path in ("/", "/convergence/?small_group=spam", "/meetings/plenary/", "/calendar/"):
        assert "clean text" not in text_of(facilitator.get(path)).lower().replace("clean texts", ""), path


def test_api_feed_activity_and_digest_show_the_correction(
    client: Client, group: SmallGroup, mistake: StatusReport
) -> None:
    Digest.objects.create(user=UserFactory(), negotiation=group.negotiation, told_number=Change.objects.count())
    correction = state(group, "streamlined", MISTAKEN, corrects=mistake)
    rows = client.get("/api/v1/status-reports/").json()["results"]
    assert [(row["id"], row["corrects"], row["corrected_by"]) for row in rows][:2] == [
        (correction.pk, mistake.pk, None),
        (mistake.pk, None, correction.pk),
    ]
    in_effect = client.get("/api/v1/status-reports/?in_effect=true").json()["results"]
    assert [row["status"] for row in in_effect] == ["streamlined", "compiled"]
    [status] = client.get("/api/v1/status/").json()["small_groups"]
    assert status["stated"]["status"] == "streamlined"
    told = client.get("/api/v1/changes/").json()["results"][-1]
    assert (told["type"], told["key"], told["data"]["corrects"]) == (
        "status-report",
        f"spam/{correction.pk}",
        f"spam/{mistake.pk}",
    )
    atom = "{http://www.w3.org/2005/Atom}"
    tree = ElementTree.fromstring(client.get("/feeds/changes/").content)
    summaries = [entry.findtext(f"{atom}summary", "") for entry in tree.iter(f"{atom}entry")]
    assert summaries[0].endswith("This corrects the entry “Clean text” of 5 February 2021.")
    assert summaries[1].endswith("This entry was incorrect and has been corrected.")
    activity = client.get("/api/v1/activity/").json()["results"][0]
    assert activity["what"] == "corrected a status for Spam"
    assert activity["says"] == [
        "Streamlined, stated on 5 February 2021 by Chair.",
        "This entry was a mistake: Clean text, stated on 5 February 2021 by Chair.",
    ]
    list(send_due(timezone.now() + datetime.timedelta(days=1)))
    assert "This entry was a mistake: Clean text" in mail.outbox[0].body


def test_an_impossible_correction_is_refused_with_advice(
    facilitator: Client, group: SmallGroup, mistake: StatusReport
) -> None:
    other = state(SmallGroupFactory(slug="other"), "compiled", MISTAKEN)
    same = sent(corrects=mistake.pk, status="clean text")
    assert "This correction is identical to the entry that it corrects" in text_of(facilitator.post(PAGE, same))
    assert "Unknown entry for this small group" in text_of(facilitator.post(PAGE, sent(corrects=other.pk)))
    for wrong in (other.pk, 10**18, "x", "9" * 30, "-1"):
        assert facilitator.get(f"{PAGE}?corrects={wrong}").status_code == 404
        assert facilitator.post(PAGE, sent(corrects=wrong)).status_code == 422
    by_page(mistake)
    assert "already been corrected" in text_of(facilitator.post(PAGE, sent(corrects=mistake.pk, status="adopted")))
    assert facilitator.get(f"{PAGE}?corrects={mistake.pk}").status_code == 404
    assert group.status_reports.count() == 3


def test_the_api_refuses_an_impossible_correction_at_its_field(group: SmallGroup, mistake: StatusReport) -> None:
    client = client_of(secretariat())
    other = state(SmallGroupFactory(slug="other"), "compiled", MISTAKEN)
    for wrong in (other.pk, 10**18, "x", 0, -1, 10**30, True, [1]):
        answer = client.post(API, sent(corrects=wrong), content_type="application/json")
        assert answer.status_code == 400, wrong
        assert answer.json()["errors"][0]["field"] == "corrects"
    same = client.post(API, sent(corrects=mistake.pk, status="clean text"), content_type="application/json")
    assert same.status_code == 400
    assert same.json()["errors"][0]["field"] == "corrects"
    for _ in range(2):  # a repeated request is recorded once
        assert client.post(API, sent(corrects=mistake.pk), content_type="application/json").status_code == 201
    assert group.status_reports.count() == 3


def test_the_admin_refuses_an_impossible_correction_at_its_field(group: SmallGroup, mistake: StatusReport) -> None:
    desk, other = client_of(secretariat()), SmallGroupFactory(slug="other")
    said = errors(desk.post(address(StatusReport, "add"), sent(small_group=other.pk, corrects=mistake.pk)))
    assert said == ["This statement concerns another small group."]
    shown = desk.get(f"{reverse('admin:issues_statusreport_add')}?corrects={mistake.pk}").content.decode()
    assert "Plenary</textarea>" in shown
    assert "Correct this entry" in desk.get(address(StatusReport, "change", mistake.pk)).content.decode()


def test_only_users_who_can_state_a_status_can_correct_it(group: SmallGroup, mistake: StatusReport) -> None:
    for user in (UserFactory(), FacilitatorFactory(user=UserFactory()).user):
        client = client_of(user)
        assert client.get(f"{PAGE}?corrects={mistake.pk}").status_code == 403
        assert client.post(PAGE, sent(corrects=mistake.pk)).status_code == 403
        assert client.post(API, sent(corrects=mistake.pk), content_type="application/json").status_code == 403
        assert "?corrects=" not in client.get("/small-groups/spam/").content.decode()
    assert group.status_reports.count() == 2


def test_a_mistake_is_corrected_once_even_by_simultaneous_users(group: SmallGroup, mistake: StatusReport) -> None:
    state(group, "streamlined", MISTAKEN, corrects=mistake)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusReport.objects.create(
            small_group=group, status="adopted", stated_on=MISTAKEN, stated_by="x", source="x", corrects=mistake
        )
