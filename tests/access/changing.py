"""A state machine that changes small random worlds."""

import datetime
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from issues.access.roles import ANYBODY, Reader, reader_of
from tests.access.oracle import FAR, LONG_AGO, Role
from tests.access.worlds import DAY, LONG, MEMBERS, NEGOTIATIONS, NOBODY, PEOPLE, VISIBILITIES, Made

PERSON = st.sampled_from(PEOPLE)
SLUG = st.sampled_from(NEGOTIATIONS)
CODE = st.sampled_from(MEMBERS)
NUMBER = st.integers(0, 10**6)
KIND = st.sampled_from(["delegate", "facilitator", "analyst", "secretariat"])
# Periods that have ended, are in force, end today, begin today, end next year or have not yet begun.
PERIODS = st.sampled_from(
    [(LONG_AGO, FAR), (-LONG, FAR), (-LONG, -DAY), (-LONG, 0 * DAY), (0 * DAY, FAR), (-LONG, LONG), (DAY, FAR)]
)


class ChangingWorld(RuleBasedStateMachine):
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
