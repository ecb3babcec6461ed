"""Tests that an import is cut, matched and compared, then reviewed by a person, and logged as a whole or not at all."""

import datetime
from typing import Any

import pytest

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.interchange import log_import, review, staging
from issues.interchange.drafts import Comment
from issues.interchange.readers import read_file, read_pasted
from issues.models import Measure, Position, Provision, Revision, StagedImport, Variant
from issues.models.choices import Decision, StagedState
from tests.factories import NegotiationFactory, SmallGroupFactory
from tests.interchange.documents import Sheet
from tests.interchange.imports import DAY, ORIGIN, REV1, rows, staged

pytestmark = pytest.mark.django_db


def test_each_article_is_matched_to_a_provision_and_its_changes_are_described(
    secretariat: Any, record: list[Provision]
) -> None:
    found = staged(REV1, secretariat)
    assert rows(found) == [
        ("Article 1: Transparency", "changed", "Transparency"),
        ("Article 2: Spam", "changed", "Spam"),
        ("Article 3: Source code", "new", ""),
    ]
    assert found.provisions.get(position=1).sentences == ["Canada proposes “promptly”."]
    assert found.provisions.get(position=2).sentences == ["Japan proposes “shall”."]
    assert found.provisions.get(position=3).parent == record[1].sub_issue
    assert found.state == StagedState.IN_REVIEW
    # Nothing is on record before the import is logged.
    assert Revision.objects.count() == 2


def test_all_accepted_provisions_are_logged_in_one_transaction_with_their_source(
    secretariat: Any, record: list[Provision]
) -> None:
    found = staged(REV1, secretariat)
    assert review.accept_without_problems(found) == 3
    revisions = log_import.log(found, secretariat)
    assert [one.provision.heading for one in revisions] == ["Transparency", "Spam", "Article 3: Source code"]
    assert revisions[0].text == "Each Party shall [CAN: promptly] publish its measures."
    assert {one.made_on for one in revisions} == {DAY}
    assert {one.source for one in revisions} == {"INF/1/Rev.1"}
    new = Provision.objects.get(heading="Article 3: Source code")
    assert (new.visibility, new.position, new.slug) == ("participants", 3, "article-3-source-code")
    found.refresh_from_db()
    assert (found.state, found.finished_by) == (StagedState.LOGGED, secretariat)
    assert Position.objects.filter(member__code="BRA", stance="propose").exists()
    with pytest.raises(staging.NotStaged, match="has since been closed"):
        log_import.log(found, secretariat)


def test_a_text_that_differs_only_in_line_endings_needs_no_decision(secretariat: Any, record: list[Provision]) -> None:
    found = staged("Article 1: Transparency\n\nEach Party shall publish\nits measures.\n", secretariat)
    assert rows(found) == [("Article 1: Transparency", "same", "Transparency")]
    assert review.accept_without_problems(found) == 0


def test_nothing_is_logged_if_a_provision_has_changed_since_its_comparison(
    secretariat: Any, record: list[Provision]
) -> None:
    found = staged(REV1, secretariat)
    review.accept_without_problems(found)
    changes.log(TextChange(record[1], base_revision=1, edit="Each Party may act against spam."), actor=secretariat)
    before = Revision.objects.count()
    today = Revision.objects.latest("pk").made_on
    StagedImport.objects.filter(pk=found.pk).update(made_on=today)
    with pytest.raises(log_import.NotLogged, match="revision 2 has since been logged") as refused:
        log_import.log(found, secretariat)
    assert Revision.objects.count() == before
    row = found.provisions.get(position=2)
    assert refused.value.row == row
    assert (row.decision, row.base.number if row.base else 0) == (Decision.OPEN, 2)
    assert "revision 2 has since been logged" in row.note
    assert Provision.objects.count() == 2
    # After another review, the import can be logged.
    with pytest.raises(staging.NotStaged, match="1 conflict is still open"):
        review.decide(row, Decision.ACCEPTED)
    assert review.accept_without_problems(found) == 0
    review.take_side(row, "1-m")
    review.decide(row, Decision.ACCEPTED)
    assert len(log_import.log(found, secretariat)) == 3


