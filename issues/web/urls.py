"""Addresses of the pages. Codes and slugs are the negotiators' own."""

from django.urls import path

from issues.web import (
    activity,
    comparing,
    landing,
    logging_changes,
    merging,
    operating,
    proposals,
    standing,
    stating,
    views,
    whole_text,
)

urlpatterns = [
    path("", views.overview, name="overview"),
    path("small-groups/<slug:slug>/", views.small_group, name="small-group"),
    path("small-groups/<slug:slug>/state/", stating.state_status, name="state-status"),
    path("issues/", views.outline, name="outline"),
    path("issues/<str:code>/", views.issue, name="issue"),
    path("sub-issues/<str:code>/", views.sub_issue, name="sub-issue"),
    path("provisions/<slug:slug>/", views.provision, name="provision"),
    path("provisions/<slug:slug>/history/", views.history, name="history"),
    path("provisions/<slug:slug>/log/", logging_changes.log_change, name="log-change"),
    path("provisions/<slug:slug>/log/check/", logging_changes.check_change, name="check-change"),
    path("provisions/<slug:slug>/operations/", operating.operate, name="operate"),
    path("requests/", operating.request_list, name="requests"),
    path("requests/<int:pk>/<slug:verb>/", operating.answer, name="answer-request"),
    path("proposals/", proposals.proposal_list, name="proposals"),
    path("proposals/new/", proposals.table, name="table-proposal"),
    path("proposals/<slug:slug>/", proposals.proposal, name="proposal"),
    path("proposals/<slug:slug>/revise/", proposals.revise, name="revise-proposal"),
    path("proposals/<slug:slug>/merge/", merging.merge, name="merge-proposal"),
    path("proposals/<slug:slug>/<slug:verb>/", proposals.act, name="act-on-proposal"),
    path("standing/", standing.standing, name="standing"),
    path("standing/export/", standing.standing_export, name="standing-export"),
    path("landing/", landing.landing_zones, name="landing"),
    path("text/", whole_text.whole_text, name="text"),
    path("compare/", comparing.comparison, name="compare"),
    path("activity/", activity.activity_page, name="activity"),
    path("activity/export/", activity.activity_export, name="activity-export"),
    path("members/", views.members, name="members"),
    path("members/<str:code>/", views.member, name="member"),
    path("definitions/", views.definitions, name="definitions"),
]
