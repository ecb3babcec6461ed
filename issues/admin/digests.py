"""The admin pages for e-mail digests. Users subscribe on the site itself."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from issues.models import Digest
from members.admin.mixins import AdminAccessMixin


@admin.register(Digest)
class DigestAdmin(AdminAccessMixin, admin.ModelAdmin):
    """Digests, read-only. They can be deleted here if their owners can no longer delete them."""

    list_display = ["user", "negotiation", "small_group", "rhythm", "language", "told_until"]
    list_filter = ["rhythm", "language", "negotiation"]
    list_select_related = ["user", "negotiation", "small_group"]
    search_fields = ["user__username", "user__email", "small_group__name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because users can subscribe only for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because only the owner can change a digest."""
        return False
