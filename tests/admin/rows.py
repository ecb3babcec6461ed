"""Create a row in every table, and build the data that the admin's forms send."""

import datetime
import html
import re
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.urls import reverse

from issues.models import (
    ChangeRequest,
    Delivery,
    Digest,
    Document,
    Expectation,
    ImportedFile,
    Lens,
    LensMark,
    Meeting,
    Proposal,
    ProposalStep,
    Provision,
    ReportedPosition,
    StagedImport,
    StagedProvision,
    Timeline,
)
from issues.notifications import webhooks
from issues.sync.publishing import publish
from members.models import Member
from members.tokens import create_token as make_token
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    GroupingFactory,
    InvitationFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    StatusReportFactory,
    UserFactory,
    provision_with,
)

TEXT = "Each Member shall [{code}: promptly] act."
OURS = [*apps.get_app_config("issues").get_models(), *apps.get_app_config("members").get_models()]
TABLES = [model for model in OURS if not model._meta.auto_created]


def a_row_of_each(**member: Any) -> Provision:
    """Create a row in every table for one member, and return a provision with a bracket by that member."""
    holder = MemberFactory(**member)
    place: dict[str, Any] = {"negotiation": NegotiationFactory(), "source": "test"}
    GroupingFactory(members=[holder])
    ParticipationFactory(member=holder)
    DelegationFactory(member=holder)
    InvitationFactory(member=holder)
    make_token(UserFactory(), "Mirror", "read", datetime.timedelta(days=7), second_factor=False)
    StatusReportFactory(small_group=FacilitatorFactory().small_group)
    slug = f"about-{holder.code}".lower()
    day = datetime.date(2021, 1, 29)
    Lens.objects.create(slug=slug, name=slug, source="test")
    document = Document.objects.create(slug=slug, title="Note", genre="proposal", dated=day, **place)
    document.submitted_by.add(holder)
    Meeting.objects.create(slug=slug, kind="plenary", title="Plenary", starts=day, **place).documents.add(document)
    proposal = Proposal.objects.create(slug=slug, title="Text", document=document, tabled=day, **place)
    proposal.proponents.add(holder)
    somebody = UserFactory()
    came_in = StagedImport.objects.create(
        negotiation=place["negotiation"], name=slug, draft={}, made_on=day, source="test", sent_by=somebody
    )
    ImportedFile.objects.create(
        staged=came_in, negotiation=place["negotiation"], name=slug, data=b"text", sha256="0" * 64, sent_by=somebody
    )
    StagedProvision.objects.create(staged=came_in, position=1, heading=slug, found=TEXT, text=TEXT)
    Digest.objects.create(user=somebody, negotiation=place["negotiation"])
    ProposalStep.objects.create(proposal=proposal, number=1, act="tabled", recorded_by=somebody)
    ReportedPosition.objects.create(member=holder, topic="Data", stance="support", statement="Said so", **place)
    provision = provision_with(TEXT.format(code=holder.code))
    publish(provision)
    Timeline.objects.create(slug=slug, name="A subject", **place)
    position = Expectation.objects.count() + 1
    Expectation.objects.create(
        slug=slug, position=position, statement="Soon", stated_by="A source", stated_on=day, **place
    )
    LensMark.objects.create(
        lens=Lens.objects.get(slug=slug), provision=provision, words="promptly", source=place["source"]
    )
    webhook, _ = webhooks.create(
        user=somebody, negotiation=provision.negotiation, url="https://example.org/", provision=provision
    )
    Delivery.objects.create(webhook=webhook, after=0, until=1)
    ChangeRequest.objects.create(
        provision=provision,
        base=provision.revisions.get(),
        operation={"act": "lift", "at": 18},
        says="Bracket lifted.",
        asked_by=somebody,
        on_behalf_of=holder,
    )
    return provision


def address(model: Any, page: str, *args: Any) -> str:
    """Return the URL of a page in the admin of `model`."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def inline(prefix: str, *rows: dict[str, Any], stored: int = 0) -> dict[str, Any]:
    """Return the data that a browser sends for an inline whose first `stored` rows already exist."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": stored}
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def member_form(member: Member, **inlines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the data that a browser sends for the page of `member`, with new rows in the inlines."""
    names = ("code", "name", "iso_alpha2", "iso_alpha3", "region", "development_status", "wto_member_since", "source")
    sent = {name: getattr(member, name) for name in names}
    for prefix in ("aliases", "memberships"):
        sent |= inline(prefix, *inlines.get(prefix, []))
    return sent


def errors(answer: HttpResponse) -> list[str]:
    """Return the error messages on a page."""
    lists = re.findall(r'<ul class="errorlist.*?</ul>', answer.content.decode(), re.DOTALL)
    items = [item for found in lists for item in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]
    return [html.unescape(item) for item in items]
