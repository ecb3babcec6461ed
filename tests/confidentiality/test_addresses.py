"""What one may not read is not there: every address answers as if it did not exist, byte for byte."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from issues.models import ChangeRequest, Proposal, Provision, Revision
from issues.telling import catch_up_everywhere
from tests.confidentiality.world import BLIND, MARKER, SEEING, TEXT, client, hide, make

pytestmark = pytest.mark.django_db

AT = TEXT.index("[")
# An example, or several, of every address that reads. A new address belongs here; one that says nothing of texts,
# proposals or requests belongs in ELSEWHERE; one that only takes what is sent, in WRITING.
READING = {
    "overview": ["/", "/?as_of=2021-01-04", "/?as_of=2021-03-02"],
    "small-group": ["/small-groups/circle/", "/small-groups/circle/?as_of=2021-03-02"],
    "outline": ["/issues/"],
    "issue": ["/issues/A.1/"],
    "sub-issue": ["/sub-issues/A.1.a/", "/sub-issues/A.1.a/?as_of=2021-03-02"],
    "provision": [
        "/provisions/open/",
        f"/provisions/open/?revision=2&at={AT}",
        "/provisions/open/?words=by",
        f"/provisions/{MARKER}/",
        f"/provisions/{MARKER}/?at=1",
    ],
    "history": ["/provisions/open/history/", f"/provisions/{MARKER}/history/"],
    "log-change": ["/provisions/open/log/", f"/provisions/{MARKER}/log/", f"/provisions/{MARKER}/log/?corrects=1"],
    "requests": ["/requests/", "/requests/?state=declined", "/requests/?page=2"],
    "proposals": [
        "/proposals/",
        "/proposals/?proponent=CAN",
        "/proposals/?state=tabled",
        "/proposals/?sub_issue=A.1.a",
    ],
    "proposal": ["/proposals/known/", f"/proposals/{MARKER}-proposal/"],
    "table-proposal": ["/proposals/new/"],
    "revise-proposal": ["/proposals/known/revise/", f"/proposals/{MARKER}-proposal/revise/"],
    "merge-proposal": ["/proposals/known/merge/", f"/proposals/{MARKER}-proposal/merge/"],
    "documents": ["/documents/", "/documents/?genre=proposal&as_of=2021-03-02"],
    "document": ["/documents/paper/"],
    "digests": ["/digests/"],
    "webhooks": ["/webhooks/"],
    "webhook": ["/webhooks/1/"],
    "members": ["/members/"],
    "member": ["/members/CAN/", "/members/JPN/", "/members/CAN/?page=2"],
    "definitions": ["/definitions/"],
    "activity": [
        "/activity/",
        "/activity/?member=CAN",
        f"/activity/?provision={MARKER}",
        "/activity/?small_group=circle",
        "/activity/?page=2",
    ],
    "activity-export": ["/activity/export/", f"/activity/export/?provision={MARKER}"],
    "standing": [
        "/standing/",
        "/standing/?as_of=2021-03-02",
        "/standing/?member=CAN&with=JPN",
        "/standing/?section=S0",
    ],
    "standing-export": ["/standing/export/", "/standing/export/?as_of=2021-03-02"],
    "variants": ["/variants/", "/variants/?state=any&proponent=CAN", "/variants/?as_of=2021-03-02", "/variants/?q=by"],
    "variants-facets": ["/variants/facets/", "/variants/facets/?state=any&as_of=2021-03-02"],
    "variants-export": ["/variants/export/?format=csv&state=any"],
    "convergence": ["/convergence/", "/convergence/?small_group=circle", "/convergence/?as_of=2021-03-02"],
    "convergence-export": ["/convergence/export/", "/convergence/export/?small_group=circle&format=csv"],
    "lenses": ["/lenses/"],
    "lens": ["/lenses/watched/", "/lenses/watched/?as_of=2021-03-02"],
    "calendar": ["/calendar/", "/calendar/?as_of=2021-03-02"],
    "calendar-feed": ["/calendar.ics"],
    "meeting": ["/meetings/gathering/"],
    "changes-feed": ["/feeds/changes/"],
    "small-group-feed": ["/small-groups/circle/feed/"],
    "landing": [
        "/landing/",
        "/landing/?as_of=2021-03-02",
        "/landing/?member=CAN&member=JPN",
        "/landing/?small_group=circle",
    ],
    "text": ["/text/", "/text/?mode=base", "/text/?mode=members&member=CAN&silence=drop", "/text/?as_of=2021-03-02"],
    "compare": [
        "/compare/?start=2021-01-04&end=2021-03-02",
        f"/compare/?start=2021-01-04&provision={MARKER}",
        "/compare/?start=2021-01-04&small_group=circle",
    ],
    "state-status": ["/small-groups/circle/state/", "/small-groups/other/state/"],
    "api:api-root": ["/api/v1/"],
    "api:status": ["/api/v1/status/", "/api/v1/status/?as_of=2021-03-02"],
    "api:activity": ["/api/v1/activity/", f"/api/v1/activity/?provision={MARKER}", "/api/v1/activity/?member=CAN"],
    "api:changes": ["/api/v1/changes/", "/api/v1/changes/?limit=3"],
    "api:bulk": ["/api/v1/bulk/"],
    "api:bulk-file": [
        "/api/v1/bulk/everything.jsonl",
        "/api/v1/bulk/revision.jsonl",
        "/api/v1/bulk/proposal-step.csv",
        "/api/v1/bulk/request.csv",
        "/api/v1/bulk/variant.jsonl",
    ],
    "api:section-list": ["/api/v1/sections/"],
    "api:section-detail": ["/api/v1/sections/S0/"],
    "api:issue-list": ["/api/v1/issues/"],
    "api:issue-detail": ["/api/v1/issues/A.1/"],
    "api:sub-issue-list": ["/api/v1/sub-issues/"],
    "api:sub-issue-detail": ["/api/v1/sub-issues/A.1.a/"],
    "api:small-group-list": ["/api/v1/small-groups/"],
    "api:small-group-detail": ["/api/v1/small-groups/circle/", "/api/v1/small-groups/circle/?as_of=2021-03-02"],
    "api:member-list": ["/api/v1/members/", "/api/v1/members/?participant=true"],
    "api:member-detail": ["/api/v1/members/CAN/"],
    "api:proposal-list": ["/api/v1/proposals/", "/api/v1/proposals/?proponent=CAN", "/api/v1/proposals/?page_size=1"],
    "api:proposal-detail": ["/api/v1/proposals/known/", f"/api/v1/proposals/{MARKER}-proposal/"],
    "api:provision-list": ["/api/v1/provisions/", "/api/v1/provisions/?page=2", "/api/v1/provisions/?as_of=2021-03-02"],
    "api:provision-detail": ["/api/v1/provisions/open/", f"/api/v1/provisions/{MARKER}/"],
    "api:variant-list": [
        "/api/v1/variants/",
        "/api/v1/variants/?proponent=CAN",
        "/api/v1/variants/?opponent=JPN",
        f"/api/v1/variants/?provision={MARKER}",
        "/api/v1/variants/?page=2",
        "/api/v1/variants/?state=closed",
        "/api/v1/variants/?small_group=circle",
    ],
    "api:variant-detail": ["/api/v1/variants/1/"],
}
WRITING = {"check-change", "operate", "answer-request", "act-on-proposal", "language", "stop-digest", "act-on-webhook"}
ELSEWHERE = re.compile(
    r"account|mfa_|openid_connect_|socialaccount_|single_sign_on|login|sessions|invitations|accept_invitation"
    r"|act-on-invitation|admin:"
)


def names(resolver: Any = None, namespace: str = "") -> Iterator[str]:
    """Yield the name of every address of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}"


