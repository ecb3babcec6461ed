"""Try each action in each role, for docs/reference/access.md (`make access`), and predict the outcomes by the rules."""

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user
from django.db import transaction
from django.test import Client

from issues.access.permissions import Refused
from issues.access.rules import Action, Relation, Role, relation_of
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.interchange import review, staging
from issues.interchange.placement import available_places
from issues.interchange.readers import read_pasted
from issues.models import ChangeRequest, Provision, Revision, SmallGroup, StagedImport
from issues.models.choices import Decision
from members.models import Member
from tests.confidentiality.world import IN_GROUP, MARKER, PARTICIPANT, client, hide, make
from tests.factories import (
    DelegationFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProvisionFactory,
    SectionFactory,
    SubIssueFactory,
    provision_with,
)

COLUMNS = {
    "anonymous": "the public",
    "analyst": "analyst",
    "outsider": "delegate of a non-participant",
    "participant": "delegate of another participant",
    "delegate in the group": "delegate",
    "facilitator": "facilitator of the group",
    "other facilitator": "facilitator of another group",
    "secretariat": "secretariat",
}
TEXT = (
    "Each Member shall [BRA: promptly] act [{code}: by post] and [freely]. "
    "It informs [{code} oppose: all] others [BRA: soon] / [JPN: now]."
)
OTHERS = "[BRA: promptly]"


class World:
    """The negotiation in which one role tries one action."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.code = PARTICIPANT if role == "participant" else "BRA" if role == "outsider" else IN_GROUP
        other = "CAN" if role == "outsider" else "BRA"
        self.text = TEXT.replace("BRA", other).format(code=self.code)
        self.others = OTHERS.replace("BRA", other)
        place = Provision.objects.get(slug="open").sub_issue
        self.provision = provision_with(self.text, slug="tried", sub_issue=place)
        self.browser: Client = client(role)
        self.member = Member.objects.get(code=self.code)

    def post(self, path: str, **sent: Any) -> str:
        """Return the outcome of sending a form about the provision."""
        return outcome(self.browser.post(f"/provisions/tried/{path}/", {"revision": 1, "for": self.code, **sent}))

    def stands_nowhere(self) -> None:
        """Move the provision to a sub-issue without an issue or small group, like that of the security exception."""
        negotiation = self.provision.negotiation
        place = SubIssueFactory(issue=None, section=SectionFactory(negotiation=negotiation), negotiation=negotiation)
        Provision.objects.filter(pk=self.provision.pk).update(sub_issue=place)
        self.provision.refresh_from_db()

    def operate(self, act: str, words_of: str = "", **sent: Any) -> str:
        """Return the outcome of pressing a button at the bracket with these words."""
        return self.post("operations", act=act, at=self.text.index(words_of or self.others), **sent)

    def edit(self, old: str, new: str) -> str:
        """Return the outcome of editing the text freely, on behalf of a member if the role acts for one."""
        assert old in self.text
        mine = self.role in ("participant", "outsider", "delegate in the group")
        sent = {"on_behalf_of": self.member.pk} if mine else {}
        text = self.text.replace(old, new, 1)
        return self.post("log", text=text, base_revision=1, made_on="2021-04-01", **sent)

    def ask(self) -> ChangeRequest:
        """Create and return a request by Canada to lift another member's bracket."""
        return ChangeRequest.objects.create(
            provision=self.provision,
            base=Revision.objects.get(provision=self.provision),
            operation={"act": "lift", "at": self.text.index(self.others)},
            says="Lift it.",
            asked_by=DelegationFactory(role="delegate", member=Member.objects.get(code=IN_GROUP)).user,
            on_behalf_of=Member.objects.get(code=IN_GROUP),
        )

    def came_in(self, *, for_group: bool) -> StagedImport:
        """Return an import staged by another user of the secretariat, for the whole text or for the small group."""
        sender = DelegationFactory(role="secretariat", member=None).user
        staged = staging.stage(
            read_pasted("Article 1: Sent in\n\nEach Member shall publish its measures."),
            staging.Origin("sent in", datetime.date(2021, 3, 1), "test"),
            negotiation=self.provision.negotiation,
            actor=sender,
            small_group=SmallGroup.objects.get(slug="circle") if for_group else None,
        )
        review.rematch(staged.provisions.get(), None, available_places(staged)[0])
        return staged

    def import_(self, staged: StagedImport, path: str, **sent: Any) -> str:
        """Return the outcome of sending a form of the import review."""
        return outcome(self.browser.post(f"/imports/{staged.key}/{path}/", sent))


