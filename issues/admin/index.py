"""Admin of the index that is computed from the texts. It is read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.models import Measure, Position, Variant
from members.admin.mixins import ReadOnlyMixin, SearchedByNameAdmin

# The maximum number of characters of a variant shown in lists. A variant may be as long as its provision.
MAX_SHOWN = 100


@admin.register(Measure)
class MeasureAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Measures of each revision."""

    list_display = ["revision", "words", "contested_words", "open_brackets", "alternatives", "depth"]
    list_filter = ["revision__provision__negotiation", "revision__provision__demonstration", "depth"]
    list_select_related = [
        "revision__provision__section",
        "revision__provision__issue",
        "revision__provision__sub_issue",
    ]
    search_fields = ["revision__provision__heading", "revision__provision__slug"]
    ordering = ["-revision__made_on", "revision"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measure]:
        """Return the measures, without loading the texts."""
        return super().get_queryset(request).defer("revision__text")


@admin.register(Variant)
class VariantAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Brackets, alternatives and options, with their dates."""

    list_display = ["words", "kind", "provision", "begun_on", "opened_on", "closed_on", "outcome"]
    list_filter = ["kind", "outcome", ("closed_in", admin.EmptyFieldListFilter)]
    list_select_related = ["provision__section", "provision__issue", "provision__sub_issue"]
    search_fields = ["text", "provision__heading", "provision__slug"]
    date_hierarchy = "opened_on"

    @admin.display(description="words", ordering="text")
    def words(self, variant: Variant) -> str:
        """Return the beginning of the variant's wording."""
        return variant.text[:MAX_SHOWN] or "(no words)"


@admin.register(Position)
class PositionAdmin(ReadOnlyMixin, SearchedByNameAdmin):
    """Members' and groupings' positions on variants, with their dates."""

    list_display = ["member", "grouping", "stance", "variant_text", "begun_on", "since", "until"]
    list_display_links = ["variant_text"]
    list_filter = ["stance", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping", "variant"]
    search_fields = ["member__name", "member__code", "grouping__name", "grouping__code", "variant__text"]
    alias_paths = ["member__aliases", "grouping__aliases"]
    date_hierarchy = "since"

    @admin.display(description="words", ordering="variant")
    def variant_text(self, position: Position) -> str:
        """Return the beginning of the wording to which the position refers."""
        return position.variant.text[:MAX_SHOWN] or "(no words)"
