"""Tests that members, meetings and documents can be exported, re-imported, previewed and confirmed as tables."""

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook, load_workbook

from issues.models import Change, Document, Meeting, Negotiation
from issues.sync.catch_up import catch_up_everywhere
from members.models import Alias, Member
from tests.admin.rows import address
from tests.factories import DelegationFactory, IssueFactory, MemberFactory, NegotiationFactory, SubIssueFactory

pytestmark = pytest.mark.django_db

MODELS = {"members": Member, "meetings": Meeting, "documents": Document}
CSV, XLSX = "0", "1"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def facts(db: None) -> Negotiation:
    """Return a negotiation with Canada, Japan, a document and a meeting, whose values are difficult to represent."""
    negotiation = NegotiationFactory()
    canada = MemberFactory(code="CAN", name="Canada", note=FORMULA)
    japan = MemberFactory(code="JPN", name="Japan", note="'=kept, with\ntwo lines; and “quotes”")
    document = Document.objects.create(
        negotiation=negotiation, slug="inf-1", symbol="INF/1", title="-1 day", genre="proposal", verification="seen",
        source="test",
    )  # fmt: skip
    document.submitted_by.set([canada, japan])
    meeting = Meeting.objects.create(
        negotiation=negotiation, slug="m1", kind="plenary", title="First", starts="2021-02-05", source="test",
        participants=90,
    )  # fmt: skip
    meeting.documents.add(document)
    meeting.sub_issues.add(SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1")))
    catch_up_everywhere()
    return negotiation


def exported(desk: Client, what: str, kind: str = CSV) -> bytes:
    """Return a table exported from the admin."""
    answer = desk.post(address(MODELS[what], "export"), {"format": kind, "resource": "0"})
    assert answer.status_code == 200
    return answer.content


def sent(desk: Client, what: str, data: bytes, kind: str = CSV) -> Any:
    """Return the response with the preview of an imported table."""
    file = io.BytesIO(data)
    file.name = "table.csv" if kind == CSV else "table.xlsx"
    return desk.post(address(MODELS[what], "import"), {"import_file": file, "format": kind, "resource": "0"})


def confirmed(desk: Client, what: str, preview: Any) -> str:
    """Confirm a preview, and return the following page."""
    fields = dict(preview.context["confirm_form"].initial)
    return desk.post(address(MODELS[what], "process_import"), fields, follow=True).content.decode()


def rewritten(data: bytes, **cells: str) -> bytes:
    """Return a table with changed cells in its first row."""
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    rows[0] |= cells
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode()


def values(what: str) -> list[Any]:
    return [
        [str(getattr(row, field.attname)) for field in row._meta.fields]
        + [sorted(str(one) for one in getattr(row, field.name).all()) for field in row._meta.many_to_many]
        for row in MODELS[what].objects.order_by("pk")
    ] + list(Alias.objects.order_by("text").values_list("text", "member__code"))


@pytest.mark.parametrize("kind", [CSV, XLSX])
@pytest.mark.parametrize("what", MODELS)
def test_importing_an_unchanged_exported_table_changes_nothing(
    desk: Client, facts: Negotiation, what: str, kind: str
) -> None:
    before, data = values(what), exported(desk, what, kind)
    preview = sent(desk, what, data, kind)
    assert "Nothing in the table differs" in preview.content.decode()
    assert "Import finished: 0 new, 0 updated" in confirmed(desk, what, preview)
    assert values(what) == before


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_a_deleted_row_is_restored_unchanged_from_the_exported_table(
    desk: Client, facts: Negotiation, kind: str
) -> None:
    tables = {what: exported(desk, what, kind) for what in MODELS}
    before = {what: exported(desk, what) for what in MODELS}
    Meeting.objects.all().delete()
    Document.objects.all().delete()
    Member.objects.all().delete()
    for what in ("members", "documents", "meetings"):
        assert "Import finished" in confirmed(desk, what, sent(desk, what, tables[what], kind))
    assert {what: exported(desk, what) for what in MODELS} == before
    assert Meeting.objects.get().documents.get().submitted_by.count() == 2


def test_no_exported_cell_is_a_formula_in_a_spreadsheet(desk: Client, facts: Negotiation) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(desk, "members").decode("utf-8-sig"))))
    assert [row["note"] for row in rows] == [f"'{FORMULA}", "''=kept, with\ntwo lines; and “quotes”"]
    sheet = load_workbook(io.BytesIO(exported(desk, "documents", XLSX))).worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.rows for cell in row)


def test_a_preview_stores_nothing_and_the_confirmed_import_is_published(desk: Client, facts: Negotiation) -> None:
    last = Change.objects.order_by("number").last()
    data = rewritten(exported(desk, "members"), name_fr="Canada (le)", names="CAN; Canada; Kanada")
    preview = sent(desk, "members", data)
    assert "<ins>Canada (le)</ins>" in preview.content.decode()
    assert " style=" not in preview.content.decode()
    assert Member.objects.get(code="CAN").name_fr == ""
    assert Change.objects.order_by("number").last() == last
    assert "1 updated" in confirmed(desk, "members", preview)
    assert Member.objects.get(code="CAN").name_fr == "Canada (le)"
    assert Alias.objects.get(text="Kanada").member.code == "CAN"
    told = Change.objects.filter(number__gt=last.number)
    assert [(one.resource, one.key) for one in told] == [("member", "CAN")]