def outcome(answer: Any) -> str:
    """Return the outcome that a response shows, such as "yes" or "not there"."""
    if answer.status_code == 302:
        return "log in" if "/login/" in answer.url else "yes"
    return {200: "yes", 404: "not there", 403: "no", 422: "no"}.get(answer.status_code, f"HTTP {answer.status_code}")


def _read(visibility: str) -> Callable[[World], str]:
    def read(world: World) -> str:
        hide(visibility)
        return outcome(world.browser.get(f"/provisions/{MARKER}/"))

    return read


def _elsewhere(world: World) -> Provision:
    """Return a provision for participants of another negotiation, in which only the member takes part."""
    other = NegotiationFactory(slug="fish")
    ParticipationFactory(negotiation=other, member=world.member)
    return provision_with(
        world.text,
        negotiation=other,
        slug="elsewhere",
        visibility="participants",
        sub_issue=None,
        section=SectionFactory(negotiation=other),
    )


def _read_elsewhere(world: World) -> str:
    _elsewhere(world)
    return outcome(world.browser.get("/negotiations/fish/provisions/elsewhere/"))


def _log_elsewhere(world: World) -> str:
    Provision.objects.filter(pk=_elsewhere(world).pk).update(visibility="public")
    sent = {"revision": 1, "for": world.code, "act": "enclose", "at": 0, "end": 4, "stance": "oppose"}
    return outcome(world.browser.post("/negotiations/fish/provisions/elsewhere/operations/", sent))


def _keep_unparsed(world: World) -> str:
    provision = ProvisionFactory(slug="first", sub_issue=world.provision.sub_issue)
    user = get_user(world.browser)
    if not user.is_authenticated:
        return "log in"
    try:
        changes.log(TextChange(provision, base_revision=0, edit="Kept [as it is].", unparsed=True), actor=user)
    except (NotRecorded, Refused):
        return "no"
    return "yes"


def _another(world: World) -> str:
    other = Member.objects.get(code=PARTICIPANT if world.code == IN_GROUP else IN_GROUP)
    text = world.text.replace("act", f"[{other.code} oppose: act]", 1)
    return world.post("log", text=text, base_revision=1, made_on="2021-04-01", on_behalf_of=other.pk)


def _correct(world: World) -> str:
    text = world.text.replace("shall", "may" if world.role == "secretariat" else "[JPN oppose: shall]")
    sent = {"on_behalf_of": world.member.pk} if world.member.pk and world.role != "secretariat" else {}
    return world.post("log", text=text, base_revision=1, made_on="2021-04-01", corrects=1, **sent)


def _stage(*, for_group: bool) -> Callable[[World], str]:
    def stage(world: World) -> str:
        sent = {"text": "Article 1\n\nEach Member shall act.", "made_on": "2021-03-01", "source": "test"}
        group = SmallGroup.objects.get(slug="circle").pk if for_group else ""
        there = StagedImport.objects.count()
        answer = world.browser.post("/imports/", {**sent, "small_group": group, "visibility": "participants"})
        # Users without permission have no page from which to send the form.
        assert (StagedImport.objects.count() > there) is (outcome(answer) == "yes")
        return outcome(answer)

    return stage


def _decide(*, for_group: bool) -> Callable[[World], str]:
    def decide(world: World) -> str:
        staged = world.came_in(for_group=for_group)
        said = world.import_(staged, "provisions/1", act="accept")
        assert staged.provisions.filter(decision=Decision.ACCEPTED).exists() is (said == "yes")
        return said

    return decide


