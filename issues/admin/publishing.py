"""Publication, in the change feed, of changes made in the admin.

Programs keep copies of texts, proposals and facts, and follow the feed to update them. Saving a text or a proposal
publishes that row. Saving any other row compares all facts with those last published, because one admin page edits
several rows. Changing a field by which other rows refer to the saved row, such as a code, has the same effect.
"""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from issues.actions.clock import advance_with
from issues.admin.table_admin import TableMixin
from issues.admin.tables import MemberTable
from issues.models import Document, Meeting, Negotiation, Proposal, Provision
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publish
from members.admin import members as members_admin
from members.models import Alias, Grouping, GroupingMembership, Member

# Fields by which other resources refer to a row. If such a field changes, those resources also change.
REFERENCE_FIELDS = frozenset({"code", "slug", "negotiation", "member", "joined"})


class PublishingMixin:
    """A mixin for the admin of tables that the change feed covers, directly or as part of another resource."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inline rows, and publish the changes in the transaction of the admin."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        if isinstance(form.instance, Document | Meeting | Proposal):
            advance_with(form.instance)
        if not _references_changed(form, formsets) and isinstance(form.instance, Provision | Proposal):
            publish(form.instance)
        else:
            catch_up_everywhere(
                facts=not _references_changed(form, formsets) and not isinstance(form.instance, Negotiation)
            )

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row, and publish the deletion of the row and of its dependent rows."""
        super().delete_model(request, obj)  # type: ignore[misc]
        catch_up_everywhere()

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete the rows, and publish their deletion."""
        super().delete_queryset(request, queryset)  # type: ignore[misc]
        catch_up_everywhere()


def _references_changed(form: Any, formsets: Any) -> bool:
    """Return whether a field by which other rows refer to a saved row has changed."""
    forms = [form, *(row_form for formset in formsets for row_form in formset.initial_forms)]
    return any(REFERENCE_FIELDS & set(row_form.changed_data) for row_form in forms if row_form.instance.pk)


# The app `members` must not import the change feed, so its admin is extended here.
admin.site.unregister([Member, Grouping, GroupingMembership, Alias])


@admin.register(Member)
class MemberAdmin(TableMixin, PublishingMixin, members_admin.MemberAdmin):
    """Members, published to the change feed."""

    resource_classes = [MemberTable]
    export_prefetch = ("aliases",)


@admin.register(Grouping)
class GroupingAdmin(PublishingMixin, members_admin.GroupingAdmin):
    """Groupings, published to the change feed."""


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(PublishingMixin, members_admin.GroupingMembershipAdmin):
    """Memberships, published as part of their groupings."""


@admin.register(Alias)
class AliasAdmin(PublishingMixin, members_admin.AliasAdmin):
    """Names, published as part of members and groupings."""
