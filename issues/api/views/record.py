"""Endpoints for documents, meetings, reported positions, and requests to facilitators."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.visibility import visible_documents, visible_provisions, visible_requests
from issues.actions import requests
from issues.actions.request_previews import preview_requests
from issues.actions.request_rights import with_right
from issues.api import filtersets, former_names
from issues.api.parameters import WRITE_PARAMETERS
from issues.api.serializers.record import (
    DocumentSerializer,
    ExpectationSerializer,
    MeetingSerializer,
    RequestDetailSerializer,
    RequestSerializer,
    TimelineSerializer,
)
from issues.api.serializers.reported_positions import ReportedPositionSerializer
from issues.api.serializers.writing import AcceptSerializer, AnswerSerializer, AskSerializer
from issues.api.views.base import ListViewSet
from issues.filters import record
from issues.filters.reported_positions import ReportedPositionFilter
from issues.models import ChangeRequest, Document, Expectation, Meeting, ReportedPosition, Timeline
from issues.text.operations import Operation

# The relations of a document or meeting to what it concerns.
SUBJECTS = ("sub_issues", "issues", "small_groups", "members", "lenses", "timelines")


@extend_schema(tags=["record"])
class DocumentViewSet(ListViewSet):
    """Documents, newest first. Documents of unknown date come last."""

    queryset = Document.objects.prefetch_related("submitted_by", *SUBJECTS).order_by(
        F("dated").desc(nulls_last=True), "slug"
    )
    serializer_class = DocumentSerializer
    filterset_class = record.DocumentFilter
    lookup_field = "slug"
    deprecated = former_names.DOCUMENTS

    def get_queryset(self) -> Any:
        """Return the documents that the reader may read."""
        return super().get_queryset().filter(pk__in=visible_documents(self.reader).values("pk"))


@extend_schema(tags=["record"])
class MeetingViewSet(ListViewSet):
    """Meetings, newest first."""

    queryset = Meeting.objects.prefetch_related(*SUBJECTS).order_by("-starts", "slug")
    serializer_class = MeetingSerializer
    filterset_class = record.MeetingFilter
    lookup_field = "slug"
    prefetch_for = {
        "": ("documents",),
        "documents": ("documents__submitted_by", *(f"documents__{relation}" for relation in SUBJECTS)),
    }


@extend_schema(tags=["record"])
class TimelineViewSet(ListViewSet):
    """Timelines, which follow a subject through documents and meetings.

    The lists of documents and meetings take the slug of a timeline as a filter.
    """

    queryset = Timeline.objects.prefetch_related("issues")
    serializer_class = TimelineSerializer
    filterset_class = filtersets.TimelineFilter
    lookup_field = "slug"


@extend_schema(tags=["record"])
class ExpectationViewSet(ListViewSet):
    """Expectations about the further course of the negotiation, as stated or reported by a source."""

    queryset = Expectation.objects.prefetch_related("small_groups")
    serializer_class = ExpectationSerializer
    filterset_class = filtersets.ExpectationFilter
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        """Return the expectations with those of their documents that the reader may read."""
        documents = visible_documents(self.reader)
        return super().get_queryset().prefetch_related(Prefetch("documents", documents))


@extend_schema(tags=["record"])
class ReportedPositionViewSet(ListViewSet):
    """Positions that sources report, in the order of the issues. They are not part of the text and its figures.

    `member` accepts codes and names of members and groupings, and descriptions such as `some developed members` or
    `some-developed-members`. `grouping` selects what a grouping or any of its members holds. A position on an issue as
    a whole also concerns each of its sub-issues.
    """

    queryset = ReportedPosition.objects.all()
    serializer_class = ReportedPositionSerializer
    filterset_class = ReportedPositionFilter
    deprecated = former_names.REPORTED_POSITIONS
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> Any:
        """Return the reported positions of the negotiation, with the rows that the serializer needs."""
        positions: Any = super().get_queryset()
        return positions.with_documents().in_order()


def request_schema(
    verb: str, description: str, request_serializer: type[AnswerSerializer] = AnswerSerializer
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return the schema decorator for a reply to a request."""
    return extend_schema(
        operation_id=f"{verb}_request",
        description=description,
        request=request_serializer,
        responses=RequestDetailSerializer,
        parameters=WRITE_PARAMETERS,
    )