def _finish(*, for_group: bool) -> Callable[[World], str]:
    def finish(world: World) -> str:
        staged = world.came_in(for_group=for_group)
        review.accept_without_problems(staged)
        before = Revision.objects.count()
        said = world.import_(staged, "finish", act="log")
        # If logging fails, the response redirects to the review, which gives the reason.
        return "no" if said == "yes" and Revision.objects.count() == before else said

    return finish


ACTIONS: dict[str, Callable[[World], str]] = {
    "read public data": lambda world: outcome(world.browser.get("/provisions/tried/")),
    "read data for participants": _read("participants"),
    "read data for the group": _read("group"),
    "take a position at another's bracket": lambda world: world.operate("take", stance="oppose"),
    "withdraw the member's own position": lambda world: world.operate("withdraw", f"[{world.code} oppose"),
    "oppose words outside brackets": lambda world: world.post(
        "operations", act="enclose", at=0, end=4, stance="oppose"
    ),
    "propose words": lambda world: world.post("operations", act="propose", at=4, words="such"),
    "propose an alternative to another's bracket": lambda world: world.operate("alternative", words="at once"),
    "reword the member's own bracket by editing the text": lambda world: world.edit("by post", "by letter"),
    "reword another's bracket by editing the text": lambda world: world.edit("promptly", "slowly"),
    "reword a bracket without names by editing the text": lambda world: world.edit("freely", "at will"),
    "remove another's name from its bracket by editing the text": lambda world: world.edit(world.others, "[promptly]"),
    "reverse another member's position by editing the text": lambda world: world.edit(
        world.others, world.others.replace(":", " oppose:")
    ),
    "change words outside brackets": lambda world: world.edit("shall", "may"),
    "lift another's bracket": lambda world: world.operate("lift"),
    "lift another's bracket where no group works": lambda world: world.stands_nowhere() or world.operate("lift"),
    "lift another's bracket by editing the text": lambda world: world.edit(world.others, "promptly"),
    "drop another's bracket": lambda world: world.operate("drop"),
    "choose among alternatives": lambda world: world.operate("choose", "[JPN: now]"),
    "merge alternatives": lambda world: world.operate("merge", "[JPN: now]", words="soon or now"),
    "act in another member's name": _another,
    "read data for participants in another negotiation": _read_elsewhere,
    "oppose words in another negotiation": _log_elsewhere,
    "store a first text unparsed": _keep_unparsed,
    "ask the facilitator to lift a bracket": lambda world: world.operate("lift", ask="1"),
    "accept a request of Canada": lambda world: outcome(world.browser.post(f"/requests/{world.ask().pk}/accept/")),
    "take back a request of Canada": lambda world: outcome(
        world.browser.post(f"/requests/{world.ask().pk}/take-back/")
    ),
    "correct an entry on record": _correct,
    "state a status of the group": lambda world: outcome(
        world.browser.post(
            "/small-groups/circle/state/",
            {"status": "streamlined", "stated_on": "2021-03-01", "stated_by": "Chair", "source": "Plenary"},
        )
    ),
    "import a text for the whole negotiation": _stage(for_group=False),
    "import a text for the group": _stage(for_group=True),
    "review another person's import for the whole negotiation": _decide(for_group=False),
    "review another person's import for the group": _decide(for_group=True),
    "log another person's import for the whole negotiation": _finish(for_group=False),
    "log another person's import for the group": _finish(for_group=True),
    "see the names of persons who acted": lambda world: (
        "yes" if "User name" in world.browser.get("/activity/").content.decode() else "no"
    ),
    "invite a person": lambda world: outcome(world.browser.get("/accounts/invitations/")),
}