def test_texts_recognise_a_new_member_by_its_code_and_name(desk: Client, facts: Negotiation) -> None:
    data = rewritten(exported(desk, "members"), code="PER", name="Peru", iso_alpha2="PE", iso_alpha3="PER", names="")
    assert "1 new" in confirmed(desk, "members", sent(desk, "members", data))
    assert set(Alias.objects.filter(member__code="PER").values_list("text", flat=True)) == {"PER", "Peru"}


@pytest.mark.parametrize(
    ("what", "cells", "said"),
    [
        ("members", {"region": "Moon"}, "Row 2, column region: “Moon” is not valid: use one of"),
        ("members", {"wto_member_since": "1.1.1995"}, "Row 2, column wto_member_since: “1.1.1995” is not a date"),
        ("members", {"code": "JPN"}, "Row 3, column code: JPN appears twice in the table"),
        ("members", {"names": "CAN; jpn"}, "Row 2, column names: “jpn”: Searches cannot distinguish this name"),
        ("members", {"source": ""}, "Row 2, column source: This field cannot be blank"),
        ("documents", {"negotiation": "none"}, "Row 2, column negotiation: “none” is not valid: use one of"),
        ("documents", {"submitted_by": "CAN; ATL"}, "Row 2, column submitted_by: Unknown member: “ATL”"),
        (
            "documents",
            {"symbol_verified": "perhaps"},
            "Row 2, column symbol_verified: “perhaps” is not valid: use yes or no",
        ),
        ("meetings", {"participants": "many"}, "Row 2, column participants: “many” is not a whole number"),
        ("meetings", {"ends": "2020-01-01"}, "Row 2: A meeting cannot end before it begins"),
        ("meetings", {"documents": "none"}, "Row 2, column documents: Unknown document: “none”"),
    ],
)
def test_an_import_error_names_its_row_and_column_and_nothing_is_stored(
    desk: Client, facts: Negotiation, what: str, cells: dict[str, str], said: str
) -> None:
    before = values(what)
    preview = sent(desk, what, rewritten(exported(desk, what), **cells))
    assert said in preview.content.decode().replace("&#x27;", "'")
    assert "confirm_form" not in preview.context
    assert values(what) == before


def workbook(*rows: list[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO(workbook(["code"]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/more.xml", b" " * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (CSV, "code;note\nCAN;Côte\n".encode("latin-1"), "The file is not UTF-8"),
        (CSV, b"code,nmae\nCAN,Canada\n", "unknown column nmae"),
        (CSV, b"code,code\nCAN,CAN\n", "repeated column names: code"),
        (CSV, b"code,note\nCAN,a,b\n", "Row 2 has 3 cells"),
        (CSV, b"name\nCanada\n", "code"),
        (CSV, b"", "empty"),
        (CSV, b"a" * 1_100_000, "maximum size of a table is 1 MB"),
        (XLSX, b"code,note\n", "damaged"),
        (XLSX, bomb(), "far too large when unpacked"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused_with_advice(
    desk: Client, facts: Negotiation, kind: str, data: bytes, said: str
) -> None:
    page = sent(desk, "members", data, kind).content.decode()
    assert said in page
    assert "Traceback" not in page


def test_omitted_columns_keep_their_values_and_semicolons_separate_values_too(desk: Client, facts: Negotiation) -> None:
    preview = sent(desk, "members", "code;name_es\nCAN;Canadá\n".encode())
    assert "1 updated" in confirmed(desk, "members", preview)
    canada = Member.objects.get(code="CAN")
    assert (canada.name_es, canada.note) == ("Canadá", FORMULA)


def test_a_preview_that_has_become_invalid_imports_nothing(desk: Client, facts: Negotiation) -> None:
    data = b"code,name\nCAN,Kanada\nJPN,Nippon\n"
    preview = sent(desk, "members", data)
    MemberFactory(code="XXX", name="Nippon")
    page = confirmed(desk, "members", preview)
    assert "Nothing was imported. Row 3, column name:" in page
    assert Member.objects.get(code="CAN").name == "Canada"


def test_a_file_that_was_not_previewed_cannot_be_imported(desk: Client, facts: Negotiation) -> None:
    fields = {"import_file_name": "../../etc/passwd", "original_file_name": "a", "format": CSV, "resource": "0"}
    page = desk.post(address(Member, "process_import"), fields, follow=True).content.decode()
    assert "Nothing was imported" in page


@pytest.mark.parametrize("role", ["delegate", "analyst"])
def test_only_the_secretariat_can_export_and_import_tables(client: Client, facts: Negotiation, role: str) -> None:
    client.force_login(DelegationFactory(role=role, member=Member.objects.get(code="CAN")).user)
    for model in MODELS.values():
        for page in ("export", "import", "process_import"):
            answer = client.post(address(model, page))
            assert answer.status_code in (302, 403)
            assert not re.search("attachment", answer.get("Content-Disposition", ""))


def test_the_number_of_queries_of_an_export_does_not_grow_with_the_rows(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    negotiation = NegotiationFactory()
    exported(desk, "documents")
    for number in range(20):
        Document.objects.create(
            negotiation=negotiation, slug=f"d{number}", title=f"D {number}", genre="proposal", verification="seen",
            source="test",
        )  # fmt: skip
    # The queries are for session, user, roles, permission, rows and submitters, regardless of the number of rows.
    with django_assert_max_num_queries(16):
        data = exported(desk, "documents")
    assert data.count(b"\n") == 21
