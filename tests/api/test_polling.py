"""Tests of conditional requests, ETags, dates, compression, rate limits and caching rules."""

import gzip
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.api import responses
from issues.models import Provision
from tests.factories import DelegationFactory, MemberFactory, NegotiationFactory, ParticipationFactory, provision_with
from tests.people import api_client_of, client_of, delegate, secretariat

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."
STATUS = "/api/v1/status/"


@pytest.fixture
def open_text() -> Provision:
    ParticipationFactory(member=MemberFactory(code="CAN", name="Canada"))
    provision_with(TEXT, slug="closed", visibility="participants")
    return provision_with(TEXT, slug="open")


def changed(slug: str, text: str) -> None:
    provision = Provision.objects.get(slug=slug)
    changes.log(TextChange(provision, base_revision=1, edit=text), actor=secretariat())


@pytest.fixture
def memory(settings: Any) -> Any:
    """Enable the response cache, which is emptied before and after the test."""
    settings.API_MEMORY_BYTES = 1_000_000
    responses.PUBLIC_RESPONSES.rows.clear()
    responses.PUBLIC_RESPONSES.size = 0
    yield responses.PUBLIC_RESPONSES
    responses.PUBLIC_RESPONSES.rows.clear()
    responses.PUBLIC_RESPONSES.size = 0


