"""The secretariat's admin site."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from members.admin_access import can_use_admin


class SecretariatAdminSite(AdminSite):
    """The admin site for superusers and secretariats. The staff flag alone does not grant access."""

    site_header = "JSI tracker: secretariat"
    site_title = "JSI tracker"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user of `request` may use the admin."""
        return super().has_permission(request) and can_use_admin(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's login page, which enforces second factors and rate limits.

        Raises PermissionDenied for a logged-in user who may not use the admin.
        """
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied(
                _("Only the secretariat can use the admin. To use another account, log out, then log in again.")
            )
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's page for changing the password, which enforces the same checks."""
        return redirect("account_change_password")
