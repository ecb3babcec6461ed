"""Tests that requests lapse, with a reason, when the right to make them has ended."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issues.access.permissions import Refused
from issues.actions import requests
from issues.actions.errors import RequestClosed
from issues.actions.request_previews import preview_requests
from issues.actions.request_rights import in_state, reason_without_right, with_right
from issues.models import ChangeRequest, Participation, Provision
from members.models import Delegation
from tests.factories import DelegationFactory, NegotiationFactory, UserFactory
from tests.issues.requests.asking import POST, PROMPTLY, ask, operate, told
from tests.people import member
from tests.selection import share_of

pytestmark = pytest.mark.django_db


def ends_tomorrow(canada: Any) -> None:
    Delegation.objects.filter(user=canada).update(until=timezone.localdate() - datetime.timedelta(days=1))


def leaves(canada: Any) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Participation.objects.filter(member__code="CAN").update(left=yesterday)


def account_is_closed(canada: Any) -> None:
    type(canada).objects.filter(pk=canada.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("end", "because"),
    [
        (ends_tomorrow, "The person who made the request no longer acts for Canada."),
        (account_is_closed, "The person who made the request no longer acts for Canada."),
        (leaves, "Canada no longer participates in this negotiation."),
    ],
)
def test_a_request_lapses_when_its_author_loses_the_right_to_make_it(
    provision: Provision, canada: Any, facilitator: Any, end: Any, because: str
) -> None:
    asked, other, third = (ask(provision, act, PROMPTLY, actor=canada) for act in ("lift", "drop", "lift"))
    assert asked == third
    end(canada)
    assert list(in_state(ChangeRequest.objects.all(), "open")) == []
    assert set(in_state(ChangeRequest.objects.all(), "lapsed")) == {asked, other}
    row = with_right(ChangeRequest.objects.all()).get(pk=asked.pk)
    assert (row.state_now, preview_requests([row])[row.pk].lapsed_because) == ("lapsed", because)
    with pytest.raises(RequestClosed, match=because):
        requests.accept(request=asked, actor=facilitator)
    assert (told(asked), provision.revisions.count()) == (("lapsed", because, None), 1)
    assert told(other)[0] == "open"
    call_command("lapse_requests")
    assert told(other) == ("lapsed", because, None)


def test_a_colleague_of_the_author_does_not_keep_a_request_open(
    provision: Provision, canada: Any, facilitator: Any
) -> None:
    asked = ask(provision, "lift", PROMPTLY, actor=canada)
    colleague = DelegationFactory(member=member("CAN")).user
    ends_tomorrow(canada)
    with pytest.raises(RequestClosed):
        requests.take_back(request=asked, actor=colleague)
    with pytest.raises(RequestClosed):
        requests.decline(request=asked, actor=facilitator, answer="No")
    assert told(asked)[0] == "lapsed"


def test_the_command_counts_lapsed_requests_and_changes_no_others(
    provision: Provision, canada: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ask(provision, "lift", PROMPTLY, actor=DelegationFactory(member=member("CAN")).user)
    ask(provision, "drop", PROMPTLY, actor=canada)
    ends_tomorrow(canada)
    for lapsed in (1, 0):
        call_command("lapse_requests")
        assert capsys.readouterr().out == f"Requests recorded as lapsed: {lapsed}.\n"
    assert told(kept)[0] == "open"


def test_the_command_records_the_lapse_of_an_old_request_whose_bracket_was_removed(
    provision: Provision, facilitator: Any
) -> None:
    gone, stays = ask(provision, "lift", PROMPTLY), ask(provision, "choose", POST)
    # This is the state stored by the previous release, which also logged a change.
    ChangeRequest.objects.update(stands_in=None, stands_as=None)
    operate(provision, facilitator, "drop", PROMPTLY)
    ChangeRequest.objects.update(
        state="open", lapsed_because="", lapsed_in=None, decided_at=None, stands_in=None, stands_as=None
    )
    call_command("lapse_requests")
    assert told(gone)[::2] == ("lapsed", 2)
    assert told(stays) == ("open", "", None)


DAYS = st.integers(-3, 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=share_of(30), deadline=None)
@given(
    role=st.sampled_from(["delegate", "secretariat", "analyst"]),
    of=st.sampled_from(["CAN", "JPN"]),
    since=DAYS,
    until=st.none() | DAYS,
    active=st.booleans(),
    takes_part=st.booleans(),
)
def test_the_list_and_the_refusal_agree_on_whether_a_request_is_still_valid(
    provision: Provision, role: str, of: str, since: int, until: int | None, active: bool, takes_part: bool
) -> None:
    today = timezone.localdate()
    ChangeRequest.objects.all().delete()
    Participation.objects.filter(member__code="CAN").update(left=None)
    user = UserFactory()
    DelegationFactory(user=user, member=member("CAN"))
    asked = ask(provision, "lift", PROMPTLY, actor=user)
    user.delegations.all().delete()
    start = today + datetime.timedelta(days=since)
    end = None if until is None else max(start, today + datetime.timedelta(days=until))
    holder = member(of) if role == "delegate" else None
    Delegation.objects.create(
        user=user, role=role, member=holder, since=start, until=end, negotiation=NegotiationFactory()
    )
    type(user).objects.filter(pk=user.pk).update(is_active=active)
    if not takes_part:
        Participation.objects.filter(member__code="CAN").update(left=today - datetime.timedelta(days=1))
    row = with_right(ChangeRequest.objects.select_related("asked_by", "on_behalf_of", "provision")).get(pk=asked.pk)
    in_force = start <= today and (end is None or end >= today)
    may_act = in_force and active and (role == "secretariat" or (role == "delegate" and of == "CAN"))
    assert row.right_holds is (may_act and takes_part)
    assert (reason_without_right(row) == "") is row.right_holds


def test_only_users_who_act_for_a_participant_can_make_requests(provision: Provision, canada: Any) -> None:
    leaves(canada)
    with pytest.raises(Refused):
        ask(provision, "lift", PROMPTLY, actor=canada)
    assert NegotiationFactory() == provision.negotiation
