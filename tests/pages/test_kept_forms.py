"""Tests that a form that could not be processed is returned with its input and can be resubmitted."""

import html
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import OperationalError
from django.test import Client

from issues.models import Provision, Revision
from tests import people
from tests.factories import MemberFactory, provision_with
from tests.pages.forms import Form, forms_of
from tests.pages.test_reading import text_of
from tests.pages.writing import ELSEWHERE, HERE, templates_written_in, typed_in, writing_pages

pytestmark = pytest.mark.django_db

HOSTILE = '</textarea>"><script>alert(1)</script>\n[CAN: a]'


def url_of(page: str, form: Form) -> str:
    return urljoin(page, form.action).split("#")[0]


def filled(form: Form) -> dict[str, str]:
    """Return the data that the form sends when every writable field is filled."""
    return form.fields | {name: f"Typed into {name} {HOSTILE if name in MANY_LINES else ''}" for name in typed_in(form)}


MANY_LINES = {"text", "words", "whole", "note"}


def kept(page: Any) -> Form:
    """Return the form for resubmission."""
    (found,) = (form for form in forms_of(page) if any("Send again" in form.says for _ in form.buttons))
    return found


@pytest.fixture
def article() -> Provision:
    """Return an article with a bracket by Brazil. Canada is a member."""
    MemberFactory(code="CAN", name="Canada")
    MemberFactory(code="BRA", name="Brazil")
    return provision_with("Each Member shall [BRA: promptly] act.", slug="article")


@pytest.fixture
def delegate(article: Provision) -> Any:
    """Return a delegate of Canada."""
    return people.delegate("CAN")


def shows(page: Any, typed: str) -> bool:
    """Return whether the page shows the words in a visible, read-only field."""
    said = html.unescape(page.content.decode())
    return f'value="{typed}" readonly' in said or f"readonly>\n{typed}</textarea>" in said


CHANGE = {
    "text": "Each Member shall [BRA: promptly] [CAN: always] act.",
    "reason": "In the room",
    "made_on": "2021-02-05",
}


def browser(user: Any = None) -> Client:
    """Return a client that checks CSRF tokens and, if `user` is given, is logged in."""
    client = Client(enforce_csrf_checks=True, **HERE)  # type: ignore[arg-type]
    if user is not None:
        client.force_login(user)
    return client


def change(client: Client) -> dict[str, str]:
    """Return a filled form for a change, as read by `client`."""
    form = next(one for one in forms_of(client.get(LOG)) if "text" in one.fields)
    return form.fields | CHANGE


LOG = "/provisions/article/log/"


def test_every_template_with_text_fields_is_among_the_tested_pages() -> None:
    shown = {str(one.name) for _url, _form, page in writing_pages().forms() for one in page.templates}
    assert templates_written_in() - shown - ELSEWHERE.keys() == set()


def test_input_in_any_form_is_returned_after_the_session_has_ended() -> None:
    for url, form, _page in writing_pages().forms():
        if url.startswith("/accounts/"):
            continue  # a new token has only a name
        sent = filled(form)
        page = Client(**HERE).post(url_of(url, form), sent)
        assert page.status_code == 403, (url, form.fields)
        assert kept(page).fields.items() >= {k: v for k, v in sent.items() if k != "csrfmiddlewaretoken"}.items(), url
        assert "<script>alert" not in page.content.decode()
        assert "Nothing was recorded" in text_of(page)


def test_kept_input_is_logged_only_when_the_user_sends_it_again_after_logging_in(
    article: Provision, delegate: Any
) -> None:
    client = browser(delegate)
    sent = change(client)
    client.session.flush()
    page = client.post(LOG, sent)
    assert page.status_code == 403
    assert f'href="/accounts/login/?next={html.escape("%2Fprovisions%2Farticle%2Flog%2F")}"' in page.content.decode()
    client.force_login(delegate)
    again = kept(page)
    assert article.revisions.count() == 1
    client.post(again.action, again.fields)
    assert article.revisions.get(number=2).text == CHANGE["text"]


def test_the_idempotency_key_is_sent_again_but_not_shown_as_typed_text(delegate: Any) -> None:
    client = browser(delegate)
    sent = change(client)
    client.session.flush()
    page = client.post(LOG, sent)
    assert kept(page).fields["idempotency_key"] == sent["idempotency_key"]
    assert shows(page, CHANGE["reason"])
    assert not shows(page, sent["idempotency_key"])


def test_a_form_older_than_the_login_shows_its_data_and_sends_them_on_request(
    article: Provision, delegate: Any
) -> None:
    client = browser(delegate)
    sent = change(client) | {"csrfmiddlewaretoken": "a" * 64}
    page = client.post(LOG, sent)
    assert page.status_code == 403
    assert "You are logged in as" in text_of(page)
    again = kept(page)
    assert again.fields["text"] == CHANGE["text"]
    assert again.fields["csrfmiddlewaretoken"] != "a" * 64
    assert client.post(again.action, again.fields).status_code == 302
    assert article.revisions.get(number=2).reason == "In the room"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_input_sent_by_another_site_is_not_offered_for_resubmission(
    headers: dict[str, str], article: Provision, delegate: Any
) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    client.force_login(delegate)
    page = client.post(LOG, {**CHANGE, "base_revision": 1})
    assert page.status_code == 403
    assert "In the room" not in page.content.decode()
    assert "Send again" not in page.content.decode()


