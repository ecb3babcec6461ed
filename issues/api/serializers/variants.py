"""Serializers for variants and positions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from issues.access.visibility import visible_provisions
from issues.api.serializers.fields import demonstration_field, key_field, url_field
from issues.api.serializers.proposals import ProposalSerializer
from issues.models import Position, Variant
from issues.text.bracket_labels import BracketLabel, labels_of
from members.models import Grouping

NAME_FIELDS = ["label", "label_revision", "permalink"]
LABEL = "Name for use in a meeting, such as C.1.a ¶2 [1]. It counts brackets in revision `label_revision`."
LABEL_REVISION = "Number of the revision to which the label refers."
# The labels of the rows in a response, computed together when the first label is needed.
LABELS = "bracket_labels"


@extend_schema_serializer(deprecate_fields=["holder"])
class PositionSerializer(serializers.ModelSerializer[Position]):
    """The stance of a member or grouping on a variant, and the period for which it is held.

    Either `member` or `grouping` is null.
    """

    member = key_field("code", allow_null=True)
    grouping = key_field("slug", allow_null=True)
    holder = serializers.CharField(
        source="holder.code", read_only=True, help_text="Deprecated: use `member` and `grouping`."
    )
    name = serializers.CharField(source="holder.name", read_only=True)
    kind = serializers.SerializerMethodField()
    demonstration = demonstration_field(source="variant.provision.demonstration")
    since = serializers.DateField(
        source="held_since",
        read_only=True,
        help_text="The date since which the position has been held. Entries that were undone are ignored.",
    )

    class Meta:
        model = Position
        fields = ["member", "grouping", "holder", "name", "kind", "stance", "since", "until", "demonstration"]

    @extend_schema_field(serializers.ChoiceField(["member", "grouping"]))
    def get_kind(self, position: Position) -> str:
        """Return "member" or "grouping"."""
        return "grouping" if isinstance(position.holder, Grouping) else "member"


class BracketNameFields(serializers.Serializer[Any]):
    """The label of a variant in a revision, and its permanent address. The view computes the labels of a page."""

    label = serializers.SerializerMethodField(  # type: ignore[assignment]  # a field of the response named label
        help_text=LABEL
    )
    label_revision = serializers.SerializerMethodField(help_text=LABEL_REVISION)
    permalink = serializers.SerializerMethodField(
        help_text="URL of the page of the variant. It never changes, unlike `id` and `url`, and is never reused."
    )

    def get_label(self, row: Any) -> str:
        """Return the label, or an empty string if the text was indexed with other names than today's."""
        label = self._label(row)
        return label.name if label is not None else ""

    def get_label_revision(self, row: Any) -> int | None:
        """Return the number of the revision to which the label refers."""
        label = self._label(row)
        return label.revision if label is not None else None

    def get_permalink(self, row: Any) -> str:
        """Return the URL of the page at the permanent address."""
        url: str = self.context["request"].build_absolute_uri(_variant_of(row).path)
        return url

    def _label(self, row: Any) -> BracketLabel | None:
        context: Any = self.context
        if LABELS not in context:
            rows: Any = self.parent.instance if self.parent is not None else [self.instance]
            view = context["view"]
            provisions = visible_provisions(view.reader).filter(negotiation=view.negotiation)
            context[LABELS] = labels_of([_variant_of(each) for each in rows], provisions, view.day)
        labels: dict[int, BracketLabel] = context[LABELS]
        return labels.get(_variant_of(row).pk)


def _variant_of(row: Variant | Position) -> Variant:
    return row.variant if isinstance(row, Position) else row


class VariantIncluded(serializers.Serializer[Any]):
    """Resources related to a variant."""

    proposal = ProposalSerializer(source="begun_in.proposal", allow_null=True, read_only=True)


