"""Admin of negotiations and who takes part."""

from django.contrib import admin

from issues.models import Negotiation, Participation
from members.desk import DeskMixin


@admin.register(Negotiation)
class NegotiationAdmin(DeskMixin, admin.ModelAdmin):
    """Negotiations. Participations have a list of their own: there are too many for this page."""

    list_display = ["name", "slug", "is_default", "stands_on"]
    search_fields = ["name", "slug"]


@admin.register(Participation)
class ParticipationAdmin(DeskMixin, admin.ModelAdmin):
    """Who takes part, since when and how that is known."""

    list_display = ["member", "negotiation", "joined", "joined_precision", "left", "co_convener"]
    list_filter = ["negotiation", "co_convener", "joined_precision", "member__region"]
    list_select_related = ["member", "negotiation"]
    search_fields = ["member__name", "member__code", "basis"]
    autocomplete_fields = ["member", "negotiation"]
    date_hierarchy = "joined"
