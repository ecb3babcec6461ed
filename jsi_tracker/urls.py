"""All addresses of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path

handler400 = "issues.web.errors.bad_request"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("issues.web.urls")),
    path("api/v1/", include("issues.api.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
]
