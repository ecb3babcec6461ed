"""A response has one day for everything that it shows: by default the last day on which the facts stand."""

import datetime
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from issues.actions import changes
from issues.actions.clock import advance_with
from issues.actions.edits import TextChange
from issues.actions.errors import TextRefused
from issues.models import Document, Meeting, Negotiation, Provision, ReportedPosition
from issues.web.table_files import WORKBOOK
from tests.confidentiality.test_addresses import ELSEWHERE, WRITING
from tests.factories import DelegationFactory
from tests.pages.test_reading import text_of
from tests.site.test_demonstration import STARTS, links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

LAST_DAY = "2021-02-28"
PER_ROUTE = 2
# What differs between the two responses on purpose: the banner, the query in addresses, and the time of the response.
BANNER = re.compile(r'<aside class="time-machine.*?</aside>', re.DOTALL)
FOOT = re.compile(r'<ul id="print-foot".*?</ul>', re.DOTALL)
# The page of a comparison words its sentence differently for a selected end.
COMPARED = re.compile(r"\d+ of\s+\d+ provisions differ.*?\.", re.DOTALL)
DAY = re.compile(r"as_of(?:=|%3D)2021-02-28(?:&amp;|&|%26)?")
EMPTY = re.compile(r"(?:[?&]|%3F)(?=[\"\s,}]|$)", re.MULTILINE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+\d:Z.]*")


def addresses(client: Client) -> Iterator[tuple[str, Any]]:
    """Yield up to two addresses of each route that takes a day, with the responses, following links."""
    queue, seen, visits = deque(STARTS), set(STARTS), Counter[str]()
    while queue:
        address = queue.popleft()
        try:
            route = resolve(address.partition("?")[0]).view_name
        except Resolver404:
            continue
        if visits[route] >= PER_ROUTE or ELSEWHERE.match(route) or route in WRITING or "as_of" in address:
            continue
        if route.startswith("admin:") or route == "api:changes":
            continue
        visits[route] += 1
        response = client.get(address)
        response.read = response.getvalue() if response.streaming else response.content
        for link in links(response):
            if link not in seen:
                seen.add(link)
                queue.append(link)
        if response.status_code == 200:
            yield address, response


def shown(response: Any) -> str:
    """Return what a response shows, without its addresses and the time at which it was sent."""
    body = FOOT.sub("", BANNER.sub("", response.read.decode(errors="replace")))
    if "html" in response["Content-Type"]:
        body = COMPARED.sub("", body)
        body = re.sub(r"<[^>]+>", " ", body)
    return " ".join(EMPTY.sub("", DAY.sub("", MOMENT.sub("", body))).split())


def test_every_response_without_a_day_equals_that_of_the_last_day(client: Client) -> None:
    compared = set()
    for address, response in addresses(client):
        if not getattr(response.wsgi_request, "selects_day", False) or response["Content-Type"] == WORKBOOK:
            continue
        dated = client.get(f"{address}{'&' if '?' in address else '?'}as_of={LAST_DAY}")
        assert dated.status_code == 200, address
        dated.read = dated.getvalue() if dated.streaming else dated.content
        assert shown(dated) == shown(response), address
        compared.add(resolve(address.partition("?")[0]).view_name)
    assert len(compared) > 40, sorted(compared)


def test_later_facts_are_shown_on_request_and_lead_back(client: Client) -> None:
    later = f"?as_of={timezone.localdate()}"
    for address, words in (
        ("/calendar/", "MC14"),
        ("/documents/", "INF/ECOM/87"),
        ("/proposals/", "INF/ECOM/84"),
        ("/reported-positions/", "25 October 2023"),
        ("/timelines/moratorium/", "MC13"),
        ("/members/USA/", "25 October 2023"),
        ("/search/?q=stabilised", "INF/ECOM/87"),
    ):
        page = client.get(address)
        assert words not in text_of(page), address
        assert "You are viewing the record as of 28 February 2021, the last day of its facts." in text_of(page), address
        link = f'href="?{page.wsgi_request.GET.urlencode()}{"&amp;" if page.wsgi_request.GET else ""}as_of='
        assert link in page.content.decode(), address
        page = client.get(f"{address}{later if '?' not in address else later.replace('?', '&')}")
        assert words in text_of(page), address
        assert "Back to 28 February 2021" in text_of(page), address


