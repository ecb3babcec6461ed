"""Factories for test data. All rows belong to one small negotiation unless a test creates another."""

import datetime
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import (
    Facilitator,
    Issue,
    Negotiation,
    Participation,
    Proposal,
    Provision,
    Revision,
    Section,
    SmallGroup,
    StatusReport,
    SubIssue,
)
from issues.text.index import rebuild
from members.choices import DevelopmentStatus, Region, Role
from members.invitations import VALIDITY, token_digest
from members.models import Alias, Delegation, Grouping, GroupingMembership, Invitation, Member, fold

SOURCE = "Made for a test"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
FIRST_DAY = datetime.date(2021, 1, 4)


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class MemberFactory(Factory):
    """A member that bracket heads name by its code."""

    class Meta:
        model = Member
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"Q{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}{n // 676 or ''}")
    name = factory.LazyAttribute(lambda member: f"Member {member.code}")
    iso_alpha2 = factory.Sequence(lambda n: DIGITS[n // 36 % 36] + DIGITS[n % 36])
    iso_alpha3 = factory.LazyAttribute(lambda member: "x" + member.iso_alpha2)
    region = Region.ASIA
    development_status = DevelopmentStatus.DEVELOPING
    wto_member_since = datetime.date(1995, 1, 1)
    source = SOURCE

    @factory.post_generation
    def alias(member: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        Alias.objects.get_or_create(text=member.code, folded=fold(member.code), member=member)


class GroupingFactory(Factory):
    """A grouping that bracket heads name by its code. Pass its `members`."""

    class Meta:
        model = Grouping

    slug = factory.Sequence(lambda n: f"group-{n}")
    code = factory.LazyAttribute(lambda grouping: grouping.slug.upper().replace("-", " "))
    name = factory.LazyAttribute(lambda grouping: grouping.code.title())
    kind = "regional"
    source = SOURCE

    @factory.post_generation
    def members(grouping: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        Alias.objects.get_or_create(text=grouping.code, folded=fold(grouping.code), grouping=grouping)
        for member in extracted or ():
            GroupingMembership.objects.create(grouping=grouping, member=member, source=SOURCE)


class NegotiationFactory(Factory):
    """The site's default negotiation, which is always the same row."""

    class Meta:
        model = Negotiation
        django_get_or_create = ("slug",)

    slug = "jsi"
    name = "Joint Statement Initiative on Electronic Commerce"
    short_name = "JSI on e-commerce"
    is_default = factory.LazyAttribute(lambda negotiation: negotiation.slug == "jsi")
    source = SOURCE


class ParticipationFactory(Factory):
    class Meta:
        model = Participation

    negotiation = factory.SubFactory(NegotiationFactory)
    member = factory.SubFactory(MemberFactory)
    joined = datetime.date(2019, 1, 25)
    basis = "2019 statement"
    source = SOURCE


class EntryFactory(Factory):
    class Meta:
        abstract = True

    negotiation = factory.SubFactory(NegotiationFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.LazyAttribute(lambda entry: f"Title of {entry.code}")
    source = SOURCE


class SectionFactory(EntryFactory):
    class Meta:
        model = Section

    code = factory.Sequence(lambda n: f"S{n}")
    label = factory.LazyAttribute(lambda section: section.code)


class IssueFactory(EntryFactory):
    class Meta:
        model = Issue

    code = factory.Sequence(lambda n: f"S.{n}")
    section = factory.SubFactory(SectionFactory)


class SubIssueFactory(EntryFactory):
    class Meta:
        model = SubIssue

    code = factory.Sequence(lambda n: f"S.1.{n}")
    issue = factory.SubFactory(IssueFactory)


class ProvisionFactory(Factory):
    """A public provision without text. To add text, use `provision_with`."""

    class Meta:
        model = Provision

    negotiation = factory.SubFactory(NegotiationFactory)
    sub_issue = factory.SubFactory(SubIssueFactory)
    slug = factory.Sequence(lambda n: f"provision-{n}")
    heading = factory.LazyAttribute(lambda provision: provision.slug.title())
    position = factory.Sequence(lambda n: n + 1)
    visibility = "public"
    source = SOURCE


def provision_with(*texts: str, days: list[datetime.date] | None = None, **values: Any) -> Provision:
    """Return an indexed provision with one revision for each of `texts`, made on `days` or on consecutive dates."""
    provision: Provision = ProvisionFactory(**values)
    digest = ""
    for number, text in enumerate(texts, start=1):
        day = days[number - 1] if days else FIRST_DAY + datetime.timedelta(days=number - 1)
        revision = Revision(provision=provision, number=number, text=text, made_on=day)
        revision.recorded_at = datetime.datetime.combine(day, datetime.time(18), datetime.UTC)
        revision.digest = digest = revision.expected_digest(digest)
        revision.save(force_insert=True)
    rebuild([provision])
    return provision


class ProposalFactory(Factory):
    """A public proposal known only from a source. Pass its `proponents` and `sub_issues`."""

    class Meta:
        model = Proposal

    negotiation = factory.SubFactory(NegotiationFactory)
    slug = factory.Sequence(lambda n: f"proposal-{n}")
    title = factory.LazyAttribute(lambda proposal: proposal.slug.title())
    visibility = "public"
    source = SOURCE

    @factory.post_generation
    def proponents(proposal: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        proposal.proponents.add(*(extracted or ()))

    @factory.post_generation
    def sub_issues(proposal: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        proposal.sub_issues.add(*(extracted or ()))


class SmallGroupFactory(Factory):
    class Meta:
        model = SmallGroup

    negotiation = factory.SubFactory(NegotiationFactory)
    slug = factory.Sequence(lambda n: f"small-group-{n}")
    name = factory.LazyAttribute(lambda group: group.slug.title())
    position = factory.Sequence(lambda n: n + 1)
    source = SOURCE


class StatusReportFactory(Factory):
    class Meta:
        model = StatusReport

    small_group = factory.SubFactory(SmallGroupFactory)
    status = "under negotiation"
    stated_on = FIRST_DAY
    stated_by = "Facilitator"
    source = SOURCE


class UserFactory(Factory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda n: f"user-{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")

    @factory.post_generation
    def password(user: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        user.set_password(extracted or "not used in this test")
        user.save()


class DelegationFactory(Factory):
    """A long-standing role of a user in a negotiation. With `takes_part=False`, the member does not take part in it."""

    class Meta:
        model = Delegation

    user = factory.SubFactory(UserFactory)
    negotiation = factory.SubFactory(NegotiationFactory)
    role = Role.DELEGATE
    member = factory.SubFactory(MemberFactory)
    since = datetime.date(2020, 1, 1)

    @factory.post_generation
    def takes_part(delegation: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        here = {"negotiation": delegation.negotiation, "member": delegation.member, "left": None}
        if delegation.member and extracted is not False and not Participation.objects.filter(**here).exists():
            ParticipationFactory(**here)


class InvitationFactory(Factory):
    """A pending invitation by the secretariat. `token` is the end of its link."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    email = factory.Sequence(lambda n: f"newcomer-{n}@example.org")
    negotiation = factory.SubFactory(NegotiationFactory)
    role = Role.DELEGATE
    member = factory.SubFactory(MemberFactory)
    since = FIRST_DAY
    digest = factory.LazyAttribute(lambda invitation: token_digest(invitation.token))
    invited_by = factory.LazyAttribute(
        lambda invitation: (
            DelegationFactory(role=Role.SECRETARIAT, member=None, negotiation=invitation.negotiation).user
        )
    )
    invited_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda invitation: invitation.invited_at + VALIDITY)


class FacilitatorFactory(Factory):
    class Meta:
        model = Facilitator

    small_group = factory.SubFactory(SmallGroupFactory)
    name = factory.Sequence(lambda n: f"Facilitator {n}")
    source = SOURCE


def log_change(
    *, actor: Any, tabled: Any = None, accepted: Any = None, idempotency_key: str = "", **change: Any
) -> Revision:
    """Log a change with the given fields, and return the revision."""
    return changes.log(
        TextChange(**change), actor=actor, tabled=tabled, accepted=accepted, idempotency_key=idempotency_key
    )
