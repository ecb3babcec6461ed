"""Admin of texts that came in: to be looked at. Their pages are where they are reviewed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.models import ImportedFile, StagedImport, StagedProvision
from members.admin_access import ReadOnlyMixin


@admin.register(StagedImport)
class StagedImportAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Files and pasted texts, who sent them, and what became of them."""

    list_display = ["name", "state", "negotiation", "small_group", "made_on", "sent_by", "sent_at"]
    list_filter = ["negotiation", "state", "small_group"]
    list_select_related = ["negotiation", "small_group", "sent_by"]
    search_fields = ["name", "source"]
    exclude = ["draft"]
    date_hierarchy = "sent_at"


@admin.register(ImportedFile)
class ImportedFileAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """What came in, as it came; its page of the review hands it out."""

    list_display = ["name", "staged", "sha256", "negotiation", "sent_by", "sent_at"]
    list_filter = ["negotiation"]
    list_select_related = ["staged", "negotiation", "sent_by"]
    search_fields = ["name", "sha256"]
    exclude = ["data"]
    date_hierarchy = "sent_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportedFile]:
        """Return the rows without the files."""
        return super().get_queryset(request).defer("data")


@admin.register(StagedProvision)
class StagedProvisionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Provisions of texts that came in, with what was decided about each."""

    list_display = ["heading", "staged", "finding", "decision", "unparsed"]
    list_filter = ["staged__negotiation", "finding", "decision", "unparsed"]
    list_select_related = ["staged"]
    search_fields = ["heading", "text"]
