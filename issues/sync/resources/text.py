"""Resources for provisions, revisions, proposals, proposal steps, requests and variants."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import get_script_prefix
from django.utils.crypto import salted_hmac

from issues.access.roles import Reader
from issues.access.visibility import (
    visible_proposals,
    visible_provisions,
    visible_requests,
    visible_steps,
    visible_variants,
)
from issues.models import ChangeRequest, Negotiation, Position, Proposal, ProposalStep, Provision, Revision, Variant
from issues.models.choices import slug_of
from issues.models.page_links import PageLink
from issues.models.text import PLACE
from issues.sync.resources.base import Data, Resource, code_of, codes_of, field_values, json_value
from issues.text.bracket_labels import labels_of

# This value is used to compute the keys of requests. If it changed, requests that have already been copied would
# receive new keys.
REQUEST_KEYS = "issues.resources.request"


class ProvisionResource(Resource[Provision]):
    """The resource for provisions, without their texts."""

    name = "provision"
    model = Provision
    fields = ("slug", "heading", "position", "visibility", "demonstration", "note", "source")
    select_related = PLACE
    prefetch_related = ("lenses", "lens_marks__lens")
    route = "api:provision-detail"

    def data(self, item: Provision) -> Data:
        """Return the fields of a provision, its place in the table of issues, and its lenses."""
        parents = {"place": item.parent.code, "section": item.parent_section.code}
        marks = sorted([mark.lens.slug, mark.words] for mark in item.lens_marks.all())
        return {**super().data(item), **parents, "lenses": codes_of(item.lenses), "lens_marks": marks}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Provision]":
        """Return the provisions that `reader` may read, in text order."""
        return visible_provisions(reader).filter(negotiation=negotiation).order_by("position", "pk")


class RevisionResource(Resource[Revision]):
    """The resource for revisions, with their texts."""

    name = "revision"
    model = Revision
    fields = ("number", "text", "made_on", "recorded_at", "reason", "source", "digest")
    select_related = ("provision", "on_behalf_of", "document", "meeting", "corrects")
    append_only = True

    def key(self, item: Revision) -> str:
        """Return the slug of the provision and the number of the revision."""
        return f"{item.provision.slug}/{item.number}"

    def data(self, item: Revision) -> Data:
        """Return the provision, the fields of the revision, and the references to related items."""
        related = {name: code_of(getattr(item, name)) for name in ("on_behalf_of", "document", "meeting")}
        corrects = item.corrects and item.corrects.number
        provision = {"provision": item.provision.slug, "demonstration": item.provision.demonstration}
        return {**provision, **super().data(item), **related, "corrects": corrects}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Revision]":
        """Return the revisions of the provisions that `reader` may read."""
        provisions = visible_provisions(reader).filter(negotiation=negotiation)
        revisions = Revision.objects.filter(provision__in=provisions)
        return revisions.order_by("provision__position", "provision", "number")

    def page(self, item: Revision) -> PageLink:
        """Return a link to the revision in the history of its provision."""
        return PageLink("history", (item.provision.slug,), fragment=f"revision-{item.number}")


class ProposalResource(Resource[Proposal]):
    """The resource for proposals with their proponents and topics."""

    name = "proposal"
    model = Proposal
    fields = (
        *("slug", "title", "tabled", "tabled_precision", "state", "demonstration", "summary", "text", "visibility"),
        *("note", "source"),
    )
    route = "api:proposal-detail"

    def data(self, item: Proposal) -> Data:
        """Return the fields of a proposal, with its proponents, topics, confirmations and references to other items."""
        names = ("proponents", "grouping_proponents", "sub_issues", "issues", "lenses")
        related = {name: codes_of(getattr(item, name)) for name in names}
        standing = item.standing
        confirmations = {"confirmed_by": standing.confirmed_by, "not_confirmed_by": standing.not_confirmed_by}
        references = {name: code_of(getattr(item, name)) for name in ("document", "supersedes")}
        return {**super().data(item), **related, **confirmations, **references}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Proposal]":
        """Return the proposals that `reader` may read."""
        return visible_proposals(reader).filter(negotiation=negotiation).order_by("slug")

    def with_related(self, rows: "QuerySet[Proposal]", reader: Reader) -> "QuerySet[Proposal]":
        """Return `rows` with related rows. The superseded proposal is included only if `reader` may read it."""
        superseded = Prefetch("supersedes", visible_proposals(reader))
        steps = Prefetch("steps", ProposalStep.objects.only("proposal", "member"))
        with_standing: QuerySet[Proposal] = rows.with_standing()  # type: ignore[attr-defined]  # its own manager
        proposals = with_standing.select_related("document")
        return proposals.prefetch_related("sub_issues", "issues", "lenses", superseded, steps)


class ProposalStepResource(Resource[ProposalStep]):
    """The resource for the steps of proposals."""

    name = "proposal-step"
    model = ProposalStep
    fields = ("number", "act", "text", "note", "made_on", "recorded_at")
    append_only = True

    def key(self, item: ProposalStep) -> str:
        """Return the slug of the proposal and the number of the step."""
        return f"{item.proposal.slug}/{item.number}"

    def data(self, item: ProposalStep) -> Data:
        """Return the proposal, the fields of the step, the members concerned, and the resulting revision."""
        revision = item.revision
        merged_into = revision and {"provision": revision.provision.slug, "revision": revision.number}
        members = {"member": code_of(item.member), "on_behalf_of": code_of(item.on_behalf_of)}
        proposal = {"proposal": item.proposal.slug, "demonstration": item.proposal.demonstration}
        return {**proposal, **super().data(item), **members, "merged_into": merged_into}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[ProposalStep]":
        """Return the steps that `reader` may read."""
        steps = visible_steps(reader).filter(proposal__negotiation=negotiation)
        return steps.order_by("proposal__slug", "number")

    def with_related(self, rows: "QuerySet[ProposalStep]", reader: Reader) -> "QuerySet[ProposalStep]":
        """Return `rows` with related rows. The revision is included only if `reader` may read its provision."""
        revisions = Revision.objects.filter(provision__in=visible_provisions(reader))
        revisions = revisions.select_related("provision").defer("text")
        steps = rows.select_related("proposal", "member", "on_behalf_of")
        return steps.prefetch_related(Prefetch("revision", revisions))

    def page(self, item: ProposalStep) -> PageLink:
        """Return a link to the proposal."""
        return PageLink("proposal", (item.proposal.slug,))


class RequestResource(Resource[ChangeRequest]):
    """The resource for change requests, which facilitators accept or decline."""

    name = "request"
    model = ChangeRequest
    fields = ("operation", "says", "reason", "asked_at", "state", "decided_at", "answer")

    def key(self, item: ChangeRequest) -> str:
        """Return a keyed hash, so that the key does not reveal how many requests exist."""
        digest = salted_hmac(REQUEST_KEYS, str(item.pk), secret=settings.SECRET_KEY, algorithm="sha256")
        return digest.hexdigest()[:20]

    def data(self, item: ChangeRequest) -> Data:
        """Return the text concerned, the fields of the request, and its outcome."""
        text = {
            "provision": item.provision.slug,
            "demonstration": item.provision.demonstration,
            "base": item.base.number,
        }
        outcome = {
            "state_slug": slug_of(item.state),
            "on_behalf_of": item.on_behalf_of.code,
            "became": item.revision and item.revision.number,
            "lapsed_because": item.lapsed_because,
            "lapsed_in": item.lapsed_in and item.lapsed_in.number,
        }
        return {**text, **super().data(item), **outcome}

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[ChangeRequest]":
        """Return the requests that `reader` may read."""
        return visible_requests(reader).filter(provision__negotiation=negotiation).order_by("asked_at", "pk")

    def with_related(self, rows: "QuerySet[ChangeRequest]", reader: Reader) -> "QuerySet[ChangeRequest]":
        """Return `rows` with related rows, but without the texts of revisions."""
        rows = rows.select_related("provision", "base", "on_behalf_of", "revision", "lapsed_in")
        return rows.defer("base__text", "revision__text", "lapsed_in__text")

    def page(self, item: ChangeRequest) -> PageLink:
        """Return a link to the list of requests."""
        return PageLink("requests")


class VariantResource(Resource[Variant]):
    """The resource for variants with their positions.

    Variants are computed from the texts and are therefore not in the change feed. Unlike their primary keys, their keys
    and permanent links remain valid when they are computed again.
    """

    name = "variant"
    model = Variant
    fields = ("kind", "text", "ordinal", "depth", "closed_on", "outcome")

    def key(self, item: Variant) -> str:
        """Return the slug of the provision and the address at which the row begins.

        The address differs from that in the permanent link if the row resumes an earlier row of the same variant. Rows
        that an earlier release stored have no address until the index is rebuilt.
        """
        return f"{item.provision.slug}/{item.opened_at or item.pk}"

    def downloaded(
        self, items: Sequence[Variant], reader: Reader, negotiation: Negotiation
    ) -> Iterator[tuple[str, Data]]:
        """Yield the key and data of each variant, with its label and its permanent link."""
        labels = labels_of(items, visible_provisions(reader).filter(negotiation=negotiation))
        # The same negotiation may be read under several prefixes and host names, but its files have one checksum.
        site, prefix = f"{settings.SITE_URL.rstrip('/')}{negotiation.path}", get_script_prefix().rstrip("/")
        for item in items:
            label = labels.get(item.pk)
            names = {
                "label": label.name if label else "",
                "label_revision": label.revision if label else None,
                "permalink": f"{site}{item.path.removeprefix(prefix)}",
            }
            yield self.key(item), {**self.data(item), **names}

    def data(self, item: Variant) -> Data:
        """Return the provision, the fields of the variant, its opening and closing, and its positions."""
        return {
            "provision": item.provision.slug,
            "demonstration": item.provision.demonstration,
            **super().data(item),
            "opened_on": json_value(item.open_since),
            "opened_in": item.begun_by_entry.number,
            "closed_in": item.closed_in and item.closed_in.number,
            "positions": [_position_data(position) for position in item.positions.all()],
        }

    def visible(self, reader: Reader, negotiation: Negotiation) -> "QuerySet[Variant]":
        """Return the variants of the texts that `reader` may read."""
        variants = visible_variants(reader).filter(provision__negotiation=negotiation)
        return variants.order_by("provision__position", "opened_in__number", "ordinal", "pk")

    def with_related(self, rows: "QuerySet[Variant]", reader: Reader) -> "QuerySet[Variant]":
        """Return `rows` with related rows, but without the texts of revisions."""
        rows = rows.select_related("provision", "begun_in", "closed_in")
        rows = rows.defer("begun_in__text", "closed_in__text")
        positions = Position.objects.select_related("member", "grouping", "begun_in", "until_revision")
        positions = positions.defer("begun_in__text", "until_revision__text").order_by("pk")
        return rows.prefetch_related(Prefetch("positions", positions))

    def page(self, item: Variant) -> PageLink:
        """Return a link to the bracket."""
        return item.page


def _position_data(position: Position) -> Data:
    return {
        "member": code_of(position.member),
        "grouping": position.grouping and position.grouping.slug,
        "holder": position.holder.code,
        "stance": position.stance,
        "since": json_value(position.held_since),
        "since_revision": position.begun_by_entry.number,
        **field_values(position, "until"),
        "until_revision": position.until_revision and position.until_revision.number,
    }
