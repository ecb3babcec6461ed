"""Endpoints for provisions and revisions, and for changes to the text."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.permissions import may_correct_any, may_log, require_may_enter
from issues.access.visibility import current_revisions, visible_proposals, visible_provisions
from issues.actions import changes
from issues.actions.change_previews import preview_change
from issues.actions.edits import TextChange
from issues.actions.errors import OperationRefused, WordsRefused
from issues.api import filtersets
from issues.api.exceptions import diagnostic_entry, operation_problem, words_problem
from issues.api.field_selection import INCLUDE, names_in_parameter
from issues.api.parameters import WRITE_PARAMETERS, query_parameters
from issues.api.serializers import text
from issues.api.serializers.writing import CheckedSerializer, LogSerializer, WrittenSerializer
from issues.api.views.base import CursorViewSet, ListViewSet
from issues.filters import analysis
from issues.models import Provision, Revision
from issues.text.operations import Operation
from issues.text.sentences import describe_revisions

NO_DELEGATION = "You do not act for a member in this negotiation and are not a facilitator of this small group."


@extend_schema(tags=["text"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class ProvisionViewSet(ListViewSet):
    """Provisions with their figures, now or on the date `as_of`.

    The response for a single provision includes the text.
    """

    filterset_class = analysis.ProvisionFilter
    lookup_field = "slug"
    queryset = Provision.objects.none()
    extra_parameters = frozenset({"as_of", "known_at"})

    def get_serializer_class(self) -> type[text.ProvisionSerializer]:
        """Return the detail serializer for a single provision, and otherwise the list serializer."""
        return text.ProvisionDetailSerializer if self.action == "retrieve" else text.ProvisionSerializer

    def get_queryset(self) -> QuerySet[Provision]:
        """Return the visible provisions that had a text on the requested date."""
        revisions = current_revisions(self.reader, self.day)
        return (
            visible_provisions(self.reader)
            .filter(negotiation=self.negotiation, pk__in=revisions.values("provision"))
            .with_place()
            .prefetch_related("lenses", Prefetch("revisions", revisions.select_related("measure"), to_attr="shown"))
            .order_by("position")
        )


class ProvisionChild(CursorViewSet):
    """Base class of the endpoints below a provision, which must be visible to the reader."""

    def get_provision(self) -> Provision:
        """Return the provision named in the URL. Raise Http404 if the reader may not see it."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation).with_place()
        provision: Provision = get_object_or_404(visible, slug=self.kwargs["slug"])
        return provision

    def writable(self) -> tuple[Provision, Revision | None]:
        """Return the provision and its current revision, which is None for a provision without text.

        Raise NotFound if the reader may not see a provision without text, and PermissionDenied if the reader may not
        log changes.
        """
        provision = self.get_provision()
        base = provision.revisions.order_by("-number").first()
        if base is None and not may_correct_any(self.reader, self.negotiation.pk):
            raise NotFound
        require_may_enter(self.reader, provision)
        if not may_log(self.reader, provision):
            raise PermissionDenied(NO_DELEGATION)
        return provision, base


