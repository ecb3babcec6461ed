"""Tests that each of several negotiations on one site has all pages below a separate prefix."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from issues.models import Provision
from tests.factories import NegotiationFactory, SmallGroupFactory, provision_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def both() -> tuple[Provision, Provision]:
    here = provision_with("Each Party [CAN: shall] act.", slug="same", heading="Ours", visibility="public")
    other = NegotiationFactory(slug="fish", name="Fisheries", short_name="Fish", is_default=False)
    there = provision_with("No subsidy.", slug="same", heading="Theirs", visibility="public", negotiation=other)
    return here, there


def test_the_same_path_below_another_negotiation_shows_its_text(client: Client, both: Any) -> None:
    assert "Each Party" in client.get("/provisions/same/").content.decode()
    page = client.get("/negotiations/fish/provisions/same/").content.decode()
    assert "No subsidy." in page
    assert "Each Party" not in page


def test_links_stay_in_the_negotiation_and_static_files_are_shared(client: Client, both: Any) -> None:
    page = client.get("/negotiations/fish/provisions/same/").content.decode()
    assert 'href="/negotiations/fish/members/"' in page
    assert 'href="/static/css/site' in page
    assert reverse("members") == "/members/"


def test_the_api_responds_for_the_negotiation_in_its_url(client: Client, both: Any) -> None:
    assert client.get("/negotiations/fish/api/v1/status/").json()["negotiation"] == "fish"
    rows = client.get("/negotiations/fish/api/v1/variants/").json()["results"]
    assert rows == []
    assert len(client.get("/api/v1/variants/").json()["results"]) == 1


def test_links_in_a_streamed_export_stay_in_its_negotiation(client: Client, both: Any) -> None:
    answer = client.get("/negotiations/fish/activity/export/")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert "http://testserver/negotiations/fish/provisions/same/history/" in lines[1]


def test_a_small_group_of_another_negotiation_is_not_a_valid_filter(client: Client, both: Any) -> None:
    SmallGroupFactory(slug="catch", negotiation=both[1].negotiation)
    assert client.get("/api/v1/variants/?small_group=catch").status_code == 400
    assert client.get("/negotiations/fish/api/v1/variants/?small_group=catch").status_code == 200


def test_an_unknown_negotiation_is_not_found(client: Client, both: Any) -> None:
    assert client.get("/negotiations/none/members/").status_code == 404