@pytest.mark.parametrize(
    ("kind", "words"),
    [("documents", "inf-ecom-87"), ("meetings", "2026-03-26-mc14-yaounde"), ("proposals", "inf-ecom-84")],
)
def test_the_api_lists_later_facts_on_request(client: Client, kind: str, words: str) -> None:
    def slugs(query: str) -> set[str]:
        rows = client.get(f"/api/v1/{kind}/?page_size=200{query}").json()["results"]
        return {row["slug"] for row in rows}

    assert words not in slugs("")
    assert words in slugs(f"&as_of={timezone.localdate()}")
    assert client.get(f"/api/v1/{kind}/{words}/").status_code == 200, "a permanent address works on any day"


def test_the_page_of_a_later_fact_says_that_it_is_later(client: Client) -> None:
    for address in ("/meetings/2026-03-26-mc14-yaounde/", "/documents/inf-ecom-87/", "/proposals/inf-ecom-84/"):
        assert "This is later than 28 February 2021" in text_of(client.get(address)), address
    for address in ("/meetings/2021-02-05-first-plenary-of-2021/", "/documents/wt-gc-w-812/"):
        assert "This is later than" not in text_of(client.get(address)), address


def test_a_meeting_still_to_come_is_on_the_calendar(client: Client) -> None:
    soon = timezone.localdate() + datetime.timedelta(days=20)
    negotiation = Negotiation.objects.get()
    Meeting.objects.create(negotiation=negotiation, slug="soon", title="Plenary to come", kind="plenary", starts=soon)
    assert "Plenary to come" in text_of(client.get("/calendar/"))
    assert b"Plenary to come" in client.get("/calendar.ics").content


def test_a_fact_entered_in_the_admin_of_a_real_negotiation_moves_its_last_day() -> None:
    negotiation = Negotiation.objects.get()
    document = Document.objects.create(
        negotiation=negotiation, slug="new", title="New", genre="report", dated=datetime.date(2021, 5, 1)
    )
    advance_with(document)
    negotiation.refresh_from_db()
    assert str(negotiation.stands_on) == LAST_DAY, "the demonstration keeps its day"
    negotiation.provisions.update(demonstration=False)
    document = Document.objects.get(slug="new")
    advance_with(document)
    negotiation.refresh_from_db()
    assert negotiation.stands_on == datetime.date(2021, 5, 1)
    document.dated, document.dated_precision = timezone.localdate().replace(day=1), "year"
    advance_with(document)
    negotiation.refresh_from_db()
    assert negotiation.stands_on == timezone.localdate(), "a date is never in the future"


def test_a_planned_meeting_entered_in_the_admin_does_not_move_the_last_day() -> None:
    negotiation = Negotiation.objects.get()
    negotiation.provisions.update(demonstration=False)
    soon = timezone.localdate() + datetime.timedelta(days=200)
    meeting = Meeting.objects.create(negotiation=negotiation, slug="soon", title="Soon", kind="plenary", starts=soon)
    advance_with(meeting)
    negotiation.refresh_from_db()
    assert str(negotiation.stands_on) == LAST_DAY


def entry_in(provision: Provision, day: datetime.date | None = None) -> None:
    """Log a new bracket in the text of a provision."""
    secretariat = DelegationFactory(role="secretariat", member=None, negotiation=provision.negotiation).user
    base = provision.revisions.order_by("-number").first()
    assert base is not None
    change = TextChange(provision, base.number, f"{base.text} [CAN: New.]", made_on=day, source="test")
    changes.log(change, actor=secretariat)


