"""A small negotiation with its people and the objects that may be hidden in it."""

import datetime
import uuid
from typing import Any

from django.test import Client
from django.utils import timezone

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.interchange.stored_files import ReceivedFile
from issues.models import (
    ChangeRequest,
    Document,
    Expectation,
    Lens,
    LensMark,
    Meeting,
    Proposal,
    ProposalStep,
    Provision,
    ReportedPosition,
    SmallGroup,
    StagedImport,
    Timeline,
)
from issues.text.operations import Operation
from members.models import Member
from tests import people
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    IssueFactory,
    MemberFactory,
    ParticipationFactory,
    ProposalFactory,
    SmallGroupFactory,
    StatusReportFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)

MARKER = "zebra"
# The URL key of an imported text of the small group.
IMPORT = uuid.UUID("5eed5eed-5eed-4eed-8eed-5eed5eed5eed")
TEXT = "Each Member shall [CAN: promptly] act [JPN: by post] / [CAN: by wire]."
# Canada is in the small group, Japan takes part in the negotiation, and Brazil does not take part.
IN_GROUP, PARTICIPANT, OUTSIDER = "CAN", "JPN", "BRA"

ROLES = (
    "anonymous",
    "outsider",
    "ended delegate",
    "analyst",
    "participant",
    "other facilitator",
    "delegate in the group",
    "facilitator",
    "secretariat",
)
# The roles that may not read a text of each visibility, and those that may read it.
BLIND = {
    "participants": ("anonymous", "outsider", "ended delegate"),
    "group": ("anonymous", "outsider", "ended delegate", "analyst", "participant", "other facilitator"),
}
SEEING = {visibility: tuple(role for role in ROLES if role not in blind) for visibility, blind in BLIND.items()}


def make() -> Provision:
    """Create the objects that everyone may read, and return the provision among them."""
    for code, name in ((IN_GROUP, "Canada"), (PARTICIPANT, "Japan"), (OUTSIDER, "Brazil")):
        MemberFactory(code=code, name=name)
    for code in (IN_GROUP, PARTICIPANT):
        ParticipationFactory(member=Member.objects.get(code=code))
    place = SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1"))
    provision = provision_with(TEXT, TEXT.replace("wire", "letter"), slug="open", sub_issue=place)
    lens = Lens.objects.create(slug="watched", name="Watched", source="test")
    provision.lenses.add(lens)
    # These are the dates on which the hidden texts change.
    days = {"starts": datetime.date(2021, 1, 1), "ends": datetime.date(2021, 4, 1)}
    Meeting.objects.create(
        negotiation=place.negotiation, slug="gathering", kind="round", title="Gathering", source="test", **days
    )
    paper = Document.objects.create(
        negotiation=place.negotiation, slug="paper", symbol="INF/0", title="Paper", genre="proposal", source="test"
    )
    paper.sub_issues.add(place)
    timeline = Timeline.objects.create(negotiation=place.negotiation, slug="watched", name="Watched", source="test")
    paper.timelines.add(timeline)
    expectation = Expectation.objects.create(
        negotiation=place.negotiation,
        slug="expected",
        position=1,
        statement="Soon",
        stated_by="A",
        stated_on=days["starts"],
        source="test",
    )
    expectation.documents.add(paper)
    ReportedPosition.objects.create(
        pk=1,
        negotiation=place.negotiation,
        member=Member.objects.get(code=IN_GROUP),
        topic="Duties",
        stance="support",
        statement="Wants them.",
        issue=place.issue,
        source="test",
    )
    group: SmallGroup = SmallGroupFactory(slug="circle")
    group.sub_issues.add(place)
    group.members.add(Member.objects.get(code=IN_GROUP))
    StatusReportFactory(small_group=group, status="clean text")
    ProposalFactory(slug="known", proponents=[Member.objects.get(code=IN_GROUP)], sub_issues=[place])
    return provision


