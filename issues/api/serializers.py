"""What the API says of each thing. Codes and slugs are addresses; figures come with the names that pages use."""

from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from issues.brackets import Measures
from issues.convergence import GroupStanding, IssueStanding, Point, Standing, figures_of
from issues.models import (
    Issue,
    Position,
    Proposal,
    ProposalStep,
    Provision,
    ReportedPosition,
    Section,
    SmallGroup,
    StatusReport,
    SubIssue,
    Variant,
)
from issues.queries import negotiation_of
from members.dates import partial_date
from members.models import Grouping, Member


def figures(measures: Measures) -> dict[str, Any]:
    """Return measured figures; the clean share is 0 to 1, null for a text without words."""
    share = measures.clean_share
    return {
        "words": measures.words,
        "contested_words": measures.contested_words,
        "clean_share": None if share is None else round(share, 4),
        "open_brackets": measures.open_brackets,
        "alternatives": measures.alternatives,
        "depth": measures.depth,
        "members_named": sorted(measures.named),
        "members_opposing": sorted(measures.opposing),
    }


def measured(standing: Standing) -> dict[str, Any]:
    """Return what is measured of a set of provisions."""
    return {"provisions": standing.provisions, **figures(standing.figures)}


def trend(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    """Return the figures that a trend is drawn from, one for each day on which something changed."""
    return [
        {
            "date": point.day,
            "clean_share": figures(point.figures)["clean_share"],
            "open_brackets": point.figures.open_brackets,
        }
        for point in points
    ]


def last_change(standing: Standing, slugs: dict[int, str]) -> dict[str, Any] | None:
    """Return the newest revision of a set of provisions; `slugs` are theirs."""
    step = standing.last_step
    if step is None:
        return None
    return {"date": step.day, "provision": slugs[step.provision], "revision": step.number}


def stated(report: StatusReport | None) -> dict[str, Any] | None:
    """Return what was stated of a small group, or null."""
    if report is None:
        return None
    return {
        "status": report.status,
        "label": report.label,
        "definition": report.definition,
        "stated_on": report.stated_on,
        "stated_by": report.stated_by,
        "source": report.source,
        "note": report.note,
    }


def group_row(one: GroupStanding, slugs: dict[int, str], request: Any) -> dict[str, Any]:
    """Return a small group as the status document shows it."""
    return {
        "slug": one.group.slug,
        "name": one.group.name,
        "url": reverse("api:small-group-detail", args=[one.group.slug], request=request),
        "stated": stated(one.stated),
        "measured": measured(one.measured),
        "trend": trend(one.measured.trend),
        "last_change": last_change(one.measured, slugs),
        "contradiction": one.contradiction,
    }


def issue_row(one: IssueStanding, slugs: dict[int, str], request: Any) -> dict[str, Any]:
    """Return an issue as the status document shows it. Nobody states an issue: `stated` is by small group."""
    return {
        "code": one.issue.code,
        "title": one.issue.title,
        "section": one.issue.section.code,
        "url": reverse("api:issue-detail", args=[one.issue.code], request=request),
        "stated": [
            {
                "small_group": group.group.slug,
                "status": group.stated.status if group.stated else None,
                "stated_on": group.stated.stated_on if group.stated else None,
            }
            for group in one.groups
        ],
        "measured": measured(one.measured),
        "trend": trend(one.measured.trend),
        "last_change": last_change(one.measured, slugs),
    }


def codes(key: str, *, many: bool = False) -> serializers.SlugRelatedField[Any]:
    """Return a field that names related things by their code or slug."""
    return serializers.SlugRelatedField(slug_field=key, many=many, read_only=True)


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A section or annex."""

    url = serializers.HyperlinkedIdentityField(view_name="api:section-detail", lookup_field="code")
    issues = codes("code", many=True)
    sub_issues = codes("code", many=True)

    class Meta:
        model = Section
        fields = ["url", "code", "label", "title", "kind", "position", "issues", "sub_issues", "note", "source"]


class IssueSerializer(serializers.ModelSerializer[Issue]):
    """An issue."""

    url = serializers.HyperlinkedIdentityField(view_name="api:issue-detail", lookup_field="code")
    section = codes("code")
    sub_issues = codes("code", many=True)
    small_groups = codes("slug", many=True)

    class Meta:
        model = Issue
        fields = [
            "url",
            "code",
            "title",
            "section",
            "position",
            "sub_issues",
            "small_groups",
            "assessment",
            "note",
            "source",
        ]


class SubIssueSerializer(serializers.ModelSerializer[SubIssue]):
    """A sub-issue; `issue` is null where it stands directly under a section."""

    url = serializers.HyperlinkedIdentityField(view_name="api:sub-issue-detail", lookup_field="code")
    section = serializers.CharField(source="parent_section.code")
    issue = codes("code")
    small_groups = codes("slug", many=True)
    lenses = codes("slug", many=True)

    class Meta:
        model = SubIssue
        fields = [
            "url",
            "code",
            "title",
            "section",
            "issue",
            "position",
            "small_groups",
            "lenses",
            "note",
            "source",
        ]


class StatusReportSerializer(serializers.ModelSerializer[StatusReport]):
    """What was stated of a small group on a day."""

    label = serializers.CharField()  # type: ignore[assignment]  # DRF's fields have a label of their own
    definition = serializers.CharField()

    class Meta:
        model = StatusReport
        fields = ["status", "label", "definition", "stated_on", "stated_by", "until", "note", "source"]


class SmallGroupSerializer(serializers.ModelSerializer[SmallGroup]):
    """A small group; what is stated and measured of it is in the detail and in `status/`."""

    url = serializers.HyperlinkedIdentityField(view_name="api:small-group-detail", lookup_field="slug")
    sub_issues = codes("code", many=True)
    issues = codes("code", many=True)
    facilitators = codes("name", many=True)
    status_reports = StatusReportSerializer(many=True, read_only=True)

    class Meta:
        model = SmallGroup
        fields = [
            "url",
            "slug",
            "name",
            "position",
            "sub_issues",
            "issues",
            "facilitators",
            "highlights",
            "state_of_play",
            "status_reports",
            "source",
        ]


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member of the WTO; `participation` is null where it takes no part in the negotiation."""

    url = serializers.HyperlinkedIdentityField(view_name="api:member-detail", lookup_field="code")
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

    def get_participation(self, member: Member) -> dict[str, Any] | None:
        """Return how it takes part now, from the rows that the view fetched along."""
        here = negotiation_of(self.context["request"]).pk
        for one in member.participations.all():
            if one.left is None and one.negotiation_id == here:
                joined = {"date": one.joined, "precision": one.joined_precision}
                return {"joined": joined, "basis": one.basis, "co_convener": one.co_convener, "source": one.source}
        return None


class ReportedPositionSerializer(serializers.ModelSerializer[ReportedPosition]):
    """What a source says that a member wants, outside the text."""

    issue = codes("code")
    sub_issues = codes("code", many=True)

    class Meta:
        model = ReportedPosition
        fields = ["topic", "stance", "statement", "issue", "sub_issues", "source"]


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """What members put on the table."""

    url = serializers.HyperlinkedIdentityField(view_name="api:proposal-detail", lookup_field="slug")
    proponents = codes("code", many=True)
    sub_issues = codes("code", many=True)
    tabled = serializers.SerializerMethodField()

    class Meta:
        model = Proposal
        fields = ["url", "slug", "title", "proponents", "tabled", "state", "summary", "sub_issues", "source"]

    def get_tabled(self, proposal: Proposal) -> str:
        """Return the date as far as it is known."""
        return partial_date(proposal.tabled, proposal.tabled_precision)


class ProposalRowSerializer(ProposalSerializer):
    """A proposal with its document, and what it replaces where the reader may read that too."""

    grouping_proponents = codes("code", many=True)
    issues = codes("code", many=True)
    document = serializers.CharField(source="document.symbol", default=None)
    supersedes = codes("slug")

    class Meta(ProposalSerializer.Meta):
        fields = [
            *ProposalSerializer.Meta.fields,
            "grouping_proponents",
            "issues",
            "document",
            "visibility",
            "supersedes",
        ]


class ProposalStepSerializer(serializers.ModelSerializer[ProposalStep]):
    """One thing that was done with a proposal; the text where it was tabled or revised."""

    member = codes("code")
    on_behalf_of = codes("code")
    merged_into = serializers.SerializerMethodField()

    class Meta:
        model = ProposalStep
        fields = ["number", "act", "member", "on_behalf_of", "made_on", "recorded_at", "text", "note", "merged_into"]

    def get_merged_into(self, step: ProposalStep) -> dict[str, Any] | None:
        """Return provision and revision, null for a provision that the reader may not see."""
        revision = step.revision
        if revision is None or revision.provision_id not in self.context["seen"]:
            return None
        return {"provision": revision.provision.slug, "revision": revision.number}


class ProposalDetailSerializer(ProposalRowSerializer):
    """A proposal with its text, and every step that the reader may read."""

    superseded_by = codes("slug", many=True)
    steps = ProposalStepSerializer(many=True, source="shown")

    class Meta(ProposalRowSerializer.Meta):
        fields = [*ProposalRowSerializer.Meta.fields, "text", "note", "superseded_by", "steps"]


class MemberDetailSerializer(MemberSerializer):
    """A member with its groupings, reported positions and proposals."""

    groupings = codes("slug", many=True)
    reported_positions = ReportedPositionSerializer(many=True, read_only=True)
    proposals = ProposalSerializer(many=True, read_only=True)

    class Meta(MemberSerializer.Meta):
        fields = [*MemberSerializer.Meta.fields, "groupings", "reported_positions", "proposals"]


class ProvisionSerializer(serializers.ModelSerializer[Provision]):
    """A provision with the figures of the revision that stands, or stood on the day asked for."""

    url = serializers.HyperlinkedIdentityField(view_name="api:provision-detail", lookup_field="slug")
    place = serializers.CharField(source="place.code")
    section = serializers.CharField(source="parent_section.code")
    lenses = codes("slug", many=True)
    revision = serializers.SerializerMethodField()
    measured = serializers.SerializerMethodField()

    class Meta:
        model = Provision
        fields = ["url", "slug", "heading", "demonstration", "place", "section", "lenses", "revision", "measured"]

    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the number and day of the revision."""
        revision = provision.shown[0]  # type: ignore[attr-defined]  # fetched by the view
        return {"number": revision.number, "made_on": revision.made_on}

    def get_measured(self, provision: Provision) -> dict[str, Any]:
        """Return its figures."""
        return figures(figures_of(provision.shown[0].measure))  # type: ignore[attr-defined]


class ProvisionDetailSerializer(ProvisionSerializer):
    """A provision with its text."""

    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the revision with its text, reason and digest."""
        revision = provision.shown[0]  # type: ignore[attr-defined]
        more = {"text": revision.text, "reason": revision.reason, "source": revision.source, "digest": revision.digest}
        return {**super().get_revision(provision), **more}


class PositionSerializer(serializers.ModelSerializer[Position]):
    """Who takes which stance since when."""

    holder = serializers.CharField(source="holder.code")
    name = serializers.CharField(source="holder.name")
    kind = serializers.SerializerMethodField()

    class Meta:
        model = Position
        fields = ["holder", "name", "kind", "stance", "since", "until"]

    def get_kind(self, position: Position) -> str:
        """Return "member" or "grouping"."""
        return "grouping" if isinstance(position.holder, Grouping) else "member"


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """A bracket, alternative or option, with the positions held at it."""

    url = serializers.HyperlinkedIdentityField(view_name="api:variant-detail")
    provision = codes("slug")
    place = serializers.CharField(source="provision.place.code")
    section = serializers.CharField(source="provision.parent_section.code")
    opened_in = serializers.IntegerField(source="opened_in.number")
    closed_in = serializers.IntegerField(source="closed_in.number", default=None)
    # Null too for a proposal that the reader may not read: the view fetches the others only.
    proposal = serializers.SlugRelatedField[Any](slug_field="slug", source="opened_in.proposal", read_only=True)
    positions = PositionSerializer(many=True, source="shown")

    class Meta:
        model = Variant
        fields = [
            "url",
            "id",
            "provision",
            "place",
            "section",
            "kind",
            "text",
            "ordinal",
            "depth",
            "opened_in",
            "opened_on",
            "closed_in",
            "closed_on",
            "outcome",
            "proposal",
            "positions",
        ]
