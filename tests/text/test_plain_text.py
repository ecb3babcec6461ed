"""Tests that valid text can be represented in all outputs and that invalid characters are reported."""

import doctest
import io
import unicodedata
from xml.etree import ElementTree

import pytest
from django.utils.feedgenerator import Atom1Feed
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from members import plain_text
from members.plain_text import (
    LINE,
    PROSE,
    InvalidText,
    TextRules,
    first_invalid_character,
    invalid_characters,
    is_valid,
    sanitize,
    validate,
)
from tests.text.strings import ANY_TEXT, REFUSED, TAKEN


def carried_by_xml(text: str) -> str:
    element = etree.Element("p")
    element.text = text
    return etree.fromstring(etree.tostring(element)).text or ""


def carried_by_a_workbook(text: str) -> str:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    sheet.append([cell])
    out = io.BytesIO()
    book.save(out)
    return load_workbook(io.BytesIO(out.getvalue())).active["A1"].value or ""  # type: ignore[union-attr]


def carried_by_a_feed(text: str) -> str:
    feed = Atom1Feed("Changes", "https://tracker.example/", "")
    feed.add_item("Entry", "https://tracker.example/1", text)
    root = ElementTree.fromstring(feed.writeString("utf-8"))
    return root.findtext(".//{http://www.w3.org/2005/Atom}summary") or ""


def as_xml_reads_it(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(ANY_TEXT)
def test_any_string_is_accepted_unchanged_or_refused_with_the_place_of_a_character(text: str) -> None:
    flaw = first_invalid_character(text)
    if flaw is None:
        validate(text, PROSE)
        assert sanitize(text) == text
        assert as_xml_reads_it(carried_by_xml(text)) == as_xml_reads_it(text)
        assert as_xml_reads_it(carried_by_a_feed(text)) == as_xml_reads_it(text)
        return
    assert (text[flaw.offset], text.split("\n")[flaw.line - 1][flaw.column - 1]) == (flaw.character, flaw.character)
    with pytest.raises(InvalidText, match=rf"Line {flaw.line}, column {flaw.column}: U\+{ord(flaw.character):04X}"):
        validate(text, PROSE)


@given(ANY_TEXT)
def test_sanitized_text_keeps_its_length_and_can_be_represented(text: str) -> None:
    out = sanitize(text)
    assert len(out) == len(text)
    assert all(new in (old, "\ufffd") for old, new in zip(text, out, strict=True))
    assert sanitize(out) == out
    assert as_xml_reads_it(carried_by_xml(out)) == as_xml_reads_it(out)
    assert as_xml_reads_it(carried_by_a_feed(out)) == as_xml_reads_it(out)
    out.encode()


@given(st.text(st.characters(categories=None), min_size=1, max_size=40))
def test_a_workbook_can_contain_any_sanitized_text(text: str) -> None:
    out = sanitize(text).replace("\r", "")
    assert carried_by_a_workbook(out) == out


def test_every_code_point_is_accepted_or_refused_according_to_its_category() -> None:
    refused = {chr(code) for code in range(0x110000) if first_invalid_character(chr(code)) is not None}
    expected = {
        character
        for character in map(chr, range(0x110000))
        if (unicodedata.category(character) == "Cc" and character not in "\t\n\r")
        or unicodedata.category(character) in ("Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        or ord(character) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(character) <= 0xFDEF
    }
    assert refused == expected


@pytest.mark.parametrize("character", REFUSED, ids=[f"U+{ord(one):04X}" for one in REFUSED])
def test_a_refused_character_is_named_with_its_place_and_a_remedy(character: str) -> None:
    with pytest.raises(InvalidText) as refused:
        validate(f"Each Member\nshall{character} act", PROSE)
    said = str(refused.value)
    assert said.startswith(f"Line 2, column 6: U+{ord(character):04X} ")
    assert said.endswith((".", "."))
    assert "Delete it" in said or "Enter key" in said


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000 NULL"),
        ("\x0c", "U+000C FORM FEED"),
        ("\x1b", "U+001B ESCAPE"),
        ("\x7f", "U+007F DELETE"),
        ("\x85", "U+0085 NEXT LINE"),
        ("\x9b", "U+009B CONTROL SEQUENCE INTRODUCER"),
        ("\x9f", "U+009F APPLICATION PROGRAM COMMAND"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\ud800", "U+D800 SURROGATE"),
        ("\uffff", "U+FFFF NONCHARACTER"),
        ("\U0010fffe", "U+10FFFE NONCHARACTER"),
    ],
)
def test_characters_are_called_by_their_unicode_names(character: str, name: str) -> None:
    assert plain_text.describe(character) == name


@pytest.mark.parametrize("character", TAKEN, ids=[f"U+{ord(one):04X}" for one in TAKEN])
def test_marks_and_joiners_required_by_scripts_are_accepted(character: str) -> None:
    validate(f"می{character}خواهم", PROSE)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\t"])
def test_a_single_line_value_contains_no_line_break_or_tab(end: str) -> None:
    with pytest.raises(
        InvalidText, match=r"Line \d, column \d+: U\+00\d\w .*on one line. Replace the character with a space"
    ):
        validate(f"A title{end}of two lines", LINE)
    validate(f"A note{end}of two lines", PROSE)


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u3000", "\u200b\u2060", "\ufeff \u200e"])
def test_blank_and_invisible_text_counts_as_empty_if_a_value_is_required(blank: str) -> None:
    with pytest.raises(InvalidText, match="This field is empty"):
        validate(blank, TextRules(100, required=True))
    validate(blank, TextRules(100))


def test_the_length_is_checked_first_and_overlong_text_is_not_searched() -> None:
    class Unread(str):
        def __getattribute__(self, name: str) -> object:
            raise AssertionError(f"it was read: {name}")

    with pytest.raises(InvalidText, match="longer than 1,000 characters"):
        validate(Unread("\x00" * 1_001), TextRules(1_000))


def test_invalid_and_replaced_characters_are_found_at_their_offsets() -> None:
    assert [flaw.offset for flaw in invalid_characters("a\x01b\u202ec\nd\uffff")] == [1, 3, 7]
    assert [flaw.offset for flaw in plain_text.replaced_characters("a\x01b\u2028c")] == [1]
    assert is_valid("a", LINE)
    assert not is_valid("a\nb", LINE)


def test_member_names_and_nested_strings_are_sanitized() -> None:
    stored = {"a\x01": ["b\u202e", {"c": ("d\uffff", 1, None)}], "e": "plain"}
    assert plain_text.sanitize_json(stored) == {"a\ufffd": ["b\ufffd", {"c": ["d\ufffd", 1, None]}], "e": "plain"}


def test_the_examples_in_the_code_are_correct() -> None:
    assert doctest.testmod(plain_text).failed == 0
