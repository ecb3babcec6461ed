"""Tests that a text of an earlier date can be imported after later changes have been logged."""

import datetime
from typing import Any

import pytest

from issues.access.roles import reader_of
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.interchange import log_import, review, staging
from issues.interchange.export import ExportOptions, build_export
from issues.models import Provision, Revision
from issues.models.choices import Decision, Finding
from members.models import Member
from tests.factories import FIRST_DAY, provision_with
from tests.interchange.imports import DAY, rows, staged

pytestmark = pytest.mark.django_db

LATER = DAY + datetime.timedelta(2)
ON_RECORD = "Each Party shall [CAN: promptly] publish its measures. Parties [JPN: may] meet."
SINCE = "Each Party shall [CAN: promptly] publish its measures. Parties [JPN: may] meet [BRA: often]."
LIFTED = "Bracket lifted, words kept: “promptly”."
CAME_IN = "Article 1: Transparency\n\nEach Party shall promptly publish its measures. Parties [JPN: may] meet.\n"


@pytest.fixture
def provision(place: Any, secretariat: Any) -> Provision:
    """Return a provision that was changed two days after the date of the import."""
    found = provision_with(ON_RECORD, heading="Transparency", sub_issue=place)
    changes.log(TextChange(found, base_revision=1, edit=SINCE, made_on=LATER), actor=secretariat)
    return found


def as_of(provision: Provision, day: datetime.date) -> str:
    return Revision.objects.current(day).get(provision=provision).text


def test_an_earlier_text_is_compared_with_the_text_of_its_date_and_carried_forward(
    provision: Provision,
    secretariat: Any,
) -> None:
    found = staged(CAME_IN, secretariat)
    row = found.provisions.get()
    assert (row.base, row.sentences[0]) == (provision.revisions.get(number=1), LIFTED)
    review.accept_without_problems(found)
    (revision,) = log_import.log(found, secretariat)
    assert (revision.made_on, revision.follows) == (DAY, 1)
    assert as_of(provision, DAY) == ON_RECORD.replace("[CAN: promptly]", "promptly")
    assert as_of(provision, LATER) == SINCE.replace("[CAN: promptly]", "promptly")


def test_changing_the_date_in_the_review_repeats_the_comparison(
    provision: Provision,
    secretariat: Any,
) -> None:
    found = staged(CAME_IN, secretariat)
    review.accept_without_problems(found)
    review.change_date(found, LATER)
    row = found.provisions.get()
    assert (row.base, row.decision) == (provision.revisions.get(number=2), Decision.OPEN)
    assert any("often" in said for said in row.sentences)
    review.change_date(found, DAY)
    assert found.provisions.get().sentences[0] == LIFTED
    assert rows(found) == [("Article 1: Transparency", Finding.CHANGED, "Transparency")]


def test_a_decision_is_kept_if_the_text_on_the_new_date_is_the_same(
    provision: Provision,
    secretariat: Any,
) -> None:
    found = staged(CAME_IN, secretariat)
    review.accept_without_problems(found)
    review.change_date(found, DAY + datetime.timedelta(1))
    assert found.provisions.get().decision == Decision.ACCEPTED


def test_a_future_date_is_refused(provision: Provision, secretariat: Any) -> None:
    found = staged(CAME_IN, secretariat)
    with pytest.raises(staging.NotStaged, match="is in the future"):
        review.change_date(found, datetime.date(2999, 1, 1))
    assert found.made_on == DAY


def test_a_conflict_with_a_later_text_is_shown_from_both_sides_and_nothing_is_logged(
    provision: Provision,
    secretariat: Any,
) -> None:
    text = SINCE.replace("[CAN: promptly]", "[CAN: at once]")
    changes.log(TextChange(provision, base_revision=2, edit=text, made_on=LATER), actor=secretariat)
    found = staged(CAME_IN, secretariat)
    review.accept_without_problems(found)
    with pytest.raises(log_import.NotLogged, match=r"you wrote “promptly”; that revision contains “\[CAN: at once\]”"):
        log_import.log(found, secretariat)
    assert provision.revisions.count() == 3
    assert "that revision contains" in found.provisions.get().note


def test_exported_tracked_changes_have_their_date_and_author(
    provision: Provision,
    secretariat: Any,
) -> None:
    canada = Member.objects.get(code="CAN")
    late = SINCE.replace("its measures", "[CAN: all] its measures")
    changes.log(TextChange(provision, base_revision=2, edit=late, made_on=DAY, on_behalf_of=canada), actor=secretariat)
    reader = reader_of(secretariat)
    for last, words in ((None, ["[CAN: all] ", " [BRA: often]"]), (DAY, ["[CAN: all] "])):
        wish = ExportOptions(day=last, since=FIRST_DAY)
        export = build_export(reader, provision.negotiation, Provision.objects.all(), wish, LATER)
        stretches = export.parts[0].texts[0].segments
        assert [one.text for one in stretches if one.inserted] == words
        assert [one.inserted.day for one in stretches if one.inserted] == [str(DAY), str(LATER)][: len(words)]
        authors = [one.inserted.author for one in stretches if one.inserted]
        assert authors == ["Canada", "Facilitator or secretariat"][: len(words)]
        assert not any(one.deleted for one in stretches)