def test_input_is_kept_if_the_browser_sends_only_the_origin_of_this_site(article: Provision, delegate: Any) -> None:
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    client.force_login(delegate)
    assert kept(client.post(LOG, {**CHANGE, "base_revision": 1})).fields["reason"] == "In the room"


def test_all_data_to_be_sent_are_shown(article: Provision, delegate: Any) -> None:
    page = browser(delegate).post(LOG, {**CHANGE, "base_revision": "1", "corrects": "1", "made_on": "2021-03-09"})
    shown = text_of(page)
    for value in ("base_revision 1", "corrects 1", "made_on 2021-03-09"):
        assert value in shown, value
    for typed in (CHANGE["text"], "In the room"):
        assert shows(page, typed), typed


def test_a_user_who_lost_the_right_can_copy_the_typed_text(article: Provision, delegate: Any) -> None:
    client = browser(delegate)
    sent = change(client)
    delegate.delegations.all().delete()
    page = client.post(LOG, sent)
    assert page.status_code == 403
    assert shows(page, CHANGE["text"])
    assert "Send again" not in page.content.decode()


def test_the_typed_text_can_be_copied_if_the_provision_was_hidden_in_the_meantime(
    article: Provision, delegate: Any
) -> None:
    client = browser(delegate)
    sent = change(client)
    Provision.objects.update(visibility="group")
    page = client.post(LOG, sent)
    assert page.status_code == 404
    assert shows(page, CHANGE["text"])


def test_a_button_without_text_leads_to_the_login_and_back_to_its_page(article: Provision) -> None:
    client = Client(headers={"sec-fetch-site": "same-origin", "referer": "http://testserver/provisions/article/?at=18"})
    response = client.post("/provisions/article/operations/", {"act": "stance", "stance": "oppose", "at": "18"})
    assert response["Location"] == "/accounts/login/?next=%2Fprovisions%2Farticle%2F%3Fat%3D18"
    elsewhere = Client(headers={"referer": "https://evil.example/provisions/article/"})
    assert (
        elsewhere.post(LOG, {"made_on": "2021-01-01"})["Location"] == f"/accounts/login/?next={LOG.replace('/', '%2F')}"
    )


def test_a_user_who_must_first_use_a_second_factor_loses_no_input(
    article: Provision, delegate: Any, settings: Any
) -> None:
    client = browser(delegate)
    sent = change(client)
    settings.SECOND_FACTOR_REQUIRED = True
    page = client.post(LOG, sent)
    assert page.status_code == 403
    assert kept(page).fields["text"] == CHANGE["text"]
    assert "/accounts/2fa/" in page.content.decode()


def test_overlong_input_and_passwords_are_not_kept(article: Provision) -> None:
    page = Client(**HERE).post(LOG, {"text": "a b" + "x" * 3_000_000})
    assert page.status_code == 302
    page = Client(**HERE).post(LOG, {"text": "a b", "password": "secret"})
    assert "secret" not in page.content.decode()


@pytest.mark.parametrize(("failure", "status"), [("ValueError", 500), ("OperationalError", 503)])
def test_a_server_error_returns_the_typed_text(
    failure: str, status: int, article: Provision, delegate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(delegate)
    client.raise_request_exception = False
    sent = change(client)
    with monkeypatch.context() as broken:

        def fail(*_args: Any, **_given: Any) -> Revision:
            raise {"ValueError": ValueError, "OperationalError": OperationalError}[failure]

        broken.setattr("issues.actions.changes.log", fail)
        page = client.post(LOG, sent)
    assert page.status_code == status
    again = kept(page)
    assert again.fields["text"] == CHANGE["text"]
    assert client.post(again.action, again.fields).status_code == 302
    assert article.revisions.get(number=2).text == CHANGE["text"]


LIVE = {"HX-Request": "true", "HX-Target": "check", "referer": f"http://testserver{LOG}"}


def test_a_live_check_after_the_end_of_the_session_reports_it_in_its_place(article: Provision) -> None:
    page = Client(headers=LIVE).post(f"{LOG}check/", {"text": "Each", "base_revision": 1})
    said = page.content.decode()
    assert page.status_code == 403
    assert said.startswith('<div id="check"')
    assert "Your session has ended" in said
    assert "Nothing is lost" in said
    assert 'href="/accounts/login/?next=%2Fprovisions%2Farticle%2Flog%2F" target="_blank"' in said
    assert "<form" not in said


def test_a_live_check_with_an_old_token_reports_it_and_provides_the_new_token(
    article: Provision, delegate: Any
) -> None:
    client = browser(delegate)
    page = client.post(f"{LOG}check/", {"text": "Each", "base_revision": 1}, headers=LIVE)
    said = page.content.decode()
    assert page.status_code == 403
    assert "You logged in or out after this page was opened" in said
    assert f'data-account="{delegate.pk}"' in said
    token = said.split('data-token="')[1].split('"')[0]
    sent = {"text": "Each", "base_revision": 1, "csrfmiddlewaretoken": token}
    assert client.post(f"{LOG}check/", sent, headers=LIVE).status_code == 200
