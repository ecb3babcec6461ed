"""Publishing to the change feed what the secretariat changes in the admin."""

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

# Fields by which items refer to each other: if one changes, the data of other items change too.
NAMES = frozenset({"code", "slug", "negotiation", "member", "joined"})


class PublishingMixin:
    """For models that are resources of the change feed, or whose rows are part of the data of one."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the related rows, and publish what changed; the admin wraps both in one transaction.

        A provision or proposal is published alone. For facts, all are compared with the feed, because a form can
        change several rows.
        """
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        if not _renamed(form, formsets) and isinstance(form.instance, Provision | Proposal):
            publish(form.instance)
        else:
            catch_up_everywhere(facts=not _renamed(form, formsets) and not isinstance(form.instance, Negotiation))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and publish what is gone, including what is deleted with it."""
        super().delete_model(request, obj)  # type: ignore[misc]
        catch_up_everywhere()

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete several rows, and publish what is gone."""
        super().delete_queryset(request, queryset)  # type: ignore[misc]
        catch_up_everywhere()


def _renamed(form: Any, formsets: Any) -> bool:
    """Whether a field changed by which other items refer to a saved row."""
    forms = [form, *(one for formset in formsets for one in formset.initial_forms)]
    return any(NAMES & set(one.changed_data) for one in forms if one.instance.pk)


# `members` knows no negotiations, so the admin classes of its models are replaced here.
admin.site.unregister([Member, Grouping, GroupingMembership, Alias])


@admin.register(Member)
class MemberAdmin(TableMixin, PublishingMixin, members_admin.MemberAdmin):
    """Members."""

    resource_classes = [MemberTable]
    exported_with = ("aliases",)


@admin.register(Grouping)
class GroupingAdmin(PublishingMixin, members_admin.GroupingAdmin):
    """Groupings."""


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(PublishingMixin, members_admin.GroupingMembershipAdmin):
    """Memberships, published as part of their groupings."""


@admin.register(Alias)
class AliasAdmin(PublishingMixin, members_admin.AliasAdmin):
    """Aliases, published as part of members and groupings."""
