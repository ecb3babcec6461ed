"""Tests that invalid characters stored by an earlier release are reported and are replaced in all output.

`unclean_release.json.xz` contains data stored by the code of commit be7cf40; see `unclean_release.py`.
"""

import email
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from docx import Document as WordDocument
from icalendar import Calendar
from openpyxl import load_workbook

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.interchange.html_writer import can_write_pdf
from issues.models import ChangeRequest, Digest, Provision, Revision, StagedImport, Webhook
from issues.notifications import delivery, digests
from issues.notifications.safe_http import Response
from issues.text.operations import Operation
from members.models import Member
from members.plain_text import sanitize, strings_in
from tests.confidentiality.test_addresses import READING
from tests.operations.earlier import fill
from tests.operations.test_upgrades import said_by
from tests.people import client_of

THEN = [
    ("auth", "0012_alter_user_first_name_max_length"),
    ("issues", "0009_find_proposals_of_documents"),
    ("members", "0003_access_tokens"),
]
STORED = Path(__file__).with_name("unclean_release.json.xz")
FLAWS = "\x01\uffff\u202e"
# No page, file or message may contain one of the characters, either literally or as a character reference. JSON is
# decoded before the check.
HELD = re.compile(f"[{FLAWS}]|&#(?:x0*1|1|65535|8238);")
TEXT = "/provisions/open/"


@pytest.fixture(scope="module")
def upgraded(another_database: None) -> str:
    """Upgrade the database of the earlier release, and return the output of `verify_record`."""
    MigrationExecutor(connection).migrate(THEN)
    with transaction.atomic():
        fill(STORED, THEN)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    return said_by("verify_record")


@pytest.fixture
def secretariat(upgraded: str) -> Client:
    """Return a client of the secretariat, who may use the admin."""
    user = get_user_model().objects.get(delegations__role="secretariat")
    user.is_staff = user.is_superuser = True
    user.save()
    return client_of(user)


