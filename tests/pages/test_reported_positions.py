"""Tests of the pages of reported positions, and of the places where they stand on other pages."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from issues.models import Negotiation, ReportedPosition
from issues.web import reported_positions
from tests.pages.test_reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

AGAINST = "Against extending the moratorium."
PERMANENT = "Call for a permanent moratorium."


def position_of_indonesia() -> ReportedPosition:
    """Return the position of Indonesia on the moratorium that the brief reports."""
    return ReportedPosition.objects.get(statement=AGAINST)


def lines(response: Any) -> list[dict[str, str]]:
    """Return the rows of a CSV file, without the metadata after the empty row."""
    text = response.getvalue().decode("utf-8-sig").split("\r\n\r\n")[0]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "address",
    [
        "/small-groups/customs-duties/",
        "/provisions/customs-duties/",
        "/issues/B.3/",
        "/members/IDN/",
        "/reported-positions/?topic=customs-duties-on-electronic-transmissions",
    ],
)
def test_indonesias_position_is_shown_with_its_source_on_all_related_pages(client: Client, address: str) -> None:
    page = client.get(address)
    assert AGAINST in text_of(page)
    assert "IISD brief on the e-commerce JSI, February 2021, section 4.1, Table 2" in text_of(page)
    assert f'href="/reported-positions/{position_of_indonesia().pk}/"' in page.content.decode()


@pytest.mark.parametrize(
    ("address", "holder"),
    [
        ("/small-groups/customs-duties/", "Some developed members"),
        ("/small-groups/open-government-data/", "Signatories of the International Open Data Charter"),
        ("/sub-issues/A.2.b/", "Higher-income members"),
        ("/provisions/customs-duties/", "Many developing members"),
    ],
)
def test_positions_of_unnamed_members_are_shown_too_and_link_to_their_other_positions(
    client: Client, address: str, holder: str
) -> None:
    page = client.get(address)
    assert holder in text_of(page)
    key = holder.lower().replace(" ", "-")
    assert f"/reported-positions/?member={key}" in page.content.decode()
    assert holder in text_of(client.get(f"/reported-positions/?member={key}"))


def test_a_place_without_reported_positions_does_not_mention_them(client: Client) -> None:
    assert 'id="reported"' not in client.get("/small-groups/spam/").content.decode()


def test_a_page_shows_the_first_positions_and_links_to_all(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(reported_positions, "POSITIONS_IN_AN_EXTRACT", 3)
    page = client.get("/small-groups/customs-duties/")
    total = ReportedPosition.objects.filter(issue__code="B.3").later(Negotiation.objects.get(), later=False).count()
    assert page.content.decode().count('class="dates"') == 3
    assert f"All {total} reported positions" in text_of(page)
    assert 'href="/reported-positions/?small_group=customs-duties"' in page.content.decode()
    listed = text_of(client.get("/reported-positions/?small_group=customs-duties"))
    assert f"{total} positions, in the order of the issues" in listed


def test_the_number_of_queries_does_not_grow_with_the_positions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for address, most in [
        ("/reported-positions/", 14),
        ("/reported-positions/?member=IDN&place=B.3&topic=moratorium&q=duties", 24),
        (f"/reported-positions/{position_of_indonesia().pk}/", 9),
        ("/reported-positions/export/", 9),
    ]:
        client.get(address)
        with django_assert_max_num_queries(most):
            response = client.get(address)
            assert response.status_code == 200
            if response.streaming:
                response.getvalue()


def test_a_member_page_distinguishes_reported_from_logged_positions(client: Client) -> None:
    page = client.get("/members/IDN/")
    body = page.content.decode()
    reported, logged = body.index('<h2 id="reported">'), body.index('<h2 id="logged">')
    assert reported < body.index(AGAINST) < logged
    assert logged < body.index('class="stance stance-')
    assert "3 positions reported by a source" in text_of(page)
    assert "not recorded in the text and are not counted in the figures" in text_of(page)


def test_a_member_without_reported_positions_is_described_as_such(client: Client) -> None:
    page = text_of(client.get("/members/AFG/"))
    assert "No source on record reports a position of this member." in page
    assert "0 positions reported by a source" in page


def test_a_position_dated_after_the_facts_were_collected_is_marked_and_shows_its_dates(client: Client) -> None:
    page = text_of(client.get("/reported-positions/?stance=withdraw&as_of=2024-12-31"))
    assert "Date of the statement: 25 October 2023" in page
    assert "dated after the facts were collected" in page
    early = text_of(client.get(f"/reported-positions/{position_of_indonesia().pk}/")).partition("Other positions on")[0]
    assert "Date of the source: February 2021" in early
    assert "dated after the facts were collected" not in early


def test_on_a_past_date_later_positions_are_not_shown(client: Client) -> None:
    later = ReportedPosition.objects.get(stance="withdraw")
    assert client.get(f"/reported-positions/{later.pk}/?as_of=2023-10-24").status_code == 404
    assert client.get(f"/reported-positions/{later.pk}/?as_of=2023-10-25").status_code == 200
    for address in ("/members/USA/", "/issues/B.2/", "/sub-issues/C.3.a/", "/small-groups/source-code/"):
        assert later.statement in text_of(client.get(address, {"as_of": "2023-10-25"}))
        assert later.statement not in text_of(client.get(address, {"as_of": "2023-10-24"}))
        assert later.statement not in text_of(client.get(address)), "later facts are shown only when asked for"
    assert later.statement not in text_of(client.get("/reported-positions/"))


def test_the_page_of_a_position_links_to_its_holder_places_groups_documents_and_topic(client: Client) -> None:
    position = ReportedPosition.objects.get(member__code="IND", topic="Moratorium and Work Programme")
    page = client.get(f"/reported-positions/{position.pk}/").content.decode()
    for address in (
        "/members/IND/",
        "/issues/B.3/",
        "/small-groups/customs-duties/",
        "/documents/wt-gc-w-812/",
        "/documents/wt-gc-w-747/",
        "/reported-positions/?topic=moratorium-and-work-programme",
        "/members/ZAF/",
    ):
        assert f'href="{address}"' in page


def test_the_url_of_a_source_is_a_link(client: Client) -> None:
    position = ReportedPosition.objects.filter(member__code="MYS").get()
    page = client.get(f"/reported-positions/{position.pk}/").content.decode()
    assert (
        '<a href="https://borderlex.net/2024/04/08/wto-permanent-import-duty-ban-challenges-e-commerce-deal/"' in page
    )


def test_the_list_can_be_filtered_by_the_choices_that_it_offers(client: Client) -> None:
    page = client.get("/reported-positions/").content.decode()
    for value in ("IDN", "some-developed-members", "B.3", "C.1.a", "customs-duties", "moratorium", "oppose"):
        assert f'<option value="{value}"' in page
    narrowed = client.get("/reported-positions/", {"member": "some-developed-members", "place": "B.3", "stance": ""})
    assert PERMANENT in text_of(narrowed)
    assert "1 position, in the order of the issues" in text_of(narrowed)
    assert '<option value="some-developed-members" selected>' in narrowed.content.decode()


def test_a_filter_without_a_form_field_is_kept_when_the_form_is_sent(client: Client) -> None:
    page = client.get("/reported-positions/?sub_issue=A.2.b").content.decode()
    assert '<input type="hidden" name="sub_issue" value="A.2.b">' in page


@pytest.mark.parametrize("query", ["member=Nobody", "sub_issue=Z.9", "later=perhaps", "topic=nothing", "place=Z.9"])
def test_an_invalid_filter_is_explained_on_the_page(client: Client, query: str) -> None:
    response = client.get(f"/reported-positions/?{query}")
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert client.get(f"/reported-positions/export/?{query}").status_code == 400


def test_the_file_contains_the_rows_of_the_list_with_sources_and_urls(client: Client) -> None:
    (row,) = lines(client.get("/reported-positions/export/?member=IDN&place=B.3&later=false"))
    assert (row["holder"], row["stance"], row["issue"], row["reported_on"]) == ("Indonesia", "oppose", "B.3", "2021-02")
    assert row["source"].startswith("IISD brief")
    assert client.get(row["address"]).status_code == 200
    assert len(lines(client.get("/reported-positions/export/?as_of=2025-01-01"))) == ReportedPosition.objects.count()
    workbook = client.get("/reported-positions/export/?format=xlsx")
    assert workbook.content.startswith(b"PK")
    document = client.get("/reported-positions/export/?format=json&later=true").json()
    assert document["count"] == len(document["reported_positions"]) == 16


def test_the_overview_and_the_menu_link_to_the_reported_positions(client: Client) -> None:
    for address in ("/", "/calendar/"):
        assert 'href="/reported-positions/"' in client.get(address).content.decode()
