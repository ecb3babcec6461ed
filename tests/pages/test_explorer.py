"""The variants explorer: filters of its own, facets whose counts are right, and files of exactly what is filtered."""

import csv
import datetime
import io
import json
from typing import Any

import openpyxl
import pytest
from django.test import Client

from issues.models import Lens, Provision, Variant
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
    sub_issue.lenses.add(lens)
    first = provision_with(
        "It [CAN, JPN propose; BRA oppose: shall] act [=1+1] now.",
        "It [CAN, JPN propose; BRA oppose: shall] act now [AFRICAN GROUP: and here].",
        days=[OCTOBER, DECEMBER],
        slug="acts",
        sub_issue=sub_issue,
    )
    second = provision_with("She [CAN: always] informs [BRA: whom] it concerns.", days=[OCTOBER], slug="informs")
    group = SmallGroupFactory(slug="circle", name="Circle")
    group.sub_issues.add(sub_issue)
    return [first, second]


def words(client: Client, query: str) -> list[str]:
    rows = json.loads(client.get(f"/variants/export/?format=json&{query}").content)["variants"]
    return [row["text"] for row in rows]


def test_any_of_the_named_and_all_of_the_named_are_two_questions(client: Client, texts: Any) -> None:
    assert words(client, "proponent=CAN&proponent=JPN") == ["shall", "always"]
    assert words(client, "every_proponent=CAN&every_proponent=JPN") == ["shall"]
    assert words(client, "every_proponent=CAN&every_opponent=BRA") == ["shall"]


def test_what_a_grouping_does_counts_for_its_members_where_that_is_asked_for(client: Client, texts: Any) -> None:
    assert words(client, "proponent=KEN") == []
    assert words(client, "proponent=KEN&expand=on") == ["and here"]


def test_variants_are_found_by_lens_words_state_and_how_long_they_stand_open(client: Client, texts: Any) -> None:
    assert words(client, "lens=gender") == ["shall", "and here"]
    assert words(client, "q=ALW") == ["always"]
    assert words(client, "state=closed") == ["=1+1"]
    assert words(client, "as_of=2020-12-10&open_longer_than=30") == ["shall", "always", "whom"]
    assert words(client, "order=newest")[0] == "and here"


def test_the_same_filters_stand_behind_the_rest_endpoint(client: Client, texts: Any) -> None:
    for query in ("proponent=KEN&expand=true", "lens=gender", "every_proponent=CAN&every_proponent=JPN"):
        rows = client.get(f"/api/v1/variants/?{query}").json()["results"]
        assert [row["text"] for row in rows] == words(client, query)


def test_a_name_that_is_nobodys_is_refused_and_the_rest_of_the_form_comes_back(client: Client, texts: Any) -> None:
    answer = client.get("/variants/?proponent=XXX&q=always")
    assert answer.status_code == 400
    assert "XXX: nobody in the register" in answer.content.decode()
    assert 'value="always"' in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["", "state=any", "proponent=CAN", "proponent=CAN&state=any&q=a", "section=S0&opponent=BRA", "lens=gender"]
)
def test_every_facet_says_how_many_variants_one_finds_behind_it(client: Client, texts: Any, query: str) -> None:
    answer = client.get(f"/variants/?{query}")
    if answer.status_code == 400:  # the section of the example has another code in this database
        query = query.replace("section=S0&", "")
        answer = client.get(f"/variants/?{query}")
    seen = 0
    for facet in answer.context["facets"]:
        for value in facet.values:
            if not value.chosen:
                assert client.get(f"/variants/{value.address}").context["page"].paginator.count == value.count
                seen += 1
    assert seen > 5


def test_a_workbook_has_no_formula_and_says_what_was_asked_and_when(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=xlsx&state=any")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book["variants"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if str(cell.value).startswith("=")] == ["=1+1"]
    assert all(cell.data_type != "f" for cell in cells)
    about = {row[0].value: row[1].value for row in book["Query"].iter_rows()}
    assert about["query"] == "format=xlsx&state=any"
    assert about["as_of"] == str(datetime.date.today())


def test_comma_separated_values_hold_every_variant_that_is_filtered_and_no_formula(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=csv&state=any")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(lines)))
    assert len(rows[1 : rows.index([])]) == Variant.objects.count() == 5
    assert "'=1+1" in {row[3] for row in rows[1 : rows.index([])]}
    assert ["query", "format=csv&state=any"] in rows


def test_an_unknown_format_is_refused_with_those_that_there_are(client: Client, texts: Any) -> None:
    answer = client.get("/variants/export/?format=pdf")
    assert answer.status_code == 400
    assert "csv, xlsx, json" in answer.content.decode()


def test_the_page_says_who_stands_where_since_when(client: Client, texts: Any) -> None:
    page = text_of(client.get("/variants/?as_of=2020-12-11"))
    assert "4 variants" in page
    assert "proposes CAN, JPN" in page
    assert "10 days" in page


def test_the_number_of_queries_does_not_grow_with_the_variants(
    client: Client, texts: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        provision_with("It [CAN: a] acts [BRA oppose: b].", days=[OCTOBER], slug=f"more-{number}")
    with django_assert_max_num_queries(45):
        client.get("/variants/")
    with django_assert_max_num_queries(7):
        client.get("/variants/export/?format=json")


def test_hidden_texts_change_no_count(client: Client, texts: Any) -> None:
    before = client.get("/variants/?state=any").content
    provision_with(
        "It [CAN: hides] [BRA oppose: this].", slug="hidden", visibility="group", sub_issue=texts[0].sub_issue
    )
    assert client.get("/variants/?state=any").content == before
