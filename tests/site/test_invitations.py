"""Tests that the secretariat can invite people and that the link in an invitation works once within two weeks."""

import datetime
import re
import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.invitations import (
    Accreditation,
    InvitationNotOpen,
    InvitationRefused,
    accept,
    accept_with_new_account,
    invite,
    open_invitation,
    resend,
)
from members.models import Delegation, Invitation
from tests.factories import DelegationFactory, InvitationFactory, MemberFactory, NegotiationFactory, UserFactory
from tests.people import client_of
from tests.site.people import PASSWORD, log_in, signed_in, text_of

pytestmark = pytest.mark.django_db

People = get_user_model()
PAGE = "/accounts/invitations/"
NEWCOMER = {
    "first_name": "Ana",
    "last_name": "Souza",
    "username": "ana",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture
def secretary() -> Any:
    return DelegationFactory(role="secretariat", member=None, user=UserFactory(username="desk")).user


@pytest.fixture
def office(secretary: Any) -> Client:
    """Return a client of the secretariat."""
    return client_of(secretary)


@pytest.fixture
def brazil() -> Any:
    return MemberFactory(code="BRA", name="Brazil")


def form(**typed: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    return {"email": "ana@example.org", "role": "analyst", "member": "", "since": today, "until": ""} | typed


def link_in(page: str) -> str:
    found = re.search(r"/accounts/invitation/[\w-]+/", page)
    assert found is not None
    return found[0]


def invited(office: Client, **typed: Any) -> str:
    """Send an invitation, and return the path of its link."""
    return link_in(office.post(PAGE, form(**typed)).content.decode())


# Sending


def test_the_secretariat_invites_a_delegate_by_e_mail_and_sees_the_link_once(office: Client, brazil: Any) -> None:
    page = office.post(PAGE, form(role="delegate", member=brazil.pk, until="2031-12-31"))
    assert page.status_code == 200
    assert "Delegate : Brazil" in text_of(page)
    (message,) = mail.outbox
    assert message.to == ["ana@example.org"]
    assert "as delegate for Brazil" in message.body
    assert "until 31 December 2031" in message.body
    link = link_in(page.content.decode())
    assert f"http://testserver{link}" in message.body
    assert link not in office.get(PAGE).content.decode()


def test_only_a_hash_of_the_link_is_stored(office: Client) -> None:
    token = invited(office).split("/")[-2]
    assert token not in str(Invitation.objects.values().get())
    assert Invitation.objects.get().expires_at - timezone.now() > datetime.timedelta(days=13, hours=23)


def test_the_link_is_shown_even_if_the_e_mail_cannot_be_sent(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    page = office.post(PAGE, form())
    assert "The e-mail could not be sent" in text_of(page)
    assert Client().get(link_in(page.content.decode())).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "no address"}, "valid email address"),
        ({"role": "delegate"}, "A delegate acts for a member: select the member."),
        ({"role": "facilitator"}, "not one of the available choices"),
        ({"member": "99999"}, "not one of the available choices"),
        ({"until": "2001-01-01"}, "A period cannot end before it begins."),
        ({"since": "2001-01-01", "until": "2001-02-01"}, "This period has already ended."),
        ({"since": "yesterday"}, "Enter a valid date."),
    ],
)
def test_an_inconsistent_invitation_is_refused_and_returned(office: Client, typed: dict[str, Any], said: str) -> None:
    page = office.post(PAGE, form(**typed))
    assert page.status_code == 422
    assert said in text_of(page)
    assert typed.get("email", "ana@example.org") in page.content.decode()
    assert not Invitation.objects.exists()


def test_only_a_delegate_can_be_invited_on_behalf_of_a_member(office: Client, brazil: Any) -> None:
    assert "Leave this field empty" in text_of(office.post(PAGE, form(member=brazil.pk)))


def test_an_invitation_cannot_be_sent_twice(office: Client, brazil: Any) -> None:
    for typed in ({}, {"role": "delegate", "member": brazil.pk}):
        invited(office, **typed)
        page = office.post(PAGE, form(**typed, email="ANA@example.org"))
        assert page.status_code == 422
        assert "already in the list: send it again" in text_of(page)
    assert Invitation.objects.count() == 2


# Permissions


@pytest.mark.parametrize("role", ["delegate", "analyst", "ended", "superuser", "nobody"])
def test_only_the_secretariat_can_create_see_and_revoke_invitations(role: str, client: Client) -> None:
    user = UserFactory(is_superuser=role == "superuser", is_staff=role == "superuser")
    if role == "ended":
        DelegationFactory(user=user, role="secretariat", member=None, until=datetime.date(2021, 1, 1))
    elif role in ("delegate", "analyst"):
        DelegationFactory(user=user, role=role, **({"member": None} if role == "analyst" else {}))
    pending = InvitationFactory()
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, form()).status_code == 403
    assert client.post(f"{PAGE}{pending.pk}/", {"revoke": "1"}).status_code == 403
    assert Invitation.objects.get().revoked_at is None


