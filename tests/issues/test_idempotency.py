"""Tests that a repeated entry is recorded once and that a different entry with the same key is a separate entry."""

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from hypothesis import assume, given
from hypothesis import strategies as st

from issues.access.permissions import Refused
from issues.actions import changes, proposals, requests, status_reports
from issues.actions.edits import TextChange
from issues.actions.errors import KeyReused, NothingChanged, NotRecorded, RequestClosed
from issues.actions.idempotency import OWNER, PARTS, ExclusiveKey, Intent
from issues.models import (
    ChangeRequest,
    Negotiation,
    Proposal,
    ProposalStep,
    Provision,
    Revision,
    StatusReport,
    SubIssue,
)
from issues.text.operations import Operation
from members.models import Member
from tests.factories import (
    DelegationFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    log_change,
    provision_with,
)
from tests.issues.test_concurrency import WRITERS, at_once

TEXT = "Each Member shall [BRA: promptly] act [JPN: by post] / [BRA: by wire]."
AT = TEXT.index("[BRA: promptly]")
DAY = datetime.date(2021, 2, 5)


# The key of an entry

SUBJECTS = st.builds(lambda kind, key: kind(pk=key), st.sampled_from([Provision, Proposal]), st.integers(1, 9))
CONTENTS = st.recursive(st.text() | st.integers() | st.none() | st.booleans(), st.lists, max_leaves=4)
INTENTS = st.builds(
    Intent,
    makes=st.just(Revision),
    actor=st.builds(lambda key: get_user_model()(pk=key), st.integers(1, 9)),
    act=st.sampled_from(["log", "ask", "proposal revised"]),
    subject=SUBJECTS,
    on_behalf_of=st.none() | st.builds(lambda key: Member(pk=key), st.integers(1, 9)),
    base=st.integers(0, 99),
    content=CONTENTS,
)


def said(intent: Intent) -> str:
    """Return the content of an entry as JSON."""
    subject = (type(intent.subject).__name__, intent.subject.pk)
    member = intent.on_behalf_of and intent.on_behalf_of.pk
    return json.dumps([intent.actor.pk, intent.act, subject, member, intent.base, intent.content])


@given(INTENTS, INTENTS, st.text(min_size=1), st.text(min_size=1))
def test_entries_have_the_same_hash_only_if_key_and_content_are_the_same(
    one: Intent, other: Intent, key: str, other_key: str
) -> None:
    assert (one.mark(key) == other.mark(key)) is (said(one) == said(other))
    assert len(one.mark(key)) == 64
    assert (one.mark(key) == one.mark(other_key)) is (key == other_key)


@given(INTENTS, st.sampled_from(["actor", *PARTS]), INTENTS)
def test_a_difference_in_any_part_changes_the_hash(intent: Intent, part: str, donor: Intent) -> None:
    changed = replace(intent, **{part: getattr(donor, part)})
    assume(said(changed) != said(intent))
    assert changed.mark("k") != intent.mark("k")
    assert (changed.mark("k")[:OWNER] == intent.mark("k")[:OWNER]) is (part != "actor")


# All ways to write that accept a key


@dataclass(frozen=True)
class Sent:
    """The author, member, base, content and subject of an entry."""

    actor: Any
    member: Member | None
    base: int
    content: str
    subject: Any


@dataclass(frozen=True)
class World:
    """Two provisions, proposals and small groups, and two users of the secretariat, who may act for all members."""

    actors: list[Any]
    members: list[Member]
    texts: list[Provision]
    proposals: list[Proposal]
    groups: list[Any]


@pytest.fixture
def world(db: None) -> World:
    place, negotiation = SubIssueFactory(code="B.1.a"), NegotiationFactory()
    names = (("CAN", "Canada"), ("JPN", "Japan"), ("BRA", "Brazil"), ("KEN", "Kenya"))
    members = [MemberFactory(code=code, name=name) for code, name in names]
    for member in members:
        ParticipationFactory(member=member)
    actors = [DelegationFactory(role="secretariat", member=None).user for _ in range(2)]
    texts = [provision_with("Each Member shall act.", TEXT, slug=slug, sub_issue=place) for slug in ("one", "two")]
    tabled = []
    for title in ("First", "Second"):
        draft = proposals.Draft(title, "No duties.", [place], co_sponsors=members[1:2])
        entry = proposals.Entry(actors[0], members[0], DAY)
        tabled.append(proposals.table(negotiation, draft, entry))
    return World(actors, members, texts, tabled, [SmallGroupFactory() for _ in range(2)])


def log(sent: Sent, key: str) -> Any:
    text = sent.subject.revisions.get(number=sent.base).text
    return changes.log(
        TextChange(sent.subject, base_revision=sent.base, edit=f"{text} {sent.content}.", on_behalf_of=sent.member),
        actor=sent.actor,
        idempotency_key=key,
    )


