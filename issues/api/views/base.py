"""Base classes of the endpoints: reader, negotiation and date of a request, caching, rate limits, and problems."""

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
from issues.api.errors import MEDIA_TYPE, Problem, error_entry
from issues.api.field_selection import FIELDS, INCLUDE, INCLUDED, names_in_parameter, select_fields, selected_fields
from issues.api.filtering import filter_errors, repeatable_parameters, require_known_parameters
from issues.api.pagination import CursorPagination, NumberedPagination
from issues.api.request_bodies import require_length
from issues.filters import days
from issues.models import Negotiation
from issues.sync import versions
from members.codes import get_by_code

CODE_PATTERN = r"[\w.-]+"
# A random key needs about thirty characters.
MAX_KEY_LENGTH = 255
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class _NotModified(Exception):
    """Raised when the client already holds the current response."""


class Endpoint(APIView):
    """Base class of all endpoints."""

    # Parameters accepted in addition to filters and pagination.
    extra_parameters: ClassVar[frozenset[str]] = frozenset()
    # Whether responses have an ETag and may be cached.
    cacheable = True
    # Whether the parameter `fields` is accepted.
    selects_fields = True
    lists = False
    # Statuses of problems that the schema lists in addition to those of all requests that read or write.
    extra_problems: ClassVar[tuple[str, ...]] = ()
    # Deprecated parts of the endpoint.
    deprecated: ClassVar[tuple[Deprecated, ...]] = ()
    tag = ""

    @cached_property
    def negotiation(self) -> Negotiation:
        """The negotiation to which the URL refers."""
        return negotiation_of(self.request)

    @cached_property
    def reader(self) -> Reader:
        """The reader who makes the request."""
        return reader_of(self.request.user)

    @cached_property
    def day(self) -> datetime.date | None:
        """The date in `?as_of=`, with the moment of recording in `?known_at=`, or None for the current state.

        Raise ValidationError for a date or moment that is invalid or in the future.
        """
        day = self.requested_day("as_of")
        try:
            moment = days.parse_moment(self.request.query_params.get("known_at"))
            return days.shown_as_of(self.request, days.day_as_known(day, moment))
        except DjangoValidationError as error:
            raise ValidationError({"known_at": error.messages}) from error

    @property
    def actor(self) -> Any:
        """The user who sends a write request. `WritePermission` ensures that the user is signed in."""
        assert self.request.user.is_authenticated
        return self.request.user

    @property
    def key(self) -> ExclusiveKey:
        """The idempotency key of the request, or "" if the header is missing. Raise Problem if the key is too long."""
        sent = self.request.headers.get("Idempotency-Key", "")
        if len(sent) > MAX_KEY_LENGTH:
            message = f"An idempotency key may have at most {MAX_KEY_LENGTH} characters."
            raise Problem("invalid", message, [error_entry("Idempotency-Key", message)])
        return ExclusiveKey(sent)

    def requested_day(self, name: str) -> datetime.date | None:
        """Return the date in a parameter, or None. Raise ValidationError if the date is invalid or in the future."""
        try:
            return days.parse_day(self.request.query_params.get(name))
        except DjangoValidationError as error:
            raise ValidationError({name: error.messages}) from error

    def parameters(self) -> frozenset[str]:
        """Return the names of the parameters accepted in addition to filters."""
        return self.extra_parameters | (frozenset({FIELDS}) if self.selects_fields else frozenset())

    def document_response(self, document: dict[str, Any]) -> Response:
        """Return a response with the requested fields of `document`."""
        return Response(selected_fields(document, self.request))

    def filterset_for(self, filterset_class: type[Any], queryset: QuerySet[Any], *extra: str) -> Any:
        """Return the filterset bound to the query. Raise Problem or ValidationError for invalid parameters."""
        page_parameters = NumberedPagination.parameters if self.lists else frozenset[str]()
        require_known_parameters(
            self.request,
            {*filterset_class.base_filters, *extra, *page_parameters},
            repeatable_parameters(filterset_class.base_filters),
        )
        filterset = filterset_class(self.request.query_params, queryset=queryset, request=self.request)
        if not filterset.is_valid():
            raise ValidationError(filter_errors(filterset))
        return filterset

    def page_response(
        self,
        rows: Any,
        show: Callable[[list[Any]], list[Any]] = list,
        pagination_class: type[NumberedPagination] = NumberedPagination,
    ) -> Response:
        """Return a numbered page of `rows`, which `show` converts for the response."""
        paginator = pagination_class()
        page: Any = paginator.paginate_queryset(rows, self.request, view=self) or []
        return paginator.get_paginated_response(show(page))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate and throttle the request, and check its parameters.

        Raise _NotModified if the client already holds the current response.
        """
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            require_length(request)
            require_known_parameters(request, ())
        elif not self.lists and not hasattr(self, "filter_queryset"):
            require_known_parameters(request, self.parameters())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Return the renderer and media type. Raise ValidationError for an unknown `format`."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404:
            known = ", ".join(renderer.format for renderer in self.get_renderers())
            raise ValidationError({"format": f"Choose one of {known}."}) from None

    def check_permissions(self, request: Request) -> None:
        """Check permissions. Raise MethodNotAllowed for an unsupported method before asking for authentication."""
        if not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Count the request, and raise Throttled if the limit is exceeded.

        If the client already holds the current response, raise _NotModified without counting the request.
        """
        self.public = responses.is_anonymous(request)
        if request.method in ("GET", "HEAD") and self.cacheable and request.accepted_renderer.format == "json":
            self._require_modified(request)
        self.allowance = throttling.count_api_request(request, self._account_key(request))
        throttling.require_allowance(self.allowance)

    def _account_key(self, request: Request) -> str:
        if request.auth is not None:
            return f"token-{request.auth.pk}"
        return f"user-{request.user.pk}" if request.user.is_authenticated else ""

    def _require_modified(self, request: Request) -> None:
        url = request.build_absolute_uri()
        # For anonymous clients, the middleware has already looked up the version.
        version = getattr(request._request, "feed_version", None) or versions.version_for(self.reader, self.negotiation)
        self.tag = responses.etag_for(self.reader, version.etag, url)
        self.changed = responses.last_modified(version.at)
        # Only public responses are validated by date, because a change of roles does not change the date.
        if responses.is_current(request.headers, self.tag, self.changed if self.public else None):
            raise _NotModified

    def handle_exception(self, exc: Exception) -> Response:
        """Return the response to an exception. For _NotModified, the status is 304."""
        if isinstance(exc, _NotModified):
            return Response(status=304)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Set the media type of problems, and the headers for caching, rate limits and deprecation."""
        finalized = super().finalize_response(request, response, *args, **kwargs)
        if getattr(finalized, "is_problem", False) and finalized.accepted_renderer.format == "json":
            finalized.content_type = MEDIA_TYPE
        if hasattr(self, "allowance"):
            throttling.set_headers(finalized, self.allowance)
        if self.deprecated:
            deprecation.set_headers(finalized, self.deprecated, self.request)
        responses.add_service_links(finalized)
        if finalized.status_code == 304:
            return responses.not_modified(request.headers, self.tag, public=self.public)
        if finalized.status_code != 200 or not self.tag:
            finalized["Cache-Control"] = responses.NO_STORE
            return finalized
        responses.set_validators(finalized, self.tag, self.changed, public=self.public)
        finalized.add_post_render_callback(self._compress_and_cache)
        return finalized

    def _compress_and_cache(self, response: Any) -> None:
        """Compress a rendered response, and cache it if it is public."""
        headers, body = self.request.headers, response.content
        long_enough = len(body) > responses.MIN_COMPRESSED_SIZE
        compressing = long_enough and responses.may_compress(headers, public=self.public)
        compressed = responses.compress(body) if long_enough and (compressing or self.public) else b""
        if self.public:
            deprecation_headers = {name: response[name] for name in deprecation.HEADERS if name in response}
            responses.PUBLIC_RESPONSES.put(
                self.tag, responses.CachedResponse(body, compressed, self.changed, deprecation_headers)
            )
        if compressing:
            responses.set_compressed_body(response, compressed)


class ListViewSet(Endpoint, ReadOnlyModelViewSet[Any]):
    """A list of rows, and the details of a single row, within the negotiation of the URL."""

    pagination_class: Any = NumberedPagination
    filterset_class: Any = None
    # Relations to prefetch for each expansion, and under "" for every request.
    prefetch_for: ClassVar[dict[str, tuple[str, ...]]] = {}
    in_negotiation = True

    @property
    def lists(self) -> bool:  # type: ignore[override]
        """Whether the request is for the list rather than for a single row."""
        return getattr(self, "action", None) == "list"

    def parameters(self) -> frozenset[str]:
        """Return the names of the parameters accepted in addition to filters."""
        known = super().parameters()
        if self.lists and self.pagination_class:
            known |= self.pagination_class.parameters
        serializer: Any = self.get_serializer_class()
        return known | {INCLUDE} if INCLUDED in serializer._declared_fields else known

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer, limited to the requested fields."""
        serializer = super().get_serializer(*args, **kwargs)
        if not getattr(self, "swagger_fake_view", False):
            select_fields(serializer, self.request)
        return serializer

    def get_object(self) -> Any:
        """Return the row in the URL. A code may be written in any case. Raise ObjectDoesNotExist if there is none."""
        if self.lookup_field != "code":
            return super().get_object()
        row = get_by_code(self.filter_queryset(self.get_queryset()), self.kwargs["code"])
        self.check_object_permissions(self.request, row)
        return row

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the negotiation, with the relations that the requested expansions need."""
        rows: QuerySet[Any] = super().get_queryset()
        if self.in_negotiation:
            rows = rows.filter(negotiation=self.negotiation)
        return self.with_expansions(rows)

    def with_expansions(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return `rows` with the relations that every request or the requested expansions need."""
        needed = [
            path
            for name in ("", *names_in_parameter(self.request, INCLUDE))
            for path in self.prefetch_for.get(name, ())
        ]
        return rows.prefetch_related(*needed)


class CursorViewSet(ListViewSet):
    """A long list, paginated by cursor."""

    pagination_class = CursorPagination
