"""Endpoints about the API itself: its URLs, its problems and its schema."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from issues.api.errors import KINDS
from issues.api.serializers.fields import ResponsePart
from issues.api.views.base import Endpoint

# Names of the routes that are not registered with the router.
OTHER_ROUTES = (
    "status",
    "activity",
    "search",
    "changes",
    "bulk",
    "measures",
    "agreement",
    "landing",
    "landing-zone",
    "comparison",
    "readings",
    "problems",
    "schema",
    "reference",
)


URLS_SCHEMA = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class RootView(Endpoint):
    """The root of the JSI tracker's REST API. Start with `status/`. The reference is at `reference/`."""

    selects_fields = False
    cacheable = False
    list_routes: tuple[tuple[str, str], ...] = ()

    @extend_schema(operation_id="root", tags=["about"], responses={200: URLS_SCHEMA})
    def get(self, request: Request) -> Response:
        """Return the URLs of all lists and documents, the status document first."""
        names = {
            "status": "status",
            **{name: f"{route}-list" for name, route in self.list_routes},
            **{n: n for n in OTHER_ROUTES},
        }
        return Response({name: reverse(f"api:{view}", request=request) for name, view in names.items()})


class KindSerializer(ResponsePart):
    """A kind of problem. Its code is stable."""

    code = serializers.CharField()
    status = serializers.IntegerField()
    title = serializers.CharField()
    way_out = serializers.CharField()


def _kind_row(code: str) -> dict[str, Any]:
    return {"code": code, **KINDS[code]._asdict()}


class ProblemsView(Endpoint):
    """All kinds of problems that a response may report."""

    selects_fields = False
    cacheable = False

    @extend_schema(operation_id="problems", tags=["about"], responses=KindSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return all kinds of problems."""
        return Response([_kind_row(code) for code in KINDS])


class ProblemView(Endpoint):
    """A kind of problem: the target of the `type` URL in a problem document."""

    selects_fields = False
    cacheable = False

    @extend_schema(operation_id="problem", tags=["about"], responses=KindSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Return the kind of problem with this code."""
        if code not in KINDS:
            raise NotFound
        return Response(_kind_row(code))


@cache
def schema(prefix: str) -> Any:
    """Return the schema, which is generated once per process for each `prefix` of the API."""
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)


class SchemaView(Endpoint):
    """The OpenAPI 3.1 schema in YAML, or in JSON if the client asks for JSON."""

    selects_fields = False
    cacheable = False
    renderer_classes = [OpenApiYamlRenderer, OpenApiJsonRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the schema."""
        return Response(schema(reverse("api:api-root")))


class ReferenceView(SpectacularSwaggerSplitView):
    """The API reference, a page that displays the schema and loads only local files."""

    url_name = "api:schema"
    title = "JSI tracker API"
    template_name = "issues/reference.html"


def _redirect_with_slash(request: HttpRequest) -> HttpResponseBase | None:
    """Return a redirect (308, which keeps method and body) to the URL with a final slash, or None if there is none."""
    if request.path_info.endswith("/") or resolve(f"{request.path_info}/").view_name == "api:nothing":
        return None
    query = f"?{query}" if (query := request.META.get("QUERY_STRING", "")) else ""
    return HttpResponsePermanentRedirect(f"{request.path}/{query}", preserve_request=True)


@extend_schema(exclude=True)
class NotFoundView(Endpoint):
    """The endpoint for unknown URLs below the API."""

    selects_fields = False
    cacheable = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Redirect a URL that lacks its final slash. Otherwise, the response is 404."""
        return _redirect_with_slash(request) or super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise NotFound for every request."""
        super(Endpoint, self).initial(request, *args, **kwargs)
        raise NotFound

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Raise NotFound. The method is never reached, because `initial` raises first."""
        raise NotFound

    post = put = patch = delete = get
