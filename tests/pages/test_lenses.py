"""Tests that the lens pages reproduce section 4.3 of the brief, on MSMEs, gender and LDCs, from the facts."""

import re
from typing import Any

import pytest
from django.test import Client

from issues.models import SubIssue
from members.models import Member
from tests.factories import ProposalFactory, provision_with
from tests.pages.test_reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


def proponents(client: Client, lens: str) -> set[str]:
    page = client.get(f"/lenses/{lens}/").content.decode()
    cells = re.findall(r'<td data-label="Proponents">(.*?)</td>', page, re.DOTALL)
    return {name for cell in cells for name in re.findall(r">([^<>]+)</a>", cell)}


def test_brazil_and_china_made_proposals_on_msmes(client: Client) -> None:
    assert proponents(client, "msme") == {"Brazil", "China"}


def test_both_proposals_on_gender_are_canadas_and_concern_the_preamble_and_personal_information(client: Client) -> None:
    assert proponents(client, "gender") == {"Canada"}
    page = text_of(client.get("/lenses/gender/"))
    assert "in the preamble" in page
    assert "in personal information" in page


def test_china_and_indonesia_made_text_proposals_for_least_developed_countries(client: Client) -> None:
    assert proponents(client, "ldc") == {"China", "Indonesia"}
    assert "E-commerce Programme for Development" in text_of(client.get("/lenses/ldc/"))


def test_the_lens_on_capacity_building_includes_chinas_text_on_the_digital_divide(client: Client) -> None:
    assert {"China", "Indonesia"} <= proponents(client, "capacity-building")
    assert "Digital divide" in text_of(client.get("/lenses/capacity-building/"))


def test_the_msme_lens_covers_the_places_named_in_the_brief(client: Client) -> None:
    page = text_of(client.get("/lenses/msme/"))
    for place in ("Interactive computer services", "ooperation", "personal information", "reamble", "indow"):
        assert place.lower() in page.lower()


def test_a_lens_counts_variants_by_proponent_and_links_to_them(client: Client) -> None:
    page = client.get("/lenses/msme/").content.decode()
    found = re.search(r'href="(/variants/\?lens=msme&amp;proponent=[^"]+)">[^<]+</a> <span class="count">(\d+)<', page)
    assert found
    assert client.get(found[1].replace("&amp;", "&")).context["page"].paginator.count == int(found[2])


def test_a_member_page_shows_lone_oppositions_and_joint_proponents(client: Client) -> None:
    place = SubIssue.objects.get(code="B.2.a", negotiation__is_default=True)
    provision_with("It [USA oppose: always] acts [USA, CHN oppose: now].", slug="alone", sub_issue=place, position=900)
    ProposalFactory(proponents=list(Member.objects.filter(code__in=["USA", "ISL"])))
    page = text_of(client.get("/members/USA/"))
    assert re.search(r"Only opponent of: [^.]*always \(Alone\)", page) or "more" in page
    assert re.search(r"Proposes jointly with: [^.]*Iceland 1", page)


def test_the_number_of_queries_of_a_lens_is_limited(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(22):
        client.get("/lenses/msme/")
