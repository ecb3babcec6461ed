"""A state machine that changes small random worlds and compares every way to read or write with the oracle."""

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from issues.access.audiences import rights_of, scopes_of
from issues.access.permissions import (
    Refused,
    administered_by,
    importing_groups,
    may_act_for,
    may_correct_any,
    may_import,
    may_import_whole,
    may_log,
    may_restructure,
    may_state,
    may_table,
    members_acted_for,
    provisions_to_merge_into,
)
from issues.access.roles import ANYBODY, Reader, reader_of
from issues.access.visibility import (
    current_revisions,
    groups_of,
    knows_people,
    reads_everything,
    visible_documents,
    visible_imports,
    visible_proposals,
    visible_provisions,
    visible_requests,
    visible_steps,
    visible_variants,
)
from issues.actions import changes, proposals, requests, status_reports
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.actions.proposals import Draft, Entry
from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import ChangeRequest, Document, Proposal, ProposalStep, Provision
from issues.models.choices import Act
from issues.text.operations import Operation
from tests.access.addresses import addresses
from tests.access.oracle import FAR, LONG_AGO, Role
from tests.access.worlds import DAY, LONG, MEMBERS, NEGOTIATIONS, NOBODY, PEOPLE, VISIBILITIES, Made
from tests.factories import log_change

PERSON = st.sampled_from(PEOPLE)
READER = st.sampled_from((*PEOPLE, NOBODY))
SLUG = st.sampled_from(NEGOTIATIONS)
CODE = st.sampled_from(MEMBERS)
NUMBER = st.integers(0, 10**6)
KIND = st.sampled_from(["delegate", "facilitator", "analyst", "secretariat"])
MARK = re.compile(r"mark\d\dx")
# Periods that have ended, are in force, end today, begin today, end next year or have not yet begun.
PERIODS = st.sampled_from(
    [(LONG_AGO, FAR), (-LONG, FAR), (-LONG, -DAY), (-LONG, 0 * DAY), (0 * DAY, FAR), (-LONG, LONG), (DAY, FAR)]
)
# The attributes of a proposal that determine its readers.
PARTS_OF_PROPOSAL = ("sub_issues", "issues", "proponents", "steps")
DONE, REFUSED = "done", "refused"


