"""Documents, meetings, and requests to facilitators."""

from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.visibility import visible_documents, visible_provisions, visible_requests
from issues.actions import requests
from issues.actions.request_previews import prospects, with_right
from issues.api import filtersets
from issues.api.schema import WRITES
from issues.api.serializers.record import (
    DocumentSerializer,
    MeetingSerializer,
    RequestDetailSerializer,
    RequestSerializer,
)
from issues.api.serializers.writing import AcceptSerializer, AnswerSerializer, AskSerializer
from issues.api.views.base import Listing
from issues.filters import record
from issues.models import ChangeRequest, Document, Meeting
from issues.text.operations import Operation


@extend_schema(tags=["record"])
class DocumentViewSet(Listing):
    """Documents, newest first; those of unknown date last."""

    queryset = Document.objects.prefetch_related("submitted_by").order_by(F("dated").desc(nulls_last=True), "slug")
    serializer_class = DocumentSerializer
    filterset_class = record.DocumentFilter
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        """Return what the reader may read."""
        return super().get_queryset().filter(pk__in=visible_documents(self.reader).values("pk"))


@extend_schema(tags=["record"])
class MeetingViewSet(Listing):
    """Meetings, newest first."""

    queryset = Meeting.objects.prefetch_related("sub_issues", "issues", "small_groups").order_by("-starts", "slug")
    serializer_class = MeetingSerializer
    filterset_class = filtersets.MeetingFilter
    lookup_field = "slug"
    fetched_for = {"": ("documents",), "documents": ("documents__submitted_by",)}


def answering(
    what: str, said: str, sent: type[AnswerSerializer] = AnswerSerializer
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return what the schema says of an answer to a request."""
    return extend_schema(
        operation_id=f"{what}_request",
        description=said,
        request=sent,
        responses=RequestDetailSerializer,
        parameters=WRITES,
    )


@extend_schema(tags=["requests"])
class RequestViewSet(Listing):
    """What delegations ask of facilitators: those of one's own members, and those that one may answer; newest first."""

    queryset = ChangeRequest.objects.none()
    serializer_class = RequestSerializer
    filterset_class = filtersets.RequestFilter
    lookup_value_regex = r"\d+"
    of_negotiation = False

    def get_queryset(self) -> Any:
        """Return what the reader may read."""
        visible = with_right(visible_requests(self.reader).filter(provision__negotiation=self.negotiation))
        related = ("provision", "base", "on_behalf_of", "revision", "lapsed_in", "stands_in", "asked_by")
        return visible.select_related(*related).order_by("-asked_at", "-pk")

    def get_serializer_class(self) -> type[RequestSerializer]:
        """Return the form with what accepting it would do now, for one request."""
        return RequestSerializer if self.action == "list" else RequestDetailSerializer

    def get_object(self) -> Any:
        """Return one request, with what accepting it would do now."""
        found = super().get_object()
        prospect = prospects([found]).get(found.pk)
        found.prospect = prospect if prospect is not None and prospect.operation is not None else None
        return found

    @extend_schema(
        operation_id="ask", request=AskSerializer, responses={201: RequestDetailSerializer}, parameters=WRITES
    )
    def create(self, request: Request) -> Response:
        """Ask the facilitator for what a delegate may not do. What the same person asked already is returned."""
        sent = AskSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        asked_for = requests.ask(
            provision=get_object_or_404(visible, slug=values["provision"]),
            base_revision=values["base_revision"],
            operation=Operation.from_json(dict(values["operation"])),
            actor=self.actor,
            on_behalf_of=values["on_behalf_of"],
            reason=values["reason"],
            idempotency_key=self.key,
        )
        self.kwargs["pk"] = str(asked_for.pk)
        return Response(self.get_serializer(self.get_object()).data, status=201)

    @answering("accept", "Do what was asked on the text that stands: 409 where that is not read yet.", AcceptSerializer)
    @action(methods=["post"], detail=True, filterset_class=None, pagination_class=None)
    def accept(self, request: Request, pk: str) -> Response:
        """Do what was asked."""
        values = self._sent(AcceptSerializer)
        requests.accept(
            request=self.get_object(),
            actor=self.actor,
            answer=values["answer"],
            seen=values["revision"],
            idempotency_key=self.key,
        )
        return self._result()

    @answering("decline", "Answer no, and why.")
    @action(methods=["post"], detail=True, filterset_class=None, pagination_class=None)
    def decline(self, request: Request, pk: str) -> Response:
        """Answer no."""
        requests.decline(
            request=self.get_object(), actor=self.actor, answer=self._sent()["answer"], idempotency_key=self.key
        )
        return self._result()

    @answering("take_back", "Ask no longer: for the delegation that asked.")
    @action(methods=["post"], detail=True, url_path="take-back", filterset_class=None, pagination_class=None)
    def take_back(self, request: Request, pk: str) -> Response:
        """Ask no longer."""
        self._sent()
        requests.take_back(request=self.get_object(), actor=self.actor, idempotency_key=self.key)
        return self._result()

    def _sent(self, kind: type[AnswerSerializer] = AnswerSerializer) -> dict[str, Any]:
        sent = kind(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _result(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