def said(browser: Client, address: str) -> tuple[int, bytes]:
    """Return what an address answers, without what is drawn anew for every answer."""
    answer = browser.get(address)
    body = answer.getvalue() if answer.streaming else answer.content
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", body)
    body = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", body)
    body = re.sub(rb"exported_at,[-+:\dT]+", b"", body)
    return answer.status_code, body


def test_every_address_is_tried_or_said_to_be_elsewhere() -> None:
    missing = [one for one in set(names()) - READING.keys() - WRITING if not ELSEWHERE.match(one)]
    assert missing == [], "Add an example to READING above, so that its confidentiality is tried"


@pytest.mark.parametrize(("visibility", "role"), [(one, role) for one in BLIND for role in BLIND[one]])
def test_what_one_may_not_read_changes_no_answer(visibility: str, role: str) -> None:
    make()
    browser = client(role)
    catch_up_everywhere()
    addresses = [address for examples in READING.values() for address in examples]
    before = {address: said(browser, address) for address in addresses}
    hide(visibility)
    catch_up_everywhere()
    after = {address: said(browser, address) for address in addresses}
    assert [address for address in addresses if before[address] != after[address]] == []
    told = [address for address in addresses if MARKER.encode() in after[address][1].replace(address.encode(), b"")]
    assert [address for address in told if MARKER not in address] == []
    assert before["/"][0] == 200


@pytest.mark.parametrize(("visibility", "role"), [(one, role) for one in SEEING for role in SEEING[one]])
def test_who_may_read_it_does(visibility: str, role: str) -> None:
    make()
    hide(visibility)
    browser = client(role)
    for address in (f"/provisions/{MARKER}/", "/activity/", "/api/v1/provisions/", "/sub-issues/A.1.a/"):
        status, body = said(browser, address)
        assert status == 200
        assert MARKER.encode() in body


@pytest.mark.parametrize(("visibility", "role"), [(one, role) for one in BLIND for role in BLIND[one][1:]])
def test_what_one_may_not_read_cannot_be_written_either(visibility: str, role: str) -> None:
    make()
    hide(visibility)
    browser = client(role)
    rows = (Revision, ChangeRequest, Proposal)
    before = [model.objects.count() for model in rows]
    request = ChangeRequest.objects.filter(provision__slug=MARKER).get()
    sent = {"text": "Gone.", "base_revision": 3, "revision": 3, "act": "lift", "at": 10, "made_on": "2021-04-01"}
    for address in (
        f"/provisions/{MARKER}/log/",
        f"/provisions/{MARKER}/log/check/",
        f"/provisions/{MARKER}/operations/",
        f"/requests/{request.pk}/accept/",
        f"/requests/{request.pk}/take-back/",
        f"/proposals/{MARKER}-proposal/withdraw/",
        f"/proposals/{MARKER}-proposal/revise/",
    ):
        assert browser.post(address, sent).status_code == 404, address
    assert [model.objects.count() for model in rows] == before
    assert Provision.objects.get(slug=MARKER).revisions.count() == 3
