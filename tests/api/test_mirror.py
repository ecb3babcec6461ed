"""Tests that a client that follows the change feed during concurrent writes ends with the bulk download's content."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from issues.access.permissions import Refused
from issues.actions import changes, proposals, status_reports
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.models import Change, Participation, Provision, SmallGroup
from issues.sync.catch_up import catch_up_everywhere
from issues.text.operations import Operation
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.people import secretariat

pytestmark = pytest.mark.django_db(transaction=True)

# SQLite allows only one writer at a time, so fewer rounds are run. The guarantee is the same.
WRITERS, ROUNDS = (8, 12) if connection.vendor == "postgresql" else (8, 4)
CODES = ["CAN", "JPN", "BRA", "IND"]
TEXT = " and ".join(f"[{code}: words of {code}]" for code in CODES) + " in the end."


class Mirror:
    """A client that maintains a full copy by means of the change feed, as an external developer might write it."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.rows: list[str] = []
        self.things: dict[tuple[str, str], Any] = {}
        self.after = ""

    def begin_with_the_bulk(self) -> None:
        """Load the bulk download, and set the cursor to its end."""
        *lines, manifest = bulk(self.browser)
        self.things = {(one["type"], one["key"]): one["data"] for one in lines}
        self.after = manifest["data"]["cursor"]

    def follow(self) -> int:
        """Process one page of the feed, and return the number of its rows."""
        answer = self.browser.get("/api/v1/changes/", {"after": self.after, "limit": 7}).json()
        for row in answer["results"]:
            self.rows.append(row["cursor"])
            self.take(row)
        self.after = answer["next"]
        return len(answer["results"])

    def take(self, row: dict[str, Any]) -> None:
        """Apply one row of the feed. When an object is removed, the objects that belong to it are removed with it."""
        if row["data"] is not None:
            self.things[row["type"], row["key"]] = row["data"]
            return
        self.things.pop((row["type"], row["key"]), None)
        owner = {"provision": ("revision", "request"), "proposal": ("proposal-step",)}.get(row["type"], ())
        for name, key in list(self.things):
            if name in owner and self.things[name, key][row["type"]] == row["key"]:
                del self.things[name, key]


def bulk(browser: Client) -> list[dict[str, Any]]:
    """Return the lines of the complete bulk download."""
    answer = browser.get("/api/v1/bulk/everything.jsonl")
    return [json.loads(line) for line in answer.getvalue().splitlines()]


def state(browser: Client) -> dict[tuple[str, str], Any]:
    """Return the objects in the bulk download, except variants, which are computed."""
    return {(one["type"], one["key"]): one["data"] for one in bulk(browser)[:-1] if one["type"] != "variant"}


def browser_of(user: Any) -> Client:
    browser = Client()
    if user is not None:
        browser.force_login(user)
    return browser


@pytest.fixture
def people() -> dict[str, Any]:
    """Create provisions for the public, for participants and for a small group, and return the users who write."""
    place = SubIssueFactory(code="A.1.a")
    group = SmallGroupFactory(slug="circle")
    group.sub_issues.add(place)
    delegates = {}
    for code in CODES:
        member = MemberFactory(code=code, name=f"Name of {code}")
        ParticipationFactory(member=member)
        delegates[code] = DelegationFactory(member=member).user
    group.members.add(Member.objects.get(code="CAN"))
    for visibility in ("public", "participants", "group"):
        provision_with(TEXT, slug=f"text-{visibility}", visibility=visibility, sub_issue=place)
    office = secretariat(is_staff=True)
    facilitator = FacilitatorFactory(small_group=group, user=UserFactory()).user
    catch_up_everywhere()
    return {**delegates, "secretariat": office, "facilitator": facilitator, "public": None}


def write(people: dict[str, Any], number: int) -> None:
    """Act as one of the writers by changing texts, positions, statuses, proposals and visibilities in turn."""
    choice = random.Random(number)
    code = CODES[number % len(CODES)]
    member = Member.objects.get(code=code)
    acts: list[Callable[[], object]] = [
        lambda: reword(choice, people["secretariat"]),
        lambda: take(choice, people["secretariat"], member),
        lambda: status_reports.state(
            small_group=SmallGroup.objects.get(slug="circle"),
            status="streamlined",
            stated_on=Participation.objects.first().joined,  # type: ignore[union-attr]
            stated_by=f"writer {number}",
            source=f"said {choice.random()}",
            actor=people["facilitator"],
        ),
        lambda: propose(choice, people[code], member),
        lambda: show_or_hide(choice, people["secretariat"]),
    ]
    try:
        for _ in range(ROUNDS):
            # If another writer was faster, nothing is stored.
            with suppress(NotRecorded, Refused):
                choice.choice(acts)()
    finally:
        connection.close()


