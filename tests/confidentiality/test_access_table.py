"""Tests that the access table in the documentation agrees with the outcomes of trying each action."""

import os

import pytest

from tests.confidentiality.access_page import PAGE, page
from tests.confidentiality.access_table import ACTIONS, DECIDED, predicted, tried


@pytest.mark.once  # tests/access compares the rules with what is possible on both databases
@pytest.mark.django_db
def test_the_documented_access_table_matches_the_behaviour_and_the_rules() -> None:
    outcomes = tried()
    for action in DECIDED:
        for column, outcome in outcomes[action].items():
            assert (outcome == "yes") == predicted(action, column), (action, column, outcome)
    found = page(outcomes)
    if os.environ.get("WRITE_ACCESS"):
        PAGE.write_text(found, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == found, (
        "make access writes what is true now: read it before you commit it"
    )


def test_only_actions_judged_by_wording_have_no_rule() -> None:
    assert set(ACTIONS) - set(DECIDED) == {
        "reword the member's own bracket by editing the text",
        "reword another's bracket by editing the text",
        "reverse another member's position by editing the text",
    }
