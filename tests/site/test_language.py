"""Tests of English, French and Spanish, chosen in the page footer or by the browser. The API is in English."""

import pytest
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def language_of(client: Client, address: str = "/definitions/", **headers: str) -> str:
    page = client.get(address, headers=headers).content.decode()
    return page.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.usefixtures("facts")
def test_a_page_is_in_the_language_requested_by_the_browser(client: Client) -> None:
    assert language_of(client) == "en"
    assert language_of(client, **{"accept-language": "fr-CA,fr;q=0.9,en;q=0.5"}) == "fr"
    assert language_of(client, **{"accept-language": "es-AR"}) == "es"
    assert language_of(client, **{"accept-language": "ja"}) == "en"


@pytest.mark.usefixtures("facts")
def test_a_chosen_language_is_kept_and_leads_back_to_the_page(client: Client) -> None:
    answer = client.post("/language/", {"language": "es", "next": "/variants/?state=any"})
    assert (answer.status_code, answer["location"]) == (302, "/variants/?state=any")
    assert language_of(client, **{"accept-language": "fr"}) == "es"


@pytest.mark.usefixtures("facts")
def test_the_choice_of_language_redirects_only_within_the_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "fr", "next": "https://elsewhere.example/"})
    assert answer["location"] == "/"
    assert language_of(client) == "fr"


@pytest.mark.usefixtures("facts")
def test_api_responses_are_in_english_whatever_the_client_accepts(client: Client) -> None:
    client.post("/language/", {"language": "fr", "next": "/"})
    answer = client.get("/api/v1/members/?page_size=1", headers={"accept-language": "fr"})
    assert answer["content-language"] == "en"
    assert answer.json() == Client().get("/api/v1/members/?page_size=1").json()


def test_the_admin_refuses_access_in_the_readers_language(client: Client) -> None:
    client.force_login(UserFactory())
    answer = client.get("/admin/", follow=True, headers={"accept-language": "fr"})
    assert answer.status_code == 403
    assert "Seul le secrétariat peut utiliser l’interface d’administration." in answer.content.decode()
