"""What all endpoints share: who reads, of which negotiation, as of when; unchanged answers, limits, problems."""

import datetime
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of
from issues.actions.idempotency import ExclusiveKey
from issues.api import deprecation, responses, throttling
from issues.api.deprecation import Deprecated
from issues.api.errors import MEDIA_TYPE, Problem, at
from issues.api.field_selection import FIELDS, INCLUDE, INCLUDED, listed_in, shape, shaped
from issues.api.filtering import refuse_unknown_parameters, repeatable
from issues.api.pagination import Cursors, Pages
from issues.api.request_bodies import require_length
from issues.filters import days
from issues.models import Negotiation
from issues.sync import versions

CODE = r"[\w.-]+"
# A random key needs some thirty.
LONGEST_KEY = 255
SAFE = ("GET", "HEAD", "OPTIONS")


class _Unchanged(Exception):
    """The client holds what it would be sent."""


class Endpoint(APIView):
    """An address of the API."""

    # Parameters beside filters and pages.
    further_parameters: ClassVar[frozenset[str]] = frozenset()
    # Whether the answer may be held and asked for again.
    pollable = True
    # Whether `fields` is taken.
    shapes = True
    lists = False
    # Statuses of problems beside those that reading or writing may have anyway, for the schema.
    further_problems: ClassVar[tuple[str, ...]] = ()
    # What of it is to go.
    deprecated: ClassVar[tuple[Deprecated, ...]] = ()
    tag = ""

    @cached_property
    def negotiation(self) -> Negotiation:
        """Which negotiation the address speaks of."""
        return negotiation_of(self.request)

    @cached_property
    def reader(self) -> Reader:
        """Who reads or writes."""
        return reader_of(self.request.user)

    @cached_property
    def day(self) -> datetime.date | None:
        """The day of `?as_of=`, with the moment of `?known_at=`.

        Raises ValidationError for what is none, or not yet.
        """
        day = self.asked_day("as_of")
        try:
            return days.as_known(day, days.moment(self.request.query_params.get("known_at")))
        except DjangoValidationError as error:
            raise ValidationError({"known_at": error.messages}) from error

    @property
    def actor(self) -> Any:
        """Who writes: somebody, as MayWrite has seen to."""
        assert self.request.user.is_authenticated
        return self.request.user

    @property
    def key(self) -> ExclusiveKey:
        """The key of a client for what it sends, "" without one; raises Problem for one that is too long."""
        sent = self.request.headers.get("Idempotency-Key", "")
        if len(sent) > LONGEST_KEY:
            message = f"A key has at most {LONGEST_KEY} characters."
            raise Problem("invalid", message, [at("Idempotency-Key", message)])
        return ExclusiveKey(sent)

    def asked_day(self, name: str) -> datetime.date | None:
        """Return the day in a parameter, None without it; raises ValidationError for what is no day, or not yet."""
        try:
            return days.as_of(self.request.query_params.get(name))
        except DjangoValidationError as error:
            raise ValidationError({name: error.messages}) from error

    def parameters(self) -> frozenset[str]:
        """Return the names of the parameters that are taken beside filters."""
        return self.further_parameters | (frozenset({FIELDS}) if self.shapes else frozenset())

    def shaped(self, document: dict[str, Any]) -> Response:
        """Return a document as the answer, with the parts that were asked for."""
        return Response(shaped(document, self.request))

    def filtered(self, kind: type[Any], queryset: QuerySet[Any], *further: str) -> Any:
        """Return the set of filters that was asked for; raises Problem or ValidationError for what cannot be read."""
        pages = Pages.parameters if self.lists else frozenset[str]()
        refuse_unknown_parameters(self.request, {*kind.base_filters, *further, *pages}, repeatable(kind.base_filters))
        found = kind(self.request.query_params, queryset=queryset, request=self.request)
        if not found.is_valid():
            raise ValidationError({name: list(map(str, said)) for name, said in found.errors.items()})
        return found

    def paged(self, rows: Any, show: Callable[[list[Any]], list[Any]] = list, pages: type[Pages] = Pages) -> Response:
        """Return a numbered page of `rows`, each page made ready by `show`."""
        paginator = pages()
        page: Any = paginator.paginate_queryset(rows, self.request, view=self) or []
        return paginator.get_paginated_response(show(page))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer in short where nothing has changed, before anything is counted or read."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE:
            require_length(request)
            refuse_unknown_parameters(request, ())
        elif not self.lists and not hasattr(self, "filter_queryset"):
            refuse_unknown_parameters(request, self.parameters())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Return how to answer; raises ValidationError for a `format` that there is none of."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404:
            known = ", ".join(one.format for one in self.get_renderers())
            raise ValidationError({"format": f"Write one of {known}."}) from None

    def check_permissions(self, request: Request) -> None:
        """Refuse what nobody can do here before asking who wants to."""
        if not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Raise _Unchanged for what costs nothing, Throttled for one too many."""
        self.public = responses.of_anybody(request)
        if request.method in ("GET", "HEAD") and self.pollable and request.accepted_renderer.format == "json":
            self._recall(request)
        self.allowance = throttling.take(request, self._account(request))
        throttling.require(self.allowance)

    def _account(self, request: Request) -> str:
        if request.auth is not None:
            return f"token-{request.auth.pk}"
        return f"user-{request.user.pk}" if request.user.is_authenticated else ""

    def _recall(self, request: Request) -> None:
        address = request.build_absolute_uri()
        # The middleware has looked already for who is not signed in.
        reached = getattr(request._request, "reached", None) or versions.reached(self.reader, self.negotiation)
        self.tag = responses.tag_of(self.reader, reached.mark, address)
        self.changed = responses.changed_at(reached.at)
        # By date alone only the public is answered: roles change without one.
        if responses.is_known(request.headers, self.tag, self.changed if self.public else None):
            raise _Unchanged

    def handle_exception(self, exc: Exception) -> Response:
        """Return the answer to an exception; 304 is no problem."""
        if isinstance(exc, _Unchanged):
            return Response(status=304)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the media type of problems, and say who may keep the answer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if getattr(answer, "is_problem", False) and answer.accepted_renderer.format == "json":
            answer.content_type = MEDIA_TYPE
        if hasattr(self, "allowance"):
            throttling.say(answer, self.allowance)
        if self.deprecated:
            deprecation.say(answer, self.deprecated, self.request)
        if answer.status_code == 304:
            return responses.unchanged(request.headers, self.tag, public=self.public)
        if answer.status_code != 200 or not self.tag:
            answer["Cache-Control"] = responses.NEVER
            return answer
        responses.validate(answer, self.tag, self.changed, public=self.public)
        answer.add_post_render_callback(self._keep)
        return answer

    def _keep(self, answer: Any) -> None:
        """Compress an answer that is ready, and keep it where anybody may have it."""
        headers, body = self.request.headers, answer.content
        worth = len(body) > responses.WORTH_COMPRESSING
        wanted = worth and responses.may_compress(headers, public=self.public)
        compressed = responses.compress(body) if worth and (wanted or self.public) else b""
        if self.public:
            told = {name: answer[name] for name in deprecation.HEADERS if name in answer}
            responses.MEMORY.put(self.tag, responses.Kept(body, compressed, self.changed, told))
        if wanted:
            responses.send_compressed(answer, compressed)


class Listing(Endpoint, ReadOnlyModelViewSet[Any]):
    """A list and its rows, of one negotiation: that of the address."""

    pagination_class: Any = Pages
    filterset_class: Any = None
    # What is fetched along for an expansion.
    fetched_for: ClassVar[dict[str, tuple[str, ...]]] = {}
    of_negotiation = True

    @property
    def lists(self) -> bool:  # type: ignore[override]
        """Whether rows are asked for, and not one of them."""
        return getattr(self, "action", None) == "list"

    def parameters(self) -> frozenset[str]:
        """Return the names of the parameters that are taken beside filters."""
        known = super().parameters()
        if self.lists and self.pagination_class:
            known |= self.pagination_class.parameters
        serializer: Any = self.get_serializer_class()
        return known | {INCLUDE} if INCLUDED in serializer._declared_fields else known

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer, with the fields that were asked for."""
        serializer = super().get_serializer(*args, **kwargs)
        if not getattr(self, "swagger_fake_view", False):
            shape(serializer, self.request)
        return serializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the negotiation, with what an expansion needs."""
        rows: QuerySet[Any] = super().get_queryset()
        if self.of_negotiation:
            rows = rows.filter(negotiation=self.negotiation)
        return self.with_expansions(rows)

    def with_expansions(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return `rows` with what the expansions that are asked for need; under "", what is always needed."""
        needed = [path for name in ("", *listed_in(self.request, INCLUDE)) for path in self.fetched_for.get(name, ())]
        return rows.prefetch_related(*needed)


class Cursored(Listing):
    """A long list."""

    pagination_class = Cursors
