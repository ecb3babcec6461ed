"""The serializer of positions reported by sources."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from issues.api.serializers.fields import PartialDateField, key_field, url_field
from issues.models import ReportedPosition


@extend_schema_serializer(deprecate_fields=["holder"])
class ReportedPositionSerializer(serializers.ModelSerializer[ReportedPosition]):
    """A position that a source attributes to a member, a grouping or holders described in words.

    Reported positions are not recorded in the text. `member` and `grouping` are null unless the holder is one.
    """

    url = url_field("reported-position", "pk")
    name = serializers.CharField(source="holder", read_only=True, help_text="Name of the holder.")
    holder = serializers.CharField(read_only=True, help_text="Deprecated: use `name`.")
    member = key_field("code", allow_null=True)
    grouping = key_field("slug", allow_null=True)
    topic_slug = serializers.CharField(read_only=True, help_text="The topic as a slug, for the filter `topic`.")
    issue = key_field("code", allow_null=True)
    sub_issues = key_field("code", many=True)
    stated_on = PartialDateField("stated_on", help_text="Date on which the position was stated; empty if unknown.")
    reported_on = PartialDateField("reported_on", help_text="Date of the source; empty if unknown.")
    later = serializers.BooleanField(
        source="is_later",
        read_only=True,
        help_text="Whether the position is later than the date up to which the facts were collected.",
    )
    documents = serializers.SerializerMethodField()

    class Meta:
        model = ReportedPosition
        fields = [
            "url",
            "id",
            "name",
            "holder",
            "member",
            "grouping",
            "described_as",
            "topic",
            "topic_slug",
            "stance",
            "statement",
            "issue",
            "sub_issues",
            "stated_on",
            "reported_on",
            "later",
            "documents",
            "source",
        ]
        extra_kwargs = {
            "described_as": {"help_text": "The source's description of holders that it does not name."},
            "source": {"help_text": "The source that reports the position."},
        }

    def get_documents(self, position: ReportedPosition) -> list[str]:
        """Return the slugs of the documents that the source cites."""
        return [document.slug for document in position.public_documents]