def a_text(choice: random.Random) -> Provision:
    return Provision.objects.get(slug=f"text-{choice.choice(['public', 'participants', 'group'])}")


def reword(choice: random.Random, actor: Any) -> None:
    provision = a_text(choice)
    current = provision.revisions.latest("number")
    text = f"{current.text} More {choice.randrange(10_000)}."
    changes.log(TextChange(provision, base_revision=current.number, edit=text), actor=actor)


def take(choice: random.Random, actor: Any, member: Member) -> None:
    provision = a_text(choice)
    current = provision.revisions.latest("number")
    at = current.text.index(f"[{choice.choice([code for code in CODES if code != member.code])}")
    operation = Operation("take", at, stance=choice.choice(["oppose", "support"]))
    changes.log(TextChange(provision, base_revision=current.number, edit=operation, on_behalf_of=member), actor=actor)


def propose(choice: random.Random, actor: Any, member: Member) -> None:
    place = Provision.objects.get(slug="text-public").sub_issue
    visibility = choice.choice(["public", "participants", "group"])
    other = Member.objects.get(code=choice.choice([code for code in CODES if code != member.code]))
    title = f"Proposal {choice.randrange(10**9)}"
    draft = proposals.Draft(title, "Words.", [place], [other], symbol=f"INF/{title[-5:]}", visibility=visibility)
    entry = proposals.Entry(actor=actor, on_behalf_of=member)
    proposal = proposals.table(place.negotiation, draft, entry)
    if choice.random() < 0.5:
        proposals.revise(proposal, "Other words.", entry, base=1)


def show_or_hide(choice: random.Random, actor: Any) -> None:
    """Change the visibility of a provision in the admin."""
    provision = a_text(choice)
    sent = {name: getattr(provision, name) for name in ("slug", "heading", "position", "source")}
    sent |= {"negotiation": provision.negotiation_id, "sub_issue": provision.sub_issue_id}
    sent |= {"visibility": choice.choice(["public", "participants", "group"])}
    sent |= {"revisions-TOTAL_FORMS": 0, "revisions-INITIAL_FORMS": 0}
    sent |= {"lens_marks-TOTAL_FORMS": 0, "lens_marks-INITIAL_FORMS": 0}
    answer = browser_of(actor).post(f"/admin/issues/provision/{provision.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["errors"]


def test_a_copy_kept_from_the_feed_equals_the_download_after_concurrent_writes(people: dict[str, Any]) -> None:
    mirrors = {
        (name, start): Mirror(browser_of(people[name]))
        for name in ("public", "CAN", "JPN", "secretariat")
        for start in ("the download", "nothing")
    }
    for (_, start), mirror in mirrors.items():
        if start == "the download":
            mirror.begin_with_the_bulk()
    done = Event()

    def keep(mirror: Mirror) -> None:
        try:
            # A client that has read all changes waits briefly before its next request to leave processor time to the
            # writers.
            while not done.is_set():
                if not mirror.follow():
                    done.wait(0.05)
        finally:
            connection.close()

    followers = [Thread(target=keep, args=[mirror]) for mirror in mirrors.values()]
    for one in followers:
        one.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda number: write(people, number), range(WRITERS)))
    finally:
        done.set()
        for one in followers:
            one.join()
    stands = {name: state(browser_of(people[name])) for name, _ in mirrors}
    for (name, start), mirror in mirrors.items():
        while mirror.follow():
            pass
        kept = {key: data for key, data in mirror.things.items() if key[0] != "variant"}
        assert kept == stands[name], (name, start)
        assert len(mirror.rows) == len(set(mirror.rows)), "no row came twice"
    numbers = list(Change.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "no number was left out"
    assert len(mirrors["secretariat", "nothing"].rows) > WRITERS
