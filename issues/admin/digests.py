"""Admin of digests: who asked to be told by e-mail of what. People ask on a page of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from issues.models import Digest
from members.admin_access import DeskMixin


@admin.register(Digest)
class DigestAdmin(DeskMixin, admin.ModelAdmin):
    """What is asked for, read-only; a digest is taken away here where its person cannot do so any more."""

    list_display = ["user", "negotiation", "small_group", "rhythm", "language", "told_until"]
    list_filter = ["rhythm", "language", "negotiation"]
    list_select_related = ["user", "negotiation", "small_group"]
    search_fields = ["user__username", "user__email", "small_group__name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody asks for somebody else to be written to."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is the person's own."""
        return False