def test_changes_logged_elsewhere_since_the_comparison_are_kept(secretariat: Any, record: list[Provision]) -> None:
    """At first, the file and the record change different words. Later, both change the same word."""
    mine = "Article 1: Transparency\n\nEach Party shall [CAN: promptly] publish its measures.\n"
    found = staged(mine, secretariat)
    review.accept_without_problems(found)
    theirs = record[0].revisions.get().text.replace("measures", "measures and procedures")
    changes.log(TextChange(record[0], base_revision=1, edit=theirs), actor=secretariat)
    StagedImport.objects.filter(pk=found.pk).update(made_on=Revision.objects.latest("pk").made_on)
    with pytest.raises(log_import.NotLogged):
        log_import.log(found, secretariat)
    row = found.provisions.get()
    assert row.text == "Each Party shall [CAN: promptly] publish its measures and procedures."
    assert (row.clashes, row.sentences) == (None, ["Canada proposes “promptly”."])
    review.decide(row, Decision.ACCEPTED)
    assert log_import.log(found, secretariat)[0].text == row.text


def test_a_new_provision_without_a_place_is_reported_and_nothing_is_logged(
    secretariat: Any, record: list[Provision]
) -> None:
    text = "Article 9: Cloud computing\n\nMinisters welcome clouds over mountains.\n"
    found = staged(text, secretariat, small_group=SmallGroupFactory())
    assert found.provisions.get().parent is None
    review.accept_without_problems(found)
    with pytest.raises(log_import.NotLogged, match="Choose where “Article 9: Cloud computing” belongs"):
        log_import.log(found, secretariat)
    assert Provision.objects.count() == 2
    assert "belongs in the table of issues" in found.provisions.get().note


def test_a_comment_that_does_not_refer_to_imported_words_is_reported(secretariat: Any, record: list[Provision]) -> None:
    draft = read_pasted(REV1)._replace(comments=(Comment("7", "Chair", "", "Look again."),))
    found = staging.stage(draft, ORIGIN, negotiation=NegotiationFactory(), actor=secretariat)
    assert found.warnings == ["A comment by Chair does not refer to any imported text: “Look again.”"]


def test_a_text_dated_before_the_recorded_text_is_not_logged(secretariat: Any, record: list[Provision]) -> None:
    found = staged(REV1, secretariat)
    StagedImport.objects.filter(pk=found.pk).update(made_on=datetime.date(2020, 1, 1))
    review.accept_without_problems(found)
    with pytest.raises(log_import.NotLogged, match="Enter that date or a later date"):
        log_import.log(found, secretariat)


BROKEN = "Article 9: Lost\n\nEach Party [shall act.\n"


def test_a_text_with_errors_must_be_corrected_or_kept_unparsed_outside_the_figures(
    secretariat: Any, record: list[Provision]
) -> None:
    found = staged(BROKEN, secretariat)
    row = found.provisions.get()
    assert row.stops
    assert "never closed" in row.problems[0]["message"]
    assert review.accept_without_problems(found) == 0
    with pytest.raises(staging.NotStaged, match="cannot be logged because"):
        review.decide(row, Decision.ACCEPTED)
    review.decide(row, Decision.ACCEPTED, unparsed=True)
    revision = log_import.log(found, secretariat)[0]
    assert revision.unparsed
    assert revision.text == BROKEN
    measure = Measure.objects.get(revision=revision)
    assert (measure.words, measure.open_brackets) == (0, 0)
    assert not Variant.objects.filter(provision=revision.provision).exists()
    # The first parsed text opens the brackets that it contains.
    changes.log(TextChange(revision.provision, base_revision=1, edit="Each Party [shall] act."), actor=secretariat)
    assert Variant.objects.filter(provision=revision.provision, closed_in=None).count() == 1


def test_an_unparsed_text_is_verified_and_rebuilt_as_unparsed(secretariat: Any, record: list[Provision]) -> None:
    from issues.text.index import rebuild
    from issues.text.verification import verify

    found = staged(BROKEN, secretariat)
    review.decide(found.provisions.get(), Decision.ACCEPTED, unparsed=True)
    provision = log_import.log(found, secretariat)[0].provision
    assert list(verify([provision])) == [(provision, [])]
    rebuild([provision])
    assert list(verify([provision])) == [(provision, [])]


def test_a_reviewer_can_edit_rematch_and_leave_out_provisions(secretariat: Any, record: list[Provision]) -> None:
    found = staged("Article 7: Publication\n\nSomething else entirely is said here.\n", secretariat)
    row = found.provisions.select_related("staged").get()
    assert row.provision is None
    review.rematch(row, record[0])
    assert (row.finding, row.text) == ("changed", "Something else entirely is said here.")
    review.edit(row, "Each Party shall publish its measures [JPN: soon].")
    assert row.sentences == ["Japan proposes “soon”."]
    other = Provision.objects.get(heading="Spam")
    review.rematch(row, other)
    assert row.text == "Each Party shall publish its measures [JPN: soon]."
    review.decide(row, Decision.LEFT)
    with pytest.raises(staging.NotStaged, match="No provisions have been accepted"):
        log_import.log(found, secretariat)


