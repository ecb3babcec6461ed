"""Tests that altered texts and incorrect indexes are detected by verification."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bracketed_text import parse
from issues.models import Measure, Position, Provision, Revision, Variant
from tests.factories import MemberFactory, provision_with
from tests.guards import guards_lifted

pytestmark = pytest.mark.django_db

TEXTS = (
    "Each Member shall [BRA: promptly] act.",
    "Each Member shall [BRA propose; CAN oppose: promptly] act.",
    "Each Member shall [BRA propose; CAN oppose: promptly] act [CAN: in writing].",
)


@pytest.fixture
def provision() -> Provision:
    """Return a provision with three revisions."""
    for code in ("BRA", "CAN"):
        MemberFactory(code=code)
    return provision_with(*TEXTS, slug="article")


@pytest.fixture
def by_hand(provision: Provision) -> Callable[..., None]:
    """Return a function that alters a revision in SQL, bypassing the guards."""

    def alter(number: int, **values: Any) -> None:
        with guards_lifted(), connection.cursor() as cursor:
            for column, value in values.items():
                cursor.execute(
                    f"UPDATE issues_revision SET {column} = %s WHERE provision_id = %s AND number = %s",
                    [value, provision.pk, number],
                )

    return alter


def verified(*args: str) -> str:
    out = StringIO()
    call_command("verify_record", *args, stdout=out, no_color=True)
    return out.getvalue()


def said_to_be_wrong(*args: str) -> str:
    with pytest.raises(CommandError) as wrong:
        verified(*args)
    return str(wrong.value)


def test_an_unaltered_record_is_verified(provision: Provision) -> None:
    assert "Texts: 1 verified; chains, hashes and index agree" in verified()


def test_verification_names_an_old_revision_with_one_altered_character(by_hand: Callable[..., None]) -> None:
    by_hand(2, text=TEXTS[1].replace("promptly", "promptlx"))
    said = said_to_be_wrong()
    assert (
        said.splitlines()[1]
        == "article, revision 2: the hash does not match, so the row was altered after it was recorded."
    )


@pytest.mark.parametrize(
    "values",
    [{"made_on": "2020-01-01"}, {"reason": "Another one"}, {"recorded_at": "2021-01-05 17:00:00+00:00"}],
    ids=lambda values: next(iter(values)),
)
def test_verification_names_an_altered_detail(by_hand: Callable[..., None], values: dict[str, str]) -> None:
    by_hand(2, **values)
    assert "article, revision 2: the hash does not match" in said_to_be_wrong()


def test_a_recomputed_hash_is_detected_by_the_next_revision(provision: Provision, by_hand: Callable[..., None]) -> None:
    text = TEXTS[1].replace("promptly", "promptlx")
    forged = provision.revisions.get(number=2)
    forged.text = text
    by_hand(2, text=text, digest=forged.expected_digest(provision.revisions.get(number=1).digest))
    assert "article, revision 3: the hash does not match" in said_to_be_wrong()


def test_verification_detects_a_deleted_revision(provision: Provision) -> None:
    with guards_lifted():
        Variant.objects.filter(provision=provision).delete()
        Revision.objects.filter(provision=provision, number=2).delete()
    assert "article, revision 2 is missing from the record" in said_to_be_wrong()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Variant.objects.filter(text="promptly").update(text="at once"),
        lambda: Position.objects.filter(stance="oppose").update(stance="support"),
        lambda: Position.objects.filter(stance="oppose").delete(),
        lambda: Variant.objects.filter(text="in writing").delete(),
        lambda: Measure.objects.filter(revision__number=3).update(words=99),
        lambda: Measure.objects.filter(revision__number=3).delete(),
        lambda: Variant.objects.update(ordinal=7),
    ],
)
def test_an_index_that_does_not_match_the_texts_is_detected_and_rebuilt(
    provision: Provision, spoil: Callable[[], Any]
) -> None:
    spoil()
    assert "article, revision" in said_to_be_wrong()
    call_command("rebuild_index", stdout=StringIO())
    assert "agree" in verified()


def test_a_single_text_can_be_verified_and_an_unknown_text_is_reported(provision: Provision) -> None:
    provision_with("Nothing in brackets.", slug="other")
    assert "Texts: 1 verified" in verified("other")
    assert "There is no provision “missing”." in said_to_be_wrong("missing")


def test_verification_does_not_change_any_data(provision: Provision) -> None:
    before = (list(Variant.objects.values()), list(Position.objects.values()), list(Measure.objects.values()))
    verified()
    assert before == (list(Variant.objects.values()), list(Position.objects.values()), list(Measure.objects.values()))
    assert parse(TEXTS[0]).text == provision.revisions.get(number=1).text


def test_the_hash_of_the_record_changes_with_every_change(provision: Provision) -> None:
    before = verified().splitlines()[-1]
    provision_with("One more.", slug="other")
    assert before.startswith("Hash of the record: ")
    assert verified().splitlines()[-1] != before
