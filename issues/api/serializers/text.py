"""Serializers for provisions and revisions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from issues.api.serializers.fields import ResponsePart, demonstration_field, key_field, url_field
from issues.api.serializers.figures import FiguresSerializer, figures_row
from issues.models import Provision, Revision
from issues.reports.convergence import figures_of

SENTENCES = "A sentence for each change in the revision; empty for the first revision."


class RevisionBriefSerializer(ResponsePart):
    """The revision in force, now or on the requested date."""

    number = serializers.IntegerField()
    made_on = serializers.DateField()
    recorded_later = serializers.DateTimeField(
        allow_null=True, help_text="When the revision was recorded, if a text with a later date already existed."
    )


class RevisionTextSerializer(RevisionBriefSerializer):
    """The revision in force, now or on the requested date, with its text."""

    text = serializers.CharField()
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # REST framework fields have an attribute `source`
    digest = serializers.CharField()


class ProvisionIncluded(serializers.Serializer[Any]):
    """Parts that a list of provisions omits by default."""

    text = serializers.SerializerMethodField(help_text="The text in force.")

    def get_text(self, provision: Provision) -> str:
        """Return the text in force."""
        text: str = provision.shown[0].text  # type: ignore[attr-defined]  # prefetched by the view
        return text


class ProvisionSerializer(serializers.ModelSerializer[Provision]):
    """A provision with the figures of its revision, now or on the requested date."""

    url = url_field("provision", "slug")
    place = serializers.CharField(source="parent.code", read_only=True)
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
        extra_kwargs = {
            "demonstration": {
                "help_text": "Whether the text is the tracker's own wording rather than the negotiators'."
            },
        }

    @extend_schema_field(RevisionBriefSerializer)
    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the number and date of the revision and, if it is late, the time at which it was recorded."""
        revision = provision.shown[0]  # type: ignore[attr-defined]  # prefetched by the view
        later = serializers.DateTimeField().to_representation(revision.recorded_at) if revision.is_late else None
        return {"number": revision.number, "made_on": revision.made_on, "recorded_later": later}

    @extend_schema_field(FiguresSerializer)
    def get_measured(self, provision: Provision) -> dict[str, Any]:
        """Return the figures of the revision."""
        return figures_row(figures_of(provision.shown[0].measure))  # type: ignore[attr-defined]


class ProvisionDetailSerializer(ProvisionSerializer):
    """A provision with its text."""

    included = None  # type: ignore[assignment]  # the text is part of `revision`

    class Meta(ProvisionSerializer.Meta):
        fields = ProvisionSerializer.Meta.fields[:-1]

    @extend_schema_field(RevisionTextSerializer)
    def get_revision(self, provision: Provision) -> dict[str, Any]:
        """Return the revision with its text, reason, source and digest."""
        revision = provision.shown[0]  # type: ignore[attr-defined]
        more = {"text": revision.text, "reason": revision.reason, "source": revision.source, "digest": revision.digest}
        return {**super().get_revision(provision), **more}


class RevisionIncluded(serializers.Serializer[Any]):
    """Parts that a list of revisions omits by default."""

    text = serializers.CharField(read_only=True)
    sentences = serializers.SerializerMethodField(help_text=SENTENCES)

    def get_sentences(self, revision: Revision) -> list[str]:
        """Return a sentence for each change in the revision, or an empty list for the first revision."""
        sentences: list[str] = self.context["sentences"](revision)
        return sentences


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """A revision of a provision. Revisions are append-only, and each `digest` is chained to the preceding one."""

    url = serializers.SerializerMethodField()
    provision = key_field("slug")
    demonstration = demonstration_field(source="provision.demonstration")
    on_behalf_of = key_field("code", allow_null=True)
    # Also null for a proposal that the reader may not read, because the view prefetches only visible proposals.
    proposal = key_field("slug", allow_null=True)
    document = key_field("slug", allow_null=True)
    meeting = key_field("slug", allow_null=True)
    corrects = serializers.IntegerField(
        source="corrects.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Number of the mistaken revision that this revision corrects.",
    )
    undoes = serializers.IntegerField(
        source="undoes.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Number of the revision that this revision undoes.",
    )
    follows = serializers.IntegerField(
        allow_null=True,
        read_only=True,
        help_text="Number of the revision that a late revision changes. Null for other revisions, which change the "
        "previous revision.",
    )
    carries = serializers.IntegerField(
        source="carries.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Number of the late revision that this revision carries forward to the text of a later date.",
    )
    performed = serializers.DictField(
        allow_null=True,
        read_only=True,
        help_text="The operations on the text of revision `on` that produced this revision, and how brackets ended, by "
        "offset in the preceding text. Null if the text was edited freely.",
    )
    measured = serializers.SerializerMethodField()
    included = RevisionIncluded(source="*", read_only=True)

    class Meta:
        model = Revision
        fields = [
            "url",
            "provision",
            "demonstration",
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
        extra_kwargs = {
            "number": {"help_text": "Number of the revision within the provision, from 1."},
            "made_on": {"help_text": "Date on which the change was made in the negotiation."},
            "source": {"help_text": "Source of the text or of the change."},
            "digest": {"help_text": "SHA-256 digest in hexadecimal notation, chained to that of the preceding row."},
        }

    @extend_schema_field(serializers.URLField())
    def get_url(self, revision: Revision) -> str:
        """Return the URL of the revision, which is below the URL of its provision."""
        args = [revision.provision.slug, revision.number]
        url: str = reverse("api:revision-detail", args=args, request=self.context["request"])
        return url

    @extend_schema_field(FiguresSerializer)
    def get_measured(self, revision: Revision) -> dict[str, Any]:
        """Return the figures of the revision."""
        return figures_row(figures_of(revision.measure))


class RevisionDetailSerializer(RevisionSerializer):
    """A revision with its text and a sentence for each change."""

    included = None  # type: ignore[assignment]  # the text and the sentences are separate fields
    sentences = serializers.SerializerMethodField(help_text=SENTENCES)

    class Meta(RevisionSerializer.Meta):
        fields = [*RevisionSerializer.Meta.fields[:-1], "text", "sentences"]

    def get_sentences(self, revision: Revision) -> list[str]:
        """Return a sentence for each change in the revision, or an empty list for the first revision."""
        sentences: list[str] = self.context["sentences"](revision)
        return sentences
