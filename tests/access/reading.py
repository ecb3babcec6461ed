"""A state machine that compares what people may read and do with the oracle after each change."""

from collections.abc import Sequence
from typing import Any

from hypothesis.stateful import invariant, rule

from issues.access.audiences import rights_of, scopes_of
from issues.access.importing import importing_groups, may_import, may_import_whole
from issues.access.merging import provisions_to_merge_into
from issues.access.permissions import (
    administered_by,
    may_act_for,
    may_correct_any,
    may_log,
    may_restructure,
    may_state,
    may_table,
    members_acted_for,
)
from issues.access.roles import Reader
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
from issues.models import ChangeRequest, Document, Proposal, ProposalStep, Provision
from tests.access.changing import NUMBER, PERSON, ChangingWorld
from tests.access.worlds import MEMBERS, NEGOTIATIONS, NOBODY, PEOPLE

# The attributes of a proposal that determine its readers.
PARTS_OF_PROPOSAL = ("sub_issues", "issues", "proponents", "steps")


class ReadingMachine(ChangingWorld):
    """A changing world in which everything that one person may read and do is compared after each step."""

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


def _slugs(rows: Any) -> set[str]:
    return set(rows.values_list("slug", flat=True))