def hide(visibility: str) -> None:
    """Add a provision with requests, and a proposal, that only some may read. All of them contain the marker."""
    place = Provision.objects.get(slug="open").sub_issue
    member = Member.objects.get(code=IN_GROUP)
    text = f"The {MARKER} [{IN_GROUP}: may] / [{PARTICIPANT} oppose: must] run [soon]."
    days = [datetime.date(2021, 1, 4), datetime.date(2021, 3, 1)]
    hidden = provision_with(
        text,
        text.replace("soon", "now"),
        days=days,
        slug=MARKER,
        heading=f"On the {MARKER}",
        visibility=visibility,
        sub_issue=place,
    )
    secretariat = people.secretariat()
    changes.log(TextChange(hidden, base_revision=2, edit=f"{text} [{IN_GROUP}: Always.]"), actor=secretariat)
    _request(hidden, member, secretariat)
    _request(Provision.objects.get(slug="open"), member, secretariat)
    proposal: Proposal = ProposalFactory(
        slug=f"{MARKER}-proposal", title=f"Proposal on the {MARKER}", visibility=visibility, sub_issues=[place]
    )
    proposal.proponents.add(member)
    # The symbol is new, so the document is known only from this proposal.
    document = Document.objects.create(
        negotiation=proposal.negotiation,
        slug=f"{MARKER}-1",
        symbol=f"{MARKER}/1",
        title="Text proposal",
        genre="proposal",
        dated=days[0],
        recorded_with=proposal,
        source="test",
    )
    document.sub_issues.add(*[place] if place else [])
    document.lenses.add(Lens.objects.get(slug="watched"))
    document.timelines.add(Timeline.objects.get(slug="watched"))
    document.members.add(Member.objects.get(code=PARTICIPANT))
    document.expectations.add(Expectation.objects.get(slug="expected"))
    hidden.lenses.add(Lens.objects.get(slug="watched"))
    LensMark.objects.create(lens=Lens.objects.get(slug="watched"), provision=hidden, words="may", source="test")
    Proposal.objects.filter(pk=proposal.pk).update(document=document)
    ReportedPosition.objects.get(pk=1).documents.add(document)
    proposal.lenses.add(Lens.objects.get(slug="watched"))
    ProposalStep.objects.create(
        proposal=proposal, number=1, act="tabled", text=text, recorded_by=secretariat, on_behalf_of=member
    )
    pasted = f"Article 1: On the {MARKER}\n\nThe {MARKER} [{IN_GROUP}: may] walk."
    came_in = ReceivedFile.from_text(f"{MARKER}.txt", pasted)
    staged = staging.stage(
        read_pasted(pasted),
        staging.Origin(f"Draft on the {MARKER}", datetime.date(2021, 3, 2), MARKER, came_in),
        negotiation=place.negotiation if place else hidden.negotiation,
        actor=secretariat,
        small_group=SmallGroup.objects.get(slug="circle"),
    )
    staging.compare(staged)
    StagedImport.objects.filter(pk=staged.pk).update(key=IMPORT)
    revision = provision_with(
        TEXT.replace("act", "react"), slug=f"{MARKER}-too", visibility=visibility, sub_issue=place
    )
    assert revision is not None


def _request(provision: Provision, member: Member, user: Any) -> None:
    ChangeRequest.objects.create(
        provision=provision,
        base=provision.revisions.latest("number"),
        operation=Operation("lift", TEXT.index("[")).as_json(),
        says=f"Lift it for the {MARKER}",
        reason=MARKER,
        asked_by=user,
        on_behalf_of=member,
    )


def client(role: str) -> Client:
    """Return a client of a user in the given role."""
    # Error pages contain the request id and must otherwise be identical.
    found = Client(headers={"x-request-id": "the-same-for-all"})
    if role != "anonymous":
        found.force_login(_user(role))
    return found


def _user(role: str) -> Any:
    if role == "facilitator":
        return FacilitatorFactory(small_group=SmallGroup.objects.get(slug="circle"), user=UserFactory()).user
    if role == "other facilitator":
        other = SmallGroup.objects.filter(slug="other").first() or SmallGroupFactory(slug="other")
        return FacilitatorFactory(small_group=other, user=UserFactory()).user
    if role in ("analyst", "secretariat"):
        return DelegationFactory(role=role, member=None).user
    codes = {"outsider": OUTSIDER, "participant": PARTICIPANT}
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    return DelegationFactory(
        role="delegate",
        member=Member.objects.get(code=codes.get(role, IN_GROUP)),
        until=yesterday if role == "ended delegate" else None,
        takes_part=role != "outsider",
    ).user
