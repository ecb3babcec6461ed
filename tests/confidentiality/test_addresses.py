"""Tests that each URL of a hidden object returns the same bytes as if the object did not exist."""

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from issues.models import ChangeCounter, ChangeRequest, Proposal, Provision, Revision
from issues.sync.catch_up import catch_up_everywhere
from tests.confidentiality.world import BLIND, IMPORT, MARKER, SEEING, TEXT, client, hide, make

pytestmark = pytest.mark.django_db

AT = TEXT.index("[")
# One or more examples of each URL that can be read. A new URL belongs here, in ELSEWHERE if its response contains no
# texts, proposals or requests, or in WRITING if it only accepts data.
READING = {
    "standing-drawing": ["/standing/matrix.svg", "/standing/map.svg?since=2021-01-04"],
    "convergence-chart": ["/convergence/open-brackets.svg", "/convergence/clean-share.svg?small_group=circle"],
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
    "bracket": [f"/provisions/open/brackets/2-{AT}/", f"/provisions/{MARKER}/brackets/2-{AT}/"],
    "bracket-citation": [
        f"/provisions/open/brackets/2-{AT}/citation.txt",
        f"/provisions/{MARKER}/brackets/2-{AT}/citation.json",
    ],
    "history": ["/provisions/open/history/", f"/provisions/{MARKER}/history/"],
    "log-change": ["/provisions/open/log/", f"/provisions/{MARKER}/log/", f"/provisions/{MARKER}/log/?corrects=1"],
    "requests": ["/requests/", "/requests/?state=declined", "/requests/?page=2"],
    "proposals": [
        "/proposals/",
        "/proposals/?proponent=CAN",
        "/proposals/?state=tabled",
        "/proposals/?sub_issue=A.1.a",
        "/proposals/?issue=A.1&lens=watched&member=CAN",
    ],
    "proposal": ["/proposals/known/", f"/proposals/{MARKER}-proposal/"],
    "table-proposal": ["/proposals/new/"],
    "revise-proposal": ["/proposals/known/revise/", f"/proposals/{MARKER}-proposal/revise/"],
    "merge-proposal": ["/proposals/known/merge/", f"/proposals/{MARKER}-proposal/merge/"],
    "documents": [
        "/documents/",
        "/documents/?kind=proposal&as_of=2021-03-02",
        "/documents/?sub_issue=A.1.a",
        "/documents/?small_group=circle&member=JPN",
        "/documents/?lens=watched",
        "/documents/?timeline=watched",
    ],
    "timeline": ["/timelines/watched/", "/timelines/watched/?as_of=2021-03-02"],
    "document": ["/documents/paper/", f"/documents/{MARKER}-1/"],
    "reported-positions": ["/reported-positions/", "/reported-positions/?place=A.1&as_of=2021-03-02"],
    "reported-position": ["/reported-positions/1/"],
    "reported-positions-export": ["/reported-positions/export/"],
    "digests": ["/digests/"],
    "webhooks": ["/webhooks/"],
    "webhook": ["/webhooks/1/"],
    "members": ["/members/"],
    "member": ["/members/CAN/", "/members/JPN/", "/members/CAN/?page=2"],
    "definitions": ["/definitions/"],
    "search": [
        "/search/",
        "/search/?q=may+run",
        f"/search/?q={MARKER}",
        f"/search/?q={MARKER[:-1]}x&kind=provision",
        "/search/?q=promptly&as_of=2021-03-02",
        "/search/?q=react",
    ],
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
    "positions-export": ["/variants/positions/?format=csv&state=any", "/variants/positions/?as_of=2021-03-02"],
    "export": ["/export/", f"/export/?provision={MARKER}"],
    "export-file": [
        "/export/file/?format=html",
        "/export/file/?format=html&since=2021-01-04",
        "/export/file/?format=xml",
        "/export/file/?format=xml&small_group=circle&as_of=2021-03-02",
        f"/export/file/?format=html&provision={MARKER}",
    ],
    "imports": ["/imports/"],
    "import": [f"/imports/{IMPORT}/"],
    "import-file": [f"/imports/{IMPORT}/file/"],
    "calendar": ["/calendar/", "/calendar/?as_of=2021-03-02", "/calendar/?sub_issue=A.1.a", "/calendar/?lens=watched"],
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
    "api:status-small-group": [
        "/api/v1/status/small-groups/circle/",
        "/api/v1/status/small-groups/circle/?fields=trend",
    ],
    "api:status-issue": ["/api/v1/status/issues/A.1/", "/api/v1/status/issues/A.1/?as_of=2021-03-02"],
    "api:measures": ["/api/v1/measures/", "/api/v1/measures/?small_group=circle", "/api/v1/measures/?as_of=2021-03-02"],
    "api:agreement": ["/api/v1/agreement/", "/api/v1/agreement/?member=CAN", "/api/v1/agreement/?issue=A.1"],
    "api:landing": [
        "/api/v1/landing/",
        "/api/v1/landing/?member=CAN&member=JPN",
        "/api/v1/landing/?small_group=circle",
    ],
    "api:landing-zone": ["/api/v1/landing/zone/", "/api/v1/landing/zone/?small_group=circle"],
    "api:comparison": [
        "/api/v1/comparison/?start=2021-01-04",
        f"/api/v1/comparison/?start=2021-01-04&provision={MARKER}",
    ],
    "api:compare-revisions": [
        "/api/v1/provisions/open/comparison/?old=1&new=2",
        f"/api/v1/provisions/{MARKER}/comparison/?old=1&new=2",
    ],
    "api:readings": ["/api/v1/readings/", "/api/v1/readings/?mode=members&member=CAN&silence=drop"],
    "api:revision-list": [
        "/api/v1/provisions/open/revisions/?include=sentences,text",
        f"/api/v1/provisions/{MARKER}/revisions/",
    ],
    "api:revision-detail": ["/api/v1/provisions/open/revisions/2/", f"/api/v1/provisions/{MARKER}/revisions/1/"],
    "api:lens-list": ["/api/v1/lenses/"],
    "api:lens-detail": ["/api/v1/lenses/watched/"],
    "api:status-report-list": ["/api/v1/status-reports/", "/api/v1/status-reports/?small_group=circle"],
    "api:status-report-detail": ["/api/v1/status-reports/1/"],
    "api:grouping-list": ["/api/v1/groupings/", "/api/v1/groupings/?member=CAN"],
    "api:grouping-detail": ["/api/v1/groupings/none/"],
    "api:position-list": [
        "/api/v1/positions/",
        "/api/v1/positions/?state=any&member=CAN",
        f"/api/v1/positions/?provision={MARKER}",
        "/api/v1/positions/?page_size=1",
        "/api/v1/positions/?order=newest&as_of=2021-03-02",
    ],
    "api:position-detail": ["/api/v1/positions/1/"],
    "api:document-list": [
        "/api/v1/documents/",
        "/api/v1/documents/?issue=A.1",
        "/api/v1/documents/?lens=watched",
        "/api/v1/documents/?member=JPN&timeline=watched",
    ],
    "api:timeline-list": ["/api/v1/timelines/"],
    "api:timeline-detail": ["/api/v1/timelines/watched/"],
    "api:expectation-list": ["/api/v1/expectations/"],
    "api:expectation-detail": ["/api/v1/expectations/expected/"],
    "api:document-detail": ["/api/v1/documents/paper/", f"/api/v1/documents/{MARKER}-1/"],
    "api:reported-position-list": ["/api/v1/reported-positions/", "/api/v1/reported-positions/?member=CAN"],
    "api:reported-position-detail": ["/api/v1/reported-positions/1/"],
    "api:meeting-list": ["/api/v1/meetings/?include=documents", "/api/v1/meetings/?lens=watched"],
    "api:meeting-detail": ["/api/v1/meetings/gathering/"],
    "api:request-list": ["/api/v1/requests/", f"/api/v1/requests/?provision={MARKER}"],
    "api:request-detail": ["/api/v1/requests/1/"],
    "api:problems": ["/api/v1/problems/"],
    "api:problem-detail": ["/api/v1/problems/conflict/"],
    "api:nothing": [f"/api/v1/{MARKER}/"],
    "api:activity": ["/api/v1/activity/", f"/api/v1/activity/?provision={MARKER}", "/api/v1/activity/?member=CAN"],
    "api:search": [
        f"/api/v1/search/?q={MARKER}",
        f"/api/v1/search/?q={MARKER}ra",
        f"/api/v1/search/?q=On+the+{MARKER}&kind=provision",
        f"/api/v1/search/?q={MARKER}/1&kind=document",
        "/api/v1/search/?q=Canada&kind=proposal",
        "/api/v1/search/?q=promptly&as_of=2021-03-02",
        "/api/v1/search/?q=must+run",
    ],
    "api:changes": ["/api/v1/changes/", "/api/v1/changes/?page_size=3"],
    "api:bulk": ["/api/v1/bulk/"],
    "api:bulk-file": [
        "/api/v1/bulk/everything.jsonl",
        "/api/v1/bulk/revision.jsonl",
        "/api/v1/bulk/proposal-step.csv",
        "/api/v1/bulk/request.csv",
        "/api/v1/bulk/document.jsonl",
        "/api/v1/bulk/reported-position.jsonl",
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
    "api:proposal-list": [
        "/api/v1/proposals/?lens=watched",
        "/api/v1/proposals/",
        "/api/v1/proposals/?proponent=CAN",
        "/api/v1/proposals/?page_size=1",
    ],
    "api:proposal-detail": ["/api/v1/proposals/known/", f"/api/v1/proposals/{MARKER}-proposal/"],
    "api:provision-list": ["/api/v1/provisions/", "/api/v1/provisions/?page=2", "/api/v1/provisions/?as_of=2021-03-02"],
    "api:provision-detail": ["/api/v1/provisions/open/", f"/api/v1/provisions/{MARKER}/"],
    "api:variant-list": [
        "/api/v1/variants/",
        "/api/v1/variants/?proponent=CAN",
        "/api/v1/variants/?opponent=JPN",
        f"/api/v1/variants/?provision={MARKER}",
        "/api/v1/variants/?page_size=1",
        "/api/v1/variants/?include=proposal&fields=id,proposal",
        "/api/v1/variants/?lens=watched&state=any",
        "/api/v1/variants/?state=closed",
        "/api/v1/variants/?small_group=circle",
    ],
    "api:variant-detail": ["/api/v1/variants/1/"],
}
WRITING = {"import-choices", "import-step", "import-names", "import-decide", "import-finish"}
WRITING |= {"check-change", "operate", "undo", "answer-request", "act-on-proposal", "language", "stop-digest"}
WRITING |= {
    "api:check",
    "api:state-status",
    "api:held-position",
    "api:request-accept",
    "api:request-decline",
    "api:request-take-back",
    *(f"api:proposal-{verb}" for verb in ("revise", "invite", "confirm", "decline", "leave", "withdraw", "merge")),
}
WRITING |= {"act-on-webhook"}
ELSEWHERE = re.compile(
    r"api$|api:schema|api:reference|account|mfa_|openid_connect_|socialaccount_|single_sign_on|login|sessions|tokens|invitations|accept_invitation"
    r"|act-on-invitation|admin:|security-txt"
)


def names(resolver: Any = None, namespace: str = "") -> Iterator[str]:
    """Yield the names of all URLs of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}"


def said(browser: Client, address: str) -> tuple[int, bytes]:
    """Return the status and content of a response, without values that are random in each response."""
    answer = browser.get(address)
    body = answer.getvalue() if answer.streaming else answer.content
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", body)
    body = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", body)
    body = re.sub(rb"exported_at,[-+:\dT]+", b"", body)
    # Headers can reveal as much as a body. The remaining rate limit is omitted, because it does not depend on texts.
    told = [f"{name}: {answer[name]}".encode() for name in ("ETag", "Last-Modified", "Cache-Control") if name in answer]
    return answer.status_code, body + b"\n".join(told)


def test_every_url_is_tested_here_or_listed_as_tested_elsewhere() -> None:
    missing = [one for one in set(names()) - READING.keys() - WRITING if not ELSEWHERE.match(one)]
    assert missing == [], "Add an example to READING above, so that its confidentiality is tried"


# On the second database, one reader who has not signed in and one who may read more are enough.
_READERS = [
    role if role in ("anonymous", "participant") else pytest.param(role, marks=pytest.mark.once)
    for role in BLIND["group"]
]


@pytest.mark.parametrize("role", _READERS)
def test_data_that_a_reader_cannot_see_do_not_change_any_response(role: str) -> None:
    make()
    browser = client(role)
    catch_up_everywhere()
    # The date must be in the past, because a date that is too recent is withheld for a second (`responses.changed_at`).
    ChangeCounter.objects.update(at=timezone.now() - datetime.timedelta(days=2))
    before = _read_everything(browser)
    assert before["/"][0] == 200
    hidden = [visibility for visibility, blind in BLIND.items() if role in blind]
    for visibility in hidden:
        with transaction.atomic():
            hide(visibility)
            catch_up_everywhere()
            after = _read_everything(browser)
            transaction.set_rollback(True)
        assert [address for address in before if before[address] != after[address]] == [], visibility
        told = [address for address in before if MARKER.encode() in after[address][1].replace(address.encode(), b"")]
        assert [address for address in told if MARKER not in address] == [], visibility


def _read_everything(browser: Client) -> dict[str, tuple[int, bytes]]:
    return {address: said(browser, address) for examples in READING.values() for address in examples}


@pytest.mark.parametrize(("visibility", "role"), [(one, role) for one in SEEING for role in SEEING[one]])
def test_a_reader_with_access_sees_the_data(visibility: str, role: str) -> None:
    make()
    hide(visibility)
    browser = client(role)
    for address in (f"/provisions/{MARKER}/", "/activity/", "/api/v1/provisions/", "/sub-issues/A.1.a/"):
        status, body = said(browser, address)
        assert status == 200
        assert MARKER.encode() in body


@pytest.mark.parametrize(("visibility", "role"), [(one, role) for one in BLIND for role in BLIND[one][1:]])
def test_data_that_a_reader_cannot_see_cannot_be_written_either(visibility: str, role: str) -> None:
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
        f"/imports/{IMPORT}/step/",
        f"/imports/{IMPORT}/choices/",
        f"/imports/{IMPORT}/names/",
        f"/imports/{IMPORT}/provisions/1/",
        f"/imports/{IMPORT}/finish/",
        f"/proposals/{MARKER}-proposal/withdraw/",
        f"/proposals/{MARKER}-proposal/revise/",
    ):
        assert browser.post(address, sent).status_code == 404, address
    operation = {"base_revision": 3, "operation": {"act": "lift", "at": 10}, "on_behalf_of": "CAN"}
    asked = {"provision": MARKER, **operation}
    for address, body in (
        (f"/api/v1/provisions/{MARKER}/revisions/", operation),
        (f"/api/v1/provisions/{MARKER}/check/", operation),
        (f"/api/v1/requests/{request.pk}/accept/", {}),
        (f"/api/v1/requests/{request.pk}/take-back/", {}),
        (f"/api/v1/proposals/{MARKER}-proposal/withdraw/", {"on_behalf_of": "CAN"}),
        (f"/api/v1/proposals/{MARKER}-proposal/merge/", {"provision": "open", "base_revision": 2, "words": "x"}),
        ("/api/v1/requests/", asked),
    ):
        said = browser.post(address, json.dumps(body), content_type="application/json")
        assert said.status_code == 404, (address, said.content)
    variant = Provision.objects.get(slug=MARKER).variants.first()
    assert variant is not None
    address = f"/api/v1/variants/{variant.pk}/positions/CAN/"
    assert browser.put(address, '{"stance": "oppose"}', content_type="application/json").status_code == 404
    assert browser.delete(address).status_code == 404
    assert [model.objects.count() for model in rows] == before
    assert Provision.objects.get(slug=MARKER).revisions.count() == 3
