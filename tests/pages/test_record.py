"""Tests that documents, meetings and proposals are found by what they concern, on pages and in the API alike."""

from typing import Any

import pytest
from django.test import Client

from issues.models import Document, Meeting, Negotiation
from tests.pages.test_reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

LISTS = {"documents": "/documents/", "meetings": "/calendar/", "proposals": "/proposals/"}
QUERIES = [
    ("documents", "issue=B.3"),
    ("documents", "kind=decision&section=B"),
    ("documents", "sub_issue=A.2.b"),
    ("documents", "small_group=customs-duties&q=moratorium"),
    ("documents", "member=IND"),
    ("documents", "member=ZAF&until=2018-12-31"),
    ("documents", "lens=data"),
    ("documents", "since=2020-03-01&until=2020-12-31"),
    ("documents", "timeline=moratorium"),
    ("meetings", "issue=B.2"),
    ("meetings", "section=C&kind=plenary"),
    ("meetings", "small_group=spam"),
    ("meetings", "sub_issue=C.1.b"),
    ("meetings", "member=JPN&since=2020-01-01"),
    ("meetings", "lens=data"),
    ("meetings", "planned=true"),
    ("meetings", "planned=false&q=moratorium"),
    ("meetings", "timeline=moratorium"),
    ("proposals", "member=CAN"),
    ("proposals", "issue=D.3"),
    ("proposals", "section=ANNEX1&lens=gender"),
    ("proposals", "small_group=paperless-trading"),
    ("proposals", "q=digital"),
    ("proposals", "since=2019-07-01&until=2019-07-31"),
]


def slugs(rows: Any) -> set[str]:
    return {row.slug if hasattr(row, "slug") else row["slug"] for row in rows}


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_the_page_and_the_api_find_the_same_rows(client: Client, name: str, query: str) -> None:
    on_page = client.get(f"{LISTS[name]}?{query}").context["page"]
    answer = client.get(f"/api/v1/{name}/?{query}&page_size=200").json()
    assert answer["count"] == on_page.paginator.count > 0
    assert slugs(on_page.paginator.object_list) == slugs(answer["results"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("documents/?member=IND", {"wt-gc-w-747", "wt-gc-w-798", "wt-gc-w-812"}),
        ("documents/?member=ZAF&until=2018-12-31", {"wt-gc-w-747"}),
        ("documents/?kind=decision&since=2019-01-01", {"wt-l-1079"}),
        ("meetings/?issue=B.2&until=2020-12-31", {"2020-11-session-on-data-flow-and-localization"}),
        (
            "proposals/?lens=gender",
            {
                "gender-inclusive-language-in-the-preamble",
                "gender-inclusive-language-in-personal-information-protection",
            },
        ),
    ],
)
def test_filters_of_the_record_select_the_entries_in_the_brief(client: Client, query: str, found: set[str]) -> None:
    assert slugs(client.get(f"/api/v1/{query}").json()["results"]) == found


def test_a_period_includes_entries_dated_only_by_month_or_year(client: Client) -> None:
    in_december = client.get("/api/v1/documents/?since=2020-12-20&until=2020-12-25").json()["results"]
    assert {"wt-gc-w-812", "wt-gc-w-799-rev-1"} <= slugs(in_december)
    assert all(len(row["dated"]) < 10 for row in in_december)


def test_a_planned_meeting_can_be_selected_by_a_future_date(client: Client) -> None:
    assert client.get("/calendar/?since=2999-01-01").status_code == 200


@pytest.mark.parametrize("address", ["/documents/", "/calendar/", "/proposals/", "/api/v1/meetings/"])
def test_unknown_values_are_refused(client: Client, address: str) -> None:
    for query in ("member=XXX", "issue=Z.9", "lens=none", "since=soon", "small_group=none"):
        assert client.get(f"{address}?{query}").status_code == 400, query


def test_the_former_parameter_for_the_type_of_documents_works_and_is_announced_as_deprecated(client: Client) -> None:
    answer = client.get("/api/v1/documents/?genre=decision")
    assert answer.json()["count"] == client.get("/api/v1/documents/?kind=decision").json()["count"]
    assert "Deprecation" in answer
    assert "Deprecation" not in client.get("/api/v1/documents/?kind=decision&fields=slug,kind_slug")


