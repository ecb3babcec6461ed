"""Serializers for the table of issues, lenses and small groups."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from issues.api.serializers.fields import ENTRY_DEMONSTRATION, PartialDateField, SlugOfField, key_field, url_field
from issues.api.serializers.figures import (
    GroupLinksSerializer,
    LastChangeSerializer,
    MeasuredSerializer,
    PointSerializer,
    StatedSerializer,
)
from issues.models import Facilitator, Issue, Lens, Section, SmallGroup, StatusReport, SubIssue
from issues.models.choices import Status


class SubIssueSerializer(serializers.ModelSerializer[SubIssue]):
    """A sub-issue. `issue` is null if the sub-issue belongs directly to a section."""

    url = url_field("sub-issue", "code")
    section = serializers.CharField(source="parent_section.code")
    issue = key_field("code", allow_null=True)
    small_groups = key_field("slug", many=True)
    lenses = key_field("slug", many=True, help_text="No longer used: lenses mark provisions, variants and proposals.")

    class Meta:
        model = SubIssue
        fields = [
            "url",
            "code",
            "title",
            "title_fr",
            "title_es",
            "section",
            "issue",
            "position",
            "small_groups",
            "lenses",
            "note",
            "source",
        ]
        extra_kwargs = {
            "title": {"help_text": "Title, which may contain brackets."},
        }


class IssueIncluded(serializers.Serializer[Any]):
    """Resources related to an issue."""

    sub_issues = SubIssueSerializer(many=True, read_only=True)


class IssueSerializer(serializers.ModelSerializer[Issue]):
    """An issue."""

    url = url_field("issue", "code")
    section = key_field("code")
    sub_issues = key_field("code", many=True)
    small_groups = key_field("slug", many=True)
    included = IssueIncluded(source="*", read_only=True)

    class Meta:
        model = Issue
        fields = [
            "url",
            "code",
            "title",
            "title_fr",
            "title_es",
            "section",
            "position",
            "sub_issues",
            "small_groups",
            "assessment",
            "note",
            "source",
            "included",
        ]
        extra_kwargs = {
            "title": {"help_text": "Title, which may contain brackets."},
            "assessment": {"help_text": "The source's assessment of convergence on the issue."},
        }


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A section or annex."""

    url = url_field("section", "code")
    issues = key_field("code", many=True)
    sub_issues = key_field("code", many=True)

    class Meta:
        model = Section
        fields = [
            "url",
            "code",
            "label",
            "title",
            "title_fr",
            "title_es",
            "kind",
            "position",
            "issues",
            "sub_issues",
            "note",
            "source",
        ]
        extra_kwargs = {
            "label": {"help_text": "Label as printed, such as A or Annex 1."},
            "title": {"help_text": "Title, which may contain brackets."},
        }


class LensSerializer(serializers.ModelSerializer[Lens]):
    """A cross-cutting concern, such as gender or development."""

    url = url_field("lens", "slug")

    class Meta:
        model = Lens
        fields = ["url", "slug", "name", "name_fr", "name_es", "definition", "source"]


@extend_schema_serializer(deprecate_fields=["status"])
class StatusReportSerializer(serializers.ModelSerializer[StatusReport]):
    """The status stated for a small group on a date. If `corrected_by` is set, the report never took effect."""

    status_slug = SlugOfField("status", choices=Status.choices)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # REST framework fields have an attribute `label`
    definition = serializers.CharField(read_only=True)
    demonstration = serializers.BooleanField(read_only=True, help_text=ENTRY_DEMONSTRATION)
    stated_on = PartialDateField("stated_on")
    corrects = serializers.IntegerField(
        source="corrects_id",
        read_only=True,
        allow_null=True,
        help_text="`id` of the mistaken report that this report corrects, or null.",
    )
    corrected_by = serializers.SerializerMethodField()

    class Meta:
        model = StatusReport
        fields = [
            "id",
            "status_slug",
            "status",
            "label",
            "definition",
            "stated_on",
            "stated_by",
            "until",
            "note",
            "source",
            "demonstration",
            "corrects",
            "corrected_by",
        ]
        extra_kwargs = {
            "status": {"help_text": "Deprecated: use `status_slug`."},
            "until": {
                "help_text": "Date or event until which work is parked. Used only with the status `parked-until`."
            },
        }

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_corrected_by(self, report: StatusReport) -> int | None:
        """Return the `id` of the report that corrects `report`, or None."""
        return next((correction.pk for correction in report.corrected_by.all()), None)


class StatusReportRowSerializer(StatusReportSerializer):
    """A status report with its small group."""

    small_group = key_field("slug")

    class Meta(StatusReportSerializer.Meta):
        fields = ["small_group", *StatusReportSerializer.Meta.fields, "recorded_at"]


class FacilitatorSerializer(serializers.ModelSerializer[Facilitator]):
    """A facilitator of a small group, with the period of the appointment."""

    member = key_field("code", allow_null=True)

    class Meta:
        model = Facilitator
        fields = ["name", "member", "since", "until", "source"]
        extra_kwargs = {
            "until": {"help_text": "Last date of the appointment; null if it continues."},
        }


class SmallGroupIncluded(serializers.Serializer[Any]):
    """Resources related to a small group."""

    sub_issues = SubIssueSerializer(many=True, read_only=True)
    facilitators = FacilitatorSerializer(many=True, read_only=True)


class SmallGroupSerializer(serializers.ModelSerializer[SmallGroup]):
    """A small group. Its stated status and measured figures are given in the detail response and under `status/`."""

    url = url_field("small-group", "slug")
    sub_issues = key_field("code", many=True)
    issues = key_field("code", many=True)
    facilitators = key_field("name", many=True)
    status_reports = StatusReportSerializer(many=True, read_only=True)
    included = SmallGroupIncluded(source="*", read_only=True)

    class Meta:
        model = SmallGroup
        fields = [
            "url",
            "slug",
            "name",
            "name_fr",
            "name_es",
            "position",
            "sub_issues",
            "issues",
            "facilitators",
            "highlights",
            "state_of_play",
            "status_reports",
            "source",
            "included",
        ]
        extra_kwargs = {
            "highlights": {"help_text": "Subjects on which the group works."},
            "state_of_play": {"help_text": "Reported state of the group's work."},
        }


class StandingField(serializers.Field[Any, Any, Any, Any]):
    """A field of the row from `figures.group_row`, which the view passes in the context as `standing`.

    `shape` describes the field in the schema.
    """

    def __init__(self, shape: Any) -> None:
        super().__init__(read_only=True, source="*")
        self.shape = shape

    def to_representation(self, value: Any) -> Any:
        return self.context["standing"][self.field_name]


class SmallGroupDetailSerializer(SmallGroupSerializer):
    """A small group with its stated status and measured figures."""

    stated = StandingField(StatedSerializer(allow_null=True))
    measured = StandingField(MeasuredSerializer())
    trend = StandingField(PointSerializer(many=True))
    last_change = StandingField(LastChangeSerializer(allow_null=True))
    contradiction = StandingField(serializers.BooleanField())
    links = StandingField(GroupLinksSerializer())

    class Meta(SmallGroupSerializer.Meta):
        fields = [
            *SmallGroupSerializer.Meta.fields[:-1],
            "stated",
            "measured",
            "trend",
            "last_change",
            "contradiction",
            "links",
            "included",
        ]