@extend_schema(tags=["requests"])
class RequestViewSet(ListViewSet):
    """Requests from delegations to facilitators, newest first.

    The list contains the requests of your own members and the requests that you may decide.
    """

    queryset = ChangeRequest.objects.none()
    serializer_class = RequestSerializer
    filterset_class = filtersets.RequestFilter
    deprecated = former_names.REQUESTS
    lookup_value_regex = r"\d+"
    in_negotiation = False

    def get_queryset(self) -> Any:
        """Return the requests that the reader may read."""
        visible = with_right(visible_requests(self.reader).filter(provision__negotiation=self.negotiation))
        related = ("provision", "base", "on_behalf_of", "revision", "lapsed_in", "stands_in", "asked_by")
        return visible.select_related(*related).order_by("-asked_at", "-pk")

    def get_serializer_class(self) -> type[RequestSerializer]:
        """Return the list serializer for the list, and otherwise the detail serializer."""
        return RequestSerializer if self.action == "list" else RequestDetailSerializer

    def get_object(self) -> Any:
        """Return a request, with the effect of accepting it now."""
        change_request = super().get_object()
        preview = preview_requests([change_request]).get(change_request.pk)
        change_request.preview = preview if preview is not None and preview.operation is not None else None
        return change_request

    @extend_schema(
        operation_id="ask", request=AskSerializer, responses={201: RequestDetailSerializer}, parameters=WRITE_PARAMETERS
    )
    def create(self, request: Request) -> Response:
        """Ask a facilitator for a change that you may not make yourself.

        If you have already made the same request, the response is the existing request.
        """
        serializer = AskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        change_request = requests.ask(
            provision=get_object_or_404(visible, slug=values["provision"]),
            base_revision=values["base_revision"],
            operation=Operation.from_json(dict(values["operation"])),
            actor=self.actor,
            on_behalf_of=values["on_behalf_of"],
            reason=values["reason"],
            idempotency_key=self.key,
        )
        self.kwargs["pk"] = str(change_request.pk)
        return Response(self.get_serializer(self.get_object()).data, status=201)

    @request_schema(
        "accept",
        "Apply the request to the current text. If its effect has changed since `revision`, the response is 409.",
        AcceptSerializer,
    )
    @action(methods=["post"], detail=True, filterset_class=None, pagination_class=None)
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the request."""
        values = self._sent(AcceptSerializer)
        requests.accept(
            request=self.get_object(),
            actor=self.actor,
            answer=values["answer"],
            seen=values["revision"],
            idempotency_key=self.key,
        )
        return self._result()

    @request_schema("decline", "Decline the request and give a reason.")
    @action(methods=["post"], detail=True, filterset_class=None, pagination_class=None)
    def decline(self, request: Request, pk: str) -> Response:
        """Decline the request."""
        requests.decline(
            request=self.get_object(), actor=self.actor, answer=self._sent()["answer"], idempotency_key=self.key
        )
        return self._result()

    @request_schema("take_back", "Withdraw the request, as the delegation that made it.")
    @action(methods=["post"], detail=True, url_path="take-back", filterset_class=None, pagination_class=None)
    def take_back(self, request: Request, pk: str) -> Response:
        """Withdraw the request."""
        self._sent()
        requests.take_back(request=self.get_object(), actor=self.actor, idempotency_key=self.key)
        return self._result()

    def _sent(self, serializer_class: type[AnswerSerializer] = AnswerSerializer) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _result(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