@pytest.mark.parametrize("address", [STATUS, "/api/v1/variants/", "/api/v1/provisions/open/", "/api/v1/landing/zone/"])
def test_unchanged_data_are_not_sent_again_but_changed_data_are(open_text: Provision, address: str) -> None:
    client = Client()
    first = client.get(address)
    assert first["ETag"].startswith('"')
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    changed("open", TEXT.replace("promptly", "soon"))
    after = client.get(address, headers={"if-none-match": first["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != first["ETag"]


def test_a_change_that_a_reader_cannot_see_does_not_change_the_etag(open_text: Provision) -> None:
    public, private = Client(), Client()
    private.force_login(delegate("CAN"))
    before = public.get(STATUS)["ETag"], private.get(STATUS)["ETag"]
    changed("closed", TEXT.replace("promptly", "soon"))
    assert public.get(STATUS, headers={"if-none-match": before[0]}).status_code == 304
    assert private.get(STATUS, headers={"if-none-match": before[1]}).status_code == 200


def test_an_unchanged_response_is_confirmed_without_reading_a_text(
    open_text: Provision, django_assert_num_queries: Any
) -> None:
    NegotiationFactory()
    client = Client()
    tag = client.get(STATUS)["ETag"]
    with django_assert_num_queries(1):  # the current version of the data
        assert client.get(STATUS, headers={"if-none-match": tag}).status_code == 304


def test_etags_differ_by_url_reader_and_date(open_text: Provision, still: None, monkeypatch: Any) -> None:
    public, private = Client(), Client()
    private.force_login(delegate("CAN"))
    tags = [public.get(STATUS)["ETag"], public.get(f"{STATUS}?as_of=2021-03-02")["ETag"], private.get(STATUS)["ETag"]]
    assert len(set(tags)) == 3
    assert public.get(STATUS, headers={"if-none-match": tags[2]}).status_code == 200
    assert private.get(STATUS, headers={"if-none-match": tags[0]}).status_code == 200
    monkeypatch.setattr("issues.api.responses.VERSION", "another")
    assert public.get(STATUS)["ETag"] not in tags


def test_public_responses_can_be_cached_by_anyone_and_others_only_by_the_reader(open_text: Provision) -> None:
    public, private = Client(), Client()
    private.force_login(delegate("CAN"))
    assert public.get(STATUS)["Cache-Control"] == "public, no-cache"
    assert private.get(STATUS)["Cache-Control"] == "private, no-cache"
    for client in (public, private):
        assert {"Accept", "Accept-Encoding", "Authorization", "Cookie"} <= set(client.get(STATUS)["Vary"].split(", "))
    assert public.get("/api/v1/provisions/none/")["Cache-Control"] == "no-store"
    assert "ETag" not in public.get("/api/v1/variants/?colour=red")


def test_if_modified_since_works_unless_the_last_change_was_in_the_same_second(open_text: Provision) -> None:
    client = Client()
    last = client.get(STATUS)["Last-Modified"]
    assert client.get(STATUS, headers={"if-modified-since": last}).status_code == 304
    changed("open", TEXT.replace("promptly", "soon"))
    answer = client.get(STATUS, headers={"if-modified-since": last})
    assert answer.status_code == 200
    assert "Last-Modified" not in answer  # a second change within this second would be indistinguishable


def test_compressed_responses_have_separate_etags(open_text: Provision) -> None:
    client = Client()
    plain = client.get(STATUS)
    short = client.get(STATUS, headers={"accept-encoding": "br, gzip"})
    assert short["Content-Encoding"] == "gzip"
    assert gzip.decompress(short.content) == plain.content
    assert short["ETag"] != plain["ETag"]
    for tag in (short["ETag"], plain["ETag"], f"W/{short['ETag']}"):
        assert client.get(STATUS, headers={"if-none-match": tag}).status_code == 304
    assert "Content-Encoding" not in client.get(STATUS, headers={"accept-encoding": "gzip;q=0"})


def test_responses_to_a_session_are_not_compressed(open_text: Provision) -> None:
    client = client_of(delegate("CAN"))
    assert "Content-Encoding" not in client.get(STATUS, headers={"accept-encoding": "gzip"})


def test_a_cached_response_equals_a_fresh_one_and_expires_with_the_change(
    open_text: Provision, memory: Any, django_assert_num_queries: Any
) -> None:
    client = Client()
    made = client.get(STATUS)
    kept = client.get(STATUS)
    assert len(memory.rows) == 1
    assert kept.content == made.content
    assert {name: value for name, value in kept.items() if name != "RateLimit-Remaining"}.items() >= {
        name: made[name] for name in ("ETag", "Cache-Control", "Content-Type", "Content-Language", "Last-Modified")
    }.items()
    assert gzip.decompress(client.get(STATUS, headers={"accept-encoding": "gzip"}).content) == made.content
    changed("open", TEXT.replace("promptly", "soon"))
    assert client.get(STATUS).json()["last_change"]["revision"] == 2


def test_responses_that_are_not_public_are_not_cached_for_others(open_text: Provision, memory: Any) -> None:
    private = APIClient()
    private.force_login(delegate("CAN"))
    assert private.get("/api/v1/provisions/").json()["count"] == 2
    assert not memory.rows
    assert Client().get("/api/v1/provisions/").json()["count"] == 1


def test_the_cache_has_a_limited_size(open_text: Provision, memory: Any, settings: Any) -> None:
    settings.API_MEMORY_BYTES = 30_000
    for number in range(1, 40):
        Client().get(f"{STATUS}?as_of=2021-{number % 9 + 1:02}-{number % 27 + 1:02}")
    assert 0 < memory.size <= 30_000


def test_excess_requests_are_throttled_and_unchanged_responses_are_not_counted(
    open_text: Provision, settings: Any, memory: Any
) -> None:
    settings.API_RATE_ADDRESS = "3/day"
    client = Client()
    tag = client.get(STATUS)["ETag"]
    for _ in range(5):
        assert client.get(STATUS, headers={"if-none-match": tag}).status_code == 304
    assert client.get(STATUS)["RateLimit-Remaining"] == "1"
    assert client.get(STATUS)["RateLimit-Remaining"] == "0"
    answer = client.get(STATUS)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 86400
    assert (answer["RateLimit-Limit"], answer["Content-Type"]) == ("3", "application/problem+json")


def test_requests_are_counted_separately_for_each_account(open_text: Provision, settings: Any) -> None:
    settings.API_RATE_ACCOUNT = "2/day"
    one, other = (api_client_of(DelegationFactory(role="secretariat", member=None).user) for _ in range(2))
    assert [one.get(STATUS).status_code for _ in range(3)] == [200, 200, 429]
    assert other.get(STATUS)["RateLimit-Remaining"] == "1"
    assert Client().get(STATUS).status_code == 200
