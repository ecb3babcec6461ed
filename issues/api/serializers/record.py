"""Serializers for documents, meetings, requests and activity."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.reverse import reverse

from issues.api.serializers.fields import (
    ENTRY_DEMONSTRATION,
    ExactTextField,
    ListedChoiceField,
    PartialDateField,
    RequestPart,
    SlugOfField,
    demonstration_field,
    key_field,
    url_field,
)
from issues.api.serializers.fields import ResponsePart as ByHand
from issues.models import ChangeRequest, Document, Expectation, Meeting, Timeline
from issues.models.choices import Act, Genre, RequestState, Stance
from issues.reports.activity import KINDS


class SubjectsSerializer(serializers.Serializer[Any]):
    """What a document or meeting concerns, by code or slug."""

    sub_issues = key_field("code", many=True)
    issues = key_field("code", many=True)
    small_groups = key_field("slug", many=True)
    members = key_field("code", many=True)
    lenses = key_field("slug", many=True)
    timelines = key_field("slug", many=True)


SUBJECTS = ["sub_issues", "issues", "small_groups", "members", "lenses", "timelines"]


@extend_schema_serializer(deprecate_fields=["genre"])
class DocumentSerializer(SubjectsSerializer, serializers.ModelSerializer[Document]):
    """A document of or about the negotiation."""

    url = url_field("document", "slug")
    kind = serializers.ChoiceField(Genre.choices, source="genre", read_only=True)
    dated = PartialDateField("dated")
    submitted_by = key_field("code", many=True)
    address = serializers.CharField(source="url", read_only=True, help_text="URL of the document; may be empty.")
    demonstration = serializers.BooleanField(read_only=True, help_text=ENTRY_DEMONSTRATION)

    class Meta:
        model = Document
        fields = [
            "url",
            "slug",
            "symbol",
            "symbol_verified",
            "title",
            "kind",
            "genre",
            "dated",
            "submitted_by",
            "submitted_by_text",
            *SUBJECTS,
            "access",
            "address",
            "verification",
            "note",
            "source",
            "demonstration",
        ]
        extra_kwargs = {
            "genre": {"help_text": "Deprecated: use `kind`."},
            "symbol": {"help_text": "Symbol of the document, such as INF/ECOM/62/Rev.1."},
            "submitted_by_text": {"help_text": "Submitters that are not members."},
            "verification": {"help_text": "The extent to which the facts about the document have been checked."},
        }


class MeetingIncluded(serializers.Serializer[Any]):
    """Resources related to a meeting."""

    documents = DocumentSerializer(many=True, read_only=True)


class MeetingSerializer(SubjectsSerializer, serializers.ModelSerializer[Meeting]):
    """A plenary, round, small-group meeting or other event."""

    url = url_field("meeting", "slug")
    starts = PartialDateField("starts")
    documents = key_field("slug", many=True)
    address = serializers.CharField(source="url", read_only=True, help_text="URL of a source; may be empty.")
    included = MeetingIncluded(source="*", read_only=True)

    class Meta:
        model = Meeting
        fields = [
            "url",
            "slug",
            "kind",
            "title",
            "starts",
            "ends",
            "mode",
            "planned_only",
            "cancelled",
            "outcome",
            "participants",
            "documents",
            *SUBJECTS,
            "address",
            "note",
            "source",
            "included",
        ]
        extra_kwargs = {
            "cancelled": {"help_text": "Whether the meeting was announced for this date but not held then."},
            "planned_only": {"help_text": "Whether the meeting is known only from its announcement."},
            "participants": {"help_text": "Number of participants reported at the time."},
        }


class TimelineSerializer(serializers.ModelSerializer[Timeline]):
    """A timeline. Its documents and meetings are listed under `documents` and `meetings`."""

    url = url_field("timeline", "slug")
    issues = key_field("code", many=True)
    documents = serializers.SerializerMethodField()
    meetings = serializers.SerializerMethodField()

    class Meta:
        model = Timeline
        fields = ["url", "slug", "name", "description", "issues", "documents", "meetings", "source"]

    @extend_schema_field(serializers.URLField())
    def get_documents(self, timeline: Timeline) -> str:
        """Return the URL of the list of the timeline's documents."""
        return f"{reverse('api:document-list', request=self.context['request'])}?timeline={timeline.slug}"

    @extend_schema_field(serializers.URLField())
    def get_meetings(self, timeline: Timeline) -> str:
        """Return the URL of the list of the timeline's meetings."""
        return f"{reverse('api:meeting-list', request=self.context['request'])}?timeline={timeline.slug}"


