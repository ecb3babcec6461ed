"""What the API says of itself: its addresses, its problems, its schema."""

from functools import cache
from typing import Any

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

# Those that no router lists, by name.
OTHER_ROUTES = (
    "status",
    "activity",
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
    """REST API of the JSI tracker. Start with `status/`; the reference is at `reference/`."""

    selects_fields = False
    cacheable = False
    list_routes: tuple[tuple[str, str], ...] = ()

    @extend_schema(operation_id="root", tags=["about"], responses={200: URLS_SCHEMA})
    def get(self, request: Request) -> Response:
        """Return the addresses, the status document first."""
        names = {
            "status": "status",
            **{name: f"{route}-list" for name, route in self.list_routes},
            **{n: n for n in OTHER_ROUTES},
        }
        return Response({name: reverse(f"api:{view}", request=request) for name, view in names.items()})


class KindSerializer(ResponsePart):
    """A kind of problem. Its code does not change."""

    code = serializers.CharField()
    status = serializers.IntegerField()
    title = serializers.CharField()
    way_out = serializers.CharField()


def _kind_row(code: str) -> dict[str, Any]:
    return {"code": code, **KINDS[code]._asdict()}


class ProblemsView(Endpoint):
    """The kinds of problems that answers may tell."""

    selects_fields = False
    cacheable = False

    @extend_schema(operation_id="problems", tags=["about"], responses=KindSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return them all."""
        return Response([_kind_row(code) for code in KINDS])


class ProblemView(Endpoint):
    """One kind of problem: to it the `type` of a problem leads."""

    selects_fields = False
    cacheable = False

    @extend_schema(operation_id="problem", tags=["about"], responses=KindSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Return what it is called and what to do about it."""
        if code not in KINDS:
            raise NotFound
        return Response(_kind_row(code))


@cache
def schema(prefix: str) -> Any:
    """Return the schema, made once in the life of a process for each place where the API is mounted."""
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)


class SchemaView(Endpoint):
    """The schema, OpenAPI 3.1: YAML, or JSON where that is accepted."""

    selects_fields = False
    cacheable = False
    renderer_classes = [OpenApiYamlRenderer, OpenApiJsonRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the schema."""
        return Response(schema(reverse("api:api-root")))


class ReferenceView(SpectacularSwaggerSplitView):
    """The reference: the schema as a page, of files that the site brings along."""

    url_name = "api:schema"
    title = "JSI tracker API"
    template_name = "issues/reference.html"


@extend_schema(exclude=True)
class NotFoundView(Endpoint):
    """Any other address below the API."""

    selects_fields = False
    cacheable = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that there is nothing, whatever is asked."""
        super(Endpoint, self).initial(request, *args, **kwargs)
        raise NotFound

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Never reached."""
        raise NotFound

    post = put = patch = delete = get
