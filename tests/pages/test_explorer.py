"""Tests of the variants explorer, its filters, its facet counts and its exports of the filtered rows."""

import csv
import datetime
import io
import json
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.test import Client

from issues.models import Lens, Provision, Variant
from members.models import GroupingMembership
from tests.factories import (
    GroupingFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    provision_with,
)
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db

OCTOBER, DECEMBER = datetime.date(2020, 10, 1), datetime.date(2020, 12, 1)


@pytest.fixture
def texts() -> list[Provision]:
    members = {code: MemberFactory(code=code, name=code.title()) for code in ("CAN", "BRA", "JPN", "KEN")}
    for member in members.values():
        ParticipationFactory(member=member)
    GroupingFactory(code="AFRICAN GROUP", name="African Group", speaks=True, members=[members["KEN"]])
    lens = Lens.objects.create(slug="gender", name="Gender", source="test")
    sub_issue = SubIssueFactory(code="S.9.a")
    first = provision_with(
        "It [CAN, JPN propose; BRA oppose: shall] act [=1+1] now.",
        "It [CAN, JPN propose; BRA oppose: shall] act now [AFRICAN GROUP: and here].",
        days=[OCTOBER, DECEMBER],
        slug="acts",
        sub_issue=sub_issue,
    )
    first.lenses.add(lens)
    second = provision_with("She [CAN: always] informs [BRA: whom] it concerns.", days=[OCTOBER], slug="informs")
    group = SmallGroupFactory(slug="circle", name="Circle")
    group.sub_issues.add(sub_issue)
    return [first, second]


def words(client: Client, query: str) -> list[str]:
    rows = json.loads(client.get(f"/variants/export/?format=json&{query}").content)["variants"]
    return [row["text"] for row in rows]


def test_filtering_by_any_and_by_all_of_the_given_names_gives_different_results(client: Client, texts: Any) -> None:
    assert words(client, "proponent=CAN&proponent=JPN") == ["shall", "always"]
    assert words(client, "every_proponent=CAN&every_proponent=JPN") == ["shall"]
    assert words(client, "every_proponent=CAN&every_opponent=BRA") == ["shall"]


def test_variants_can_be_filtered_by_stance_name_or_both(client: Client, texts: Any) -> None:
    assert words(client, "stance=oppose") == ["shall"]
    assert words(client, "member=CAN") == ["shall", "always"]
    assert words(client, "member=BRA&stance=propose") == ["whom"]
    assert words(client, "member=KEN&stance=propose&expand=on") == ["and here"]


def test_a_groupings_stances_are_attributed_to_its_members_on_request(client: Client, texts: Any) -> None:
    assert words(client, "proponent=KEN") == []
    assert words(client, "proponent=KEN&expand=on") == ["and here"]


def test_variants_can_be_filtered_by_lens_words_state_and_age(client: Client, texts: Any) -> None:
    assert words(client, "lens=gender") == ["shall", "and here"]
    assert words(client, "q=ALWAYS") == ["always"]
    assert words(client, "state=closed") == ["=1+1"]
    assert words(client, "state=closed&as_of=2020-11-30") == []
    assert words(client, "as_of=2020-12-10&open_longer_than=30") == ["shall", "always", "whom"]
    assert words(client, "order=newest")[0] == "and here"


def test_the_api_offers_the_same_filters_as_the_page(client: Client, texts: Any) -> None:
    for query in ("proponent=KEN&expand=true", "lens=gender", "every_proponent=CAN&every_proponent=JPN"):
        rows = client.get(f"/api/v1/variants/?{query}").json()["results"]
        assert [row["text"] for row in rows] == words(client, query)


def test_the_positions_on_a_closed_bracket_remain_known(client: Client) -> None:
    for code in ("CAN", "BRA"):
        MemberFactory(code=code)
    provision_with("It [CAN propose; BRA oppose: shall] act.", "It shall act.", days=[OCTOBER, DECEMBER])
    for query in ("state=closed&proponent=CAN", "state=any&opponent=BRA&as_of=2020-12-02"):
        [row] = json.loads(client.get(f"/variants/export/?format=json&{query}").content)["variants"]
        assert (row["propose"], row["oppose"], row["days_open"], row["outcome"]) == ("CAN", "BRA", 61, "lifted")
    [row] = json.loads(client.get("/variants/export/?format=json&as_of=2020-11-30").content)["variants"]
    assert (row["days_open"], row["closed_on"], row["outcome"]) == (60, "", "")


def test_matches_are_marked_and_the_best_match_comes_first(client: Client, texts: Any) -> None:
    provision_with("A [always, whom always always] B [CAN: other].", days=[OCTOBER], slug="often")
    page = client.get("/variants/?q=always").content.decode()
    assert page.count("<mark>always</mark>") == 4
    assert words(client, "q=always")[0].count("always") == 3
    assert words(client, "q=always&order=place")[0] == "always"


