"""URLs of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from django.views.i18n import set_language

from jsi_tracker.security_contact import security_txt

handler400 = "issues.web.errors.bad_request"
handler500 = "jsi_tracker.error_views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("issues.web.urls")),
    path("api/", RedirectView.as_view(pattern_name="api:api-root"), name="api"),
    path("api/v1/", include("issues.api.urls")),
    # This view is exempt from CSRF protection, because a forged request can only change the language. A token on every
    # page would set a cookie for readers who have none and make each copy of a page different.
    path("language/", csrf_exempt(set_language), name="language"),
    path("accounts/", include("jsi_tracker.accounts.urls")),
    # The login URL before the site had accounts.
    path("login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="login"),
    path("admin/", admin.site.urls),
    path(".well-known/security.txt", security_txt, name="security-txt"),
]