def test_a_visitor_is_redirected_to_the_login(client: Client) -> None:
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_an_invited_secretariat_role_cannot_extend_beyond_the_inviters_own(secretary: Any, office: Client) -> None:
    last = timezone.localdate() + datetime.timedelta(days=30)
    Delegation.objects.filter(user=secretary).update(until=last)
    for until in ("", last + datetime.timedelta(days=1)):
        page = office.post(PAGE, form(role="secretariat", until=until))
        assert "Your own accreditation ends" in text_of(page)
    invited(office, role="secretariat", until=last)
    assert invited(office, role="analyst")  # other roles may outlast the inviter's role


def test_invitations_become_void_when_the_inviters_role_ends(secretary: Any, office: Client) -> None:
    link = invited(office)
    Delegation.objects.filter(user=secretary).update(until=timezone.localdate() - datetime.timedelta(days=1))
    assert Client().get(link).status_code == 404
    colleague = Client()
    colleague.force_login(DelegationFactory(role="secretariat", member=None).user)
    assert "void: the sender no longer belongs to the secretariat" in text_of(colleague.get(PAGE))
    again = link_in(colleague.post(f"{PAGE}{Invitation.objects.get().pk}/", {"again": "1"}).content.decode())
    assert Client().get(again).status_code == 200


def test_an_invitation_does_not_give_staff_rights(office: Client, client: Client) -> None:
    client.post(invited(office, role="secretariat"), NEWCOMER)
    newcomer = People.objects.get(username="ana")
    assert not newcomer.is_staff
    assert not newcomer.is_superuser
    assert client.get("/admin/").status_code == 302


# Accepting


def test_an_invited_person_chooses_a_name_and_password_and_can_act_immediately(
    office: Client, brazil: Any, client: Client
) -> None:
    link = invited(office, role="delegate", member=brazil.pk, until="2031-12-31")
    assert "Delegate : Brazil" in text_of(client.get(link))
    answer = client.post(link, NEWCOMER)
    assert answer["Location"] == "/accounts/"
    page = text_of(client.get("/accounts/"))
    assert "Ana Souza" in page
    assert "until 31 December 2031 Delegate : Brazil" in page
    user = People.objects.get(username="ana")
    assert EmailAddress.objects.get(user=user).verified
    assert Invitation.objects.get().accepted_by == user
    other = Client()
    log_in(other, "ana@example.org")
    assert signed_in(other)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "ana@example.org", "password2": "ana@example.org"}, "too similar to the email address"),
        ({"password2": "something-else-long"}, "The passwords do not match."),
        ({"username": "DESK"}, "already exists"),
        ({"username": "a b"}, "Enter a valid username"),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"first_name": ""}, "This field is required."),
    ],
)
def test_an_invalid_choice_is_explained_the_input_is_kept_and_the_link_remains_valid(
    office: Client, client: Client, typed: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    link = invited(office)
    page = client.post(link, NEWCOMER | typed)
    assert link not in caplog.text
    assert said in text_of(page)
    assert 'value="Souza"' in page.content.decode()
    assert not People.objects.filter(email="ana@example.org").exists()
    assert client.post(link, NEWCOMER).status_code == 302


def test_a_user_can_accept_an_invitation_with_an_existing_account(office: Client, brazil: Any, client: Client) -> None:
    user = UserFactory(username="bob")
    client.force_login(user)
    link = invited(office, role="delegate", member=brazil.pk)
    assert "You are logged in as bob" in text_of(client.get(link))
    assert client.post(link)["Location"] == "/accounts/"
    assert Delegation.objects.get(user=user).member == brazil
    assert People.objects.count() == 2


def test_an_invited_address_with_an_account_must_log_in_and_cannot_create_another(
    office: Client, client: Client
) -> None:
    UserFactory(email="ana@example.org")
    link = invited(office)
    for page in (client.get(link), client.post(link, NEWCOMER)):
        assert "An account with the address ana@example.org already exists" in text_of(page)
        assert f"/accounts/login/?next={link}" in page.content.decode()
    assert not People.objects.filter(username="ana").exists()
    with pytest.raises(InvitationRefused, match="Log in"):
        accept_with_new_account(link.split("/")[-2], "ana", "Ana", "", PASSWORD)


def test_renewing_an_accreditation_updates_its_last_day(secretary: Any, brazil: Any) -> None:
    day = datetime.date(2026, 1, 1)
    user = DelegationFactory(member=brazil, since=day, until=datetime.date(2031, 1, 1)).user
    new = Accreditation(NegotiationFactory().pk, "delegate", brazil, day, datetime.date(2032, 1, 1))
    _, token = invite("x@example.org", new, secretary)
    accept(token, user)
    assert Delegation.objects.get(user=user).until == datetime.date(2032, 1, 1)


def test_used_expired_revoked_and_unknown_links_receive_the_same_response(office: Client) -> None:
    used = invited(office, email="used@example.org")
    Client().post(used, NEWCOMER)
    revoked = invited(office, email="revoked@example.org")
    pk = Invitation.objects.get(email="revoked@example.org").pk
    office.post(f"{PAGE}{pk}/", {"revoke": "1"})
    expired = invited(office, email="expired@example.org")
    now = timezone.now()
    Invitation.objects.filter(email="expired@example.org").update(expires_at=now)
    unknown = "/accounts/invitation/never-given-out/"
    for ask in (lambda link: Client().get(link), lambda link: Client().post(link, NEWCOMER | {"username": "eve"})):
        answers = [ask(link) for link in (used, revoked, expired, unknown)]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text_of(answer) for answer in answers}) == 1
        assert "This link is not valid" in text_of(answers[0])
    assert not People.objects.filter(username="eve").exists()


