"""The admin as the secretariat's desk."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from members.admin_access import may_sit_at_the_desk


class Desk(AdminSite):
    """The admin site: for the secretariat and for superusers, also where others are marked as staff."""

    site_header = "JSI tracker: secretariat"
    site_title = "JSI tracker"
    index_title = "The secretariat's desk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the request comes from somebody who may be here."""
        return super().has_permission(request) and may_sit_at_the_desk(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the login of the site, and so to its second factor and its limits."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied("The admin is the secretariat's. Log out to log in with another account.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the page of the site, for the same reason."""
        return redirect("account_change_password")
