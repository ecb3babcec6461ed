"""What the secretariat changes at its desk is told to the feed of changes, like everything else."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.admin.tables import MemberTable, TableMixin
from issues.models import Negotiation, Proposal, Provision
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publish
from members import admin as members_admin
from members.models import Alias, Grouping, GroupingMembership, Member

# By these things speak of each other: where one changes, others read otherwise too.
NAMES = frozenset({"code", "slug", "negotiation", "member", "joined"})


class PublishingMixin:
    """For tables of which programs keep a copy, or whose rows are told as part of another thing."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what is on the page beside the row, and tell what is other than before; the admin saves all or nothing.

        A text or a proposal is told alone; of facts, all are compared with what was told: a page shows several.
        """
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        if not _renamed(form, formsets) and isinstance(form.instance, Provision | Proposal):
            publish(form.instance)
        else:
            catch_up_everywhere(facts=not _renamed(form, formsets) and not isinstance(form.instance, Negotiation))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and tell what is gone, also with it."""
        super().delete_model(request, obj)  # type: ignore[misc]
        catch_up_everywhere()

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete several, and tell what is gone."""
        super().delete_queryset(request, queryset)  # type: ignore[misc]
        catch_up_everywhere()


def _renamed(form: Any, formsets: Any) -> bool:
    """Whether something that others may name has another name than before."""
    forms = [form, *(one for formset in formsets for one in formset.initial_forms)]
    return any(NAMES & set(one.changed_data) for one in forms if one.instance.pk)


# `members` knows nothing of negotiations, so their feeds are told from here.
admin.site.unregister([Member, Grouping, GroupingMembership, Alias])


@admin.register(Member)
class MemberAdmin(TableMixin, PublishingMixin, members_admin.MemberAdmin):
    """Members, told."""

    resource_classes = [MemberTable]
    exported_with = ("aliases",)


@admin.register(Grouping)
class GroupingAdmin(PublishingMixin, members_admin.GroupingAdmin):
    """Groupings, told."""


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(PublishingMixin, members_admin.GroupingMembershipAdmin):
    """Memberships, told as part of their groupings."""


@admin.register(Alias)
class AliasAdmin(PublishingMixin, members_admin.AliasAdmin):
    """Names, told as part of members and groupings."""
