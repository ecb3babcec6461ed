"""Addresses of the API, version 1. The root lists them."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import APIRootView, DefaultRouter

from issues.api import bulk, changes, views

app_name = "api"
# What stands first in the list, besides what the router knows.
FRONT = ("status", "activity", "changes", "bulk")


class Root(APIRootView):
    """REST API of the JSI tracker, for reading. Start with `status/`."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the endpoints, the status document first."""
        listed: Response = super().get(request, *args, **kwargs)
        first = {name: reverse(f"api:{name}", request=request) for name in FRONT}
        return Response(first | listed.data)


class Router(DefaultRouter):
    """The router with that root; formats are chosen by the Accept header alone."""

    APIRootView = Root
    include_format_suffixes = False


router = Router()
router.register("sections", views.SectionViewSet, "section")
router.register("issues", views.IssueViewSet, "issue")
router.register("sub-issues", views.SubIssueViewSet, "sub-issue")
router.register("small-groups", views.SmallGroupViewSet, "small-group")
router.register("members", views.MemberViewSet, "member")
router.register("provisions", views.ProvisionViewSet, "provision")
router.register("proposals", views.ProposalViewSet, "proposal")
router.register("variants", views.VariantViewSet, "variant")

urlpatterns = [
    path("status/", views.StatusView.as_view(), name="status"),
    path("activity/", views.ActivityView.as_view(), name="activity"),
    path("changes/", changes.ChangesView.as_view(), name="changes"),
    path("bulk/", bulk.ManifestView.as_view(), name="bulk"),
    path("bulk/<slug:name>.<slug:extension>", bulk.FileView.as_view(), name="bulk-file"),
    *router.urls,
]