def test_a_recorded_provision_is_matched_only_once(secretariat: Any, record: list[Provision]) -> None:
    found = staged(REV1, secretariat)
    last = found.provisions.select_related("staged").get(position=3)
    with pytest.raises(staging.NotStaged, match="is already matched to this provision"):
        review.rematch(last, record[0])


def test_unknown_names_can_be_replaced_by_codes_in_all_provisions(secretariat: Any, record: list[Provision]) -> None:
    text = REV1.replace("CAN, JPN", "CAN, NIP").replace("BRA: of", "BRA/NIP: of")
    found = staged(text, secretariat)
    assert [row.unknown for row in found.provisions.all()] == [[], ["NIP"], ["NIP"]]
    assert [row.stops for row in found.provisions.all()] == [False, True, True]
    assert review.assign_name(found, "NIP", "JPN") == 2
    assert found.provisions.get(position=2).sentences == ["Japan proposes “shall”."]
    with pytest.raises(staging.NotStaged, match="Unknown member or grouping"):
        review.assign_name(found, "NIP", "ATL")


def test_a_position_suggested_by_a_comment_is_recorded_on_request(secretariat: Any, record: list[Provision]) -> None:
    sheet = Sheet().heading("Article 1: Transparency")
    one = sheet.text("Each Party shall publish ")
    about = one.add_run("its measures")
    one.add_run(".")
    sheet.document.add_comment(about, text="Brazil, Japan: delete", author="Chair", initials="C")
    sheet.document.add_comment(about, text="Please check the spelling.", author="Chair", initials="C")
    draft = read_file("a.docx", sheet.saved())
    found = staging.stage(draft, ORIGIN, negotiation=NegotiationFactory(), actor=secretariat)
    staging.compare(found)
    row = found.provisions.select_related("staged", "base").get()
    assert [(one["stance"], one["codes"]) for one in row.comments] == [("oppose", ["BRA", "JPN"]), ("", [])]
    assert row.staged.warnings == []
    review.accept_suggestion(row, row.comments[0]["number"])
    assert row.text == "Each Party shall publish [BRA, JPN oppose: its measures]."
    with pytest.raises(staging.NotStaged, match="Unknown suggestion"):
        review.accept_suggestion(row, row.comments[0]["number"])


def test_page_headers_and_numbers_are_shown_but_not_logged(secretariat: Any, record: list[Provision]) -> None:
    page = "\n\nRESTRICTED DRAFT\n{}\n"
    lines = [
        f"{number}. Each Party shall keep a record of the measures that it takes under point {number},"
        for number in range(1, 13)
    ]
    text = "Article 1: Transparency\n\n" + "".join(
        "\n".join(lines[at : at + 3]) + page.format(at // 3 + 1) for at in range(0, 12, 3)
    )
    found = staged(text.replace("keep", "keep " * 40), secretariat)
    row = found.provisions.order_by("position").first()
    assert row is not None
    assert row.furniture
    assert "RESTRICTED" in row.found
    assert "RESTRICTED" not in row.text


def test_tracked_changes_and_colours_are_assigned_before_the_text_is_divided(
    secretariat: Any, record: list[Provision]
) -> None:
    from tests.interchange.documents import deleted, inserted, paragraph, run

    sheet = Sheet().heading("Article 1: Transparency")
    sheet.xml(
        paragraph(
            run("Each Party ")
            + deleted("shall", "J. Smith")
            + inserted("may", "J. Smith")
            + run(" publish its measures.")
        )
    )
    draft = read_file("a.docx", sheet.saved())
    found = staging.stage(draft, ORIGIN, negotiation=NegotiationFactory(), actor=secretariat)
    assert (found.state, found.provisions.count()) == (StagedState.READ, 0)
    chosen = staging.choices_of(found)
    assert chosen.of("J. Smith") == ("propose", "")
    from issues.interchange.composition import Choices

    with pytest.raises(staging.NotStaged, match="Unknown member or grouping"):
        review.apply_choices(found, Choices({"J. Smith": "propose"}, {"J. Smith": "Atlantis"}))
    review.apply_choices(found, Choices({"J. Smith": "propose"}, {"J. Smith": "CAN"}))
    staging.compare(found)
    assert found.provisions.get().text == "Each Party [CAN oppose: shall][CAN propose: may] publish its measures."
    review.apply_choices(found, Choices({"J. Smith": "accept"}))
    staging.compare(found)
    row = found.provisions.select_related("staged", "base").get()
    assert row.text == "Each Party may publish its measures."
    review.edit(row, "Each Party may publish its measures now.")
    with pytest.raises(staging.NotStaged, match="already been made"):
        review.apply_choices(found, Choices({"J. Smith": "reject"}))
