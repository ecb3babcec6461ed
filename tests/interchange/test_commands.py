"""Tests of the effects, output and exit status of `import_text` and `export_text`."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from issues.interchange.readers import read_file
from issues.models import Negotiation, Provision, Revision, StagedImport
from issues.models.choices import StagedState
from tests.factories import (
    DelegationFactory,
    IssueFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.interchange.documents import Sheet, inserted, paragraph, run
from tests.people import take_part

pytestmark = pytest.mark.django_db

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
FEW = ["bbnj_A-CONF.232-2022-5_further_revised_draft_2022-06", "unfccc_cop21_2015-12-09_agreement_md"]


@pytest.fixture
def provision() -> Provision:
    take_part("CAN", "JPN")
    DelegationFactory(user=UserFactory(username="sec"), role="secretariat", member=None)
    place = SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1"))
    return provision_with("Each Party shall publish its measures.", heading="Transparency", sub_issue=place)


def run_import(file: Path, slug: str = "jsi", **options: Any) -> str:
    said = StringIO()
    asked = {"made_on": "2021-03-01", "source": "test", "user": "sec", "verbosity": 0, **options}
    arguments = [str(file), slug]
    for name, value in asked.items():
        flag = f"--{name.replace('_', '-')}"
        arguments += [flag] if value is True else [f"{flag}={value}"]
    call_command("import_text", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "rev1.txt"
    file.write_text("Article 1: Transparency\n\nEach Party shall [CAN: promptly] publish its measures.\n")
    return file


def test_a_text_for_an_existing_negotiation_is_staged_for_review(provision: Provision, text: Path) -> None:
    said = run_import(text)
    assert "1 provisions: 0 new, 1 changed, 0 unchanged" in said
    staged = StagedImport.objects.get()
    assert f"/imports/{staged.key}/" in said
    assert staged.state == StagedState.IN_REVIEW
    assert provision.revisions.count() == 1


def test_with_log_every_provision_without_problems_is_logged(provision: Provision, text: Path) -> None:
    text.write_text(text.read_text() + "\nArticle 2: Lost\n\nNo Member whatever asks for [codes.\n")
    with pytest.raises(CommandError, match="Provisions that need a review: 1") as left:
        run_import(text, log=True)
    assert left.value.returncode == 3
    assert provision.revisions.latest("number").text.startswith("Each Party shall [CAN: promptly]")
    assert Provision.objects.count() == 1


def test_a_dry_run_reports_the_outcome_and_stores_nothing(provision: Provision, text: Path, tmp_path: Path) -> None:
    assert "Nothing was stored" in run_import(text, dry_run=True, log=True)
    assert "1 provisions at /negotiations/other/" in run_import(text, "other", name="Other", dry_run=True)
    assert (Revision.objects.count(), StagedImport.objects.count(), Negotiation.objects.count()) == (1, 0, 1)
    out = tmp_path / "out.docx"
    call_command("export_text", "jsi", str(out), "--dry-run", "--verbosity=0", stdout=StringIO())
    assert not out.exists()


def test_tracked_changes_of_an_unknown_author_can_be_assigned_to_a_member(provision: Provision, tmp_path: Path) -> None:
    sheet = Sheet().heading("Transparency")
    sheet.xml(paragraph(run("Each Party shall ") + inserted("promptly ", "J. Smith") + run("publish its measures.")))
    file = tmp_path / "rev1.docx"
    file.write_bytes(sheet.saved())
    run_import(file, member="J. Smith=JPN", log=True)
    assert provision.revisions.latest("number").text == "Each Party shall [JPN propose: promptly] publish its measures."
    with pytest.raises(CommandError, match="unknown member or grouping “ATL”"):
        run_import(file, member="J. Smith=ATL")


@pytest.mark.parametrize(
    ("slug", "options", "said"),
    [
        ("new", {}, "give its name with --name"),
        ("jsi", {"name": "JSI"}, "Choose another slug"),
        ("jsi", {"user": "nobody"}, "no user “nobody”"),
        ("jsi", {"small_group": "none"}, "no small group"),
        ("jsi", {"made_on": "2999-01-01"}, "is in the future"),
    ],
)
def test_a_failed_import_exits_with_status_1(
    provision: Provision, text: Path, slug: str, options: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        run_import(text, slug, **options)
    assert refused.value.returncode == 1


def test_the_exported_text_contains_only_what_its_reader_may_see(provision: Provision, tmp_path: Path) -> None:
    hidden = provision_with("For some only.", slug="hidden", visibility="group", sub_issue=provision.sub_issue)
    for user, seen in (("", False), ("sec", True)):
        for ending in ("docx", "html", "xml"):
            out = tmp_path / f"out.{ending}"
            options = [f"--user={user}"] if user else []
            call_command("export_text", "jsi", str(out), "--verbosity=0", *options, stdout=StringIO())
            words = "".join(one.text for one in read_file(out.name, out.read_bytes()).paragraphs)
            assert ("For some only." in words) is seen
    assert hidden.revisions.count() == 1


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["none", "a.docx"], "no negotiation", 1),
        (["jsi", "a.doc"], "the extension must be one of", 1),
        (["jsi", "a.docx", "--section=Z"], "no such entry in this negotiation", 1),
        (["jsi", "a.xml", "--since=2021-01-01"], "Omit --since", 1),
        (["jsi", "a.docx", "--as-of=2000-01-01"], "may not read any of the selected text", 3),
        (["jsi", "/nowhere/a.docx"], "No such file", 1),
    ],
)
def test_a_failed_export_exits_with_its_documented_status(
    provision: Provision, arguments: list[str], said: str, code: int
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command("export_text", *arguments, "--verbosity=0", stdout=StringIO())
    assert refused.value.returncode == code


@pytest.mark.skipif(not CORPORA.exists(), reason="../shared/corpora is not beside the project")
@pytest.mark.parametrize("name", FEW)
def test_real_texts_survive_an_import_an_export_and_another_import(provision: Provision, name: str) -> None:
    from tests.interchange.corpora import row

    cells = row(CORPORA / f"{name}.txt", "sec")
    for cell in cells[-2:]:
        assert cell.endswith(" s, 0")
