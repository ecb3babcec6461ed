"""Admin of texts that came in: to be looked at. Their pages are where they are reviewed."""

from django.contrib import admin

from issues.models import StagedImport, StagedProvision
from members.desk import ReadOnlyMixin


@admin.register(StagedImport)
class StagedImportAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Files and pasted texts, who sent them, and what became of them."""

    list_display = ["name", "state", "negotiation", "small_group", "made_on", "sent_by", "sent_at"]
    list_filter = ["negotiation", "state", "small_group"]
    list_select_related = ["negotiation", "small_group", "sent_by"]
    search_fields = ["name", "source"]
    exclude = ["draft"]
    date_hierarchy = "sent_at"


@admin.register(StagedProvision)
class StagedProvisionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Provisions of texts that came in, with what was decided about each."""

    list_display = ["heading", "staged", "finding", "decision", "unparsed"]
    list_filter = ["staged__negotiation", "finding", "decision", "unparsed"]
    list_select_related = ["staged"]
    search_fields = ["heading", "text"]