@extend_schema(tags=["text"])
class RevisionViewSet(ProvisionChild):
    """The revisions of a provision, oldest first.

    The response for a single revision includes the text and the changes.
    """

    queryset = Revision.objects.none()
    filterset_class = filtersets.RevisionFilter
    lookup_field = "number"

    def get_serializer_class(self) -> type[text.RevisionSerializer]:
        """Return the list serializer for the list, and otherwise the detail serializer."""
        return text.RevisionSerializer if self.action == "list" else text.RevisionDetailSerializer

    def get_queryset(self) -> QuerySet[Revision]:
        """Return the revisions of the provision. Proposals that the reader may not see are left out."""
        provision = self.get_provision()
        return (
            provision.revisions.select_related(
                "provision", "measure", "on_behalf_of", "document", "meeting", "corrects", "undoes", "carries"
            )
            .prefetch_related(Prefetch("proposal", visible_proposals(self.reader)))
            .order_by("number")
        )

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context, with a function that describes the changes of a revision in sentences."""
        return {**super().get_serializer_context(), "sentences": self._sentences_of}

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page of revisions. If their changes are requested, compute them together."""
        page = super().paginate_queryset(queryset)
        if page and "sentences" in names_in_parameter(self.request, INCLUDE):
            self.sentences = describe_revisions(page)
        return page

    def _sentences_of(self, revision: Revision) -> list[str]:
        if revision.pk not in getattr(self, "sentences", {}):
            self.sentences = describe_revisions([revision])
        return self.sentences[revision.pk]

    @extend_schema(
        operation_id="log",
        request=LogSerializer,
        responses={201: text.RevisionDetailSerializer},
        parameters=WRITE_PARAMETERS,
    )
    def create(self, request: Request, slug: str) -> Response:
        """Log a change to the text, given as the whole new text or as operations on the text of `base_revision`.

        Several operations form one change. Their offsets all refer to the text of `base_revision`, and overlapping
        operations are refused. If others have logged changes since `base_revision`, these changes are merged with
        yours. If the changes overlap, the response is 409 with both sides.
        """
        provision, _ = self.writable()
        values = validated_data(LogSerializer, request)
        mistake = values["corrects"]
        corrects = get_object_or_404(provision.revisions, number=mistake) if mistake else None
        with operations_named(values):
            revision = changes.log(
                TextChange(
                    provision,
                    base_revision=values["base_revision"],
                    edit=requested_operations(values) or values.get("text", ""),
                    on_behalf_of=values["on_behalf_of"],
                    made_on=values["made_on"],
                    reason=values["reason"],
                    source=values["source"],
                    corrects=corrects,
                ),
                actor=self.actor,
                idempotency_key=self.key,
            )
        return Response(self.get_serializer(self.get_queryset().get(pk=revision.pk)).data, status=201)


@extend_schema(tags=["text"])
class CheckViewSet(ProvisionChild):
    """A preview of a change."""

    queryset = Revision.objects.none()
    serializer_class = CheckedSerializer

    @extend_schema(operation_id="check", request=WrittenSerializer, responses=CheckedSerializer)
    def check(self, request: Request, slug: str) -> Response:
        """Preview the entry that a change would record, and report any problems. Nothing is logged.

        As when a change is logged, changes that others have logged since `base_revision` are merged with yours. If the
        changes overlap, the response is 409.
        """
        provision, _ = self.writable()
        values = validated_data(WrittenSerializer, request)
        with operations_named(values):
            preview = preview_change(
                TextChange(
                    provision,
                    base_revision=values["base_revision"],
                    edit=requested_operations(values) or values["text"],
                    on_behalf_of=values["on_behalf_of"],
                    made_on=values["made_on"],
                ),
                actor=self.reader,
            )
        return Response(
            {
                "can_be_logged": preview.can_be_logged,
                "sentences": preview.sentences,
                "problems": [diagnostic_entry(preview.tree, problem) for problem in preview.problems],
                "warnings": [diagnostic_entry(preview.tree, warning) for warning in preview.warnings],
                "refusal": preview.refusal.rule if preview.refusal else None,
            }
        )


def validated_data(serializer_class: type[Any], request: Request) -> dict[str, Any]:
    """Return the validated body. Raise ValidationError or Problem if it is invalid."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def requested_operations(values: dict[str, Any]) -> list[Operation] | None:
    """Return the operations that were sent, or None if a whole text was sent."""
    if "operation" in values:
        return [Operation.from_json(dict(values["operation"]))]
    return [Operation.from_json(dict(row)) for row in values["operations"]] if "operations" in values else None


@contextmanager
def operations_named(values: dict[str, Any]) -> Iterator[None]:
    """Raise Problem if an operation in `values` cannot be applied.

    If several operations were sent, the problem gives the operation's index in the list.
    """
    try:
        yield
    except OperationRefused as refused:
        if "operations" not in values:
            raise
        raise operation_problem(refused, f"operations.{refused.index}") from refused
    except WordsRefused as refused:
        if "operations" not in values:
            raise
        raise words_problem(refused, f"operations.{refused.index}") from refused
