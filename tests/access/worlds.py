"""A small world of two negotiations in the database, with a copy in plain data for the oracle.

Every object that may be hidden contains a unique word, its mark, in all its text, so that any response reveals which
objects it contains. The first negotiation is the site's default. Both negotiations have an issue with sub-issues, an
issue without sub-issues, a sub-issue directly in a section, and provisions directly in a section.
"""

import copy
import datetime
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import (
    ChangeRequest,
    Document,
    Facilitator,
    Issue,
    Participation,
    Proposal,
    ProposalStep,
    Provision,
    Section,
    SmallGroup,
    StagedImport,
    SubIssue,
)
from issues.sync.catch_up import catch_up_everywhere
from issues.text.operations import Operation
from members.models import Delegation, Member
from tests.access.oracle import FAR, LONG_AGO, Role, Thing, World
from tests.factories import (
    IssueFactory,
    MemberFactory,
    NegotiationFactory,
    SectionFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)

NEGOTIATIONS = ("jsi", "fish")
MEMBERS = ("CAN", "JPN", "BRA")
PEOPLE = ("ana", "bo", "cy", "dee")
NOBODY = "nobody"
VISIBILITIES = ("public", "participants", "group")
DAY = datetime.timedelta(days=1)
LONG = 400 * DAY


def text_of(mark: str) -> str:
    """Return the text of a provision with a bracket by Canada, a choice and base text, all containing the mark."""
    return f"Each Member shall {mark} [CAN: promptly {mark}] act [JPN: by post] / [CAN: by wire {mark}]."


