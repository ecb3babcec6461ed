"""A state machine that changes small random worlds and compares every way to read or write with the oracle."""

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import rule

from issues.access.permissions import (
    Refused,
)
from issues.actions import changes, proposals, requests, status_reports
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.actions.proposals import Draft, Entry
from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import ChangeRequest, Proposal, Provision
from issues.models.choices import Act
from issues.text.operations import Operation
from tests.access.addresses import addresses
from tests.access.changing import CODE, NUMBER, PERSON, SLUG
from tests.access.reading import ReadingMachine
from tests.access.worlds import NOBODY, PEOPLE
from tests.factories import log_change

READER = st.sampled_from((*PEOPLE, NOBODY))
MARK = re.compile(r"mark\d\dx")
DONE, REFUSED = "done", "refused"


class AccessMachine(ReadingMachine):
    """The state machine with attempts to write, each of which is rolled back."""

    @rule(person=PERSON, number=NUMBER, code=CODE)
    def logs_for_a_member(self, person: str, number: int, code: str) -> None:
        mark = self.pick(self.made.texts, number)
        provision, text = Provision.objects.get(slug=mark), self.made.texts[mark]
        current = provision.revisions.latest("number")
        new = current.text.replace("Each", f"[{code} oppose: Each]", 1)
        allowed = self.world.acts_for(person, code, text.negotiation) and self.world.reads(person, text)
        arguments = {"on_behalf_of": self.made.member(code), "actor": self.made.user(person)}
        self._tried(
            allowed,
            lambda: log_change(provision=provision, base_revision=current.number, edit=new, **arguments),
        )

    @rule(person=PERSON, number=NUMBER)
    def changes_base_text(self, person: str, number: int) -> None:
        mark = self.pick(self.made.texts, number)
        provision, text = Provision.objects.get(slug=mark), self.made.texts[mark]
        current = provision.revisions.latest("number")
        new = current.text.replace("Each", "Every", 1)
        self._tried(
            self.world.restructures(person, text),
            lambda: changes.log(
                TextChange(provision, base_revision=current.number, edit=new), actor=self.made.user(person)
            ),
        )

    @rule(person=PERSON, number=NUMBER, act=st.sampled_from([Act.LIFT, Act.DROP]))
    def restructures_by_a_press(self, person: str, number: int, act: str) -> None:
        mark = self.pick(self.made.texts, number)
        provision, text = Provision.objects.get(slug=mark), self.made.texts[mark]
        current = provision.revisions.latest("number")
        operation = Operation(act, current.text.index("["))
        self._tried(
            self.world.restructures(person, text),
            lambda: changes.log(
                TextChange(provision, base_revision=current.number, edit=operation), actor=self.made.user(person)
            ),
        )

    @rule(person=PERSON, number=NUMBER, code=CODE)
    def asks_and_takes_back(self, person: str, number: int, code: str) -> None:
        mark = self.pick(self.made.texts, number)
        provision, text = Provision.objects.get(slug=mark), self.made.texts[mark]
        current = provision.revisions.latest("number")
        allowed = self.world.acts_for(person, code, text.negotiation) and self.world.reads(person, text)
        allowed = allowed and self.world.takes_part(code, text.negotiation)
        arguments: dict[str, Any] = {"actor": self.made.user(person), "on_behalf_of": self.made.member(code)}
        operation = Operation(Act.DROP, current.text.index("["))
        self._tried(
            allowed,
            lambda: requests.ask(provision=provision, base_revision=current.number, operation=operation, **arguments),
        )

    @rule(person=PERSON, number=NUMBER, verb=st.sampled_from(["accept", "decline", "take_back"]))
    def answers_a_request(self, person: str, number: int, verb: str) -> None:
        mark = self.pick(self.made.requests, number)
        text, code = self.made.requests[mark]
        request, user = ChangeRequest.objects.get(reason=mark), self.made.user(person)
        thing = self.made.texts[text]
        sees = self.world.reads_request(person, code, thing)
        allowed = sees and (
            self.world.acts_for(person, code, thing.negotiation)
            if verb == "take_back"
            else self.world.restructures(person, thing)
        )
        # A request lapses on the date on which the member leaves the negotiation.
        allowed = allowed and self.world.takes_part(code, thing.negotiation)
        acts: dict[str, Callable[[], Any]] = {
            "accept": lambda: requests.accept(request=request, actor=user),
            "decline": lambda: requests.decline(request=request, actor=user, answer="no"),
            "take_back": lambda: requests.take_back(request=request, actor=user),
        }
        self._tried(allowed, acts[verb])

    @rule(person=PERSON, slug=SLUG, code=CODE)
    def tables(self, person: str, slug: str, code: str) -> None:
        negotiation, place = self.made.negotiations[slug], self.made.places[f"{slug}-under"]
        draft, entry = Draft("New", "Words.", [place]), Entry(self.made.user(person), self.made.member(code))
        allowed = self.world.acts_for(person, code, slug) and self.world.takes_part(code, slug)
        self._tried(allowed, lambda: proposals.table(negotiation, draft, entry))

    @rule(person=PERSON, number=NUMBER, code=CODE, act=st.sampled_from(["revise", "invite", "withdraw", "confirm"]))
    def goes_on_with_a_proposal(self, person: str, number: int, code: str, act: str) -> None:
        mark = self.pick(self.made.proposals, number)
        proposal, tabled = Proposal.objects.get(slug=mark), self.made.proposals[mark]
        acts_for = self.world.acts_for(person, code, tabled.negotiation)
        sees = self.world.reads_proposal(person, tabled)
        entry, other = Entry(self.made.user(person), self.made.member(code)), self.made.member("BRA")
        invited = proposal.steps.filter(act="invited", member=entry.on_behalf_of).exists()
        can_be_invited = self.world.takes_part("BRA", tabled.negotiation) and "BRA" not in tabled.members
        allowed = {
            "revise": sees and acts_for and code == "CAN",
            "invite": sees and acts_for and code == "CAN" and can_be_invited,
            "withdraw": sees and acts_for and code == "CAN",
            "confirm": sees and acts_for and invited,
        }[act]
        acts: dict[str, Callable[[], Any]] = {
            "revise": lambda: proposals.revise(proposal, "Other words.", entry, base=proposals.base_of(proposal)),
            "invite": lambda: proposals.invite(proposal, other, entry),
            "withdraw": lambda: proposals.withdraw(proposal, entry),
            "confirm": lambda: proposals.respond(proposal, entry, confirm=True),
        }
        self._tried(allowed, acts[act])

    @rule(person=PERSON, number=NUMBER)
    def states_a_status(self, person: str, number: int) -> None:
        name = self.pick(self.made.groups, number)
        self._tried(
            self.world.states(person, name),
            lambda: status_reports.state(
                small_group=self.made.groups[name],
                status="compiled",
                stated_on=self.made.today,
                stated_by="Chair",
                source="test",
                actor=self.made.user(person),
            ),
        )

    @rule(person=PERSON, number=NUMBER, whole=st.booleans())
    def brings_a_text_in(self, person: str, number: int, whole: bool) -> None:
        name = self.pick(self.made.groups, number)
        slug = self.world.negotiation_of_group[name]
        allowed = self.world.is_secretariat(person, slug) if whole else self.world.states(person, name)
        self._tried(
            allowed,
            lambda: staging.stage(
                read_pasted("Article 1: New\n\nWords."),
                staging.Origin("New", self.made.today, "test"),
                negotiation=self.made.negotiations[slug],
                actor=self.made.user(person),
                small_group=None if whole else self.made.groups[name],
            ),
        )

    @rule(person=PERSON, number=NUMBER)
    def corrects_the_entry_of_others(self, person: str, number: int) -> None:
        mark = self.pick(self.made.texts, number)
        provision, text = Provision.objects.get(slug=mark), self.made.texts[mark]
        first, current = provision.revisions.order_by("number")[:2]
        self._tried(
            self.world.is_secretariat(person, text.negotiation),
            lambda: changes.log(
                TextChange(provision, base_revision=current.number, edit=first.text, corrects=current),
                actor=self.made.user(person),
            ),
        )

    def _tried(self, allowed: bool, act: Callable[[], Any]) -> None:
        """Try `act`, roll it back, and compare whether it succeeded with whether it is allowed."""
        outcome = DONE
        with transaction.atomic():
            try:
                act()
            except (Refused, NotRecorded, Provision.DoesNotExist, Proposal.DoesNotExist) as refused:
                outcome = f"{REFUSED}: {refused!r}"
            except ChangeRequest.DoesNotExist:
                outcome = REFUSED
            transaction.set_rollback(True)
        assert (outcome == DONE) == allowed, outcome


class ServedMachine(AccessMachine):
    """The state machine with additional requests to every URL that can be read."""

    @rule(person=READER, slug=SLUG, number=NUMBER)
    def every_address_says_nothing_else(self, person: str, slug: str, number: int) -> None:
        client = Client(raise_request_exception=True)
        if person != NOBODY:
            client.force_login(self.made.user(person))
        hidden = self.pick([mark for mark, text in self.made.texts.items() if text.negotiation == slug], number)
        known = addresses(self.made, slug, hidden)
        address = known[number % len(known)]
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        own = set(MARK.findall(self.made.people[person].username)) if person != NOBODY else set()
        names = {mark for name in PEOPLE for mark in MARK.findall(self.made.people[name].username)}
        shown = set(MARK.findall(body.decode("utf-8", "replace"))) - own - set(MARK.findall(address))
        allowed = {*self.made.readable(person), *(names if self.world.knows_people(person, slug) else ())}
        assert shown <= allowed, (person, address, shown - allowed)
