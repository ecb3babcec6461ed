"""Tests that a version changes exactly when data that the reader may see change, for each role and action."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.access.audiences import rights_of, scopes_of
from issues.access.roles import ANYBODY, Reader, everything_of, reader_of
from issues.actions import changes, proposals, requests, status_reports
from issues.actions.edits import TextChange
from issues.models import ChangeCounter, Document, Meeting, Negotiation, Proposal, Provision, SmallGroup
from issues.sync import bulk_download
from issues.sync.catch_up import catch_up_everywhere, publish_recomputation
from issues.sync.change_feed import GUARDED
from issues.sync.resources import RESOURCES
from issues.sync.resources.base import Resource
from issues.sync.versions import public_version, version_for
from issues.text.operations import Operation
from members.models import Grouping, Member
from tests import people
from tests.admin.rows import address, inline, member_form
from tests.confidentiality import world
from tests.confidentiality.world import MARKER, ROLES
from tests.factories import DelegationFactory, ParticipationFactory
from tests.people import client_of

pytestmark = pytest.mark.django_db
DAY = datetime.date(2021, 3, 3)


@pytest.fixture(params=["public", "participants", "group"])
def visibility(request: Any) -> str:
    """Create the small world with a provision and a proposal of the given visibility."""
    world.make()
    world.hide(request.param)
    catch_up_everywhere()
    return str(request.param)


def readers() -> dict[str, Reader]:
    return {role: ANYBODY if role == "anonymous" else reader_of(world._user(role)) for role in ROLES}


def negotiation() -> Negotiation:
    return Negotiation.objects.get(slug="jsi")


FACTS = [one for one in RESOURCES.values() if one.name not in GUARDED]
FOR_SOME = [one for one in bulk_download.DOWNLOADED.values() if one not in FACTS]


def read_by(reader: Reader, kinds: list[Resource]) -> dict[str, list[Any]]:
    """Return all objects of these types that a reader may read, by type."""
    here = negotiation()
    return {one.name: list(bulk_download.items(one, reader, here)) for one in kinds}


def what_is_read(people: dict[str, Reader]) -> dict[str, Any]:
    """Return everything that each role may read. Readers with the same rights share one result.

    A separate test checks that this result equals reading everything for each role.
    """
    facts = read_by(ANYBODY, FACTS)
    rights = {role: rights_of(one, negotiation()) for role, one in people.items()}
    one_of_each = {rights[role]: one for role, one in people.items()}
    rest = {right: read_by(one, FOR_SOME) for right, one in one_of_each.items()}
    return {role: (facts, rest[rights[role]]) for role in people}


def marks(people: dict[str, Reader]) -> dict[str, str]:
    return {role: version_for(one, negotiation()).etag for role, one in people.items()}


def secretariat() -> Any:
    return people.secretariat(is_staff=True)


def desk() -> Client:
    return client_of(secretariat())


def entry(code: str | None = "CAN", **values: Any) -> proposals.Entry:
    member = Member.objects.get(code=code) if code else None
    return proposals.Entry(actor=secretariat(), on_behalf_of=member, **values)


def log(slug: str) -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    text = f"{current.text} And so on."
    changes.log(TextChange(provision, base_revision=current.number, edit=text), actor=secretariat())


def ask(slug: str) -> Any:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    at = current.text.index("[soon" if "[soon" in current.text else "[")
    return requests.ask(
        provision=provision,
        base_revision=current.number,
        operation=Operation("lift", at),
        actor=DelegationFactory(member=Member.objects.get(code="CAN")).user,
        on_behalf_of=Member.objects.get(code="CAN"),
        reason="please",
    )


def table(visibility: str, symbol: str = "INF/9") -> Proposal:
    place = Provision.objects.get(slug="open").sub_issue
    draft = proposals.Draft("Another", "Words.", [place], symbol=symbol, visibility=visibility)
    return proposals.table(negotiation(), draft, entry())


def invite(code: str) -> None:
    proposal = Proposal.objects.get(slug=f"{MARKER}-proposal")
    proposals.invite(proposal, Member.objects.get(code=code), entry())


def invite_two() -> None:
    """Invite Japan and then Brazil, which in the meantime joins the negotiation."""
    invite("JPN")
    ParticipationFactory(member=Member.objects.get(code="BRA"))
    catch_up_everywhere()
    invite("BRA")


def state() -> None:
    status_reports.state(
        small_group=SmallGroup.objects.get(slug="circle"),
        status="compiled",
        stated_on=DAY,
        stated_by="Chair",
        source="Plenary",
        actor=secretariat(),
    )


def edit(model: Any, key: str, **sent: Any) -> None:
    """Change a row in the admin, as a browser would."""
    row = model.objects.get(**{"code" if model is Member else "slug": key})
    registered = admin.site._registry[model]
    request = desk().get(address(model, "change", row.pk)).wsgi_request
    form = registered.get_form(request, row, change=True)(instance=row)
    values = {bound.name: bound.value() for bound in form}
    values = {
        key: [one.pk if hasattr(one, "pk") else one for one in value] if isinstance(value, list) else value
        for key, value in values.items()
    }
    values |= sent
    values = {key: value for key, value in values.items() if value is not None and value is not False}
    for one in registered.get_inline_instances(request, row):
        values |= inline(one.get_formset(request, row).get_default_prefix())
    answer = desk().post(address(model, "change", row.pk), values)
    assert answer.status_code == 302, answer.context["errors"]


def delete(model: Any, slug: str) -> None:
    answer = desk().post(address(model, "delete", model.objects.get(slug=slug).pk), {"post": "yes"})
    assert answer.status_code == 302


def rename_member() -> None:
    desk().post(
        address(Member, "change", Member.objects.get(code="BRA").pk),
        member_form(Member.objects.get(code="BRA")) | {"name": "Brasil"},
    )


ACTS: dict[str, Callable[[], Any]] = {
    "a change of the hidden text": lambda: log(MARKER),
    "a change of the open text": lambda: log("open"),
    "a request about the hidden text": lambda: ask(MARKER),
    "a request about the open text": lambda: ask("open"),
    "a request that is declined": lambda: requests.decline(
        request=ask(f"{MARKER}-too"), actor=secretariat(), answer="No"
    ),
    "a request that is accepted": lambda: requests.accept(request=ask(f"{MARKER}-too"), actor=secretariat()),
    "a proposal for the group": lambda: table("group"),
    "a proposal for participants": lambda: table("participants"),
    "a public proposal": lambda: table("public"),
    "a public proposal that names the document of the hidden one": lambda: table("public", f"{MARKER}/1"),
    "a meeting with the document of the hidden proposal": lambda: edit(
        Meeting, "gathering", documents=[Document.objects.get(slug=f"{MARKER}-1").pk]
    ),
    "an invitation": lambda: invite("JPN"),
    "two invitations": invite_two,
    "a revised proposal": lambda: proposals.revise(
        Proposal.objects.get(slug=f"{MARKER}-proposal"), "New.", entry(), base=1
    ),
    "a withdrawn proposal": lambda: proposals.withdraw(Proposal.objects.get(slug=f"{MARKER}-proposal"), entry()),
    "a proposal merged into the open text": lambda: proposals.merge_into(
        Proposal.objects.get(slug=f"{MARKER}-proposal"),
        Provision.objects.get(slug="open"),
        proposals.Placement(words="New words."),
        entry(),
        base=2,
    ),
    "a statement": state,
    "a text for more readers": lambda: edit(Provision, MARKER, visibility="public"),
    "a text for fewer readers": lambda: edit(Provision, MARKER, visibility="group"),
    "the open text for participants": lambda: edit(Provision, "open", visibility="participants"),
    "a text under another name": lambda: edit(Provision, MARKER, slug="yak"),
    "a text edited to nothing new": lambda: edit(Provision, MARKER),
    "a proposal for fewer readers": lambda: edit(Proposal, f"{MARKER}-proposal", visibility="group"),
    "a proposal for all": lambda: edit(Proposal, f"{MARKER}-proposal", visibility="public"),
    "a member's name": rename_member,
    "a group's name": lambda: edit(SmallGroup, "circle", name="Round"),
    "a group's members": lambda: edit(SmallGroup, "circle", members=[Member.objects.get(code="JPN").pk]),
    "a document": lambda: edit(Document, "paper", title="Other", verification="Seen"),
    "a deleted meeting": lambda: delete(Meeting, "gathering"),
    "an index computed anew": lambda: call_command("rebuild_index", verbosity=0),
    "nothing": lambda: None,
}


# Acts after which some readers have different rights, regardless of whether they can read anything new.
OTHER_RIGHTS = {"a group's members", "two invitations"}


def test_facts_are_the_same_for_all_readers_and_other_data_for_readers_with_the_same_rights(visibility: str) -> None:
    people = readers()
    short = what_is_read(people)
    assert {role: (read_by(one, FACTS), read_by(one, FOR_SOME)) for role, one in people.items()} == short
    assert short["anonymous"][1] != short["secretariat"][1]


def test_the_version_changes_exactly_when_data_that_the_reader_can_see_change(visibility: str) -> None:
    people = readers()
    catch_up_everywhere()
    mark_before, read_before = marks(people), what_is_read(people)
    for act, run in ACTS.items():
        with transaction.atomic():
            run()
            mark_now, read_now = marks(people), what_is_read(people)
            transaction.set_rollback(True)
        moved = {role for role in people if mark_before[role] != mark_now[role]}
        changed = {role for role in people if read_before[role] != read_now[role]}
        if act == "an index computed anew":
            changed = set(people)  # any data computed from the texts may have changed
        by_right = moved - changed if act in OTHER_RIGHTS else set()
        assert moved - by_right == changed, act
        assert by_right <= {"participant", "outsider", "delegate in the group"}, act


def test_reloading_the_facts_changes_the_version_only_if_the_facts_differ() -> None:
    call_command("load_fixtures", verbosity=0)
    first = version_for(ANYBODY, negotiation()).etag
    call_command("load_fixtures", verbosity=0)
    assert version_for(ANYBODY, negotiation()).etag == first
    Grouping.objects.filter(slug="african-group").update(note="Altered by hand")
    call_command("load_fixtures", verbosity=0)
    assert (
        version_for(ANYBODY, negotiation()).etag == first
    )  # the alteration was never published, and it has been reverted
    Grouping.objects.filter(slug="african-group").update(note="Altered by hand")
    call_command("tell_changes", verbosity=0)
    assert version_for(ANYBODY, negotiation()).etag != first


def test_every_object_has_the_scope_of_exactly_its_readers(visibility: str) -> None:
    for role, reader in readers().items():
        rights = rights_of(reader, negotiation())
        for name, resource in RESOURCES.items():
            seen = set(resource.visible(reader, negotiation()).values_list("pk", flat=True))
            for thing in resource.visible(everything_of(negotiation().pk), negotiation()):
                may = rights.secretariat or bool(scopes_of(thing) & rights.scopes)
                assert may == (thing.pk in seen), (role, name, thing)


def test_the_shortcut_for_anonymous_readers_gives_the_same_version(visibility: str) -> None:
    assert public_version() == version_for(ANYBODY, negotiation())
    log(MARKER)
    log("open")
    assert public_version() == version_for(ANYBODY, negotiation())
    publish_recomputation()
    assert public_version() == version_for(ANYBODY, negotiation())


def test_without_a_negotiation_there_is_no_version() -> None:
    assert public_version() is None


def test_computing_the_version_and_its_time_takes_at_most_two_short_queries(visibility: str) -> None:
    for role, reader in readers().items():
        here = negotiation()
        with CaptureQueriesContext(connection) as asked:
            version_for(reader, here)
        assert len(asked) <= (1 if role in ("anonymous", "secretariat", "analyst", "ended delegate") else 2), role


def test_the_time_of_the_version_is_that_of_the_last_change_visible_to_the_reader(visibility: str) -> None:
    anybody, everything = ANYBODY, everything_of(negotiation().pk)
    before = version_for(anybody, negotiation()).at
    log(MARKER)
    assert (version_for(anybody, negotiation()).at == before) == (visibility != "public")
    assert version_for(everything, negotiation()).at > before


def test_before_the_first_change_the_version_has_no_time() -> None:
    world.make()
    ChangeCounter.objects.all().delete()
    assert version_for(ANYBODY, negotiation()).at is None
    assert public_version() == version_for(ANYBODY, negotiation())
    assert version_for(ANYBODY, negotiation()).etag
    publish_recomputation()
    assert version_for(ANYBODY, negotiation()).at is not None