def operate(sent: Sent, key: str) -> Any:
    return changes.log(
        TextChange(
            sent.subject,
            base_revision=sent.base,
            edit=Operation("take", AT, stance=sent.content),
            on_behalf_of=sent.member,
        ),
        actor=sent.actor,
        idempotency_key=key,
    )


def ask(sent: Sent, key: str) -> Any:
    assert sent.member is not None
    return requests.ask(
        provision=sent.subject,
        base_revision=sent.base,
        operation=Operation("lift", AT),
        actor=sent.actor,
        on_behalf_of=sent.member,
        reason=sent.content,
        idempotency_key=key,
    )


def table(sent: Sent, key: str) -> Any:
    entry = proposals.Entry(sent.actor, sent.member, DAY, idempotency_key=key)
    draft = proposals.Draft("Third", "Words.", [SubIssue.objects.get()], summary=sent.content)
    proposal = proposals.table(Negotiation.objects.get(), draft, entry, although_tabled=True)
    return proposal.steps.get(act="tabled")


def revise(sent: Sent, key: str) -> Any:
    entry = proposals.Entry(sent.actor, sent.member, DAY, idempotency_key=key)
    return proposals.revise(sent.subject, sent.content, entry, base=sent.base)


def invite(sent: Sent, key: str) -> Any:
    entry = proposals.Entry(sent.actor, sent.member, DAY, idempotency_key=key)
    return proposals.invite(sent.subject, Member.objects.get(code=sent.content), entry)


def state(sent: Sent, key: str) -> Any:
    return status_reports.state(
        small_group=sent.subject,
        status=sent.content,
        stated_on=DAY,
        stated_by="Facilitator",
        source="Plenary",
        actor=sent.actor,
        idempotency_key=key,
    )


# For each way to write: the function, two contents, two bases, the attribute that holds its subjects, and the parts in
# which two entries may differ.
WRITES: dict[str, tuple[Callable[[Sent, str], Any], tuple[str, str], tuple[int, int], str, tuple[str, ...]]] = {
    "log": (log, ("Now", "Then"), (2, 1), "texts", ("actor", "member", "base", "content", "subject")),
    "operate": (operate, ("support", "oppose"), (2, 1), "texts", ("actor", "member", "base", "content", "subject")),
    "ask": (ask, ("Why", "Because"), (2, 1), "texts", ("actor", "member", "base", "content", "subject")),
    "table": (table, ("Short", "Long"), (0, 0), "texts", ("actor", "member", "content")),
    "revise": (revise, ("Some.", "None."), (1, 0), "proposals", ("actor", "member", "base", "content", "subject")),
    "invite": (invite, ("BRA", "KEN"), (0, 0), "proposals", ("actor", "member", "content", "subject")),
    "state": (state, ("compiled", "streamlined"), (0, 0), "groups", ("actor", "content", "subject")),
}
CASES = [(name, part) for name, (*_, parts) in WRITES.items() for part in parts]
NAMES = {"member": "on_behalf_of", "base": "base", "content": "content", "subject": "subject"}


def both(world: World, name: str, part: str = "") -> tuple[Callable[[Sent, str], Any], Sent, Sent]:
    """Return a way to write, an entry, and an entry that differs from it in `part`."""
    write, contents, bases, subjects, _ = WRITES[name]
    pairs = {
        "actor": world.actors,
        "member": world.members,
        "base": bases,
        "content": contents,
        "subject": getattr(world, subjects),
    }
    sent = Sent(**{field: pair[0] for field, pair in pairs.items()})
    return write, sent, replace(sent, **{part: pairs[part][1]}) if part else sent


@pytest.mark.parametrize("name", WRITES)
def test_an_entry_sent_twice_is_recorded_once(world: World, name: str) -> None:
    write, sent, again = both(world, name)
    assert write(sent, "k") == write(again, "k") == write(again, ExclusiveKey("k"))


@pytest.mark.parametrize(("name", "part"), CASES)
def test_an_entry_that_differs_in_any_part_is_not_treated_as_a_repetition(world: World, name: str, part: str) -> None:
    write, sent, other = both(world, name, part)
    first = write(sent, "k")
    second = None
    with suppress(NotRecorded, Refused):  # the second entry may be refused for other reasons
        second = write(other, "k")
    assert second != first
    assert write(sent, "k") == first


@pytest.mark.parametrize(("name", "part"), CASES)
def test_a_client_that_reuses_a_key_is_told_the_difference_between_the_entries(
    world: World, name: str, part: str
) -> None:
    write, sent, other = both(world, name, part)
    write(sent, ExclusiveKey("k"))
    if part == "actor":  # each person has separate keys
        with suppress(NotRecorded, Refused):
            write(other, ExclusiveKey("k"))
        return
    with pytest.raises(KeyReused) as reused:
        write(other, ExclusiveKey("k"))
    assert NAMES[part] in reused.value.differs
    assert reused.value.key == "k"


