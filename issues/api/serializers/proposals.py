"""Serializers for proposals."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from issues.api.serializers.fields import PartialDateField, ResponsePart, key_field, url_field
from issues.api.serializers.record import DocumentSerializer
from issues.models import Proposal, ProposalStep


class MergedIntoSerializer(ResponsePart):
    """The revision of a provision that contains words merged from a proposal."""

    provision = serializers.CharField()
    revision = serializers.IntegerField()


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A proposal by members."""

    url = url_field("proposal", "slug")
    proponents = key_field("code", many=True)
    sub_issues = key_field("code", many=True)
    tabled = PartialDateField("tabled")

    class Meta:
        model = Proposal
        fields = [
            "url",
            "slug",
            "title",
            "proponents",
            "tabled",
            "state",
            "demonstration",
            "summary",
            "sub_issues",
            "source",
        ]


class ProposalIncluded(serializers.Serializer[Any]):
    """Resources related to a proposal."""

    document = DocumentSerializer(allow_null=True, read_only=True)


class ProposalRowSerializer(ProposalSerializer):
    """A proposal with its document and, if you may read it, the proposal that it supersedes."""

    grouping_proponents = key_field("code", many=True)
    confirmed_by = serializers.ListField(
        source="standing.confirmed_by",
        child=serializers.CharField(),
        read_only=True,
        help_text="Codes of the proponents that have confirmed the current text. A merge names these proponents.",
    )
    not_confirmed_by = serializers.ListField(
        source="standing.not_confirmed_by",
        child=serializers.CharField(),
        read_only=True,
        help_text="Codes of the other proponents, which have been asked to confirm a revision.",
    )
    issues = key_field("code", many=True)
    document = serializers.CharField(source="document.symbol", default=None, read_only=True, allow_null=True)
    supersedes = key_field("slug", allow_null=True)
    included = ProposalIncluded(source="*", read_only=True)

    class Meta(ProposalSerializer.Meta):
        fields = [
            *ProposalSerializer.Meta.fields,
            "grouping_proponents",
            "confirmed_by",
            "not_confirmed_by",
            "issues",
            "document",
            "visibility",
            "supersedes",
            "included",
        ]


class ProposalStepSerializer(serializers.ModelSerializer[ProposalStep]):
    """A step in the history of a proposal. `text` is set if the proposal was tabled or revised in this step."""

    member = key_field("code", allow_null=True)
    on_behalf_of = key_field("code", allow_null=True)
    merged_into = serializers.SerializerMethodField()

    class Meta:
        model = ProposalStep
        fields = ["number", "act", "member", "on_behalf_of", "made_on", "recorded_at", "text", "note", "merged_into"]
        extra_kwargs = {
            "number": {"help_text": "Number of the step within the proposal, from 1."},
            "text": {"help_text": "The whole text, if the proposal was tabled or revised in this step."},
        }

    @extend_schema_field(MergedIntoSerializer(allow_null=True))
    def get_merged_into(self, step: ProposalStep) -> dict[str, Any] | None:
        """Return the provision and revision of a merge.

        Return None for other steps, and if the reader may not see the provision.
        """
        revision = step.revision
        if revision is None or revision.provision_id not in self.context["seen"]:
            return None
        return {"provision": revision.provision.slug, "revision": revision.number}


class ProposalDetailSerializer(ProposalRowSerializer):
    """A proposal with its text and with all steps that you may read."""

    superseded_by = key_field("slug", many=True)
    steps = ProposalStepSerializer(many=True, source="shown", read_only=True)
    base = serializers.IntegerField(
        source="text_since",
        read_only=True,
        help_text="Number of the step that produced the current text. Send it as `base` to revise that text.",
    )

    class Meta(ProposalRowSerializer.Meta):
        fields = [
            *ProposalRowSerializer.Meta.fields[:-1],
            "text",
            "note",
            "base",
            "superseded_by",
            "steps",
            "included",
        ]
