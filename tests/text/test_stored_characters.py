"""Tests that invalid characters stored by an earlier release survive changes to other passages of the text only."""

import pytest

from issues.actions.errors import TextRefused
from issues.actions.text_checks import require_characters
from issues.text.operations import InvalidOperation, Operation
from members.plain_text import sanitize

STORED = "Each \u202eMember shall keep records\u202c for a year."


@pytest.mark.parametrize(
    ("old", "new"), [("a year", "two years"), ("Each", "Every"), ("keep", "keep all"), (" for a year", "")]
)
def test_characters_in_unchanged_parts_remain_as_stored(old: str, new: str) -> None:
    assert require_characters(sanitize(STORED).replace(old, new), STORED) == STORED.replace(old, new)


def test_an_unchanged_text_remains_as_stored() -> None:
    assert require_characters(STORED, STORED) == STORED


@pytest.mark.parametrize("on_record", [STORED, "Each Member shall keep records for a year."])
def test_an_invalid_character_in_a_changed_part_is_refused(on_record: str) -> None:
    with pytest.raises(TextRefused) as refused:
        require_characters(sanitize(on_record).replace("a year", "two\u202d years"), on_record)
    assert refused.value.flaw is not None
    assert refused.value.flaw.character == "\u202d"


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({"act": "fly", "at": 0}, "“fly” is not an operation"),
        ({"act": "lift", "at": 0, "stance": "angry"}, "“angry” is not a stance"),
        ({"act": "lift", "at": 0, "colour": "red"}, "“colour” is not a field of an operation"),
        ({"act": "lift", "at": "first"}, "“at” must be a number"),
        ({"act": "lift", "at": True}, "“at” must be a number"),
        ({"act": "lift", "at": 0, "text": 5}, "“text” is not a field of an operation"),
    ],
)
def test_an_invalid_operation_is_refused_with_the_reason(stored: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidOperation, match=message):
        Operation.from_json(stored)