class Made:
    """The world in the database, with its copy `world` in plain data. Each method changes both."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self.world = World(self.today)
        self.numbers = itertools.count()
        self.marks = (f"mark{number:02}x" for number in itertools.count())
        self.negotiations = {slug: NegotiationFactory(slug=slug) for slug in NEGOTIATIONS}
        self.members = {code: MemberFactory(code=code, name=f"Land of {code}") for code in MEMBERS}
        self.people = {name: UserFactory(username=f"{name}-{next(self.marks)}") for name in PEOPLE}
        self.places: dict[str, Any] = {}
        self.groups: dict[str, SmallGroup] = {}
        self.texts: dict[str, Thing] = {}
        self.proposals: dict[str, Thing] = {}
        self.requests: dict[str, tuple[str, str]] = {}  # mark: text, member
        self.imports: dict[str, Thing] = {}
        # The user who records other people's entries, because a request lapses when its author loses the right to ask.
        self.recorder = UserFactory(username="recorder")
        for slug in NEGOTIATIONS:
            self._office(self.recorder, slug)
        for slug in NEGOTIATIONS:
            self._outline(slug)
            self._groups(slug)
            self._things(slug)
        # A member that takes part, and a delegate of the member whose time is over: dates make a difference at once.
        self.participate("JPN", "jsi", self.today - LONG, FAR)
        self.accredit("dee", Role("delegate", "jsi", "JPN", self.today - LONG, self.today - DAY))
        catch_up_everywhere()

    def _outline(self, slug: str) -> None:
        here: dict[str, Any] = {"negotiation": self.negotiations[slug]}
        section = SectionFactory(code=f"{slug}-S", **here)
        issue = IssueFactory(code=f"{slug}-I1", section=section, **here)
        rows = {
            "section": section,
            "issue": issue,
            "bare": IssueFactory(code=f"{slug}-I2", section=section, **here),
            "under": SubIssueFactory(code=f"{slug}-I1a", issue=issue, **here),
            "beside": SubIssueFactory(code=f"{slug}-I1b", issue=issue, **here),
            "direct": SubIssueFactory(code=f"{slug}-Da", issue=None, section=section, **here),
        }
        for name, row in rows.items():
            self.places[f"{slug}-{name}"] = row
        self.world.parents |= {f"{slug}-under": f"{slug}-issue", f"{slug}-beside": f"{slug}-issue"}

    def _groups(self, slug: str) -> None:
        for name, place in (("narrow", "under"), ("wide", "issue"), ("direct", "direct"), ("idle", None)):
            group = f"{slug}-{name}"
            self.groups[group] = SmallGroupFactory(slug=group, name=group, negotiation=self.negotiations[slug])
            self.world.negotiation_of_group[group] = slug
            self.world.group_places[group] = set()
            self.world.group_members[group] = set()
            if place:
                self.toggle_place(group, f"{slug}-{place}")

    def _things(self, slug: str) -> None:
        for place, visibility in itertools.product(("under", "beside", "bare", "direct", "section"), VISIBILITIES):
            self._text(slug, f"{slug}-{place}", visibility)
        for places, visibility in itertools.product((("under",), ("direct",), ("bare", "beside")), VISIBILITIES):
            self._proposal(slug, frozenset(f"{slug}-{place}" for place in places), visibility)
        for visibility in ("public", "participants"):
            mark = next(
                mark
                for mark, proposal in self.proposals.items()
                if proposal.negotiation == slug and proposal.visibility == visibility
            )
            self.invite(mark, "JPN")
        for mark in [mark for mark, text in self.texts.items() if text.negotiation == slug][::4]:
            self._request(mark, MEMBERS[len(self.requests) % len(MEMBERS)])
        self._import(slug, "")
        self._import(slug, f"{slug}-narrow")

    def _text(self, slug: str, place: str, visibility: str) -> None:
        mark = next(self.marks)
        provision_with(
            text_of(mark),
            text_of(mark).replace("act", "always act"),
            negotiation=self.negotiations[slug],
            slug=mark,
            heading=f"On {mark}",
            visibility=visibility,
            **self._hung(place),
        )
        at = frozenset() if place.endswith("section") else frozenset({place})
        self.texts[mark] = Thing(slug, visibility, at)

    def _hung(self, place: str) -> dict[str, Any]:
        row = self.places[place]
        return {
            "section": row if isinstance(row, Section) else None,
            "issue": row if isinstance(row, Issue) else None,
            "sub_issue": row if isinstance(row, SubIssue) else None,
        }

    def _proposal(self, slug: str, places: frozenset[str], visibility: str) -> None:
        mark, negotiation = next(self.marks), self.negotiations[slug]
        proposal = Proposal.objects.create(
            negotiation=negotiation,
            slug=mark,
            title=f"Proposal {mark}",
            text=f"Words of {mark}.",
            visibility=visibility,
            source=f"source {mark}",
        )
        for place in places:
            row = self.places[place]
            (proposal.sub_issues if isinstance(row, SubIssue) else proposal.issues).add(row)
        proposal.document = Document.objects.create(
            negotiation=negotiation,
            slug=f"{mark}-document",
            symbol=f"{mark}/1",
            title="Text proposal",
            genre="proposal",
            recorded_with=proposal,
            source="test",
        )
        proposal.save()
        self.proposals[mark] = Thing(slug, visibility, places)
        self._step(mark, "tabled", "CAN")
        proposal.proponents.add(self.members["CAN"])
        self.proposals[mark].members.add("CAN")

    def _step(self, mark: str, act: str, code: str, invited: str = "") -> None:
        proposal = Proposal.objects.get(slug=mark)
        ProposalStep.objects.create(
            proposal=proposal,
            number=proposal.steps.count() + 1,
            act=act,
            member=self.members[invited] if invited else None,
            note=f"{act} {mark}",
            recorded_by=self.recorder,
            on_behalf_of=self.members[code],
        )

    def _request(self, text: str, code: str) -> None:
        mark = next(self.marks)
        provision = Provision.objects.get(slug=text)
        base = provision.revisions.latest("number")
        ChangeRequest.objects.create(
            provision=provision,
            base=base,
            operation=Operation("lift", base.text.index("[")).as_json(),
            says=f"Lift {mark}",
            reason=mark,
            asked_by=self.recorder,
            on_behalf_of=self.members[code],
        )
        self.requests[mark] = (text, code)

    def _import(self, slug: str, group: str) -> None:
        mark, negotiation = next(self.marks), self.negotiations[slug]
        sender = UserFactory(username=f"sender-{mark[:6]}")
        self._office(sender, slug)
        staged = staging.stage(
            read_pasted(f"Article 1: On {mark}\n\nThe {mark} walks."),
            staging.Origin(f"Draft {mark}", self.today, mark),
            negotiation=negotiation,
            actor=sender,
            small_group=self.groups[group] if group else None,
        )
        staging.compare(staged)
        Delegation.objects.filter(user=sender).delete()
        self.imports[mark] = Thing(slug, group=group, text=str(StagedImport.objects.get(pk=staged.pk).key))

    def _office(self, user: Any, slug: str) -> None:
        Delegation.objects.create(user=user, negotiation=self.negotiations[slug], role="secretariat", since=self.today)

    def copy(self) -> "Made":
        """Return a copy of the world that can be changed.

        Plain data are copied, and the caller rolls back the database.
        """
        fresh = copy.copy(self)
        for name in ("world", "texts", "proposals", "requests", "imports"):
            setattr(fresh, name, copy.deepcopy(getattr(self, name)))
        return fresh

    # Changes

    def accredit(self, person: str, role: Role) -> None:
        """Give a person a role, unless the person already has that role from the same date."""
        known = self.world.roles.setdefault(person, set())
        if any(replace(other, until=role.until) == role for other in known):
            return
        period = {
            "since": None if role.since == LONG_AGO else role.since,
            "until": None if role.until == FAR else role.until,
        }
        if role.kind == "facilitator":
            Facilitator.objects.create(
                small_group=self.groups[role.subject],
                user=self.people[person],
                name=f"{person} {next(self.numbers)}",
                source="test",
                **period,
            )
        else:
            Delegation.objects.create(
                user=self.people[person],
                negotiation=self.negotiations[role.negotiation],
                role=role.kind,
                member=self.members.get(role.subject),
                since=period["since"] or self.today - 10 * LONG,
                until=period["until"],
            )
        known.add(role)

    def dismiss(self, person: str) -> None:
        """End all roles of a person."""
        Delegation.objects.filter(user=self.people[person]).delete()
        Facilitator.objects.filter(user=self.people[person]).delete()
        self.world.roles.pop(person, None)

    def participate(self, code: str, slug: str, joined: datetime.date, left: datetime.date) -> None:
        """Make a member take part in a negotiation from one date until another."""
        known = {"negotiation": self.negotiations[slug], "member": self.members[code]}
        Participation.objects.filter(**known).delete()
        self.world.periods.pop((code, slug), None)
        if joined != FAR:
            Participation.objects.create(
                **known, joined=joined, left=None if left == FAR else left, basis="test", source="test"
            )
            self.world.periods[code, slug] = (joined, left)

    def toggle_member(self, group: str, code: str) -> None:
        """Add a member to a small group, or remove the member from it."""
        known = self.world.group_members[group]
        (self.groups[group].members.remove if code in known else self.groups[group].members.add)(self.members[code])
        known ^= {code}

    def toggle_place(self, group: str, place: str) -> None:
        """Add a place to those on which a small group works, or remove it."""
        known, row = self.world.group_places[group], self.places[place]
        rows = self.groups[group].sub_issues if isinstance(row, SubIssue) else self.groups[group].issues
        (rows.remove if place in known else rows.add)(row)
        known ^= {place}

    def hide(self, mark: str, visibility: str) -> None:
        """Set the visibility of a provision or proposal."""
        thing: Thing = self.texts.get(mark) or self.proposals[mark]
        model: Any = Provision if mark in self.texts else Proposal
        model.objects.filter(slug=mark).update(visibility=visibility)
        thing.visibility = visibility

    def move(self, mark: str, place: str) -> None:
        """Move a provision to another place in its negotiation."""
        Provision.objects.filter(slug=mark).update(**self._hung(place))
        self.texts[mark].places = frozenset() if place.endswith("section") else frozenset({place})

    def invite(self, mark: str, code: str) -> None:
        """Invite a member to co-sponsor a proposal."""
        self._step(mark, "invited", "CAN", invited=code)
        self.proposals[mark].members.add(code)

    # Queries

    def user(self, person: str) -> Any:
        """Return a person's user as stored in the database."""
        return get_user_model().objects.get(pk=self.people[person].pk)

    def readable(self, person: str) -> Iterator[str]:
        """Yield the marks that a response to `person` may contain, regardless of its URL."""
        world = self.world
        yield from (mark for mark, text in self.texts.items() if world.reads(person, text))
        yield from (mark for mark, proposal in self.proposals.items() if world.reads_proposal(person, proposal))
        for mark, (text, code) in self.requests.items():
            if world.reads_request(person, code, self.texts[text]):
                yield mark
        yield from (mark for mark, staged in self.imports.items() if world.reads_import(person, staged))

    def member(self, code: str) -> Member:
        return self.members[code]
