"""Tests that an index updated change by change equals one rebuilt from the texts, for arbitrary changes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import parse
from bracketed_text.advanced import variants
from engine_texts import sound_texts
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import NothingChanged, NotRecorded
from issues.models import Provision
from issues.models.choices import Act, Stance
from issues.text import index
from issues.text.lifetimes import holders_of
from issues.text.member_names import load_register
from issues.text.operations import Operation
from members.models import Member
from tests.factories import provision_with
from tests.issues.test_changes import snapshot
from tests.selection import share_of

pytestmark = pytest.mark.usefixtures("members")

CODES = ("CAN", "BRA", "JPN", "CHN", "IDN")


@given(texts=st.lists(sound_texts, min_size=2, max_size=6))
@examples(max_examples=share_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_sequence_of_changes_the_index_equals_a_rebuilt_index(secretariat: Any, texts: list[str]) -> None:
    provision = provision_with(texts[0])
    for text in texts[1:]:
        base = provision.revisions.count()
        try:
            changes.log(TextChange(provision, base_revision=base, edit=text), actor=secretariat)
        except NothingChanged:
            continue
    kept = snapshot(provision)
    index.rebuild([provision])
    assert snapshot(provision) == kept


def operate(provision: Provision, actor: Any, draw: Any) -> None:
    """Perform a random operation on a bracket or passage of the current text."""
    current = provision.revisions.latest("number")
    tree = parse(current.text, load_register())
    places = [one.begin for one in variants(tree)]
    act = draw(st.sampled_from(Act.values))
    at = draw(st.sampled_from(places)) if places else 0
    if act in (Act.ENCLOSE, Act.SUBSTITUTE, Act.PROPOSE):
        at = draw(st.integers(0, len(tree.text)))
    operation = Operation(
        act,
        at,
        end=min(len(tree.text), at + draw(st.integers(1, 30))),
        stance=draw(st.sampled_from(Stance.values)),
        words=draw(st.sampled_from(["in writing", "at once", "[BRA: soon] or later"])),
    )
    changes.log(
        TextChange(
            provision,
            base_revision=current.number,
            edit=operation,
            on_behalf_of=Member.objects.get(code=draw(st.sampled_from(CODES))),
        ),
        actor=actor,
    )


@given(text=sound_texts, data=st.data())
@examples(max_examples=share_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_sequence_of_operations_the_index_matches_the_texts(secretariat: Any, text: str, data: Any) -> None:
    provision = provision_with(text)
    for _ in range(data.draw(st.integers(1, 8))):
        try:
            operate(provision, secretariat, data.draw)
        except NotRecorded:
            continue
    assert index.differences(provision, load_register(), holders_of()) == []
    kept = snapshot(provision)
    index.rebuild([provision])
    assert snapshot(provision) == kept
