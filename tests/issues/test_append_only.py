"""The database itself keeps the record."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from issues.models import Revision
from tests.factories import provision_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def revision() -> Revision:
    """A revision on record."""
    return provision_with("Each Member shall act.").revisions.get()


def test_a_revision_is_never_changed(revision: Revision) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(text="Each Member may act.")
    revision.refresh_from_db()
    assert revision.text == "Each Member shall act."


def test_a_revision_is_never_deleted(revision: Revision) -> None:
    with pytest.raises(IntegrityError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM issues_revision")
    assert Revision.objects.filter(pk=revision.pk).exists()


def test_writing_a_revision_as_it_is_changes_nothing_and_is_allowed(revision: Revision) -> None:
    Revision.objects.filter(pk=revision.pk).update(text=revision.text)


@pytest.mark.parametrize("altered", ["text", "reason", "source"])
def test_an_altered_revision_no_longer_has_its_digest(revision: Revision, altered: str) -> None:
    assert revision.digest == revision.expected_digest("")
    setattr(revision, altered, getattr(revision, altered) + "x")
    assert revision.digest != revision.expected_digest("")


def test_a_revision_keeps_every_byte_of_its_text() -> None:
    text = "  [CAN: é\t“words”]\r\n\r\nlast line \n\n"
    stored: Any = provision_with(text).revisions.get()
    stored.refresh_from_db()
    assert stored.text == text
