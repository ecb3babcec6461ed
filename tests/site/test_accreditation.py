"""Tests that roles apply exactly within their periods, which the account page shows."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.access.roles import reader_of
from members.admin_access import administered_by
from tests.factories import DelegationFactory, FacilitatorFactory
from tests.site.people import text_of

pytestmark = pytest.mark.django_db

LAST = datetime.date(2026, 11, 20)
DAY = datetime.timedelta(days=1)


def on(day: datetime.date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the current date to `day`."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: day)


def test_a_delegation_that_ends_today_is_valid_today_and_invalid_tomorrow(
    alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    DelegationFactory(user=alice, until=LAST)
    for day, may in ((LAST - DAY, True), (LAST, True), (LAST + DAY, False)):
        assert reader_of(alice, day).may_write is may
        on(day, monkeypatch)
        assert reader_of(alice).may_write is may


def test_a_delegation_is_valid_from_its_first_day(alice: Any) -> None:
    DelegationFactory(user=alice, since=LAST)
    assert not reader_of(alice, LAST - DAY).may_write
    assert reader_of(alice, LAST).may_write


def test_a_secretariat_role_ends_after_its_last_day(
    alice: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.is_staff = True
    alice.save()
    DelegationFactory(user=alice, role="secretariat", member=None, until=LAST)
    client.force_login(alice)
    for day, status in ((LAST, 200), (LAST + DAY, 403)):
        on(day, monkeypatch)
        assert bool(administered_by(alice)) is (status == 200)
        assert client.get("/accounts/invitations/").status_code == status
        assert client.get("/admin/", follow=True).status_code == status


def test_a_facilitators_role_is_valid_until_its_last_day(alice: Any) -> None:
    FacilitatorFactory(user=alice, until=LAST)
    assert reader_of(alice, LAST).may_write
    assert not reader_of(alice, LAST + DAY).may_write


def test_the_account_page_lists_the_members_for_whom_the_user_acts_and_until_when(
    alice: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(LAST, monkeypatch)
    periods = {
        "ends today": {"until": LAST},
        "until 21 November 2026": {"until": LAST + DAY},
        "in force": {},
        "ended 19 November 2026": {"until": LAST - DAY},
        "from 21 November 2026": {"since": LAST + DAY},
    }
    members = {said: DelegationFactory(user=alice, **period).member for said, period in periods.items()}
    FacilitatorFactory(user=alice)
    client.force_login(alice)
    page = text_of(client.get("/accounts/"))
    for said, member in members.items():
        assert f"{said} Delegate : {member}" in page
    assert "in force Facilitator :" in page
    assert "Manage invitations" not in page


def test_a_user_without_a_role_is_told_so(alice: Any, client: Client) -> None:
    client.force_login(alice)
    assert "No role yet: you can read public content only." in text_of(client.get("/accounts/"))


def test_only_logged_in_users_have_an_account_page(client: Client) -> None:
    assert client.get("/accounts/")["Location"] == "/accounts/login/?next=/accounts/"
