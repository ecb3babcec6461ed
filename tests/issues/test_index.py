"""The index kept up change by change is the index made anew from the texts, whatever the changes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from issues import changes, index
from tests.brackets.test_promises import sound_texts
from tests.factories import DelegationFactory, MemberFactory, provision_with
from tests.issues.test_changes import snapshot

CODES = ("CAN", "BRA", "JPN", "CHN", "IDN")


@pytest.fixture
def secretariat(db: None) -> Any:
    """Somebody who may make any change, and the members that the texts name."""
    for code in CODES:
        MemberFactory(code=code)
    return DelegationFactory(role="secretariat", member=None).user


@given(texts=st.lists(sound_texts, min_size=2, max_size=6))
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_changes_leaves_the_index_that_a_rebuild_makes(secretariat: Any, texts: list[str]) -> None:
    provision = provision_with(texts[0])
    for text in texts[1:]:
        base = provision.revisions.count()
        try:
            changes.log(provision=provision, base_revision=base, new_text=text, actor=secretariat)
        except changes.NothingChanged:
            continue
    kept = snapshot(provision)
    index.rebuild([provision])
    assert snapshot(provision) == kept
