"""Tests of the pages for importing, reviewing, logging and exporting texts."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.interchange.readers import read_file
from issues.models import Provision, Revision, StagedImport
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    IssueFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.interchange.documents import Sheet, deleted, inserted, paragraph, run
from tests.interchange.test_hostile_files import REFUSED
from tests.pages.forms import forms_of
from tests.pages.test_reading import text_of
from tests.people import client_of, secretariat, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def provision() -> Provision:
    take_part("CAN", "JPN")
    place = SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1"))
    return provision_with("Each Party shall publish its measures.", heading="Transparency", sub_issue=place)


def somebody(role: str) -> Client:
    return client_of(DelegationFactory(role=role, member=None).user)


def sheet() -> bytes:
    one = Sheet().heading("Transparency")
    one.xml(
        paragraph(
            run("Each Party ") + deleted("shall", "Canada") + inserted("may", "Canada") + run(" publish its measures.")
        )
    )
    return one.saved()


def send(browser: Client, data: bytes = b"", **sent: Any) -> Any:
    file = {"file": SimpleUploadedFile("rev1.docx", data)} if data else {}
    asked = {"made_on": "2021-03-01", "source": "INF/1/Rev.1", "visibility": "participants"}
    return browser.post("/imports/", {**asked, **file, **sent})


def test_two_secretariat_users_can_review_and_log_the_same_word_file(
    provision: Provision,
) -> None:
    first, second = somebody("secretariat"), somebody("secretariat")
    answer = send(first, sheet())
    assert answer.status_code == 302
    page = answer.url
    assert "Attribution of tracked changes" in text_of(first.get(page))
    sent = {"author": ["Canada"], "treatment": ["propose"], "author_code": ["CAN"]}
    first.post(f"{page}choices/", sent)
    shown = text_of(second.get(page))
    assert "Canada opposes “shall”" in shown
    assert "1 provisions: 0 new, 1 changed, 0 unchanged" in shown
    assert second.post(f"{page}provisions/1/", {"act": "accept", "show": "", "page": "1"}).url.endswith("#row-1")
    answer = second.post(f"{page}finish/", {"act": "log"}, follow=True)
    assert "1 revision was logged" in text_of(answer)
    assert provision.revisions.latest("number").text == (
        "Each Party [CAN oppose: shall][CAN propose: may] publish its measures."
    )
    assert "Closed by" in text_of(first.get(page))
    assert first.post(f"{page}provisions/1/", {"act": "leave"}, follow=True).status_code == 200


def test_a_conflict_is_shown_at_its_provision_and_nothing_is_logged(provision: Provision) -> None:
    browser = somebody("secretariat")
    page = send(browser, text="Transparency\n\nEach Party may publish its measures.").url
    browser.post(f"{page}provisions/1/", {"act": "match", "provision": provision.slug})
    browser.post(f"{page}provisions/1/", {"act": "accept"})
    provision_text = "Each Party shall not publish its measures."
    browser.post(
        f"/provisions/{provision.slug}/log/", {"text": provision_text, "base_revision": 1, "made_on": "2021-02-01"}
    )
    answer = browser.post(f"{page}finish/", {"act": "log"}, follow=True)
    assert "Nothing was logged" in text_of(answer)
    assert "revision 2 has since been logged" in text_of(answer)
    assert provision.revisions.count() == 2
    assert "1 conflict is unresolved" in text_of(answer)
    (form,) = (form for form in forms_of(answer) if any(button.get("value") == "1-m" for button in form.buttons))
    browser.post(form.action, {**form.fields, "take": "1-m"})
    browser.post(f"{page}provisions/1/", {"act": "accept"})
    assert "1 revision was logged" in text_of(browser.post(f"{page}finish/", {"act": "log"}, follow=True))
    assert provision.revisions.latest("number").text == "Transparency\n\nEach Party may publish its measures."


def test_an_unreadable_file_is_refused_with_a_reason_and_the_input_is_kept(provision: Provision) -> None:
    browser = somebody("secretariat")
    answer = send(browser, sheet()[:2000])
    assert answer.status_code == 422
    assert "incomplete" in text_of(answer)
    assert "INF/1/Rev.1" in answer.content.decode()
    assert "not both" in text_of(send(browser))
    assert "is in the future" in text_of(send(browser, text="Words.", made_on="2999-01-01"))
    assert StagedImport.objects.count() == 0


@pytest.mark.parametrize(
    "what", ["a zip bomb", "macros", "an old .doc", "a password", "half a file", "a wrong ending", "entities that grow"]
)
def test_hostile_files_are_refused_on_the_page_too(provision: Provision, what: str) -> None:
    name, make, said = REFUSED[what]
    answer = send(somebody("secretariat"), file=SimpleUploadedFile(name, make()), name="As I call it")
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="As I call it"' in answer.content.decode()
    assert StagedImport.objects.count() == 0


def test_notes_on_the_import_are_listed(provision: Provision) -> None:
    browser = somebody("secretariat")
    one = Sheet().heading("Transparency")
    one.document.sections[0].header.paragraphs[0].text = "RESTRICTED"
    one.text("Each Party shall publish its measures.")
    shown = text_of(browser.get(send(browser, one.saved()).url))
    assert "1 note on the import" in shown
    assert "footer “RESTRICTED” was not imported" in shown


def test_an_oversized_body_is_refused_before_it_is_read(provision: Provision) -> None:
    browser = somebody("secretariat")
    answer = browser.generic("POST", "/imports/", b"", CONTENT_LENGTH="200000000")
    assert answer.status_code == 413
    assert "too large" in text_of(answer)


def test_forms_without_a_csrf_token_are_refused(provision: Provision) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(secretariat())
    assert send(browser, sheet()).status_code == 403


def test_other_users_cannot_find_the_import_pages(provision: Provision) -> None:
    page = send(somebody("secretariat"), text="Transparency\n\nEach Party may publish.").url
    delegate = Client()
    delegate.force_login(DelegationFactory().user)
    for browser in (delegate, somebody("analyst")):
        assert browser.get("/imports/").status_code == 404
        assert browser.get(page).status_code == 404
        assert browser.post(f"{page}finish/", {"act": "log"}).status_code == 404
    assert "/login/" in Client().get("/imports/").url


def test_a_facilitator_can_import_only_texts_of_their_own_group(provision: Provision) -> None:
    group = SmallGroupFactory(slug="circle")
    group.sub_issues.add(provision.sub_issue)
    other = SmallGroupFactory(slug="other")
    browser = Client()
    browser.force_login(FacilitatorFactory(small_group=group, user=UserFactory()).user)
    assert send(browser, text="Words.").status_code == 422
    assert send(browser, text="Words.", small_group=other.pk).status_code == 422
    page = send(browser, text="Transparency\n\nEach Party may publish.", small_group=group.pk).url
    assert browser.get(page).status_code == 200
    colleague = Client()
    colleague.force_login(FacilitatorFactory(small_group=group, user=UserFactory()).user)
    assert colleague.get(page).status_code == 200


def test_the_comparison_continues_in_steps_with_and_without_javascript(provision: Provision, monkeypatch: Any) -> None:
    from issues.interchange import staging

    slow, once = staging.compare, staging._compare_rows
    monkeypatch.setattr(staging, "compare", lambda staged: slow(staged, 0.0))
    monkeypatch.setattr(staging, "_compare_rows", lambda rows, seconds, register: once(rows, 0.0, register))
    browser = somebody("secretariat")
    text = "\n".join(f"Article {number}: On {number}\n\nEach Party shall act on {number}.\n" for number in range(1, 4))
    page = send(browser, text=text).url
    assert "1 of 3 provisions compared" in text_of(browser.get(page))
    fragment = browser.post(f"{page}step/", HTTP_HX_REQUEST="true")
    assert "2 of 3 provisions compared" in text_of(fragment)
    done = browser.post(f"{page}step/", HTTP_HX_REQUEST="true")
    assert done["HX-Redirect"] == page
    assert browser.post(f"{page}step/").url == page
    assert "3 provisions: 3 new" in text_of(browser.get(page))


def test_the_number_of_queries_of_the_review_does_not_grow_with_the_provisions(provision: Provision) -> None:
    browser = somebody("secretariat")

    def asked(number: int) -> int:
        text = "\n".join(f"Article {at}: On {at}\n\nEach Party shall act on {at}.\n" for at in range(1, number + 1))
        page = send(browser, text=text).url
        browser.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(page).status_code == 200
        return len(queries)

    assert asked(10) == asked(1)


@pytest.mark.parametrize("ending", ["docx", "html", "xml"])
def test_the_text_can_be_exported_as_of_a_date_in_each_format(provision: Provision, ending: str) -> None:
    answer = Client().get("/export/file/", {"format": ending, "as_of": "2021-01-04"})
    assert answer.status_code == 200
    assert f"jsi-2021-01-04.{ending}" in answer["Content-Disposition"]
    assert "Each Party shall publish its measures." in "".join(
        one.text for one in read_file(f"a.{ending}", answer.content).paragraphs
    )


def test_changes_between_two_dates_are_exported_as_tracked_changes(provision: Provision) -> None:
    somebody_else = somebody("secretariat")
    somebody_else.post(
        f"/provisions/{provision.slug}/log/",
        {"text": "Each Party may publish its measures.", "base_revision": 1, "made_on": "2021-02-01"},
    )
    assert Revision.objects.count() == 2
    answer = Client().get("/export/file/", {"since": "2021-01-04"})
    draft = read_file("a.docx", answer.content)
    changes = {(run.text, run.change, run.on) for one in draft.paragraphs for run in one.runs if run.change}
    assert changes == {("shall", "deleted", "2021-02-01"), ("may", "inserted", "2021-02-01")}


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"since": "2021-02-01", "format": "xml"}, 400, "contains the text of a single date"),
        ({"since": "2021-02-01", "as_of": "2021-01-01"}, 400, "The end is before the start"),
        ({"format": "doc"}, 400, "not one of the available choices"),
        ({"provision": "none"}, 400, "does not exist in this negotiation"),
    ],
)
def test_a_failed_export_gives_the_reason(provision: Provision, asked: dict[str, str], status: int, said: str) -> None:
    answer = Client().get("/export/file/", asked)
    assert answer.status_code == status
    assert said in text_of(answer)


def test_a_site_without_pdf_support_offers_other_formats(provision: Provision, monkeypatch: Any) -> None:
    from issues.interchange import html_writer

    monkeypatch.setattr(html_writer, "can_write_pdf", lambda: False)
    answer = Client().get("/export/file/", {"format": "pdf"})
    assert answer.status_code == 400
    assert "Use the Word file" in text_of(answer)


def test_positions_can_be_exported_as_a_table(provision: Provision) -> None:
    place = provision.sub_issue
    provision_with("Each [CAN, JPN propose: Party] acts.", slug="two", heading="Two", sub_issue=place)
    for ending in ("csv", "xlsx", "json"):
        answer = Client().get("/variants/positions/", {"format": ending})
        assert answer.status_code == 200
    rows = b"".join(Client().get("/variants/positions/").streaming_content).decode().splitlines()
    assert rows[1].startswith("two,Two,1,Party,propose,CAN,Canada,no,2021-01-04")
    assert len([line for line in rows if line.startswith("two,")]) == 2
    assert io.StringIO(rows[0]).read().endswith("since,until,demonstration,label,label_revision,permalink")


def test_before_an_import_ends_positions_of_others_they_are_named_and_confirmation_is_requested_once(
    provision: Provision,
) -> None:
    text = "Each Party shall [JPN: promptly] publish its measures."
    found = provision_with(text, heading="Publication", sub_issue=provision.sub_issue)
    browser = somebody("secretariat")
    page = send(browser, text="Article 2: Publication\n\nEach Party shall promptly publish its measures.").url
    browser.post(f"{page}provisions/1/", {"act": "match", "provision": found.slug})
    browser.post(f"{page}provisions/1/", {"act": "accept"})
    asked = browser.post(f"{page}finish/", {"act": "log"})
    assert "Publication: Japan proposes “promptly”." in text_of(asked)
    assert "These positions end: Japan." in text_of(asked)
    assert found.revisions.count() == 1
    (form,) = (form for form in forms_of(asked) if "confirmed" in form.fields)
    answer = browser.post(form.action, {**form.fields, "act": "log"}, follow=True)
    assert "1 revision was logged" in text_of(answer)
    assert "[JPN" not in found.revisions.latest("number").text
