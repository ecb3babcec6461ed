"""Admin of webhooks: who has what told to which address, and what came of it. People make them on a page."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from issues.models import Delivery, Provision, Webhook
from members.admin_access import DeskMixin


class TheirsMixin(DeskMixin):
    """Read-only; rows are taken away here where their person cannot do so any more."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody has somebody else's changes told."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is the person's own."""
        return False


@admin.register(Webhook)
class WebhookAdmin(TheirsMixin, admin.ModelAdmin):
    """Whose they are and where they go; the secret shows nowhere."""

    list_display = ["user", "url", "negotiation", "small_group", "provision", "paused", "next_try"]
    list_filter = ["negotiation", "paused"]
    list_select_related = ["user", "negotiation", "small_group"]
    search_fields = ["url", "user__username"]
    exclude = ["secret", "rights"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        """Return the webhooks with the places of their texts."""
        return super().get_queryset(request).prefetch_related(Prefetch("provision", Provision.objects.with_place()))


@admin.register(Delivery)
class DeliveryAdmin(TheirsMixin, admin.ModelAdmin):
    """What went out, and what came of it."""

    list_display = ["name", "address", "state", "tries", "tried_at", "status", "next_try"]
    list_filter = ["state", "status"]
    list_select_related = ["webhook"]
    search_fields = ["webhook__url", "answer"]
    ordering = ["-pk"]
    date_hierarchy = "made_at"

    @admin.display(description="address", ordering="webhook__url")
    def address(self, delivery: Delivery) -> str:
        """Return where it goes."""
        return delivery.webhook.url