def test_an_invitation_expires_with_the_period_of_its_role(office: Client) -> None:
    link = invited(office, until=timezone.localdate().isoformat())
    assert Client().get(link).status_code == 200
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Invitation.objects.update(since=yesterday, until=yesterday)
    assert Client().get(link).status_code == 404


def test_resending_an_invitation_creates_a_new_link_and_invalidates_the_old_one(office: Client) -> None:
    old = invited(office)
    Invitation.objects.update(expires_at=timezone.now())
    page = office.post(f"{PAGE}{Invitation.objects.get().pk}/", {"again": "1"})
    new = link_in(page.content.decode())
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("action", ["again", "revoke"])
def test_an_accepted_invitation_can_be_neither_resent_nor_revoked(office: Client, client: Client, action: str) -> None:
    client.post(invited(office), NEWCOMER)
    page = office.post(f"{PAGE}{Invitation.objects.get().pk}/", {action: "1"}, follow=True)
    assert "has been accepted or revoked in the meantime" in text_of(page)
    assert Invitation.objects.get().revoked_at is None


def test_the_list_of_invitations_is_paginated_newest_first_with_few_queries(office: Client) -> None:
    now = timezone.now()
    for number in range(25):
        InvitationFactory(email=f"n{number}@example.org", invited_at=now + datetime.timedelta(minutes=number))
    Invitation.objects.filter(email="n24@example.org").update(accepted_at=now)
    Invitation.objects.filter(email="n23@example.org").update(revoked_at=now)
    Invitation.objects.filter(email="n22@example.org").update(expires_at=now)
    office.get(PAGE)  # records the activity of this browser
    with CaptureQueriesContext(connection) as captured:
        page = office.get(PAGE)
    assert len(captured) <= 10
    addresses = re.findall(r"n\d+@example.org</th>", page.content.decode())
    assert addresses[0].startswith("n24@")
    assert len(addresses) == 20
    words = text_of(page)
    for state in ("accepted", "revoked", "expired", "pending until", "Page 1 of 2"):
        assert state in words


def test_a_name_with_markup_is_escaped_on_the_page_and_in_the_e_mail(office: Client, brazil: Any) -> None:
    brazil.name = "<b>Brazil</b>"
    brazil.save()
    page = office.post(PAGE, form(role="delegate", member=brazil.pk))
    assert "&lt;b&gt;Brazil" in page.content.decode()
    assert "<b>Brazil</b>" in mail.outbox[0].body


def test_resending_requires_permission_of_the_sender(secretary: Any) -> None:
    pending = InvitationFactory()
    with pytest.raises(InvitationRefused, match="belongs to another secretariat"):
        resend(pending.pk, UserFactory())


@pytest.mark.django_db(transaction=True)
def test_two_people_who_open_the_same_link_simultaneously_get_one_account() -> None:
    InvitationFactory(token="shared", role="analyst", member=None)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def open_it(name: str) -> None:
        start.wait()
        try:
            accept_with_new_account("shared", name, "A", "", PASSWORD)
            outcomes.append("accepted")
        except InvitationNotOpen:
            outcomes.append("not open")
        finally:
            connection.close()

    threads = [threading.Thread(target=open_it, args=(name,)) for name in ("ana", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "not open"]
    assert People.objects.filter(username__in=["ana", "eve"]).count() == 1
    with pytest.raises(InvitationNotOpen):
        open_invitation("shared")
