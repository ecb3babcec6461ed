"""Tests that imported files are stored unchanged and that the text read from them is mapped to valid characters."""

import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from hypothesis import given

from issues.interchange import new_negotiation, staging
from issues.interchange.character_map import Outcome, outcome_of
from issues.interchange.composition import compose, default_choices
from issues.interchange.drafts import Draft, Mapped, draft_from_json
from issues.interchange.file_checks import Unreadable
from issues.interchange.provision_cuts import cut_into_provisions
from issues.interchange.readers import read_file, read_pasted
from issues.interchange.stored_files import ReceivedFile, altered_files
from issues.models import ImportedFile, Negotiation, Provision, Revision, StagedImport
from issues.text.member_names import load_register
from members.plain_text import PROSE, first_invalid_character, is_valid, validate
from tests import people
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    IssueFactory,
    MemberFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.interchange.documents import Sheet, deleted, inserted, paragraph, run
from tests.people import client_of, take_part
from tests.text.strings import ANY_TEXT, REFUSED

DAY = datetime.date(2021, 3, 1)
PAGES = "Article 1\n\nEach Member [shall] act.\n\fArticle 2\n\nEach Member [may] wait.\n"


def stored(draft: Draft) -> list[str]:
    """Return the texts of the provisions into which a draft is cut."""
    composed = compose(draft, default_choices(draft, load_register()))
    return [cut.stored for cut in cut_into_provisions(composed, load_register())]


@pytest.mark.django_db
def test_a_form_feed_between_two_articles_is_a_page_break() -> None:
    draft = read_file("text.txt", PAGES.encode())
    assert stored(draft) == [
        "Article 1\n\nEach Member [shall] act.\n\n",
        "Article 2\n\nEach Member [may] wait.\n",
    ]
    assert draft.mapped == (Mapped("U+000C", "page break", 1, ("line 4, column 1",)),)
    assert draft.warnings == ("1 form feed was read as a page break: line 4, column 1.",)


@pytest.mark.django_db
def test_form_feeds_and_direction_marks_are_counted_and_listed_with_their_places() -> None:
    draft = read_pasted("Article 1\n\fEach\fMember \u202eshall act.\n\f")
    assert draft.warnings == (
        "3 form feeds were read as page breaks: line 2, column 1, line 2, column 6, line 3, column 1.",
        "1 invisible direction mark U+202E RIGHT-TO-LEFT OVERRIDE was removed: line 2, column 14.",
    )
    assert "".join(stored(draft)) == "Article 1\n\nEach\nMember shall act.\n\n"


def test_each_kind_of_character_is_mapped_as_documented() -> None:
    mapped = {character: outcome_of(character) for character in REFUSED}
    line_ends = {character for character, result in mapped.items() if result is Outcome.LINE_END}
    replaced = {character for character, result in mapped.items() if result is Outcome.REPLACEMENT}
    assert line_ends == {"\x0b", "\x85", "\u2028", "\u2029"}
    assert {character for character, result in mapped.items() if result is Outcome.PAGE_BREAK} == {"\f"}
    assert replaced == {*map(chr, (0xD800, 0xDFFF, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF))}
    assert set(mapped) - line_ends - replaced - {"\f"} == {
        character for character, result in mapped.items() if result is Outcome.NOTHING
    }


