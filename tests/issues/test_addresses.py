"""Tests that the address of a bracket is unique, never changes, and always leads to the same bracket."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import parse
from bracketed_text.advanced import variants
from engine_texts import sound_texts
from issues.access.permissions import Refused
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.actions.undo import undo_revision
from issues.models import Provision, Variant
from issues.text import index
from issues.text.addresses import address_key, parse_key
from issues.text.lifetimes import holders_of
from issues.text.member_names import load_register
from issues.web.bracket_links import follow
from tests.factories import MemberFactory, provision_with
from tests.issues.test_index import operate
from tests.selection import share_of

pytestmark = pytest.mark.usefixtures("members")

SERIES = examples(max_examples=share_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Step = Callable[[Provision, Any, Any], None]


def addresses(provision: Provision) -> dict[str, tuple[str, str]]:
    """Return the wording of the latest row at each address, and how it ended."""
    rows = Variant.objects.filter(provision=provision).order_by("opened_in__number", "pk")
    return {row.key: (row.text, row.outcome) for row in rows}


def log_text(provision: Provision, actor: Any, data: Any) -> None:
    """Log a random text, or add a bracket at the end of the current one."""
    current = provision.revisions.latest("number")
    edit = data.draw(st.one_of(sound_texts, st.just(f"{current.text} [JPN: at once]")))
    changes.log(TextChange(provision, base_revision=current.number, edit=edit), actor=actor)


def log_late_text(provision: Provision, actor: Any, data: Any) -> None:
    """Add a bracket to the text of an earlier date, from which the change is carried forward to later texts."""
    revisions = list(provision.revisions.order_by("number"))
    followed = data.draw(st.sampled_from(revisions))
    day = followed.made_on + datetime.timedelta(days=data.draw(st.integers(0, 1)))
    edit = data.draw(st.sampled_from([f"[Now] {followed.text}", f"{followed.text} [BRA: and so on]"]))
    change = TextChange(provision, base_revision=followed.number, edit=edit, made_on=day)
    changes.log(change, actor=actor)


def undo_last(provision: Provision, actor: Any, data: Any) -> None:
    """Undo the last revision."""
    undo_revision(revision=provision.revisions.latest("number"), actor=actor)


def perform(provision: Provision, actor: Any, data: Any) -> None:
    """Perform a random operation."""
    operate(provision, actor, data.draw)


def take_step(provision: Provision, actor: Any, data: Any, steps: list[Step]) -> None:
    """Take one of `steps`. A step that is refused changes nothing."""
    try:
        data.draw(st.sampled_from(steps))(provision, actor, data)
    except (NotRecorded, Refused):
        return


@given(text=sound_texts, data=st.data())
@SERIES
def test_permanent_addresses_are_unique_and_survive_later_revisions_and_a_rebuild(
    secretariat: Any, text: str, data: Any
) -> None:
    provision = provision_with(text)
    for _ in range(data.draw(st.integers(1, 6))):
        before = addresses(provision)
        take_step(provision, secretariat, data, [log_text, log_late_text, undo_last, perform])
        after = addresses(provision)
        assert before.keys() <= after.keys()
        ended = {key: bracket for key, bracket in before.items() if bracket[1] and after[key][1]}
        assert ended == {key: after[key] for key in ended}
    rows = list(Variant.objects.filter(provision=provision).select_related("earlier"))
    # A row shares its address only with the row that it resumes after a mistaken entry.
    assert len({row.opened_at for row in rows}) == len(rows)
    assert {row.key for row in rows if not row.resumes} == {row.opened_at for row in rows if not row.resumes}
    assert all(row.earlier is not None and row.key == row.earlier.key for row in rows if row.resumes)
    kept = addresses(provision)
    index.rebuild([provision])
    assert addresses(provision) == kept
    assert index.differences(provision, load_register(), holders_of()) == []


@given(text=sound_texts, data=st.data())
@SERIES
def test_an_address_names_the_first_place_of_the_bracket_in_the_record(secretariat: Any, text: str, data: Any) -> None:
    provision = provision_with(text)
    for _ in range(data.draw(st.integers(1, 4))):
        take_step(provision, secretariat, data, [log_text, log_late_text, undo_last, perform])
    texts = {revision.number: revision.text for revision in provision.revisions.all()}
    for row in Variant.objects.filter(provision=provision):
        for key in (row.key, row.opened_at):
            place = parse_key(key)
            assert place is not None
            assert address_key(*place) == key
            begins = {variant.begin for variant in variants(parse(texts[place.number], load_register()))}
            assert place.offset in begins


@given(text=sound_texts, data=st.data())
@SERIES
def test_the_index_and_the_texts_resolve_an_address_to_the_same_bracket(secretariat: Any, text: str, data: Any) -> None:
    provision = provision_with(text)
    for _ in range(data.draw(st.integers(1, 4))):
        take_step(provision, secretariat, data, [log_text, perform])
    index.rebuild([provision])
    for row in Variant.objects.filter(provision=provision):
        place = parse_key(row.key)
        assert place is not None
        trace = follow(provision, place.number, place.offset, load_register())
        assert trace is not None
        assert trace.rows(provision).get() == row


def test_adding_a_name_to_the_register_does_not_change_addresses() -> None:
    provision = provision_with("Each Party shall [XYZ: at once] / [BRA: in time] act.", "[Now,] each Party [may] act.")
    before = set(addresses(provision))
    MemberFactory(code="XYZ")
    index.rebuild([provision])
    assert set(addresses(provision)) == before


@pytest.mark.parametrize("key", ["", "1", "1-", "-1", "0-3", "01-3", "1-03", "1-2-3", "1-٣", "1-9999999999", "1-2\n"])
def test_a_malformed_key_does_not_resolve_to_a_place(key: str) -> None:
    assert parse_key(key) is None
