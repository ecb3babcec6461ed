"""Admin of members, groupings and delegations."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from members.desk import DeskMixin
from members.models import Alias, Delegation, Grouping, GroupingMembership, Member, fold


class AliasInline(DeskMixin, admin.TabularInline):
    """Further names of a member or grouping."""

    model = Alias
    fields = ["text", "language"]
    extra = 1


class GroupingMembershipInline(DeskMixin, admin.TabularInline):
    """Who belongs to a grouping, or to which groupings a member belongs."""

    model = GroupingMembership
    autocomplete_fields = ["grouping", "member"]
    extra = 0


class DelegationInline(DeskMixin, admin.TabularInline):
    """For whom a user acts, in which role, when."""

    model = Delegation
    autocomplete_fields = ["member"]
    extra = 1


@admin.register(Member)
class MemberAdmin(DeskMixin, admin.ModelAdmin):
    """WTO members; found by any of their names, with or without accents."""

    list_display = ["name", "code", "region", "development_status", "wto_member_since"]
    list_filter = ["region", "development_status"]
    search_fields = ["name", "code"]
    inlines = [AliasInline, GroupingMembershipInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        """Search the folded aliases: databases disagree on accents and case."""
        if not search_term:
            return queryset, False
        named = Alias.objects.filter(folded__contains=fold(search_term)).values("member")
        return queryset.filter(pk__in=named), False


@admin.register(Grouping)
class GroupingAdmin(DeskMixin, admin.ModelAdmin):
    """Groupings with their members."""

    list_display = ["name", "code", "kind", "speaks"]
    list_filter = ["speaks", "kind"]
    search_fields = ["name", "code"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AliasInline, GroupingMembershipInline]


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(DeskMixin, admin.ModelAdmin):
    """Memberships in groupings, with their dates."""

    list_display = ["member", "grouping", "since", "until"]
    list_filter = ["grouping"]
    list_select_related = ["member", "grouping"]
    search_fields = ["member__name", "member__code"]
    autocomplete_fields = ["member", "grouping"]


@admin.register(Alias)
class AliasAdmin(DeskMixin, admin.ModelAdmin):
    """Every name under which members and groupings stand in texts."""

    list_display = ["text", "member", "grouping", "language"]
    list_filter = ["language"]
    list_select_related = ["member", "grouping"]
    search_fields = ["text", "folded"]
    autocomplete_fields = ["member", "grouping"]


@admin.register(Delegation)
class DelegationAdmin(DeskMixin, admin.ModelAdmin):
    """Who acts for whom, in which role, when."""

    list_display = ["user", "role", "member", "since", "until"]
    list_filter = ["role"]
    list_select_related = ["user", "member"]
    search_fields = ["user__username", "member__name", "member__code"]
    autocomplete_fields = ["user", "member"]
    date_hierarchy = "since"


admin.site.unregister(get_user_model())


@admin.register(get_user_model())
class PeopleAdmin(DeskMixin, UserAdmin):
    """Users with their delegations. Only a superuser hands out what only a superuser has."""

    inlines = [DelegationInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what the secretariat may see but not change."""
        reserved = () if request.user.is_superuser else ("is_superuser", "user_permissions", "groups")
        return (*super().get_readonly_fields(request, obj), *reserved)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a user may be changed: a superuser only by a superuser, whose password could be set otherwise."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or bool(request.user.is_superuser))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a user may be deleted, by the same rule."""
        return self.has_change_permission(request, obj)