class VariantSerializer(BracketNameFields, serializers.ModelSerializer[Variant]):
    """A variant (bracket, alternative or option) with the positions taken on it."""

    url = url_field("variant", "pk")
    provision = key_field("slug")
    demonstration = demonstration_field(source="provision.demonstration")
    place = serializers.CharField(source="provision.parent.code", read_only=True)
    section = serializers.CharField(source="provision.parent_section.code", read_only=True)
    opened_in = serializers.IntegerField(source="begun_by_entry.number", read_only=True)
    opened_on = serializers.DateField(
        source="open_since",
        read_only=True,
        help_text="The date on which the variant was opened. Entries that were undone are ignored.",
    )
    earlier = serializers.PrimaryKeyRelatedField[Any](
        allow_null=True,
        read_only=True,
        help_text="`id` of the previous row for this variant, if the variant was reinstated or the entry that ended it "
        "was undone.",
    )
    closed_in = serializers.IntegerField(source="closed_in.number", default=None, allow_null=True, read_only=True)
    # Also null for a proposal that the reader may not read, because the view prefetches only visible proposals.
    proposal = key_field("slug", source="begun_in.proposal", allow_null=True)
    positions = PositionSerializer(many=True, source="shown", read_only=True)
    included = VariantIncluded(source="*", read_only=True)

    class Meta:
        model = Variant
        fields = [
            "url",
            "id",
            "provision",
            "demonstration",
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
            "earlier",
            "resumes",
            "proposal",
            "positions",
            "included",
            *NAME_FIELDS,
        ]
        extra_kwargs = {
            "text": {"help_text": "Wording of the variant, without the head."},
            "ordinal": {"help_text": "Index of the variant among those of the text in which it last appeared, from 1."},
            "depth": {"help_text": "Nesting depth: 1 for a bracket that is not inside another bracket."},
            "resumes": {"help_text": "Whether the variant continues the row `earlier`, which had ended by mistake."},
        }


class VariantBriefSerializer(serializers.ModelSerializer[Variant]):
    """A variant without its positions."""

    url = url_field("variant", "pk")
    opened_on = serializers.DateField(source="open_since", read_only=True)
    demonstration = demonstration_field(source="provision.demonstration")

    class Meta:
        model = Variant
        fields = [
            *("url", "id", "kind", "text", "ordinal", "depth", "opened_on", "closed_on", "outcome", "demonstration"),
        ]
        extra_kwargs = {
            "text": {"help_text": "Wording of the variant, without the head."},
            "ordinal": {"help_text": "Index of the variant among those of the text in which it last appeared, from 1."},
            "depth": {"help_text": "Nesting depth: 1 for a bracket that is not inside another bracket."},
        }


class PositionIncluded(serializers.Serializer[Any]):
    """Resources related to a position."""

    variant = VariantBriefSerializer(read_only=True)


class PositionRowSerializer(BracketNameFields, PositionSerializer):
    """A position with its variant and the revisions in which the position began and ended."""

    variant = serializers.HyperlinkedRelatedField[Any](view_name="api:variant-detail", read_only=True)
    provision = key_field("slug", source="variant.provision")
    since_revision = serializers.IntegerField(source="begun_by_entry.number", read_only=True)
    earlier = serializers.PrimaryKeyRelatedField[Any](
        allow_null=True,
        read_only=True,
        help_text="`id` of the previous row for this position, if it was taken again or its end was undone.",
    )
    until_revision = serializers.IntegerField(
        source="until_revision.number", default=None, allow_null=True, read_only=True
    )
    included = PositionIncluded(source="*", read_only=True)

    class Meta(PositionSerializer.Meta):
        fields = [
            "id",
            "variant",
            "provision",
            *PositionSerializer.Meta.fields,
            "since_revision",
            "until_revision",
            "earlier",
            "resumes",
            "included",
            *NAME_FIELDS,
        ]
        extra_kwargs = {
            "resumes": {"help_text": "Whether the position continues the row `earlier`, which had ended by mistake."},
        }
