"""The table of access in the documentation is what comes of trying."""

import os

import pytest

from tests.confidentiality.access_table import PAGE, page, tried


@pytest.mark.django_db
def test_the_table_in_the_documentation_is_what_comes_of_trying() -> None:
    found = page(tried())
    if os.environ.get("WRITE_ACCESS"):
        PAGE.write_text(found, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == found, (
        "make access writes what is true now: read it before you commit it"
    )
