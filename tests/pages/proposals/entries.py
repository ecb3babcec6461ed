"""Functions that table proposals and fill the forms of their pages."""

import html
from typing import Any

from django.test import Client
from django.utils import timezone

from issues.actions import proposals
from issues.actions.proposals import Draft, Entry
from issues.models import Proposal, SubIssue
from tests.factories import NegotiationFactory
from tests.people import delegate, member

BASE = "Each Member shall [BRA: promptly] act."
WORDS = "No Member shall impose customs duties."
PAGE = "/proposals/customs-duties-can/"


def tabled(place: SubIssue, code: str = "CAN", **values: Any) -> Proposal:
    draft = Draft("Customs duties", WORDS, [place], **{"visibility": "public", **values})
    return proposals.table(NegotiationFactory(), draft, Entry(delegate(code), member(code)))


def typed(**values: Any) -> dict[str, Any]:
    """Return the data of a filled form for a new proposal."""
    form = {
        "on_behalf_of": "CAN",
        "made_on": "2021-02-05",
        "title": "Customs duties",
        "text": WORDS,
        "summary": "No duties.",
        "sub_issues": ["B.1.a"],
        "co_sponsors": ["JPN"],
        "symbol": "INF/ECOM/99",
        "visibility": "public",
        "idempotency_key": "once",
    }
    return {**form, **values}


def entry(code: str = "CAN", **values: Any) -> dict[str, Any]:
    """Return the data of a filled form for a step."""
    return {"on_behalf_of": code, "made_on": "2026-01-01", "note": "In the room", "idempotency_key": "once", **values}


def page_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def today() -> str:
    return timezone.localdate().isoformat()


def merging(**values: Any) -> dict[str, Any]:
    form = {"provision": "article", "base": 1, "place": "end", "words": WORDS, "whole": BASE, "check": ""}
    return {**entry("", made_on=today()), **form, **values}


def seen(answer: Any) -> str:
    """Return the token with which the page identifies the preview."""
    page = page_of(answer)
    return page.split('name="seen" value="')[1].split('"')[0]


def merge(client: Client, **values: Any) -> Any:
    """Preview a merge, record it, and return the following page."""
    values = merging(**values)
    mark = seen(client.post(f"{PAGE}merge/", values))
    del values["check"]
    return client.post(f"{PAGE}merge/", {**values, "seen": mark, "merge": ""}, follow=True)


def revised_after_japan_joined(place: SubIssue) -> Proposal:
    """Return a proposal of Canada and Japan that Canada revised in step 4."""
    found = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(found, Entry(delegate("JPN"), member("JPN")), confirm=True)
    proposals.revise(found, f"{WORDS} None.", Entry(delegate("CAN"), member("CAN")), base=1)
    return found
