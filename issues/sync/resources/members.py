"""Resources for the members, their groupings, their participation, and positions reported by sources."""

from django.db.models import QuerySet

from issues.access.roles import Reader
from issues.models import Negotiation, Participation, ReportedPosition
from issues.models.choices import slug_of
from issues.models.page_links import PageLink
from issues.sync.resources.base import Data, Resource, code_of, codes_of, field_values
from members.models import Grouping, Member


class MemberResource(Resource[Member]):
    """The resource for members, which all negotiations share."""

    name = "member"
    model = Member
    key_field = "code"
    fields = (
        *("code", "name", "name_fr", "name_es", "iso_alpha2", "iso_alpha3", "region", "development_status"),
        *("wto_member_since", "note", "source"),
    )
    prefetch_related = ("aliases",)
    route = "api:member-detail"

    def data(self, item: Member) -> Data:
        """Return the fields of a member and its aliases."""
        return {**super().data(item), "names": sorted(alias.text for alias in item.aliases.all())}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Member]":
        """Return all members."""
        return Member.objects.order_by("code")


class GroupingResource(Resource[Grouping]):
    """The resource for groupings with their memberships, which all negotiations share."""

    name = "grouping"
    model = Grouping
    fields = ("slug", "code", "name", "kind", "speaks", "note", "source")
    select_related = ("represented_by",)
    prefetch_related = ("aliases", "memberships__member")

    def data(self, item: Grouping) -> Data:
        """Return the fields of a grouping, its aliases, and its memberships sorted by member and start date."""
        dates = ("since", "since_precision", "until", "until_precision", "source")
        memberships = [
            {"member": membership.member.code, **field_values(membership, *dates)}
            for membership in item.memberships.all()
        ]
        memberships.sort(key=lambda membership: (membership["member"], membership["since"] or ""))
        names = sorted(alias.text for alias in item.aliases.all())
        representative = item.represented_by.code if item.represented_by else None
        computed = {"kind_slug": slug_of(item.kind), "represented_by": representative}
        return {**super().data(item), **computed, "names": names, "memberships": memberships}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Grouping]":
        """Return all groupings."""
        return Grouping.objects.order_by("slug")

    def page(self, item: Grouping) -> PageLink:
        """Return a link to the list of members."""
        return PageLink("members")


class ParticipationResource(Resource[Participation]):
    """The resource for periods in which members take part in the negotiation."""

    name = "participation"
    model = Participation
    fields = ("joined", "joined_precision", "basis", "left", "left_precision", "co_convener", "note", "source")
    ordering = ("member__code", "joined")
    select_related = ("member",)

    def key(self, item: Participation) -> str:
        """Return the member's code and the date on which the member joined."""
        return f"{item.member.code}/{item.joined.isoformat()}"

    def data(self, item: Participation) -> Data:
        """Return the member and the fields of the participation."""
        return {"member": item.member.code, **super().data(item)}

    def page(self, item: Participation) -> PageLink:
        """Return a link to the member."""
        return PageLink("api:member-detail", (item.member.code,))


class ReportedPositionResource(Resource[ReportedPosition]):
    """The resource for positions that are reported by sources other than the text."""

    name = "reported-position"
    model = ReportedPosition
    key_field = "pk"
    fields = (
        *("described_as", "topic", "stance", "statement", "stated_on", "stated_on_precision", "reported_on"),
        *("reported_on_precision", "source"),
    )
    select_related = ("member", "grouping", "issue")
    prefetch_related = ("sub_issues", "documents")
    route = "reported-position"

    def data(self, item: ReportedPosition) -> Data:
        """Return the holder of the position, the fields, the places and the cited documents."""
        holder = {"member": code_of(item.member), "grouping": code_of(item.grouping)}
        places = {"issue": code_of(item.issue), "sub_issues": codes_of(item.sub_issues)}
        documents = sorted(document.slug for document in item.public_documents)
        return {**holder, **super().data(item), **places, "documents": documents}
