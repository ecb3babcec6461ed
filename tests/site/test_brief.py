"""Tests that the places named in the sentence table of the brief exist and say what the table claims."""

import html
import re
from pathlib import Path

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "brief.md"
REASONS = ("context", "about the brief", "left out: ")


def rows() -> list[list[str]]:
    """Return the cells of the rows of all tables."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "§"]


def test_every_sentence_of_the_brief_has_a_place_or_a_reason() -> None:
    for row in rows():
        assert len(row) == 3, row
        assert re.fullmatch(r"`/[^`]*` “[^”]+”", row[2]) or row[2].startswith(REASONS), row


def test_every_place_of_the_brief_exists_and_contains_the_words(client: Client) -> None:
    pages: dict[str, str] = {}
    missing = []
    for section, sentence, place in rows():
        named = re.fullmatch(r"`(/[^`]*)` “([^”]+)”", place)
        if named is None:
            continue
        address, words = named.groups()
        if address not in pages:
            response = client.get(address)
            assert response.status_code == 200, address
            pages[address] = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
        if words not in pages[address]:
            missing.append((section, sentence, address, words))
    assert missing == []