def test_a_search_without_words_is_refused_and_the_input_is_kept(client: Client, texts: Any) -> None:
    answer = client.get("/variants/?q=%21%21")
    assert answer.status_code == 400
    assert "at least one word" in answer.content.decode()


def test_an_unknown_name_is_refused_and_the_rest_of_the_form_is_kept(client: Client, texts: Any) -> None:
    answer = client.get("/variants/?proponent=XXX&q=always")
    assert answer.status_code == 400
    assert "Unknown member or grouping: XXX" in answer.content.decode()
    assert 'value="always"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=any",
        "proponent=CAN",
        "proponent=CAN&state=any&q=shall",
        "section=SECTION&opponent=BRA",
        "lens=gender",
        "expand=true",
        "member=KEN&member=CAN&expand=true",
        "proponent=CAN&expand=true",
    ],
)
def test_every_facet_shows_the_number_of_variants_that_it_selects(client: Client, texts: Any, query: str) -> None:
    query = query.replace("SECTION", texts[0].parent_section.code)
    answer = client.get(f"/variants/facets/?{query}")
    seen = 0
    for facet in answer.context["facets"]:
        for value in facet.values:
            if not value.chosen:
                assert client.get(value.url).context["page"].paginator.count == value.count
                seen += 1
    assert seen > 5


def test_a_member_that_proposes_a_variant_itself_and_through_its_grouping_is_counted_once(
    client: Client, texts: Any
) -> None:
    provision_with("She [AFRICAN GROUP, KEN: often] asks.", days=[OCTOBER], slug="asks")
    assert proponents(client, "expand=true")["Ken"] == 2
    assert proponents(client, "")["Ken"] == 1
    assert proponents(client, "expand=true&as_of=2020-11-01")["Ken"] == 1
    GroupingMembership.objects.update(until=DECEMBER)
    assert proponents(client, "expand=true")["Ken"] == 1
    assert proponents(client, "expand=true&as_of=2020-12-01")["Ken"] == 2


def proponents(client: Client, query: str) -> dict[str, int]:
    found = client.get(f"/variants/facets/?{query}").context["facets"]
    return {one.label: one.count for facet in found if facet.name == "proponent" for one in facet.values}


def test_a_workbook_contains_no_formula_and_states_the_query_and_the_date(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=xlsx&state=any")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book["variants"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if str(cell.value).startswith("=")] == ["=1+1"]
    assert all(cell.data_type != "f" for cell in cells)
    about = {row[0].value: row[1].value for row in book["Query"].iter_rows()}
    assert about["query"] == "format=xlsx&state=any"
    assert about["as_of"] == str(datetime.date.today())


def test_a_csv_file_contains_every_filtered_variant_and_no_formula(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=csv&state=any")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(lines)))
    assert len(rows[1 : rows.index([])]) == Variant.objects.count() == 5
    assert "'=1+1" in {row[3] for row in rows[1 : rows.index([])]}
    assert ["query", "format=csv&state=any"] in rows
    assert ["version", f"JSI tracker {settings.VERSION}"] in rows
    assert ["left_out", "Parts that this reader is not permitted to see are omitted."] in rows


def test_an_unknown_format_is_refused_with_the_valid_formats(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=pdf")
    assert answer.status_code == 400
    assert "csv, xlsx, json" in answer.content.decode()


def test_the_page_shows_positions_with_their_dates(client: Client, texts: Any) -> None:
    page = text_of(client.get("/variants/?as_of=2020-12-11"))
    assert "4 variants" in page
    assert "proposes CAN, JPN" in page
    assert "10 days" in page


def test_the_number_of_queries_does_not_grow_with_the_variants(
    client: Client, texts: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        provision_with("It [CAN: a] acts [BRA oppose: b].", days=[OCTOBER], slug=f"more-{number}")
    with django_assert_max_num_queries(16):
        client.get("/variants/")
    with django_assert_max_num_queries(30):
        client.get("/variants/facets/")
    with django_assert_max_num_queries(31):
        client.get("/variants/facets/?expand=true")
    with django_assert_max_num_queries(8):
        client.get("/variants/export/?format=json")


def test_hidden_texts_do_not_affect_counts(client: Client, texts: Any) -> None:
    addresses = ("/variants/?state=any", "/variants/facets/?state=any")
    before = [client.get(address).content for address in addresses]
    provision_with(
        "It [CAN: hides] [BRA oppose: this].", slug="hidden", visibility="group", sub_issue=texts[0].sub_issue
    )
    assert [client.get(address).content for address in addresses] == before


@pytest.mark.usefixtures("facts")
def test_an_unknown_filter_is_named_and_an_invalid_page_is_not_found(client: Client) -> None:
    assert "Unknown filters, ignored: propnent" in text_of(client.get("/variants/?propnent=EU&page=1"))
    assert "Unknown filters, ignored" not in text_of(client.get("/variants/?proponent=EU&state=any"))
    for address in ("/variants/?page=abc", "/variants/?page=999", "/activity/?page=0", "/documents/?page=x"):
        assert client.get(address).status_code == 404, address