def test_a_key_applies_to_one_kind_of_entry(world: World) -> None:
    for name, other_name in (("log", "ask"), ("ask", "operate"), ("revise", "log"), ("state", "invite")):
        key = ExclusiveKey(name + other_name)
        write, sent, _ = both(world, name)
        write(sent, key)
        other_write, other, _ = both(world, other_name)
        with pytest.raises(KeyReused) as reused:
            other_write(other, key)
        assert "act" in reused.value.differs


def test_entries_of_two_people_with_the_same_key_and_text_are_distinct(world: World) -> None:
    first, second = world.actors
    sent = Sent(first, world.members[0], 2, "Now", world.texts[0])
    assert log(sent, "k").recorded_by == first
    with pytest.raises(NothingChanged):
        log(replace(sent, actor=second), "k")
    assert not Revision.objects.filter(recorded_by=second).exists()


# Responses to requests


def test_a_repeated_response_is_recorded_once_and_a_different_one_with_its_key_is_refused(world: World) -> None:
    actor = world.actors[0]
    asked = ask(Sent(actor, world.members[0], 2, "Why", world.texts[0]), "")
    revision = requests.accept(request=asked, actor=actor, answer="Yes", idempotency_key=ExclusiveKey("k"))
    again = requests.accept(request=asked, actor=actor, answer="Yes", idempotency_key=ExclusiveKey("k"))
    assert revision == again
    with pytest.raises(KeyReused) as reused:
        requests.decline(request=asked, actor=actor, answer="No", idempotency_key=ExclusiveKey("k"))
    assert reused.value.differs == ("act", "content")
    with pytest.raises(RequestClosed):
        requests.decline(request=asked, actor=actor, answer="No", idempotency_key=ExclusiveKey("another"))
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("accepted", "Yes")


def test_repeatedly_taking_back_or_declining_a_request_with_the_same_key_is_recorded_once(world: World) -> None:
    actor = world.actors[0]
    for verb, values in ((requests.take_back, {}), (requests.decline, {"answer": "No"})):
        asked = ask(Sent(actor, world.members[0], 2, str(verb), world.texts[0]), "")
        for _ in range(2):
            verb(request=asked, actor=actor, idempotency_key=ExclusiveKey(str(verb)), **values)  # type: ignore[operator]


def test_a_repeated_request_of_the_same_person_is_returned_but_that_of_a_colleague_is_new(
    world: World,
) -> None:
    sent = Sent(world.actors[0], world.members[0], 2, "Why", world.texts[0])
    first = ask(sent, "")
    assert ask(sent, "") == ask(sent, "k") == first
    for part, value in (("actor", world.actors[1]), ("member", world.members[1]), ("content", "Because")):
        assert ask(replace(sent, **{part: value}), "") != first
    assert ChangeRequest.objects.count() == 4


# Keys from earlier releases


def test_a_retry_of_an_entry_from_before_the_upgrade_is_recognised_by_member_and_text(world: World) -> None:
    actor, (canada, japan, *_), (one, two) = world.actors[0], world.members, world.texts
    wanted = "Each Member shall act. Once."
    mark = hashlib.sha256(json.dumps(["k", actor.pk, 2, wanted]).encode()).hexdigest()
    row = Revision(provision=one, number=3, text=wanted, made_on=DAY, recorded_by=actor, on_behalf_of=canada)
    row.digest, row.idempotency_key = "x", mark
    row.save(force_insert=True)
    values: dict[str, Any] = {"base_revision": 2, "edit": wanted, "actor": actor, "idempotency_key": "k"}
    assert log_change(provision=one, on_behalf_of=canada, **values) == row
    assert log_change(provision=two, on_behalf_of=canada, **values) != row
    with pytest.raises(NothingChanged):
        log_change(provision=one, on_behalf_of=japan, **values)


# Concurrency with real threads and connections


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", WRITES)
def test_an_entry_sent_twice_simultaneously_is_recorded_once(world: World, name: str) -> None:
    write, sent, _ = both(world, name)
    assert at_once(lambda number: str(write(sent, ExclusiveKey("k")).pk)).most_common(1)[0][1] == WRITERS
    stored = sum(
        model.objects.exclude(idempotency_key="").count()
        for model in (Revision, ProposalStep, ChangeRequest, StatusReport)
    )
    assert stored == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_several_simultaneous_different_entries_with_the_same_key_is_recorded(world: World) -> None:
    sent = Sent(world.actors[0], world.members[0], 2, "Now", world.texts[0])

    def send(number: int) -> str:
        try:
            log(replace(sent, content=f"Words {number}", subject=world.texts[number % 2]), ExclusiveKey("k"))
        except KeyReused:
            return "refused"
        return "logged"

    assert at_once(send) == Counter({"logged": 1, "refused": WRITERS - 1})