_HERE = frozenset({Relation.NEGOTIATION})
_OWN = _HERE | {Relation.MEMBER}
# The role in which each column acts, and its relation to the provision "tried", the small group and the member.
CAPACITIES: dict[str, tuple[Role, frozenset[Relation]]] = {
    "anonymous": (Role.ANYBODY, frozenset()),
    "analyst": (Role.ANALYST, _HERE),
    "outsider": (Role.ANYBODY, frozenset()),
    "participant": (Role.DELEGATE, _OWN),
    "delegate in the group": (Role.DELEGATE, _OWN | {Relation.PLACE}),
    "facilitator": (Role.FACILITATOR, _HERE | {Relation.PLACE, Relation.GROUP}),
    "other facilitator": (Role.FACILITATOR, _HERE),
    "secretariat": (Role.SECRETARIAT, _HERE),
}
# The rule that decides each action. Free edits of others' brackets depend on their effect on the text, not on a rule.
DECIDED: dict[str, Action] = {
    "read public data": Action.READ_PUBLIC,
    "read data for participants": Action.READ_PARTICIPANTS,
    "read data for the group": Action.READ_GROUP,
    "take a position at another's bracket": Action.ACT_FOR_MEMBER,
    "withdraw the member's own position": Action.ACT_FOR_MEMBER,
    "oppose words outside brackets": Action.ACT_FOR_MEMBER,
    "propose words": Action.ACT_FOR_MEMBER,
    "propose an alternative to another's bracket": Action.ACT_FOR_MEMBER,
    "reword a bracket without names by editing the text": Action.RESTRUCTURE,
    "remove another's name from its bracket by editing the text": Action.RESTRUCTURE,
    "change words outside brackets": Action.RESTRUCTURE,
    "lift another's bracket": Action.RESTRUCTURE,
    "lift another's bracket where no group works": Action.RESTRUCTURE,
    "lift another's bracket by editing the text": Action.RESTRUCTURE,
    "drop another's bracket": Action.RESTRUCTURE,
    "choose among alternatives": Action.RESTRUCTURE,
    "merge alternatives": Action.RESTRUCTURE,
    "act in another member's name": Action.ACT_FOR_MEMBER,
    "read data for participants in another negotiation": Action.READ_PARTICIPANTS,
    "oppose words in another negotiation": Action.ACT_FOR_MEMBER,
    "store a first text unparsed": Action.CORRECT_RECORD,
    "ask the facilitator to lift a bracket": Action.ACT_FOR_MEMBER,
    "accept a request of Canada": Action.RESTRUCTURE,
    "take back a request of Canada": Action.ACT_FOR_MEMBER,
    "correct an entry on record": Action.CORRECT_RECORD,
    "state a status of the group": Action.STATE_STATUS,
    "import a text for the whole negotiation": Action.IMPORT_WHOLE,
    "import a text for the group": Action.IMPORT_FOR_GROUP,
    "review another person's import for the whole negotiation": Action.IMPORT_WHOLE,
    "review another person's import for the group": Action.IMPORT_FOR_GROUP,
    "log another person's import for the whole negotiation": Action.IMPORT_WHOLE,
    "log another person's import for the group": Action.IMPORT_FOR_GROUP,
    "see the names of persons who acted": Action.READ_NAMES,
    "invite a person": Action.ADMINISTER,
}
# Relations that do not hold for an action, because its object is in another place or belongs to another member.
UNRELATED: dict[str, frozenset[Relation]] = {
    "lift another's bracket where no group works": frozenset({Relation.PLACE}),
    "act in another member's name": frozenset({Relation.MEMBER}),
    "read data for participants in another negotiation": frozenset(Relation),
    "oppose words in another negotiation": frozenset(Relation),
}


def predicted(action: str, column: str) -> bool:
    """Return whether the table of rules allows the role in a column to perform an action."""
    rule = DECIDED[action]
    role, relations = CAPACITIES[column]
    # The participant is a delegate of Japan, not of Canada.
    if action == "take back a request of Canada" and column == "participant":
        relations -= {Relation.MEMBER}
    relation = relation_of(rule, Role.ANYBODY) or relation_of(rule, role)
    return relation is Relation.ALWAYS or relation in relations - UNRELATED.get(action, frozenset())


def tried() -> dict[str, dict[str, str]]:
    """Return the outcome of each action in each role, rolling back the database after each attempt."""
    found: dict[str, dict[str, str]] = {}
    for action, run in ACTIONS.items():
        found[action] = {}
        for role in COLUMNS:
            with transaction.atomic():
                make()
                found[action][role] = run(World(role))
                transaction.set_rollback(True)
    return found