class AccessMachine(RuleBasedStateMachine):
    """Two negotiations with four people and their permissions. The database is rolled back after each run."""

    # The initial world of each run. Creating it takes longer than thirty steps.
    beginning: Made

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.made = self.beginning.copy()
        self.world = self.made.world
        self.turn = 0
        # The person whose rights the last step may have changed, who is checked first.
        self.concerned: str | None = None

    def teardown(self) -> None:
        """Roll back all changes to the database."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def pick(self, marks: Any, number: int) -> str:
        """Return the element of `marks`, in sorted order, that `number` selects."""
        known = sorted(marks)
        return str(known[number % len(known)])

    def period(self, drawn: Any) -> tuple[datetime.date, datetime.date]:
        """Return the first and last day of a period whose limits may be given relative to today."""
        first, last = (day if isinstance(day, datetime.date) else self.made.today + day for day in drawn)
        return first, last

    def reader(self, person: str) -> Reader:
        """Return the reader for a person, as a request would determine it."""
        return ANYBODY if person == NOBODY else reader_of(self.made.user(person))

    @initialize(codes=st.lists(CODE, min_size=1, max_size=3, unique=True))
    def members_take_part(self, codes: list[str]) -> None:
        """Begin with some participants and some members of a small group."""
        for code in codes:
            for slug in NEGOTIATIONS:
                self.made.participate(code, slug, LONG_AGO.replace(year=2019), FAR)
            self.made.toggle_member("jsi-narrow", code)

    @initialize(drawn=st.lists(st.tuples(PERSON, KIND, SLUG, CODE, NUMBER), min_size=3, max_size=5))
    def somebody_has_a_role(self, drawn: list[tuple[str, str, str, str, int]]) -> None:
        """Begin with people who have roles."""
        for person, kind, slug, code, number in drawn:
            groups = [name for name in self.made.groups if self.world.negotiation_of_group[name] == slug]
            subject = {"delegate": code, "facilitator": self.pick(groups, number)}.get(kind, "")
            self.made.accredit(person, Role(kind, slug, subject, *self.period((LONG_AGO, FAR))))

    # Rules that change the world.

    @rule(person=PERSON, slug=SLUG, code=CODE, drawn=PERIODS)
    def becomes_delegate(self, person: str, slug: str, code: str, drawn: Any) -> None:
        self.concerned = person
        self.made.accredit(person, Role("delegate", slug, code, *self.period(drawn)))

    @rule(person=PERSON, slug=SLUG, kind=st.sampled_from(["analyst", "secretariat", "analyst"]), drawn=PERIODS)
    def becomes_staff(self, person: str, slug: str, kind: str, drawn: Any) -> None:
        self.concerned = person
        self.made.accredit(person, Role(kind, slug, "", *self.period(drawn)))

    @rule(person=PERSON, number=NUMBER, drawn=PERIODS)
    def becomes_facilitator(self, person: str, number: int, drawn: Any) -> None:
        self.concerned = person
        group = self.pick(self.made.groups, number)
        slug = self.world.negotiation_of_group[group]
        self.made.accredit(person, Role("facilitator", slug, group, *self.period(drawn)))

    @rule(person=PERSON)
    def loses_all_roles(self, person: str) -> None:
        self.concerned = person
        self.made.dismiss(person)

    @rule(code=CODE, slug=SLUG, drawn=st.one_of(st.none(), PERIODS))
    def participation_changes(self, code: str, slug: str, drawn: Any) -> None:
        joined, left = self.period(drawn) if drawn else (FAR, FAR)
        self.made.participate(code, slug, max(joined, datetime.date(2019, 1, 1)), left)

    @rule(number=NUMBER, code=CODE)
    def group_changes_members(self, number: int, code: str) -> None:
        self.made.toggle_member(self.pick(self.made.groups, number), code)

    @rule(number=NUMBER, other=NUMBER)
    def group_changes_places(self, number: int, other: int) -> None:
        group = self.pick(self.made.groups, number)
        slug = self.world.negotiation_of_group[group]
        places = [name for name in self.made.places if name.startswith(slug) and not name.endswith("section")]
        self.made.toggle_place(group, self.pick(places, other))

    @rule(number=NUMBER, visibility=st.sampled_from(VISIBILITIES))
    def visibility_changes(self, number: int, visibility: str) -> None:
        self.made.hide(self.pick([*self.made.texts, *self.made.proposals], number), visibility)

    @rule(number=NUMBER, other=NUMBER)
    def text_moves(self, number: int, other: int) -> None:
        mark = self.pick(self.made.texts, number)
        slug = self.made.texts[mark].negotiation
        self.made.move(mark, self.pick([name for name in self.made.places if name.startswith(slug)], other))

    @rule(number=NUMBER, code=st.sampled_from(["JPN", "BRA"]))
    def member_is_invited(self, number: int, code: str) -> None:
        mark = self.pick(self.made.proposals, number)
        if code not in self.made.proposals[mark].members:
            self.made.invite(mark, code)

    # Rules that read.

    @invariant()
    def somebody_is_looked_at(self) -> None:
        """Compare everything that one person may read and do. Persons concerned come first, others in turn."""
        everybody = (*PEOPLE, NOBODY)
        self.turn += 1
        person = self.concerned or everybody[self.turn % len(everybody)]
        self.concerned = None
        reader = self.reader(person)
        self._reads(person, reader)
        self._reads_what_follows(person, reader)
        self._may_at_texts_and_groups(person, reader)
        for slug in NEGOTIATIONS:
            self._may_in_a_negotiation(person, reader, slug)
        # Each scope belongs to one negotiation.
        self._has_scopes(person, reader, NEGOTIATIONS[self.turn % len(NEGOTIATIONS)])

    def _reads(self, person: str, reader: Reader) -> None:
        made, world = self.made, self.world
        texts = {mark for mark, text in made.texts.items() if world.reads(person, text)}
        tabled = {mark for mark, proposal in made.proposals.items() if world.reads_proposal(person, proposal)}
        assert _slugs(visible_provisions(reader)) == texts, person
        assert _slugs(visible_proposals(reader)) == tabled, person
        documents = visible_documents(reader).exclude(recorded_with=None)
        assert {document.recorded_with.slug for document in documents.select_related("recorded_with")} == tabled
        asked = {
            mark for mark, (text, code) in made.requests.items() if world.reads_request(person, code, made.texts[text])
        }
        assert set(visible_requests(reader).values_list("reason", flat=True)) == asked, person
        staged = {mark for mark, thing in made.imports.items() if world.reads_import(person, thing)}
        assert set(visible_imports(reader).values_list("source", flat=True)) == staged, person

    def _reads_what_follows(self, person: str, reader: Reader) -> None:
        made, world = self.made, self.world
        texts = {mark for mark, text in made.texts.items() if world.reads(person, text)}
        for rows in (visible_variants(reader), current_revisions(reader)):
            assert set(rows.values_list("provision__slug", flat=True)) == texts
        told = {mark for mark, proposal in made.proposals.items() if world.reads_proposal(person, proposal)}
        concerned = {mark for mark, proposal in made.proposals.items() if world.is_concerned(person, proposal)}
        steps = ProposalStep.objects.exclude(act="invited").filter(proposal__slug__in=told)
        steps |= ProposalStep.objects.filter(act="invited", proposal__slug__in=told & concerned)
        assert set(visible_steps(reader)) == set(steps)

    def _has_scopes(self, person: str, reader: Reader, slug: str) -> None:
        negotiation = self.made.negotiations[slug]
        rights = rights_of(reader, negotiation)
        assert rights.secretariat == reads_everything(reader, negotiation.pk)
        assert rights.secretariat == self.world.is_secretariat(person, slug)
        visible: list[tuple[Any, Any, Sequence[str]]] = [
            (Provision.objects.filter(negotiation=negotiation), visible_provisions, ()),
            (Proposal.objects.filter(negotiation=negotiation), visible_proposals, PARTS_OF_PROPOSAL),
            (
                Document.objects.filter(negotiation=negotiation),
                visible_documents,
                ["meetings", *(f"recorded_with__{part}" for part in PARTS_OF_PROPOSAL)],
            ),
            (
                ProposalStep.objects.filter(proposal__negotiation=negotiation),
                visible_steps,
                [f"proposal__{part}" for part in PARTS_OF_PROPOSAL],
            ),
            (ChangeRequest.objects.filter(provision__negotiation=negotiation), visible_requests, ["provision"]),
        ]
        for rows, reading, parts in visible:
            seen = set(reading(reader))
            for row in rows.prefetch_related(*parts):
                assert (rights.secretariat or bool(scopes_of(row) & rights.scopes)) == (row in seen), (person, row)

    # Rules that check permissions.

    def _may_in_a_negotiation(self, person: str, reader: Reader, slug: str) -> None:
        world, negotiation = self.world, self.made.negotiations[slug].pk
        office = world.is_secretariat(person, slug)
        own = world.subjects(person, "delegate", slug)
        led = {group for group in self.made.groups if world.negotiation_of_group[group] == slug}
        led = {group for group in led if office or world.leads(person, group)}
        assert knows_people(reader, negotiation) == world.knows_people(person, slug)
        assert may_correct_any(reader, negotiation) == may_import_whole(reader, negotiation) == office
        assert may_import(reader, negotiation) == bool(led or office)
        assert _slugs(importing_groups(reader, negotiation)) == led
        assert may_table(reader, negotiation) == bool(own or office)
        for code in MEMBERS:
            member = self.made.member(code)
            assert may_act_for(reader, member, negotiation) == world.acts_for(person, code, slug)
            assert (member in members_acted_for(reader, negotiation)) == world.acts_for(person, code, slug)
        if person != NOBODY:
            administered = {name for name in NEGOTIATIONS if world.is_secretariat(person, name)}
            assert administered_by(self.made.user(person)) == {self.made.negotiations[name].pk for name in administered}

    def _may_at_texts_and_groups(self, person: str, reader: Reader) -> None:
        world = self.world
        for provision in Provision.objects.filter(slug__in=self.made.texts):
            text = self.made.texts[provision.slug]
            restructures = world.restructures(person, text)
            assert may_restructure(reader, provision) == restructures, (person, text)
            own = world.subjects(person, "delegate", text.negotiation)
            assert may_log(reader, provision) == bool(restructures or own)
            assert _slugs(groups_of(provision)) == world.groups_at(text)
        for name, group in self.made.groups.items():
            assert may_state(reader, group) == world.states(person, name)

    @rule(person=PERSON, number=NUMBER)
    def proposals_go_where_one_may_put_them(self, person: str, number: int) -> None:
        mark = self.pick(self.made.proposals, number)
        proposal, tabled = Proposal.objects.get(slug=mark), self.made.proposals[mark]
        wider = set(tabled.places)
        expected = set()
        for name, text in self.made.texts.items():
            here = text.places & wider or {self.world.parents.get(place) for place in text.places} & wider
            speaks = self.world.is_secretariat(person, tabled.negotiation) or self.world.acts_for(
                person, "CAN", tabled.negotiation
            )
            allowed = speaks or self.world.leads_at(person, text)
            if here and text.negotiation == tabled.negotiation and self.world.reads(person, text) and allowed:
                expected.add(name)
        assert _slugs(provisions_to_merge_into(self.reader(person), proposal)) == expected

    # Rules that write.

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


def _slugs(rows: Any) -> set[str]:
    return set(rows.values_list("slug", flat=True))
