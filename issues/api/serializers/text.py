"""Provisions, their revisions, variants and positions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from issues.api.serializers.fields import ResponsePart, key_field, url_field
from issues.api.serializers.figures import FiguresSerializer, figures_row
from issues.api.serializers.proposals import ProposalSerializer
from issues.models import Position, Provision, Revision, Variant
from issues.reports.convergence import figures_of
from members.models import Grouping


class RevisionBriefSerializer(ResponsePart):
    """Which revision stands, or stood."""

    number = serializers.IntegerField()
    made_on = serializers.DateField()
    recorded_later = serializers.DateTimeField(
        allow_null=True, help_text="When it was recorded, where a text of a later day stood already."
    )


class RevisionTextSerializer(RevisionBriefSerializer):
    """The revision that stands, or stood, with its text."""

    text = serializers.CharField()
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's fields have a source of their own
    digest = serializers.CharField()


class ProvisionIncluded(serializers.Serializer[Any]):
    """What a list of provisions leaves out."""

    text = serializers.SerializerMethodField()

    def get_text(self, provision: Provision) -> str:
        """Return the text that stands, or stood."""
        text: str = provision.shown[0].text  # type: ignore[attr-defined]  # fetched by the view
        return text


class ProvisionSerializer(serializers.ModelSerializer[Provision]):
    """A provision with the figures of the revision that stands, or stood on the day asked for."""

    url = url_field("provision", "slug")
    place = serializers.CharField(source="place.code", read_only=True)
    section = serializers.CharField(source="parent_section.code", read_only=True)
    lenses = key_field("slug", many=True)
    revision = serializers.SerializerMethodField()
    measured = serializers.SerializerMethodField()
    included = ProvisionIncluded(source="*", read_only=True)

    class Meta:
        model = Provision
        fields = [
            "url",
            "slug",
            "heading",
            "demonstration",
            "place",
            "section",
            "lenses",
            "revision",
            "measured",
            "included",
        ]

    @extend_schema_field(RevisionBriefSerializer)
    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the number and day of the revision."""
        revision = provision.shown[0]  # type: ignore[attr-defined]  # fetched by the view
        later = serializers.DateTimeField().to_representation(revision.recorded_at) if revision.is_late else None
        return {"number": revision.number, "made_on": revision.made_on, "recorded_later": later}

    @extend_schema_field(FiguresSerializer)
    def get_measured(self, provision: Provision) -> dict[str, Any]:
        """Return its figures."""
        return figures_row(figures_of(provision.shown[0].measure))  # type: ignore[attr-defined]