@pytest.mark.parametrize("visibility", ["public", "participants"])
def test_a_hidden_entry_does_not_move_the_last_day(visibility: str) -> None:
    Provision.objects.update(demonstration=False)
    Provision.objects.filter(slug="customs-duties").update(visibility=visibility)
    entry_in(Provision.objects.get(slug="customs-duties"))
    moved = Negotiation.objects.get().stands_on == timezone.localdate()
    assert moved == (visibility == "public"), "the date of a hidden entry must not be revealed"


def test_an_entry_after_the_end_of_the_demonstration_is_refused() -> None:
    provision = Provision.objects.get(slug="customs-duties")
    with pytest.raises(TextRefused, match="The demonstration ends on 28 February 2021"):
        entry_in(provision, datetime.date(2021, 3, 1))
    entry_in(provision)
    assert str(provision.revisions.latest("number").made_on) == LAST_DAY


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "0001-01-01T00:00:00+14:00", "0900-01-01T00:00"])
def test_a_moment_before_any_record_is_refused(client: Client, moment: str) -> None:
    for address in ("/", "/variants/", "/api/v1/status/", "/api/v1/variants/"):
        assert client.get(address, {"known_at": moment}).status_code == 400, address


def test_a_position_of_a_partly_known_date_is_either_known_or_later(client: Client) -> None:
    position = ReportedPosition.objects.filter(stance="withdraw").get()
    ReportedPosition.objects.filter(pk=position.pk).update(
        stated_on=datetime.date(2021, 1, 1), stated_on_precision="year"
    )
    address = "/api/v1/reported-positions/?stance=withdraw"
    assert client.get(address).json()["count"] == 0
    assert client.get(f"{address}&later=false").json()["count"] == 0
    (row,) = client.get(f"{address}&later=true").json()["results"]
    assert row["later"] is True


def test_a_search_finds_reported_positions_of_its_day(client: Client) -> None:
    query = {"q": "permanent ban", "kind": "reported-position"}
    assert client.get("/api/v1/search/", query | {"as_of": "2020-01-01"}).json()["results"] == []
    assert client.get("/api/v1/search/", query | {"as_of": "2024-12-31"}).json()["results"] != []


def test_a_document_lists_its_later_versions_only_on_request(client: Client) -> None:
    assert "INF/ECOM/62/Rev.4" not in text_of(client.get("/documents/inf-ecom-62/"))
    assert "INF/ECOM/62/Rev.4" in text_of(client.get("/documents/inf-ecom-62/?as_of=2023-12-31"))


def test_a_topic_of_later_positions_is_not_offered(client: Client) -> None:
    assert "Stabilised text July 2024" not in text_of(client.get("/reported-positions/"))
    assert "Stabilised text July 2024" in text_of(client.get("/reported-positions/?as_of=2024-12-31"))


def test_the_calendar_feed_follows_the_date_of_its_page(client: Client) -> None:
    assert b"MC14" not in client.get("/calendar.ics").content
    page = client.get("/calendar/?as_of=2026-04-01").content.decode()
    assert "/calendar.ics?as_of=2026-04-01" in page
    assert b"MC14" in client.get("/calendar.ics?as_of=2026-04-01").content
    assert client.get("/calendar.ics?as_of=nonsense").status_code == 400


def test_the_banner_of_later_facts_says_where_texts_and_statuses_end(client: Client) -> None:
    words = "Texts, positions in brackets, statuses and the outlook are on record up to 28 February 2021 only."
    assert words in text_of(client.get("/?as_of=2026-04-01"))
    assert words not in text_of(client.get("/?as_of=2020-12-07"))


def test_a_member_for_which_the_european_union_negotiates_does_not_look_silent(client: Client) -> None:
    page = text_of(client.get("/members/FRA/"))
    assert "European Union negotiates for France" in page
    assert "negotiates for" not in text_of(client.get("/members/CAN/"))
    assert "negotiates for" not in text_of(client.get("/members/EU/"))
