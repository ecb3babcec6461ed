"""An independent statement of the access rules in plain data, without a database or any code of the product.

A world records the state that the state machine has reached. `tests/access/test_state_machine.py` compares the product
with it.
"""

import datetime
from dataclasses import dataclass, field

FAR = datetime.date.max
LONG_AGO = datetime.date.min


@dataclass(frozen=True)
class Role:
    """A role of a person. `subject` is a member for a delegate and a small group for a facilitator."""

    kind: str
    negotiation: str
    subject: str = ""
    since: datetime.date = LONG_AGO
    until: datetime.date = FAR


@dataclass
class Thing:
    """A provision, proposal or import, with its visibility and its places. `members` are the members that it names."""

    negotiation: str
    visibility: str = "public"
    places: frozenset[str] = frozenset()
    members: set[str] = field(default_factory=set)
    group: str = ""
    text: str = ""


@dataclass
class World:
    """All facts that determine access.

    Places are sub-issues and issues, and `parents` maps a sub-issue to its issue.
    """

    today: datetime.date
    parents: dict[str, str] = field(default_factory=dict)
    roles: dict[str, set[Role]] = field(default_factory=dict)
    periods: dict[tuple[str, str], tuple[datetime.date, datetime.date]] = field(default_factory=dict)
    group_places: dict[str, set[str]] = field(default_factory=dict)
    group_members: dict[str, set[str]] = field(default_factory=dict)
    negotiation_of_group: dict[str, str] = field(default_factory=dict)

    def takes_part(self, member: str, negotiation: str) -> bool:
        joined, left = self.periods.get((member, negotiation), (FAR, FAR))
        return joined <= self.today < left

    def held(self, person: str, negotiation: str) -> list[Role]:
        """Return the roles that are effective today."""
        return [
            role
            for role in self.roles.get(person, ())
            if role.negotiation == negotiation
            and role.since <= self.today <= role.until
            and (role.kind != "delegate" or self.takes_part(role.subject, negotiation))
        ]

    def is_a(self, person: str, kind: str, negotiation: str) -> bool:
        return any(role.kind == kind for role in self.held(person, negotiation))

    def subjects(self, person: str, kind: str, negotiation: str) -> set[str]:
        return {role.subject for role in self.held(person, negotiation) if role.kind == kind}

    def groups_at(self, thing: Thing) -> set[str]:
        wider = thing.places | {self.parents[place] for place in thing.places if self.parents.get(place)}
        return {
            group
            for group, places in self.group_places.items()
            if places & wider and self.negotiation_of_group[group] == thing.negotiation
        }

    def works_at(self, person: str, thing: Thing) -> bool:
        groups = self.groups_at(thing)
        members = self.subjects(person, "delegate", thing.negotiation)
        return self.leads_at(person, thing) or any(self.group_members[group] & members for group in groups)

    def leads_at(self, person: str, thing: Thing) -> bool:
        return bool(self.groups_at(thing) & self.subjects(person, "facilitator", thing.negotiation))

    def leads(self, person: str, group: str) -> bool:
        return group in self.subjects(person, "facilitator", self.negotiation_of_group[group])

    def is_secretariat(self, person: str, negotiation: str) -> bool:
        return self.is_a(person, "secretariat", negotiation)

    def reads(self, person: str, thing: Thing) -> bool:
        if thing.visibility == "public" or self.is_secretariat(person, thing.negotiation):
            return True
        if thing.visibility == "participants":
            return bool(self.held(person, thing.negotiation))
        return self.works_at(person, thing)

    def is_concerned(self, person: str, thing: Thing) -> bool:
        own = self.subjects(person, "delegate", thing.negotiation) & thing.members
        return bool(own) or self.is_secretariat(person, thing.negotiation)

    def reads_proposal(self, person: str, thing: Thing) -> bool:
        return self.reads(person, thing) or self.is_concerned(person, thing)

    def reads_request(self, person: str, member: str, text: Thing) -> bool:
        own = self.acts_for(person, member, text.negotiation) and self.reads(person, text)
        return own or self.restructures(person, text)

    def reads_import(self, person: str, thing: Thing) -> bool:
        return self.is_secretariat(person, thing.negotiation) or bool(thing.group and self.leads(person, thing.group))

    def knows_people(self, person: str, negotiation: str) -> bool:
        return bool(self.held(person, negotiation))

    def acts_for(self, person: str, member: str, negotiation: str) -> bool:
        own = self.subjects(person, "delegate", negotiation)
        return member in own or self.is_secretariat(person, negotiation)

    def restructures(self, person: str, thing: Thing) -> bool:
        return self.leads_at(person, thing) or self.is_secretariat(person, thing.negotiation)

    def states(self, person: str, group: str) -> bool:
        return self.leads(person, group) or self.is_secretariat(person, self.negotiation_of_group[group])