@pytest.mark.django_db
@given(ANY_TEXT)
def test_any_pasted_text_becomes_a_text_that_can_be_recorded(text: str) -> None:
    try:
        draft = read_pasted(text)
    except Unreadable:
        assert not "".join(
            one for one in text if is_valid(one, PROSE) or outcome_of(one) is Outcome.REPLACEMENT
        ).strip()
        return
    for one in draft.paragraphs:
        assert all(
            first_invalid_character(piece) is None
            for piece in (one.text, one.number, one.by, *(run.by for run in one.runs))
        )
        assert one.end == "\f" or first_invalid_character(one.end) is None
    for provision in stored(draft):
        validate(provision, PROSE)
    assert sum(row.times for row in draft.mapped) == sum(
        first_invalid_character(character) is not None for character in text
    )
    assert draft_from_json(draft.as_json()) == draft


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.txt", "Each \u202eMember\u0085shall\ufdd0 act.".encode()),
        ("text.txt", b"\xff\xfe" + "Each \u202eMember\u0085shall\ufdd0 act.".encode("utf-16-le")),
        ("text.md", "# Each \u202eMember\u2028shall\ufdd0 act.".encode()),
        ("text.html", b"<p>Each &#x202e;Member&#x2028;shall&#xfdd0; act.</p>"),
        ("text.html", "<p>Each \u202eMember\u2028shall\ufdd0 act.</p>".encode()),
        (
            "text.xml",
            b'<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><doc><mainBody>'
            b"<p>Each &#x202e;Member&#x2028;shall&#xfdd0; act.</p></mainBody></doc></akomaNtoso>",
        ),
        ("text.docx", Sheet().xml(paragraph(run("Each \u202eMember\u2028shall\ufdd0 act."))).saved()),
    ],
    ids=["plain", "UTF-16", "markdown", "entities", "HTML", "Akoma Ntoso", "Word"],
)
def test_every_format_uses_the_same_character_map(name: str, data: bytes) -> None:
    draft = read_file(name, data)
    text = "".join(one.text for one in draft.paragraphs)
    assert "Each Member" in text
    assert "shall\ufffd act." in text
    assert {(row.character, row.outcome) for row in draft.mapped} >= {("U+202E", "nothing"), ("U+FDD0", "replacement")}
    assert any("U+202E RIGHT-TO-LEFT OVERRIDE was removed" in said for said in draft.warnings)


def test_authors_colours_and_comments_of_a_word_file_are_mapped_too() -> None:
    sheet = Sheet().xml(paragraph(inserted("may", "Can\u202eada") + deleted("shall", "Ja\u2028pan") + run(" act.")))
    comment = sheet.document.add_comment(sheet.text("Each").runs, text="Del\u202eete", author="US\u2066A", initials="U")
    assert comment is not None
    draft = read_file("text.docx", sheet.saved())
    assert draft.authors() == ["Canada", "Ja pan"]
    assert [(one.author, one.text) for one in draft.comments] == [("USA", "Delete")]
    assert any("in a comment" in place for row in draft.mapped for place in row.places)


def test_half_a_character_in_a_word_symbol_is_replaced() -> None:
    data = Sheet().xml(paragraph('<w:r><w:sym w:font="Symbol" w:char="D800"/></w:r>' + run("act"))).saved()
    assert [one.text for one in read_file("text.docx", data).paragraphs] == ["\ufffdact"]


def test_a_text_of_invalid_characters_only_counts_as_empty() -> None:
    with pytest.raises(Unreadable, match="no text"):
        read_pasted("\u202e\x01\x02")


