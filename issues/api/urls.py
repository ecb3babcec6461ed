"""URLs of version 1 of the API. The root endpoint lists them."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from issues.api import bulk, changes
from issues.api.views import (
    analysis,
    comparison,
    members,
    meta,
    outline,
    proposals,
    record,
    search,
    status,
    text,
    variants,
)

app_name = "api"

router = SimpleRouter()
router.register("sections", outline.SectionViewSet, "section")
router.register("issues", outline.IssueViewSet, "issue")
router.register("sub-issues", outline.SubIssueViewSet, "sub-issue")
router.register("lenses", outline.LensViewSet, "lens")
router.register("small-groups", outline.SmallGroupViewSet, "small-group")
router.register("status-reports", outline.StatusReportViewSet, "status-report")
router.register("members", members.MemberViewSet, "member")
router.register("groupings", members.GroupingViewSet, "grouping")
router.register("provisions", text.ProvisionViewSet, "provision")
router.register("variants", variants.VariantViewSet, "variant")
router.register("positions", variants.PositionViewSet, "position")
router.register("proposals", proposals.ProposalViewSet, "proposal")
router.register("documents", record.DocumentViewSet, "document")
router.register("meetings", record.MeetingViewSet, "meeting")
router.register("timelines", record.TimelineViewSet, "timeline")
router.register("expectations", record.ExpectationViewSet, "expectation")
router.register("reported-positions", record.ReportedPositionViewSet, "reported-position")
router.register("requests", record.RequestViewSet, "request")

LIST_ROUTES = tuple((prefix, basename) for prefix, _, basename in router.registry)

urlpatterns = [
    path("", meta.RootView.as_view(list_routes=LIST_ROUTES), name="api-root"),
    path("status/", status.StatusView.as_view(), name="status"),
    path("status/small-groups/<slug:slug>/", status.GroupStatusView.as_view(), name="status-small-group"),
    path("status/issues/<str:code>/", status.IssueStatusView.as_view(), name="status-issue"),
    path("measures/", status.MeasuresView.as_view(), name="measures"),
    path("activity/", status.ActivityView.as_view(), name="activity"),
    path("search/", search.SearchView.as_view(), name="search"),
    path("agreement/", analysis.AgreementView.as_view(), name="agreement"),
    path("landing/", analysis.LandingView.as_view(), name="landing"),
    path("landing/zone/", analysis.ZoneView.as_view(), name="landing-zone"),
    path("comparison/", comparison.ComparisonView.as_view(), name="comparison"),
    path("readings/", comparison.ReadingsView.as_view(), name="readings"),
    path(
        "provisions/<slug:slug>/revisions/",
        text.RevisionViewSet.as_view({"get": "list", "post": "create"}),
        name="revision-list",
    ),
    path(
        "provisions/<slug:slug>/revisions/<int:number>/",
        text.RevisionViewSet.as_view({"get": "retrieve"}),
        name="revision-detail",
    ),
    path("provisions/<slug:slug>/check/", text.CheckViewSet.as_view({"post": "check"}), name="check"),
    path("provisions/<slug:slug>/comparison/", comparison.RevisionsComparedView.as_view(), name="compare-revisions"),
    path(
        "variants/<int:pk>/positions/<str:code>/",
        variants.HeldPositionViewSet.as_view({"put": "take", "delete": "withdraw"}),
        name="held-position",
    ),
    path(
        "small-groups/<slug:slug>/status-reports/",
        outline.GroupReportsViewSet.as_view({"post": "create"}),
        name="state-status",
    ),
    path("problems/", meta.ProblemsView.as_view(), name="problems"),
    path("problems/<slug:code>/", meta.ProblemView.as_view(), name="problem-detail"),
    path("schema/", meta.SchemaView.as_view(), name="schema"),
    path("reference/", meta.ReferenceView.as_view(), name="reference"),
    path("changes/", changes.ChangesView.as_view(), name="changes"),
    path("bulk/", bulk.ManifestView.as_view(), name="bulk"),
    path("bulk/<slug:name>.<slug:extension>", bulk.FileView.as_view(), name="bulk-file"),
    *router.urls,
    re_path("", meta.NotFoundView.as_view(), name="nothing"),
]
