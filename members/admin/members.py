"""The admin of members, groupings, memberships and names."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from members.admin.mixins import CompactInline, SearchedByNameAdmin, UniqueRowsFormSet
from members.models import Alias, Grouping, GroupingMembership, Member, fold


class AliasForm(forms.ModelForm):
    """A form for a name used in texts.

    Because the folded name is not a form field, this form checks that the folded name is unique.
    """

    def clean_text(self) -> str:
        """Return the name. Raises ValidationError if its folded form is empty, too long, or already in use."""
        text: str = self.cleaned_data["text"]
        folded = fold(text)
        longest = Alias._meta.get_field("folded").max_length or 0
        if not folded or len(folded) > longest:
            raise ValidationError(
                f"A name must contain letters, and at most {longest} characters in the form used by searches."
            )
        others = Alias.objects.filter(folded=folded).exclude(pk=self.instance.pk)
        if taken := others.select_related("member", "grouping").first():
            raise ValidationError(
                f"Searches cannot distinguish this name from “{taken}”, "
                f"which is a name of {taken.member or taken.grouping}."
            )
        return text


class AliasFormSet(UniqueRowsFormSet):
    distinct_fields = ("folded",)
    duplicate_message = "Searches cannot distinguish this name from another name in the list."


class AliasInline(CompactInline):
    """An inline for the names by which texts refer to a member or grouping."""

    model = Alias
    form = AliasForm
    formset = AliasFormSet
    # The parser recognises only these names.
    verbose_name_plural = "names in texts (including the code; no other names are recognised)"
    fields = ["text", "language"]
    extra = 1


class GroupingMembershipFormSet(UniqueRowsFormSet):
    distinct_fields = ("grouping_id", "member_id", "since")
    duplicate_message = "This membership, with the same start date, is already in the list."


class GroupingMembershipInline(CompactInline):
    """An inline for the members of a grouping or the groupings of a member."""

    model = GroupingMembership
    formset = GroupingMembershipFormSet
    autocomplete_fields = ["grouping", "member"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupingMembership]:
        """Return the memberships with their groupings and members, whose names each row shows."""
        return super().get_queryset(request).select_related("grouping", "member")


@admin.register(Member)
class MemberAdmin(SearchedByNameAdmin):
    """The admin of WTO members."""

    list_display = ["name", "code", "region", "development_status", "wto_member_since"]
    list_filter = ["region", "development_status"]
    # These fields are searched in addition to aliases, because a new member may have no aliases.
    search_fields = ["name", "code"]
    alias_paths = ["aliases"]
    inlines = [AliasInline, GroupingMembershipInline]


@admin.register(Grouping)
class GroupingAdmin(SearchedByNameAdmin):
    """The admin of groupings and their members."""

    list_display = ["name", "code", "kind", "speaks", "represented_by"]
    list_filter = ["speaks", "kind"]
    list_select_related = ["represented_by"]
    autocomplete_fields = ["represented_by"]
    search_fields = ["name", "code"]
    alias_paths = ["aliases"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AliasInline, GroupingMembershipInline]


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(SearchedByNameAdmin):
    """The admin of memberships in groupings, with their dates."""

    list_display = ["member", "grouping", "since", "until"]
    list_filter = ["grouping", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping"]
    search_fields = ["member__name", "member__code", "grouping__name", "grouping__code"]
    autocomplete_fields = ["member", "grouping"]


@admin.register(Alias)
class AliasAdmin(SearchedByNameAdmin):
    """The admin of the names by which texts refer to members and groupings."""

    form = AliasForm
    list_display = ["text", "member", "grouping", "language"]
    list_filter = ["language", ("grouping", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping"]
    search_fields = ["text", "folded"]
    alias_paths = ["member__aliases", "grouping__aliases"]
    autocomplete_fields = ["member", "grouping"]
