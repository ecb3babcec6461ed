"""All addresses of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

handler400 = "issues.web.errors.bad_request"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("issues.web.urls")),
    path("api/v1/", include("issues.api.urls")),
    path("accounts/", include("jsi_tracker.accounts.urls")),
    # The address that was given out before there were accounts.
    path("login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="login"),
    path("admin/", admin.site.urls),
]
