"""A date that the reader has selected stays selected on every page to which a page leads, without scripts."""

from collections import Counter, deque

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from issues.web.day_links import WITHOUT_DATE, keep_date
from tests.pages.test_reading import text_of
from tests.site.test_demonstration import links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

DAY = "2020-12-07"
SHOWN = "You are viewing the record as of the end of 7 December 2020."
KEPT = "Links on it lead to the record as of the end of 7 December 2020."
PER_ROUTE = 4


def test_a_crawl_from_a_past_date_meets_no_page_of_another_day(client: Client) -> None:
    queue, seen, visits = deque([f"/?as_of={DAY}"]), {f"/?as_of={DAY}"}, Counter[str]()
    strayed = []
    while queue:
        address = queue.popleft()
        path = address.partition("?")[0]
        try:
            route = resolve(path).view_name
        except Resolver404:
            pytest.fail(f"{address} leads nowhere")
        if visits[route] >= PER_ROUTE or WITHOUT_DATE.match(path):
            continue
        visits[route] += 1
        response = client.get(address)
        if response.status_code != 200:
            strayed.append(f"{address} {response.status_code}")
            continue
        if not response["Content-Type"].startswith("text/html"):
            if f"as_of={DAY}" not in address and not path.endswith("/feed/"):  # a feed tells every change
                strayed.append(address)
            continue
        page = text_of(response)
        if "<html" in response.content.decode() and SHOWN not in page and KEPT not in page:
            strayed.append(address)
        response.read = response.content
        for link in links(response):
            if not link.startswith("//") and link not in seen:
                seen.add(link)
                queue.append(link)
    assert strayed == []
    assert len(visits) > 30, sorted(visits)


def test_forms_keep_the_selected_date_and_moment(client: Client) -> None:
    page = client.get(f"/documents/?as_of={DAY}&known_at=2026-01-02T10:00").content.decode()
    search = page[page.index('role="search"') :].partition("</form>")[0]
    assert f'name="as_of" value="{DAY}"' in search
    assert 'name="known_at" value="2026-01-02T10:00"' in search


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ('<a href="/members/">', f'<a href="/members/?as_of={DAY}">'),
        ('<a href="/members/?a=1&amp;b=2#c">', f'<a href="/members/?a=1&amp;b=2&amp;as_of={DAY}#c">'),
        ('<a class="x" href="/">', f'<a class="x" href="/?as_of={DAY}">'),
        ('<a href="/members/?as_of=2020-01-01">', '<a href="/members/?as_of=2020-01-01">'),
        ('<a href="/accounts/login/">', '<a href="/accounts/login/">'),
        ('<a href="/negotiations/x/api/v1/">', '<a href="/negotiations/x/api/v1/">'),
        ('<a href="/negotiations/x/text/">', f'<a href="/negotiations/x/text/?as_of={DAY}">'),
        ('<a href="//elsewhere.example/">', '<a href="//elsewhere.example/">'),
        ('<a href="https://elsewhere.example/">', '<a href="https://elsewhere.example/">'),
        ('<a href="?page=2">', '<a href="?page=2">'),
        ('<a href="#top">', '<a href="#top">'),
        ('<link href="/static/css/site.css">', '<link href="/static/css/site.css">'),
    ],
)
def test_a_link_to_a_page_of_the_site_gets_the_date(link: str, kept: str) -> None:
    assert keep_date(link, {"as_of": DAY}) == kept


def test_an_invalid_date_is_not_kept(client: Client) -> None:
    page = client.get("/definitions/?as_of=soon").content.decode()
    assert 'href="/members/"' in page
    assert KEPT not in page


def test_a_redirect_keeps_the_date(client: Client) -> None:
    response = client.get(f"/documents?as_of={DAY}")
    assert response.status_code in (301, 308)
    assert response["Location"].endswith(f"as_of={DAY}")
