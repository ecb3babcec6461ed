"""Tests of hostile bodies that are too large or too deeply nested, or that contain forbidden fields."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from issues.models import Provision
from members.models import Member
from tests.factories import DelegationFactory, MemberFactory, provision_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def delegate(client: Client) -> Client:
    """Return a client of a delegate of Canada. A provision exists."""
    provision_with("Each Member shall act.", slug="open")
    member = MemberFactory(code="CAN", name="Canada")
    client.force_login(DelegationFactory(role="delegate", member=member).user)
    return client


def send(client: Client, address: str, body: str) -> Any:
    return client.post(address, body, content_type="application/json")


@pytest.mark.parametrize("address", ["/accounts/login/", "/language/", "/api/v1/provisions/open/check/"])
def test_an_oversized_body_is_refused_on_every_page_before_it_is_read(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*args: Any) -> None:
        pytest.fail("It was read")

    monkeypatch.setattr("django.test.client.FakePayload.read", read)
    for kind in ("multipart/form-data; boundary=x", "application/json", "application/x-www-form-urlencoded"):
        answer = client.post(address, b"", content_type=kind, CONTENT_LENGTH=str(10**9))
        assert answer.status_code == (413 if address.startswith("/api/") else 400)


def test_the_larger_limit_for_imported_files_applies_only_to_imports(client: Client, settings: Any) -> None:
    settings.LONGEST_IMPORT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    file = SimpleUploadedFile("x.txt", b"x" * 1500)
    assert client.post("/accounts/login/", {"file": file}).status_code == 200
    larger = SimpleUploadedFile("x.txt", b"x" * 2500)
    assert client.post("/accounts/login/", {"file": larger}).status_code == 400


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_endlessly_nested_json_is_refused(delegate: Client, body: str) -> None:
    answer = send(delegate, "/api/v1/provisions/open/check/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("field", ["recorded_by", "recorded_at", "number", "digest", "provision", "visibility", "id"])
def test_a_field_that_the_sender_cannot_set_is_refused(delegate: Client, field: str) -> None:
    provision = Provision.objects.get()
    body = {"base_revision": 1, "text": "Each Member shall act [CAN: now].", "on_behalf_of": "CAN"}
    answer = send(delegate, "/api/v1/provisions/open/revisions/", json.dumps({**body, field: 7}))
    assert answer.status_code == 400
    assert field in answer.json()["detail"]
    assert provision.revisions.count() == 1


def test_a_form_changes_only_its_own_fields(delegate: Client) -> None:
    member, provision = Member.objects.get(code="CAN"), Provision.objects.get()
    form = {
        "text": "Each Member shall act [CAN: now].",
        "base_revision": 1,
        "on_behalf_of": member.pk,
        "made_on": "2021-04-01",
        "recorded_by": 1_000_000,
        "number": 7,
        "visibility": "group",
        "heading": "Mine",
    }
    delegate.post("/provisions/open/log/", form)
    provision.refresh_from_db()
    assert (provision.visibility, provision.heading != "Mine") == ("public", True)
    assert [one.recorded_by.delegations.count() for one in provision.revisions.filter(number=2)] == [1]


@pytest.mark.parametrize(
    "address",
    [
        "/static/../jsi_tracker/settings.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2f..%2fetc%2fpasswd",
        "/api/v1/bulk/..%2f..%2fmanage.py",
        "/api/v1/bulk/%2e%2e/everything.jsonl",
        "/export/file/?format=../../etc/passwd",
        "/variants/export/?format=../x",
        "/standing/..%2fmap.svg",
        "/.git/config",
        "/.env",
        "/var/secret_key",
    ],
)
def test_no_url_leads_to_a_file_of_the_server(delegate: Client, address: str) -> None:
    answer = delegate.get(address)
    assert answer.status_code in (400, 404)
    assert b"SECRET_KEY" not in answer.content
