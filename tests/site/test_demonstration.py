"""A walk over all pages, endpoints, files and feeds: invented data is marked wherever it appears, and only there."""

import csv
import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from openpyxl import load_workbook

from issues.actions import proposals
from issues.actions.proposals import Draft, Entry
from issues.models import Negotiation, Proposal, Provision, SubIssue
from issues.sync.catch_up import catch_up_everywhere
from members.demonstration import DOMAIN
from members.models import Delegation, Member
from tests.confidentiality.test_addresses import ELSEWHERE, WRITING, names
from tests.factories import DelegationFactory, UserFactory
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

SITE = "http://testserver"
# Addresses that no link reaches, because a form or a script leads to them.
STARTS = [
    "/",
    "/api/v1/",
    "/compare/?start=2020-10-01",
    "/export/file/?format=html",
    "/export/file/?format=xml",
    "/standing/?member=USA&with=CHN",
    "/search/?q=duties",
    "/search/?q=data&kind=provision",
    "/standing/matrix.svg",
    "/standing/map.svg",
    "/standing/export/?format=csv",
    "/variants/positions/?format=csv",
    "/convergence/export/?format=csv",
    "/convergence/clean-share.svg",
    "/activity/export/",
    "/feeds/changes/",
    "/small-groups/customs-duties/feed/",
    "/provisions/customs-duties/log/",
    "/timelines/moratorium/",
    "/api/v1/changes/",
    "/api/v1/agreement/",
    "/api/v1/search/?q=duties",
    "/api/v1/search/?q=data&kind=variant",
    "/api/v1/landing/",
    "/api/v1/landing/zone/",
    "/api/v1/comparison/?start=2020-10-01",
    "/api/v1/readings/",
    "/api/v1/measures/",
    "/api/v1/provisions/customs-duties/comparison/?old=1&new=2",
    "/api/v1/provisions/customs-duties/revisions/",
    "/api/v1/bulk/everything.jsonl",
    "/api/v1/bulk/variant.csv",
]
PER_ROUTE, PER_MIXED_ROUTE = 2, 200
# Pages that show facts alone, and pages for people rather than about the negotiation.
FACTS = {"outline", "documents", "definitions", "digests", "webhooks"}
FACTS |= {"timeline", "imports", "variants-facets", "table-proposal", "state-status", "requests"}
FACTS |= {"reported-positions", "reported-position", "reported-positions-export", "timeline", "search"}
# Pages about facts that also list changes to texts, and what such a list contains. Most of these pages have no list, so
# the walk visits all of them.
MIXED = {"calendar", "meeting", "document"}
LISTED = re.compile(r'href="/provisions/|class="changes"|data-label="Texts changed">\s*\d')
# Pages about a proposal, which is marked if a demonstration user tabled it.
PROPOSAL = {"proposal", "revise-proposal", "merge-proposal"}
# Keys whose values were computed from texts, so that the object that contains them says whether the text is invented.
# A reported position, which has a statement, is a fact.
COMPUTED = {"clean_share", "stance", "sentences", "wanted_by", "hunks", "opened_on", "same", "contested"}
BANNER, LINE = 'class="demonstration"', 'class="invented"'


@pytest.fixture
def tabled() -> Proposal:
    """Return a proposal that a demonstration user tabled."""
    user = UserFactory(email=f"canada{DOMAIN}")
    canada, negotiation = Member.objects.get(code="CAN"), Negotiation.objects.get()
    DelegationFactory(user=user, member=canada)
    place = SubIssue.objects.get(code="B.2.a")
    draft = Draft("Invented words on data", "Each Member shall act.", [place])
    return proposals.table(negotiation, draft, Entry(actor=user, on_behalf_of=canada))


def walk(language: str = "en") -> Iterator[tuple[str, str, Any]]:
    """Yield the route, the address and the response of up to two pages for each route, following links as read.

    Of the `MIXED` routes, nearly all pages are yielded.
    """
    user = DelegationFactory(role="secretariat", member=None, negotiation=Negotiation.objects.get()).user
    assert Delegation.objects.filter(user=user).exists()
    client, queue, seen, visits = client_of(user), deque(STARTS), set(STARTS), Counter[str]()
    while queue:
        address = queue.popleft()
        try:
            match = resolve(address.partition("?")[0])
        except Resolver404:
            continue
        route = match.view_name
        most = PER_MIXED_ROUTE if route in MIXED else PER_ROUTE
        if visits[route] >= most or ELSEWHERE.match(route) or route in WRITING or route.startswith("admin:"):
            continue
        visits[route] += 1
        response = client.get(address, headers={"accept-language": language})
        response.read = response.getvalue() if response.streaming else response.content
        yield route, address, response
        for link in links(response):
            if link not in seen:
                seen.add(link)
                queue.append(link)


def links(response: Any) -> Iterator[str]:
    """Yield the addresses on this site to which a page or a JSON document links."""
    body = response.read.decode(errors="replace")
    kind = response["Content-Type"]
    found = re.findall(r'href="([^"#]+)', body) if "html" in kind else re.findall(rf'"({SITE}/[^"#]+)', body)
    for link in found:
        address = link.replace("&amp;", "&").removeprefix(SITE)
        if address.startswith("/") and not address.startswith("/static/"):
            yield address


