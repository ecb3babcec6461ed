"""A walk over all pages, endpoints, files and feeds: the brackets of a text that is kept unparsed count nowhere.

The walk is done twice, once with brackets in the text and once with round brackets in their place. All that may differ
is these characters.
"""

import io
import re
import zipfile

import pytest
from django.test import Client

from issues.models import Measure, Provision, Revision, Variant
from issues.sync.catch_up import catch_up_everywhere
from issues.text.index import rebuild
from tests.confidentiality.test_addresses import READING, said
from tests.confidentiality.world import client, make
from tests.factories import FIRST_DAY, provision_with
from tests.guards import guards_lifted

pytestmark = pytest.mark.django_db

SQUARE = "Each [CAN propose; JPN oppose: Member] / [JPN: Party] shall [act/wait] [CAN: [JPN: now] at once]."
ROUND = SQUARE.translate({ord("["): "(", ord("]"): ")"})
AT = SQUARE.index("[")
OF_THE_TEXT = [
    *(one.replace("/open/", "/raw/") for examples in READING.values() for one in examples if "/open/" in one),
    f"/provisions/raw/?revision=1&at={AT}",
    f"/provisions/raw/brackets/1-{AT}/",
    "/compare/?provision=raw&old=1",
    "/api/v1/provisions/raw/comparison/?old=1&new=1",
    *(f"/export/file/?provision=raw&format={kind}" for kind in ("docx", "html", "xml", "txt")),
    "/text/?mode=members&member=CAN&silence=drop",
    "/api/v1/readings/?mode=members&member=CAN&silence=drop",
    "/api/v1/readings/?mode=base",
]
ADDRESSES = sorted({*OF_THE_TEXT, *(address for examples in READING.values() for address in examples)})


def store(provision: Provision, text: str, *, unparsed: bool) -> None:
    """Replace the first text on record, as no action of the site can."""
    with guards_lifted():
        Revision.objects.filter(provision=provision, number=1).update(text=text, unparsed=unparsed)
    rebuild([provision])
    catch_up_everywhere()


def answers(browser: Client) -> dict[str, tuple[int, str]]:
    return {address: comparable(*said(browser, address)) for address in ADDRESSES}


def comparable(status: int, body: bytes) -> tuple[int, str]:
    """Return a response without its form of brackets and without values that depend on the moment or on the bytes."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body[: body.rindex(b"PK\x05\x06") + 22])) as parts:
            body = b"\n".join(parts.read(name) for name in sorted(parts.namelist()))
    text = body.decode(errors="replace").replace("[", "(").replace("]", ")")
    for pattern in (r"[0-9a-f]{64}", r'ETag: .*|"\w{20,}"', r"\d{4}-\d\d-\d\dT[\d:.]+[^\s<\"]*", r"cursor=[\w%-]+"):
        text = re.sub(pattern, "", text)
    return status, text


@pytest.fixture
def raw() -> Provision:
    make()
    place = Provision.objects.get(slug="open")
    made: Provision = provision_with(SQUARE, slug="raw", days=[FIRST_DAY], sub_issue=place.sub_issue)
    return made


@pytest.mark.parametrize("role", ["anonymous", "secretariat"])
def test_brackets_of_an_unparsed_text_change_no_page_endpoint_file_or_feed(raw: Provision, role: str) -> None:
    browser = client(role)
    store(raw, ROUND, unparsed=True)
    without = answers(browser)
    assert sum(status == 200 for status, _ in without.values()) > 100
    store(raw, SQUARE, unparsed=True)
    assert not Variant.objects.filter(provision=raw).exists()
    assert Measure.objects.get(revision__provision=raw).words == 0
    differing = [address for address, answer in answers(browser).items() if answer != without[address]]
    assert differing == []


def test_the_walk_notices_brackets_that_are_read(raw: Provision) -> None:
    browser = client("anonymous")
    store(raw, ROUND, unparsed=True)
    without = answers(browser)
    store(raw, SQUARE, unparsed=False)
    read = answers(browser)
    differing = {address for address in ADDRESSES if read[address] != without[address]}
    noticed = ("/", "/text/", "/landing/", "/standing/", "/api/v1/landing/zone/", "/api/v1/agreement/", "/variants/")
    assert {*noticed} <= differing


def test_an_entry_after_an_unparsed_text_opens_its_brackets(raw: Provision) -> None:
    provision = provision_with("Each [CAN: Member] acts.", "Each [CAN: Member] acts.", slug="twice")
    store(provision, "Each [CAN: Member acts.", unparsed=True)
    entry = client("anonymous").get("/provisions/twice/history/").content.decode()
    assert "Canada proposes “Member”." in entry