class ExpectationSerializer(serializers.ModelSerializer[Expectation]):
    """An expectation about the further course of the negotiation."""

    url = url_field("expectation", "slug")
    stated_on = PartialDateField("stated_on")
    small_groups = key_field("slug", many=True)
    documents = key_field("slug", many=True)

    class Meta:
        model = Expectation
        fields = [
            "url",
            "slug",
            "position",
            "statement",
            "stated_by",
            "stated_on",
            "small_groups",
            "documents",
            "source",
        ]


class OperationSerializer(RequestPart):
    """An operation at a position in a text. Offsets are in characters (code points), from 0."""

    act = ListedChoiceField(Act.choices)
    at = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="Offset of the bracket's “[” or of the start of the words."
    )
    end = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Offset of the end of the words."
    )
    stance = ListedChoiceField(Stance.choices, required=False)
    words = ExactTextField(required=False, help_text="The proposed words.")
    number = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text="Index of the alternative within the bracket, from 0.",
    )


@extend_schema_serializer(deprecate_fields=["state"])
class RequestSerializer(serializers.ModelSerializer[ChangeRequest]):
    """A request from a delegation to a facilitator, and its outcome."""

    url = url_field("request", "pk")
    provision = key_field("slug")
    base_revision = serializers.IntegerField(source="base.number", read_only=True)
    operation = OperationSerializer(read_only=True)
    on_behalf_of = key_field("code")
    demonstration = demonstration_field(source="provision.demonstration")
    revision = serializers.IntegerField(source="revision.number", default=None, allow_null=True, read_only=True)
    state_slug = SlugOfField("state_now", choices=RequestState.choices)
    state = serializers.ChoiceField(
        RequestState.choices, source="state_now", read_only=True, help_text="Deprecated: use `state_slug`."
    )
    lapsed_in = serializers.IntegerField(
        source="lapsed_in.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The revision that made the request lapse, if any.",
    )

    class Meta:
        model = ChangeRequest
        fields = [
            "url",
            "id",
            "provision",
            "demonstration",
            "base_revision",
            "operation",
            "says",
            "reason",
            "on_behalf_of",
            "asked_at",
            "state_slug",
            "state",
            "decided_at",
            "answer",
            "revision",
            "lapsed_because",
            "lapsed_in",
        ]
        extra_kwargs = {
            "says": {"help_text": "The effect of the request in sentences, at the time when it was made."},
            "answer": {
                "help_text": "The reason why the request was declined, or a message that accompanies the acceptance."
            },
            "lapsed_because": {"help_text": "A sentence that explains why the request lapsed."},
        }


class ProspectSerializer(ByHand):
    """The effect that accepting a request would have on the current text."""

    revision = serializers.IntegerField(source="number", help_text="Number of the current revision.")
    differs = serializers.BooleanField(help_text="Whether the effect differs from what was requested.")
    says = serializers.ListField(
        source="sentences",
        child=serializers.CharField(),
        help_text="The effect in sentences, if it differs from the request.",
    )


class RequestDetailSerializer(RequestSerializer):
    """A request with `now`, the effect of accepting the request now. `now` is null if the request is not open."""

    now = ProspectSerializer(source="preview", allow_null=True, read_only=True)

    class Meta(RequestSerializer.Meta):
        fields = [*RequestSerializer.Meta.fields, "now"]


class ActivitySerializer(ByHand):
    """An entry in the record of activity. `person` is null if the person is unknown or if you may not see the name."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(list(KINDS.items()))
    person = serializers.CharField(allow_null=True)
    on_behalf_of = serializers.CharField(allow_null=True)
    what = serializers.CharField()
    says = serializers.ListField(source="sentences", child=serializers.CharField())
    url = serializers.URLField()
    demonstration = serializers.BooleanField(
        help_text="Whether the entry concerns demonstration text or was recorded by a demonstration user, so that its "
        "content is invented."
    )