class ProvisionDetailSerializer(ProvisionSerializer):
    """A provision with its text."""

    included = None  # type: ignore[assignment]  # it is there already

    class Meta(ProvisionSerializer.Meta):
        fields = ProvisionSerializer.Meta.fields[:-1]

    @extend_schema_field(RevisionTextSerializer)
    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the revision with its text, reason and digest."""
        revision = provision.shown[0]  # type: ignore[attr-defined]
        more = {"text": revision.text, "reason": revision.reason, "source": revision.source, "digest": revision.digest}
        return {**super().get_revision(provision), **more}


class RevisionIncluded(serializers.Serializer[Any]):
    """What a list of revisions leaves out."""

    text = serializers.CharField(read_only=True)
    sentences = serializers.SerializerMethodField()

    def get_sentences(self, revision: Revision) -> list[str]:
        """Return a sentence for each thing that it changed; none for the first."""
        sentences: list[str] = self.context["sentences"](revision)
        return sentences


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """One text of a provision. Revisions are only ever added; `digest` is chained to that of the one before."""

    url = serializers.SerializerMethodField()
    provision = key_field("slug")
    on_behalf_of = key_field("code", allow_null=True)
    # Null too for a proposal that the reader may not read: the view fetches the others only.
    proposal = key_field("slug", allow_null=True)
    document = key_field("slug", allow_null=True)
    meeting = key_field("slug", allow_null=True)
    corrects = serializers.IntegerField(
        source="corrects.number", default=None, allow_null=True, read_only=True, help_text="The mistaken entry."
    )
    undoes = serializers.IntegerField(
        source="undoes.number", default=None, allow_null=True, read_only=True, help_text="The entry that it takes back."
    )
    follows = serializers.IntegerField(
        allow_null=True,
        read_only=True,
        help_text="Of an entry that was recorded later than its day: the revision that it changes. Else it is the one "
        "before.",
    )
    carries = serializers.IntegerField(
        source="carries.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The late entry that it carries forward onto the text of a later day.",
    )
    performed = serializers.DictField(
        allow_null=True,
        read_only=True,
        help_text="The operations that made it, on the text of revision `on`, and how brackets ended by them, by place "
        "in the text that it follows. Null: the text was edited.",
    )
    measured = serializers.SerializerMethodField()
    included = RevisionIncluded(source="*", read_only=True)

    class Meta:
        model = Revision
        fields = [
            "url",
            "provision",
            "number",
            "made_on",
            "recorded_at",
            "on_behalf_of",
            "reason",
            "source",
            "proposal",
            "document",
            "meeting",
            "corrects",
            "undoes",
            "follows",
            "carries",
            "performed",
            "digest",
            "measured",
            "included",
        ]

    @extend_schema_field(serializers.URLField())
    def get_url(self, revision: Revision) -> str:
        """Return its address, below that of its provision."""
        args = [revision.provision.slug, revision.number]
        url: str = reverse("api:revision-detail", args=args, request=self.context["request"])
        return url

    @extend_schema_field(FiguresSerializer)
    def get_measured(self, revision: Revision) -> dict[str, Any]:
        """Return its figures."""
        return figures_row(figures_of(revision.measure))


class RevisionDetailSerializer(RevisionSerializer):
    """One text of a provision, with a sentence for each thing that it changed in the one before."""

    included = None  # type: ignore[assignment]  # it is there already
    sentences = serializers.SerializerMethodField()

    class Meta(RevisionSerializer.Meta):
        fields = [*RevisionSerializer.Meta.fields[:-1], "text", "sentences"]

    def get_sentences(self, revision: Revision) -> list[str]:
        """Return a sentence for each thing that it changed; none for the first."""
        sentences: list[str] = self.context["sentences"](revision)
        return sentences


class PositionSerializer(serializers.ModelSerializer[Position]):
    """Who takes which stance since when."""

    holder = serializers.CharField(source="holder.code", read_only=True)
    name = serializers.CharField(source="holder.name", read_only=True)
    kind = serializers.SerializerMethodField()
    since = serializers.DateField(
        source="held_since", read_only=True, help_text="Since when it is held, slips that were taken back left out."
    )

    class Meta:
        model = Position
        fields = ["holder", "name", "kind", "stance", "since", "until"]

    @extend_schema_field(serializers.ChoiceField(["member", "grouping"]))
    def get_kind(self, position: Position) -> str:
        """Return "member" or "grouping"."""
        return "grouping" if isinstance(position.holder, Grouping) else "member"


class VariantIncluded(serializers.Serializer[Any]):
    """What a variant is related to."""

    proposal = ProposalSerializer(source="begun_in.proposal", allow_null=True, read_only=True)


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """A bracket, alternative or option, with the positions held at it."""

    url = url_field("variant", "pk")
    provision = key_field("slug")
    place = serializers.CharField(source="provision.place.code", read_only=True)
    section = serializers.CharField(source="provision.parent_section.code", read_only=True)
    opened_in = serializers.IntegerField(source="begun_by_entry.number", read_only=True)
    opened_on = serializers.DateField(
        source="open_since", read_only=True, help_text="Since when it stands, slips that were taken back left out."
    )
    earlier = serializers.PrimaryKeyRelatedField[Any](
        allow_null=True,
        read_only=True,
        help_text="The row before it: of the same words that stood before, or that a slip had ended.",
    )
    closed_in = serializers.IntegerField(source="closed_in.number", default=None, allow_null=True, read_only=True)
    # Null too for a proposal that the reader may not read: the view fetches the others only.
    proposal = key_field("slug", source="begun_in.proposal", allow_null=True)
    positions = PositionSerializer(many=True, source="shown", read_only=True)
    included = VariantIncluded(source="*", read_only=True)

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
            "earlier",
            "resumes",
            "proposal",
            "positions",
            "included",
        ]


class VariantBriefSerializer(serializers.ModelSerializer[Variant]):
    """A bracket, alternative or option by itself."""

    url = url_field("variant", "pk")
    opened_on = serializers.DateField(source="open_since", read_only=True)

    class Meta:
        model = Variant
        fields = ["url", "id", "kind", "text", "ordinal", "depth", "opened_on", "closed_on", "outcome"]


class PositionIncluded(serializers.Serializer[Any]):
    """What a position is related to."""

    variant = VariantBriefSerializer(read_only=True)


class PositionRowSerializer(PositionSerializer):
    """Who takes which stance at which variant, from which revision until which."""

    variant = serializers.HyperlinkedRelatedField[Any](view_name="api:variant-detail", read_only=True)
    provision = key_field("slug", source="variant.provision")
    since_revision = serializers.IntegerField(source="begun_by_entry.number", read_only=True)
    earlier = serializers.PrimaryKeyRelatedField[Any](
        allow_null=True,
        read_only=True,
        help_text="The row of the same position as it was held before, or until a slip ended it.",
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
        ]