@pytest.mark.parametrize(
    ("page", "titles"),
    [
        ("/issues/B.3/", ["need for a re-think", "WT/L/1079", "webinar"]),
        ("/issues/B.2/", ["Session on data flow"]),
        ("/sub-issues/A.2.b/", ["Model Law on Electronic Transferable Records"]),
        ("/small-groups/customs-duties/", ["WT/GC/W/812"]),
        ("/small-groups/spam/", ["First plenary of 2021"]),
        ("/members/IND/", ["WT/GC/W/747", "WT/GC/W/798", "WT/GC/W/812"]),
        ("/members/ARE/", ["Model Law on Electronic Transferable Records"]),
        ("/members/JPN/", ["Session on data flow", "Joint media statement"]),
        ("/lenses/data/", ["Session on data flow"]),
    ],
)
def test_pages_list_the_related_entries_of_the_record(client: Client, page: str, titles: list[str]) -> None:
    text = text_of(client.get(page))
    for title in titles:
        assert title in text, title


def test_pages_link_to_the_complete_list_with_the_same_filter(client: Client) -> None:
    page = client.get("/issues/B.3/")
    assert client.get(page.context["documents"].url).context["page"].paginator.count == page.context["documents"].total
    assert client.get(page.context["meetings"].url).context["page"].paginator.count == page.context["meetings"].total


def test_documents_and_meetings_link_back_to_what_they_concern(client: Client) -> None:
    document = client.get("/documents/wt-gc-w-747/").content.decode()
    assert 'href="/issues/B.3/"' in document
    assert 'href="/members/IND/"' in document
    assert 'href="https://docs.wto.org/' in document
    meeting = client.get("/meetings/2020-11-session-on-data-flow-and-localization/").content.decode()
    assert 'href="/issues/B.2/"' in meeting
    assert 'href="/members/JPN/"' in meeting


def test_urls_in_sources_are_links(client: Client) -> None:
    page = client.get("/meetings/2020-01-24-informal-ministerial-davos/").content.decode()
    assert '<a href="https://www.senatorbirmingham.com.au/' in page
    webinar = client.get("/meetings/2020-07-13-wto-secretariat-webinar-on-the-moratorium/").content.decode()
    assert 'href="https://www.wto.org/english/tratop_e/ecom_e/ecom_webinar_13jul2020_e.htm"' in webinar


def test_the_moratorium_timeline_lists_events_from_1998_in_order(client: Client) -> None:
    assert "/timelines/moratorium/" in client.get("/issues/B.3/").content.decode()
    page = text_of(client.get("/timelines/moratorium/?as_of=2022-12-31"))
    told = ["MC2: Declaration", "WT/L/274", "Bali", "re-think", "WT/L/1079", "webinar", "WT/GC/W/812", "MC12, Geneva"]
    assert [page.index(event) for event in told] == sorted(page.index(event) for event in told)


def test_a_timeline_depends_on_the_data_and_the_selected_date(client: Client) -> None:
    assert "MC12, Geneva" not in text_of(client.get("/timelines/moratorium/"))
    meeting = Meeting.objects.get(slug="2021-10-13-plenary")
    meeting.timelines.set(meeting.negotiation.timelines.all())
    assert "recently set up" in text_of(client.get("/timelines/moratorium/?as_of=2022-12-31"))
    Document.objects.get(symbol="WT/GC/W/747").issues.clear()
    assert "re-think" not in text_of(client.get("/timelines/moratorium/"))


def test_the_overview_shows_the_outlook_with_its_sources(client: Client) -> None:
    page = text_of(client.get("/"))
    for words in ("next subjects with a final text", "landing zones", "bringing ministers into the small groups"):
        assert words in page
    assert "Hung Seng Tan" in page
    assert "ministers into" not in text_of(client.get("/?as_of=2021-02-06"))


def test_the_api_contains_the_outlook_and_the_timelines(client: Client) -> None:
    rows = client.get("/api/v1/expectations/?small_group=e-signatures").json()["results"]
    assert [(row["slug"], row["stated_on"]) for row in rows] == [("next-in-line", "2020")]
    timeline = client.get("/api/v1/timelines/?issue=B.3").json()["results"][0]
    assert client.get(timeline["documents"]).json()["count"] >= 12


def test_a_status_without_an_exact_date_is_shown_with_its_month(client: Client) -> None:
    assert "stated in February 2021" in text_of(client.get("/small-groups/source-code/"))
    assert "stated on 5 February 2021" in text_of(client.get("/small-groups/spam/"))
    stated = client.get("/api/v1/status/small-groups/source-code/").json()["stated"]
    assert stated["stated_on"] == "2021-02"


def test_a_cancelled_meeting_is_marked_on_its_page_and_in_the_calendar_feed(client: Client) -> None:
    page = text_of(client.get("/meetings/2021-11-30-mc12-planned-postponed/"))
    assert "Announced for this date, but not held then." in page
    Negotiation.objects.update(stands_on=None)
    assert b"STATUS:CANCELLED" in client.get("/calendar.ics").content
