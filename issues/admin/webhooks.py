"""Admin of webhooks and their deliveries. Users create webhooks on a page of the site."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from issues.models import Delivery, Provision, Webhook
from members.admin.mixins import AdminAccessMixin


class RemoveOnlyMixin(AdminAccessMixin):
    """A mixin for users' rows, which can never be added or changed.

    The rows can be deleted if their owners can no longer delete them.
    """

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because users can create webhooks only for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, because only the owner can change a webhook."""
        return False


@admin.register(Webhook)
class WebhookAdmin(RemoveOnlyMixin, admin.ModelAdmin):
    """Webhooks, without their secrets."""

    list_display = ["user", "url", "negotiation", "small_group", "provision", "paused", "next_try"]
    list_filter = ["negotiation", "paused"]
    list_select_related = ["user", "negotiation", "small_group"]
    search_fields = ["url", "user__username"]
    exclude = ["secret", "rights"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        """Return the webhooks with their provisions."""
        return super().get_queryset(request).prefetch_related(Prefetch("provision", Provision.objects.with_place()))


@admin.register(Delivery)
class DeliveryAdmin(RemoveOnlyMixin, admin.ModelAdmin):
    """Deliveries and their results."""

    list_display = ["name", "address", "state", "tries", "tried_at", "status", "next_try"]
    list_filter = ["state", "status"]
    list_select_related = ["webhook"]
    search_fields = ["webhook__url", "answer"]
    ordering = ["-pk"]
    date_hierarchy = "made_at"

    @admin.display(description="URL", ordering="webhook__url")
    def address(self, delivery: Delivery) -> str:
        """Return the URL of the receiver."""
        return delivery.webhook.url