@pytest.fixture
def taken_back(upgraded: str) -> Any:
    """Roll back the changes of each test, because all tests share one database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def read(client: Client, address: str) -> tuple[int, str, bytes]:
    answer = client.get(address)
    body = answer.getvalue() if answer.streaming else answer.content
    return answer.status_code, answer["Content-Type"], body


def words_of(kind: str, body: bytes) -> str:
    """Return the text of a response, including text in packed formats."""
    if "spreadsheetml" in kind:
        book = load_workbook(io.BytesIO(body))
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    if "wordprocessingml" in kind:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                if name.endswith((".xml", ".rels")):
                    ElementTree.fromstring(packed.read(name))
        return "\n".join(paragraph.text for paragraph in WordDocument(io.BytesIO(body)).paragraphs)
    if "pdf" in kind:
        return ""
    if "xml" in kind:
        ElementTree.fromstring(body)
    if "json" in kind:
        documents = body.splitlines() if "ndjson" in kind else [body]
        return "\n".join(text for document in documents for text in strings_in(json.loads(document)))
    return body.decode()


FILES = [
    *(f"/variants/export/?format={kind}&state=any" for kind in ("csv", "xlsx", "json")),
    *(f"/variants/positions/?format={kind}&state=any" for kind in ("csv", "xlsx", "json")),
    *(f"/activity/export/?format={kind}" for kind in ("csv", "xlsx", "json")),
    *(f"/standing/export/?format={kind}" for kind in ("csv", "xlsx", "json")),
    *(f"/convergence/export/?format={kind}" for kind in ("csv", "xlsx", "json")),
    *(f"/export/file/?format={kind}" for kind in ("docx", "html", "xml")),
    *(f"/export/file/?format={kind}&since=2021-01-04" for kind in ("docx", "html")),
    "/export/file/?format=docx&proponents=notes",
    *(["/export/file/?format=pdf"] if can_write_pdf() else []),
    *(f"/api/v1/bulk/{name}.{kind}" for name in ("revision", "document", "request") for kind in ("jsonl", "csv")),
]
ADDRESSES = sorted({*(address for examples in READING.values() for address in examples), *FILES})


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_endpoint_feed_and_export_omits_invalid_stored_characters(secretariat: Client, address: str) -> None:
    status, kind, body = read(secretariat, address)
    assert status < 500, body[:300]
    assert HELD.search(words_of(kind, body)) is None


@pytest.mark.parametrize(
    "address",
    [
        *(TEXT, f"{TEXT}history/", f"{TEXT}log/", "/feeds/changes/", "/variants/", "/activity/", "/calendar.ics"),
        *("/documents/", "/meetings/gathering/", "/requests/", "/api/v1/provisions/open/", "/api/v1/requests/"),
        *("/text/", "/", "/proposals/known/", "/members/", "/api/v1/documents/", "/api/v1/changes/", *FILES[:3]),
        *("/export/file/?format=docx", "/export/file/?format=html", "/export/file/?format=xml"),
        *("/api/v1/bulk/everything.jsonl", "/api/v1/bulk/revision.csv", "/small-groups/circle/feed/", "/imports/"),
    ],
)
def test_an_invalid_stored_character_is_shown_as_a_replacement_character(secretariat: Client, address: str) -> None:
    status, kind, body = read(secretariat, address)
    assert status == 200
    assert "\ufffd\ufffd\ufffd" in words_of(kind, body)


def test_the_feed_and_the_calendar_can_be_parsed(secretariat: Client) -> None:
    feed = ElementTree.fromstring(read(secretariat, "/feeds/changes/")[2])
    assert "so\ufffd\ufffd\ufffd" in "".join(feed.itertext())
    (event,) = Calendar.from_ical(read(secretariat, "/calendar.ics")[2]).walk("VEVENT")
    assert event["summary"] == "Gathering\ufffd\ufffd\ufffd\u2028"


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label), ids=str)
def test_the_admin_lists_and_shows_every_row(secretariat: Client, model: Any) -> None:
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    addresses = [reverse(f"{place}_changelist")]
    addresses += [reverse(f"{place}_change", args=[row.pk]) for row in model._default_manager.order_by("pk")[:5]]
    for address in addresses:
        status, kind, body = read(secretariat, address)
        assert status == 200, address
        assert HELD.search(words_of(kind, body)) is None, address


@pytest.mark.parametrize("name", ["members_member", "issues_document", "issues_meeting"])
@pytest.mark.parametrize("number", ["0", "1"], ids=["csv", "xlsx"])
def test_admin_tables_can_be_exported(secretariat: Client, name: str, number: str) -> None:
    answer = secretariat.post(reverse(f"admin:{name}_export"), {"format": number, "export_items": []})
    assert answer.status_code == 200
    said = words_of("spreadsheetml" if number == "1" else "csv", answer.content)
    assert HELD.search(said) is None
    assert "\ufffd\ufffd\ufffd" in said


@pytest.mark.usefixtures("taken_back")
def test_e_mail_and_webhooks_are_sent(upgraded: str, monkeypatch: Any) -> None:
    digest = Digest.objects.get()
    Digest.objects.update(told_until="2021-01-01T00:00Z", told_number=0)
    digest.refresh_from_db()
    list(digests.send_due())
    (sent,) = mail.outbox
    message = email.message_from_bytes(sent.message().as_bytes())
    said = str(email.header.make_header(email.header.decode_header(message["Subject"]))) + sent.body
    assert HELD.search(said) is None
    assert "\ufffd\ufffd\ufffd" in said
    posted = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> Response:
        posted.append(body)
        return Response(500, f"no{FLAWS}")

    monkeypatch.setattr(delivery, "post", post)
    monkeypatch.setattr(delivery, "fernet_for", lambda purpose: _Open())
    Webhook.objects.update(number=0)
    Webhook.objects.get().deliveries.all().delete()
    assert delivery.deliver_due()
    (body,) = posted
    assert HELD.search(words_of("application/json", body)) is None
    assert "\ufffd\ufffd\ufffd" in body.decode()
    assert Webhook.objects.get().deliveries.latest("pk").answer == "no\ufffd\ufffd\ufffd"


@pytest.mark.usefixtures("taken_back")
def test_an_e_mail_that_names_a_person_can_be_sent(secretariat: Client) -> None:
    sent = {"email": "new@example.org", "role": "analyst", "member": "", "since": "2021-06-01", "until": ""}
    assert secretariat.post("/accounts/invitations/", sent).status_code == 200
    said = mail.outbox[-1].message().as_string()
    assert HELD.search(str(mail.outbox[-1].subject) + str(mail.outbox[-1].body) + said) is None


class _Open:
    """A stand-in for decryption that returns secrets unchanged, because the earlier secret key is lost."""

    def decrypt(self, secret: bytes) -> bytes:
        return secret


def test_the_record_is_verified_and_invalid_characters_are_reported(upgraded: str) -> None:
    assert "Texts: 3 verified; chains, hashes and index agree." in upgraded
    column = Revision.objects.get(provision__slug="open", number=3).text.index("\x01") + 1
    assert (
        f"open, revision 3: contains U+0001 START OF HEADING at line 1, column {column} (and 2 more); "
        "they are exported as \ufffd." in upgraded
    )
    assert "open, revision 3, reason: contains U+0001 START OF HEADING at line 1, column 4 (and 2 more)" in upgraded
    assert "meeting gathering, title: contains U+0001" in upgraded
    assert "proposal known, step 1, note: contains U+0001" in upgraded
    assert "user user-0, first name: contains U+0001" in upgraded
    assert "change request 3, operation: contains U+0001 START OF HEADING (and 2 more)" in upgraded
    assert HELD.search(upgraded) is None


def test_a_single_text_can_be_reported(upgraded: str) -> None:
    said = said_by("verify_record", "open")
    assert "open, revision 4: contains U+0001" in said
    assert "meeting" not in said
    assert "written out" not in said_by("verify_record", "zebra")


def standing() -> Revision:
    return Provision.objects.get(slug="open").revisions.latest("number")


def form_of(client: Client) -> dict[str, Any]:
    """Return the data that a browser would send for the unchanged form."""
    answer = client.get(f"{TEXT}log/")
    form = answer.context["form"]
    sent = {name: str(form[name].value() or "") for name in form.fields if form[name].value() is not None}
    text = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', answer.content.decode(), re.DOTALL)
    assert text is not None
    return {**sent, "text": text[1].replace("&quot;", '"'), "made_on": "2021-06-02", "on_behalf_of": ""}


@pytest.mark.usefixtures("taken_back")
def test_a_change_elsewhere_leaves_invalid_stored_characters_unchanged(secretariat: Client) -> None:
    before = standing()
    sent = form_of(secretariat)
    assert sent["text"] == sanitize(before.text)
    answer = secretariat.post(f"{TEXT}log/", {**sent, "text": sent["text"].replace("promptly", "at once")})
    assert answer.status_code == 302, answer.content.decode()
    assert standing().text == before.text.replace("promptly", "at once")


def test_logging_an_unchanged_text_with_invalid_characters_is_refused_as_unchanged(secretariat: Client) -> None:
    answer = secretariat.post(f"{TEXT}log/", form_of(secretariat))
    assert answer.status_code == 422
    assert "nothing to log" in answer.content.decode()


@pytest.mark.usefixtures("taken_back")
def test_removing_the_invalid_character_corrects_the_text(secretariat: Client) -> None:
    before = standing()
    sent = form_of(secretariat)
    text = sent["text"].replace("\ufffd\ufffd\ufffd\u2028", "")
    assert secretariat.post(f"{TEXT}log/", {**sent, "text": text}).status_code == 302
    assert standing().text == before.text.replace(f"{FLAWS}\u2028", "")


def test_a_new_invalid_character_is_refused_next_to_stored_ones(secretariat: Client) -> None:
    sent = form_of(secretariat)
    answer = secretariat.post(f"{TEXT}log/", {**sent, "text": sent["text"].replace("promptly", "\u202eyltpmorp")})
    assert answer.status_code == 422
    assert "Line 1, column 25: U+202E RIGHT-TO-LEFT OVERRIDE is not allowed here." in answer.content.decode()


@pytest.mark.usefixtures("taken_back")
def test_an_api_client_can_change_the_text_that_it_received(secretariat: Client) -> None:
    before = standing()
    given = secretariat.get("/api/v1/provisions/open/").json()["revision"]
    sent = {"base_revision": given["number"], "text": given["text"].replace("promptly", "at once")}
    checked = secretariat.post("/api/v1/provisions/open/check/", json.dumps(sent), content_type="application/json")
    assert checked.json()["can_be_logged"] is True
    assert len(checked.json()["sentences"]) == 1
    answer = secretariat.post("/api/v1/provisions/open/revisions/", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 201
    assert standing().text == before.text.replace("promptly", "at once")


@pytest.mark.usefixtures("taken_back")
def test_operations_work_next_to_invalid_stored_characters(upgraded: str) -> None:
    before = standing()
    canada = Member.objects.get(code="CAN")
    at = before.text.index("[JPN")
    revision = changes.log(
        TextChange(
            before.provision,
            base_revision=before.number,
            edit=Operation("take", at, stance="support"),
            on_behalf_of=canada,
        ),
        actor=get_user_model().objects.get(delegations__role="secretariat"),
    )
    assert revision.text == before.text.replace("[JPN:", "[JPN propose; CAN support:")


@pytest.mark.usefixtures("taken_back")
def test_a_request_with_invalid_words_stays_open_and_cannot_be_accepted(secretariat: Client) -> None:
    asked = ChangeRequest.objects.get(operation__act="merge")
    shown = secretariat.get("/requests/").content.decode()
    accept, decline = f"/requests/{asked.pk}/accept/", f"/requests/{asked.pk}/decline/"
    reason = "Decline it, or ask the delegation to submit it again. Line 1, column 3: U+0001"
    assert reason in shown
    assert (accept in shown, decline in shown) == (False, True)
    before = standing()
    by_page = secretariat.post(accept, {"seen": before.number})
    by_program = secretariat.post(
        f"/api/v1/requests/{asked.pk}/accept/", json.dumps({"revision": before.number}), content_type="application/json"
    )
    assert (by_page.status_code, by_program.status_code) == (422, 400)
    assert reason in by_page.content.decode()
    assert by_program.json()["detail"].startswith(f"This request cannot be accepted as submitted. {reason}")
    changes.log(
        TextChange(before.provision, base_revision=before.number, edit=f"Today, {before.text}"),
        actor=get_user_model().objects.get(delegations__role="secretariat"),
    )
    asked.refresh_from_db()
    assert (asked.state, asked.stands_as["at"]) == ("open", asked.operation["at"] + len("Today, "))
    assert secretariat.post(decline, {"answer": "Ask again."}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, standing().number) == ("declined", before.number + 1)


@pytest.mark.usefixtures("taken_back")
def test_a_file_exported_from_this_site_is_imported_unchanged(secretariat: Client) -> None:
    for kind in ("docx", "xml"):
        file = io.BytesIO(read(secretariat, f"/export/file/?format={kind}&provision=open")[2])
        file.name = f"text.{kind}"
        sent = {"made_on": "2021-06-02", "source": "Ours", "visibility": "participants", "file": file}
        answer = secretariat.post("/imports/", sent)
        assert answer.status_code == 302, answer.content.decode()
        row = StagedImport.objects.get(key=answer.url.rstrip("/").rsplit("/")[-1]).provisions.get()
        assert row.finding == "same"