@pytest.fixture
def secretariat() -> Any:
    take_part("CAN", "JPN")
    provision_with("Each Party shall publish.", sub_issue=SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1")))
    return people.secretariat()


def browser(user: Any) -> Client:
    return client_of(user)


def send(client: Client, data: bytes, file: str = "rev1.txt", **more: Any) -> Any:
    sent = {"made_on": "2021-03-01", "source": "INF/1", "visibility": "participants", **more}
    return client.post("/imports/", {**sent, "file": SimpleUploadedFile(file, data)})


@pytest.mark.django_db
def test_the_original_file_is_kept_unchanged_and_can_be_downloaded(secretariat: Any) -> None:
    data = b"\xef\xbb\xbf" + PAGES.replace("\n", "\r\n").encode()
    client = browser(secretariat)
    address = send(client, data).url
    staged = StagedImport.objects.get()
    assert bytes(staged.file.data) == data
    assert staged.file.sha256 == hashlib.sha256(data).hexdigest()
    assert staged.file.mapped == [["U+000C", "page break", 1, ["line 4, column 1"]]]
    page = client.get(address).content.decode()
    assert "1 form feed was read as a page break: line 4, column 1." in page
    assert staged.file.sha256 in page
    answer = client.get(f"{address}file/")
    assert answer.content == data
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="rev1.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_pasted_text_is_kept_as_pasted(secretariat: Any) -> None:
    pasted = "Article 1\r\n\r\nEach \u202eMember acts."
    client = browser(secretariat)
    sent = {"made_on": "2021-03-01", "source": "INF/1", "visibility": "participants", "text": pasted}
    assert client.post("/imports/", sent).status_code == 302
    assert bytes(ImportedFile.objects.get().data).decode() == pasted


@pytest.mark.django_db
def test_users_who_cannot_see_the_import_cannot_download_its_file(secretariat: Any) -> None:
    address = send(browser(secretariat), PAGES.encode()).url
    assert Client().get(f"{address}file/").status_code == 302
    delegate = DelegationFactory(role="delegate", member=MemberFactory(code="CAN")).user
    assert browser(delegate).get(f"{address}file/").status_code == 404
    group = SmallGroupFactory()
    facilitator = FacilitatorFactory(small_group=group, user=UserFactory()).user
    assert browser(facilitator).get(f"{address}file/").status_code == 404


@pytest.mark.django_db
def test_file_names_are_mapped_but_invalid_typed_names_are_refused(secretariat: Any) -> None:
    client = browser(secretariat)
    assert send(client, PAGES.encode(), file="rev\u202etxt.exe").status_code == 302
    assert StagedImport.objects.get().name == "revtxt.exe"
    answer = send(client, PAGES.encode(), name="Rev\u202e")
    assert answer.status_code == 422
    assert "U+202E RIGHT-TO-LEFT OVERRIDE is not allowed here" in answer.content.decode()


@pytest.mark.django_db
def test_the_imported_text_is_logged_with_mapped_characters_and_its_source(secretariat: Any) -> None:
    client = browser(secretariat)
    address = send(client, "Article 7\n\nEach \u202eMember\x0bshall\x01 act\ufdd0.".encode()).url
    client.post(f"{address}finish/", {"act": "accept"})
    client.post(f"{address}finish/", {"act": "log"})
    revision = Revision.objects.latest("pk")
    assert revision.text == "Article 7\n\nEach Member\nshall act\ufffd."
    assert revision.reason == "Imported from rev1.txt"


@pytest.mark.django_db
def test_text_typed_in_the_review_is_validated_and_returned(secretariat: Any) -> None:
    client = browser(secretariat)
    address = send(client, PAGES.encode()).url
    row = StagedImport.objects.get().provisions.get(position=1)
    answer = client.post(f"{address}provisions/1/", {"act": "edit", "text": "Each \u202eMember acts.", "show": "all"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 1, column 6: U+202E RIGHT-TO-LEFT OVERRIDE is not allowed here." in page
    assert "Each \ufffdMember acts.</textarea>" in page
    assert StagedImport.objects.get().provisions.get(position=1).text == row.text
    assert client.post(f"{address}provisions/1/", {"act": "edit", "text": "Each Member acts."}).status_code == 302
    assert StagedImport.objects.get().provisions.get(position=1).text == "Each Member acts."


@pytest.mark.django_db
def test_an_author_who_is_not_in_the_text_cannot_be_chosen(secretariat: Any) -> None:
    sheet = Sheet().xml(paragraph(inserted("may", "Canada") + run(" act.")))
    client = browser(secretariat)
    address = send(client, sheet.saved(), file="rev1.docx").url
    sent = {"author": "Can\u202eada", "treatment": "accept", "author_code": ""}
    page = client.post(f"{address}choices/", sent, follow=True).content.decode()
    assert "Unknown author or colour in this text." in page
    assert "\u202e" not in str(StagedImport.objects.get().choices)


@pytest.mark.django_db
def test_the_file_is_deleted_with_an_expired_import_but_kept_with_a_logged_one(secretariat: Any) -> None:
    client = browser(secretariat)
    first, second = send(client, PAGES.encode()).url, send(client, PAGES.replace("wait", "act").encode()).url
    client.post(f"{first}finish/", {"act": "accept"})
    client.post(f"{first}finish/", {"act": "log"})
    client.post(f"{second}finish/", {"act": "aside"})
    StagedImport.objects.update(finished_at="2021-03-02T00:00Z")
    call_command("forget_expired", verbosity=0)
    assert [bytes(file.data) for file in ImportedFile.objects.all()] == [PAGES.encode()]


@pytest.mark.django_db
def test_the_file_of_an_imported_new_negotiation_is_kept_too(secretariat: Any, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "fish.txt"
    file.write_bytes(PAGES.encode())
    arguments = ["--made-on=2021-03-01", "--source=Fish", f"--user={secretariat.username}", "--name=Fish"]
    call_command("import_text", str(file), "fish", *arguments, verbosity=0)
    kept = ImportedFile.objects.get()
    assert (kept.staged, kept.negotiation.slug, bytes(kept.data)) == (None, "fish", PAGES.encode())
    texts = Provision.objects.filter(negotiation__slug="fish").order_by("position")
    assert [one.revisions.get().text for one in texts] == [
        "Article 1\n\nEach Member [shall] act.\n\n",
        "Article 2\n\nEach Member [may] wait.\n",
    ]
    assert "1 form feed was read as a page break" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_text_with_too_many_brackets_is_stored_unparsed_in_a_new_negotiation(secretariat: Any) -> None:
    draft = read_pasted("Article 1\n\n" + "[a] " * 6_000)
    composed = compose(draft, default_choices(draft, load_register()))
    source = new_negotiation.Source(DAY, "Fish")
    new_negotiation.load_negotiation(slug="fish", name="Fish", composed=composed, source=source, actor=secretariat)
    revision = Revision.objects.get(provision__negotiation=Negotiation.objects.get(slug="fish"))
    assert revision.unparsed
    assert revision.provision.variants.count() == 0


@pytest.mark.django_db
def test_a_text_with_too_many_brackets_is_reported_in_the_review_and_can_be_kept_unparsed(
    secretariat: Any,
) -> None:
    client = browser(secretariat)
    address = send(client, ("Article 9\n\n" + "[a] " * 6_000).encode()).url
    row = StagedImport.objects.get().provisions.get()
    assert [(one["code"], one["stops"]) for one in row.problems] == [("too-many-brackets", True)]
    client.post(f"{address}provisions/1/", {"act": "unparsed"})
    client.post(f"{address}finish/", {"act": "log"})
    assert Revision.objects.latest("pk").unparsed


@pytest.mark.django_db
def test_verify_record_reports_an_altered_file(secretariat: Any) -> None:
    send(browser(secretariat), PAGES.encode())
    assert list(altered_files()) == []
    kept = ImportedFile.objects.get()
    ImportedFile.objects.update(data=b"Forged")
    assert list(altered_files()) == [
        f"imported file {kept.pk}, rev1.txt: the stored bytes differ from the bytes received"
    ]


@pytest.mark.django_db
def test_files_beyond_the_size_limit_are_not_kept(secretariat: Any, settings: Any) -> None:
    settings.LONGEST_IMPORT = 100
    draft = read_pasted("Each Member acts.")
    origin = staging.Origin("Rev", DAY, "INF/1", ReceivedFile("rev.txt", b"x" * 101))
    with pytest.raises(Unreadable):
        staging.stage(draft, origin, negotiation=Negotiation.objects.get(), actor=secretariat)
    assert not StagedImport.objects.exists()
