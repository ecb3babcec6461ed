"""Tests of the convergence charts, their data, the last plenary, and differences between stated and measured status."""

import csv
import datetime
import io
import json
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.models import Meeting
from tests.factories import SmallGroupFactory, StatusReportFactory, SubIssueFactory, provision_with
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db

DAYS = [datetime.date(2020, 10, 1), datetime.date(2020, 11, 1), datetime.date(2020, 12, 1)]


@pytest.fixture
def group() -> Any:
    place = SubIssueFactory(code="S.9.a")
    texts = ("One two [three four].", "One [two] [three four].", "One two three four.")
    provision_with(*texts, days=DAYS, slug="acts", sub_issue=place)
    provision_with("[Elsewhere] five words stand here.", days=DAYS[:1], slug="elsewhere")
    group = SmallGroupFactory(slug="circle", name="Circle")
    group.sub_issues.add(place)
    return group


def path_of(page: str, title: str) -> str:
    drawn = re.search(rf"<figcaption>{title}</figcaption>.*?<path d=\"([^\"]+)\"", page, re.DOTALL)
    assert drawn
    return drawn[1]


def test_a_chart_keeps_each_value_until_the_next_change(client: Client, group: Any) -> None:
    page = client.get("/convergence/?small_group=circle&as_of=2020-12-01").content.decode()
    # The values 1, 2 and 0 on a scale of 0 to 2 are half way up, at the top after 31 of 61 days, and at the bottom.
    assert path_of(page, "Open brackets") == "M44.0 79.0H277.8V14.0H504.0V144.0H504.0"
    assert "Open brackets: 1 Oct 2020 1, 1 Nov 2020 2, 1 Dec 2020 0" in page


def test_a_text_without_words_has_no_share_on_pages_in_charts_and_in_files(client: Client, group: Any) -> None:
    place = SubIssueFactory(code="S.9.b")
    provision_with("[...]", "One two.", "[...]", days=DAYS, slug="empty", sub_issue=place)
    SmallGroupFactory(slug="quiet", name="Quiet").sub_issues.add(place)
    rows = client.get("/convergence/export/?small_group=quiet").getvalue().decode().splitlines()  # type: ignore[attr-defined]
    assert [row.split(",")[3] for row in rows[1:4]] == ["no words", "1.0000", "no words"]
    page = client.get("/convergence/?small_group=quiet&as_of=2020-12-31").content.decode()
    # A line is drawn only from the second to the third date.
    assert path_of(page, "Clean share") == "M200.7 14.0H352.4"
    assert "Clean share: 1 Oct 2020 no words, 1 Nov 2020 100 %, 1 Dec 2020 no words" in page
    assert "no words" in text_of(client.get("/provisions/empty/"))
    for address in ("/small-groups/quiet/", "/provisions/empty/", "/provisions/empty/history/"):
        assert "0 % clean" not in text_of(client.get(address)).replace("100 % clean", "")


def test_a_stated_status_is_marked_on_its_date(client: Client, group: Any) -> None:
    StatusReportFactory(small_group=group, status="clean text", stated_on=DAYS[1])
    page = client.get("/convergence/?small_group=circle").content.decode()
    assert "<title>2020-11-01: Clean text</title>" in page
    assert "<title>" not in client.get("/convergence/").content.decode().split("<main")[1]


def test_the_downloaded_figures_are_those_of_the_charts(client: Client, group: Any) -> None:
    answer = client.get("/convergence/export/?format=json&small_group=circle")
    rows = json.loads(answer.content)["convergence"]
    assert [(row["day"], row["open_brackets"], row["clean_share"]) for row in rows] == [
        ("2020-10-01", 1, "0.5000"),
        ("2020-11-01", 2, "0.2500"),
        ("2020-12-01", 0, "1.0000"),
    ]
    whole = client.get("/convergence/export/?format=csv").getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    assert next(csv.DictReader(io.StringIO(whole)))["words"] == "9"


def test_changes_since_the_last_plenary_are_shown_with_the_previous_figures(client: Client, group: Any) -> None:
    Meeting.objects.create(
        negotiation=group.negotiation, slug="p", kind="plenary", title="Second plenary", starts=DAYS[1], source="test"
    )
    page = text_of(client.get("/convergence/"))
    assert "Since the last plenary (Second plenary, 1 November 2020)" in page
    assert "Circle 25 % → 100 % 2 → 0" in page
    earlier = text_of(client.get("/convergence/?as_of=2020-10-15"))
    assert "Second plenary" not in earlier


def test_discrepancies_between_stated_clean_text_and_open_brackets_are_listed_in_both_directions(
    client: Client, group: Any
) -> None:
    assert "no brackets are open, but the status “Clean text” has not been stated" in text_of(
        client.get("/convergence/")
    )
    StatusReportFactory(small_group=group, status="clean text", stated_on=DAYS[0])
    page = text_of(client.get("/convergence/?as_of=2020-11-02"))
    assert "stated as clean text (1 October 2020), but 2 brackets are still open" in page


def test_the_number_of_queries_does_not_grow_with_the_text(
    client: Client, group: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        provision_with("It [CAN: a] acts.", "It acts.", days=DAYS[:2], slug=f"more-{number}")
    with django_assert_max_num_queries(24):
        client.get("/convergence/")


def test_the_page_of_a_small_group_has_downloadable_charts_with_its_statuses(client: Client, group: Any) -> None:
    StatusReportFactory(small_group=group, status="clean text", stated_on=DAYS[1])
    page = client.get("/small-groups/circle/?as_of=2020-12-01").content.decode()
    assert path_of(page, "Open brackets") == "M44.0 79.0H277.8V14.0H504.0V144.0H504.0"
    assert "<title>2020-11-01: Clean text</title>" in page
    for name in ("clean-share", "open-brackets", "alternatives", "members-opposing"):
        taken = re.search(rf'href="(/convergence/{name}\.svg[^"]*)" download', page)
        assert taken
        answer = client.get(unescape(taken[1]))
        assert answer.status_code == 200
        assert "Circle" in answer.content.decode()
    assert 'href="/definitions/?as_of=2020-12-01">How this is counted' in page
    assert "2020-11-01: Clean text" not in client.get("/small-groups/circle/?as_of=2020-10-31").content.decode()


def test_the_overview_has_charts_of_the_whole_text(client: Client, group: Any) -> None:
    page = client.get("/").content.decode()
    assert "Over time" in page
    assert re.findall(r'href="/convergence/(.*?)\.svg', page) == ["clean-share", "open-brackets"]
    assert path_of(page, "Open brackets") == path_of(client.get("/convergence/").content.decode(), "Open brackets")
    assert "Over time" not in client.get("/?as_of=2020-09-30").content.decode()


def test_the_charts_of_a_page_need_no_queries(client: Client, group: Any) -> None:
    for address in ("/", "/small-groups/circle/"):
        with CaptureQueriesContext(connection) as with_charts:
            client.get(address)
        with CaptureQueriesContext(connection) as without:
            client.get(f"{address}?as_of=2020-09-30")
        asked = [one["sql"] for one in with_charts if "measure" in one["sql"] or "statusreport" in one["sql"]]
        assert len(asked) == len([one for one in without if "measure" in one["sql"] or "statusreport" in one["sql"]])
