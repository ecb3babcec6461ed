"""Admin of imports, read-only. Imports are reviewed on pages of the site."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.models import ImportedFile, StagedImport, StagedProvision
from members.admin.mixins import ReadOnlyMixin


@admin.register(StagedImport)
class StagedImportAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Imports: uploaded files and pasted texts, with their state."""

    list_display = ["name", "state", "negotiation", "small_group", "made_on", "sent_by", "sent_at"]
    list_filter = ["negotiation", "state", "small_group"]
    list_select_related = ["negotiation", "small_group", "sent_by"]
    search_fields = ["name", "source"]
    exclude = ["draft"]
    date_hierarchy = "sent_at"


@admin.register(ImportedFile)
class ImportedFileAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The uploaded files. The review page offers them for download."""

    list_display = ["name", "staged", "sha256", "negotiation", "sent_by", "sent_at"]
    list_filter = ["negotiation"]
    list_select_related = ["staged", "negotiation", "sent_by"]
    search_fields = ["name", "sha256"]
    exclude = ["data"]
    date_hierarchy = "sent_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportedFile]:
        """Return the rows, without loading the files."""
        return super().get_queryset(request).defer("data")


@admin.register(StagedProvision)
class StagedProvisionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The provisions of imports, with the decision on each."""

    list_display = ["heading", "staged", "finding", "decision", "unparsed"]
    list_filter = ["staged__negotiation", "finding", "decision", "unparsed"]
    list_select_related = ["staged"]
    search_fields = ["heading", "text"]
