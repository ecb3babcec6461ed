"""Serializers for members and groupings."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from issues.api.serializers.fields import ResponsePart, key_field, url_field
from issues.api.serializers.proposals import ProposalSerializer
from issues.api.serializers.reported_positions import ReportedPositionSerializer
from issues.models.choices import slug_of
from members.choices import Precision
from members.models import Grouping, GroupingMembership, Member


class JoinedSerializer(ResponsePart):
    """The date on which a member joined, and the precision of that date."""

    date = serializers.DateField(allow_null=True)
    precision = serializers.ChoiceField(Precision.choices)


class ParticipationSerializer(ResponsePart):
    """The participation of a member on the selected date."""

    joined = JoinedSerializer()
    basis = serializers.CharField()
    co_convener = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # REST framework fields have an attribute `source`


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member of the WTO. `participation` is null if the member did not take part on the selected date."""

    url = url_field("member", "code")
    participation = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = [
            "url",
            "code",
            "name",
            "name_fr",
            "name_es",
            "iso_alpha2",
            "iso_alpha3",
            "region",
            "development_status",
            "wto_member_since",
            "participation",
            "note",
            "source",
        ]
        extra_kwargs = {
            "name": {"help_text": "Name as written by the WTO."},
            "source": {"help_text": "Source of the facts about the member."},
        }

    @extend_schema_field(ParticipationSerializer(allow_null=True))
    def get_participation(self, member: Member) -> dict[str, Any] | None:
        """Return the participation on the selected date, or None, from rows that the view has prefetched."""
        view = self.context["view"]
        day = view.negotiation.day(view.day)
        for participation in member.participations.all():
            if participation.negotiation_id == view.negotiation.pk and participation.holds_on(day):
                joined = {"date": participation.joined, "precision": participation.joined_precision}
                return {
                    "joined": joined,
                    "basis": participation.basis,
                    "co_convener": participation.co_convener,
                    "source": participation.source,
                }
        return None


class MemberDetailSerializer(MemberSerializer):
    """A member with its groupings, reported positions and proposals."""

    groupings = key_field("slug", many=True)
    reported_positions = ReportedPositionSerializer(many=True, read_only=True)
    proposals = ProposalSerializer(many=True, read_only=True)

    class Meta(MemberSerializer.Meta):
        fields = [*MemberSerializer.Meta.fields, "groupings", "reported_positions", "proposals"]


class MembershipSerializer(serializers.ModelSerializer[GroupingMembership]):
    """The membership of a member in a grouping. `since` and `until` are null if they are open or unknown."""

    member = key_field("code")

    class Meta:
        model = GroupingMembership
        fields = ["member", "since", "until"]
        extra_kwargs = {
            "since": {"help_text": "First date of the membership; null if it began before the first date on record."},
            "until": {"help_text": "Last date of the membership; null if it continues."},
        }


class GroupingSerializer(serializers.ModelSerializer[Grouping]):
    """A grouping of members. `speaks` states whether the grouping may appear at the head of a bracket."""

    url = url_field("grouping", "slug")
    represented_by = key_field(
        "code",
        allow_null=True,
        help_text="Member that negotiates for the other members of the grouping; null if there is none.",
    )
    kind_slug = serializers.SerializerMethodField(help_text="The kind as a slug, for the filter `kind`.")
    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta:
        model = Grouping
        fields = [
            "url",
            "slug",
            "code",
            "name",
            "kind",
            "kind_slug",
            "speaks",
            "represented_by",
            "memberships",
            "note",
            "source",
        ]
        extra_kwargs = {
            "code": {"help_text": "Code at the head of a bracket, such as AFRICAN GROUP."},
            "speaks": {"help_text": "Whether the grouping may appear at the head of a bracket."},
        }

    def get_kind_slug(self, grouping: Grouping) -> str:
        """Return the kind as a slug."""
        return slug_of(grouping.kind)