def objects_without_the_field(document: Any, inherited: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the objects with computed values that neither they nor an object around them says to be invented or not."""
    if isinstance(document, list):
        for part in document:
            yield from objects_without_the_field(part, inherited)
    elif isinstance(document, dict):
        says = inherited or "demonstration" in document or "demonstration" in (document.get("measured") or {})
        if COMPUTED & document.keys() and not says and "statement" not in document:
            yield document
        for part in document.values():
            yield from objects_without_the_field(part, says)


def values_of_the_field(document: Any) -> Iterator[bool]:
    """Yield the values of the field in the objects computed from a text."""
    if isinstance(document, list):
        for part in document:
            yield from values_of_the_field(part)
    elif isinstance(document, dict):
        if isinstance(document.get("demonstration"), bool):
            yield document["demonstration"]
        for part in document.values():
            yield from values_of_the_field(part)


def rows_of(response: Any) -> list[dict[str, str]]:
    """Return the rows of a CSV file, without the description below them."""
    table = response.read.decode("utf-8-sig").split("\r\n\r\n")[0]
    return list(csv.DictReader(io.StringIO(table)))


def documents_of(response: Any) -> list[Any]:
    """Return the JSON documents in a response, of which a bulk download has one in each line."""
    text = response.read.decode()
    lines = text.splitlines() if "ndjson" in response["Content-Type"] else [text]
    return [json.loads(line) for line in lines]


def marks(response: Any) -> bool:
    """Return whether a page, drawing, feed or exported text says that something in it is invented."""
    body = response.read.decode(errors="replace")
    return any(
        mark in body for mark in (BANNER, LINE, "are invented.", "Demonstration text, not from", 'term="demonstration"')
    )


def unmarked(route: str, response: Any, tabled: Proposal) -> list[Any]:
    """Return what a response shows of the demonstration without saying so."""
    kind, address = response["Content-Type"], response.wsgi_request.path
    if route in FACTS and "html" not in kind:
        return []
    if "json" in kind:
        return [row for document in documents_of(response) for row in objects_without_the_field(document)]
    if "csv" in kind:
        values = {row.get("demonstration", row.get("Demonstration")) for row in rows_of(response)}
        return [] if "yes" in values or "/bulk/" in address else [values]
    if "spreadsheet" in kind:
        titles, first = list(load_workbook(io.BytesIO(response.read)).worksheets[0].values)[:2]
        return [] if dict(zip(titles, first, strict=True))["demonstration"] == "yes" else [kind]
    of_proposals = route in PROPOSAL or route == "proposals"
    if marks(response) or (of_proposals and tabled.slug not in address + response.read.decode()):
        return []
    if route in MIXED:
        return [kind] if LISTED.search(response.read.decode()) else []
    facts_alone = route in FACTS and b'"/provisions/' not in response.read
    return [] if facts_alone or route == "calendar-feed" else [kind]


@pytest.mark.once
def test_invented_data_are_marked_on_each_page_endpoint_file_and_feed(tabled: Proposal) -> None:
    catch_up_everywhere()
    routes, left_out = set(), []
    for route, address, response in walk():
        routes.add(route)
        assert response.status_code in (200, 302, 404), (address, response.status_code)
        if response.status_code == 200:
            left_out += [(address, part) for part in unmarked(route, response, tabled)]
    assert left_out == []
    missing = {name for name in names() if not ELSEWHERE.match(name) and name not in WRITING} - routes
    assert missing <= NOT_REACHED, missing - NOT_REACHED


# Routes that need an object that the facts do not have.
NOT_REACHED = {"import", "import-file", "webhook", "api:request-detail", "api:nothing", "api:position-detail"}
NOT_REACHED |= {"api:status-report-detail", "api:problem-detail"}


@pytest.mark.once
def test_a_real_text_is_never_marked_as_invented() -> None:
    Provision.objects.update(demonstration=False)
    marked = []
    for _route, address, response in walk():
        if "json" in response["Content-Type"]:
            marked += [address for document in documents_of(response) if any(values_of_the_field(document))]
        elif "csv" in response["Content-Type"]:
            marked += [
                address for row in rows_of(response) if "yes" in (row.get("demonstration"), row.get("Demonstration"))
            ]
        elif marks(response):
            marked.append(address)
    assert marked == []


def test_a_proposal_of_a_demonstration_user_is_marked_where_it_is_listed(client: Client, tabled: Proposal) -> None:
    Provision.objects.update(demonstration=False)
    listed = client_of(tabled.steps.get().recorded_by).get("/api/v1/proposals/?page_size=100").json()["results"]
    assert [row["slug"] for row in listed if row["demonstration"]] == [tabled.slug]


def test_a_members_page_states_that_its_positions_in_the_text_are_invented(client: Client) -> None:
    page = " ".join(client.get("/members/USA/").content.decode().split())
    assert "This member has not taken them." in page
    assert page.index("This member has not taken them") < page.index('id="logged"')
    assert "This member has not taken them" not in client.get("/members/IND/").content.decode()
