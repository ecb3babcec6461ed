"""Admin of negotiations and participations."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues.admin.publishing import PublishingMixin
from issues.models import Negotiation, Participation, Revision
from issues.models.choices import Visibility
from members.admin.mixins import AdminAccessMixin, SearchedByNameAdmin
from members.admin_access import administered_rows
from members.choices import Role
from members.models import Delegation, in_all_languages


class InNegotiationMixin(AdminAccessMixin):
    """A mixin for rows of a negotiation. The form for a new row preselects a negotiation."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, with the default negotiation preselected."""
        if db_field.name == "negotiation":
            kwargs.setdefault("initial", _first_negotiation(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _first_negotiation(request: HttpRequest) -> int | None:
    """Return the primary key of the default negotiation, or of the first negotiation that the user administers."""
    rows = administered_rows(request, Negotiation.objects.order_by("-is_default", "pk"))
    first: int | None = rows.values_list("pk", flat=True).first()
    return first


class NegotiationForm(forms.ModelForm):
    """The form of a negotiation."""

    def clean_stands_on(self) -> datetime.date | None:
        """Return the last date of the facts. Raise ValidationError if entries that everybody may read are later."""
        day: datetime.date | None = self.cleaned_data["stands_on"]
        if day is not None and self.instance.pk:
            public = Revision.objects.filter(provision__negotiation=self.instance)
            dates = public.filter(provision__visibility=Visibility.PUBLIC).aggregate(last=Max("made_on"))
            if dates["last"] is not None and day < dates["last"]:
                raise ValidationError(f"The last entry is dated {dates['last']}. Enter that date or a later date.")
        return day


@admin.register(Negotiation)
class NegotiationAdmin(PublishingMixin, AdminAccessMixin, admin.ModelAdmin):
    """Negotiations. Participations have their own list, because there are too many for this page."""

    form = NegotiationForm
    list_display = ["name", "slug", "is_default", "stands_on"]
    list_filter = ["is_default"]
    search_fields = [*in_all_languages("name"), *in_all_languages("short_name"), "slug"]
    prepopulated_fields = {"slug": ["short_name"]}
    readonly_fields = ["participations"]

    def save_model(self, request: HttpRequest, obj: Negotiation, form: Any, change: bool) -> None:
        """Save the negotiation. The user who creates it gets the role of the secretariat in it."""
        super().save_model(request, obj, form, change)
        if not change:
            assert request.user.is_authenticated  # the admin requires a login
            Delegation.objects.create(user_id=request.user.pk, negotiation=obj, role=Role.SECRETARIAT)

    @admin.display(description="participations")
    def participations(self, negotiation: Negotiation | None) -> SafeString | str:
        """Return the number of participations, with links to their list and to the form for a new one."""
        if negotiation is None or negotiation.pk is None:
            return "Save the negotiation before you add participations."
        return format_html(
            '<a href="{}?negotiation__id__exact={}">{} on record</a> · <a href="{}?negotiation={}">Add another</a>',
            reverse("admin:issues_participation_changelist"),
            negotiation.pk,
            negotiation.participations.count(),
            reverse("admin:issues_participation_add"),
            negotiation.pk,
        )


@admin.register(Participation)
class ParticipationAdmin(PublishingMixin, InNegotiationMixin, SearchedByNameAdmin):
    """Participations of members in negotiations, with dates and sources."""

    list_display = ["member", "negotiation", "joined", "joined_precision", "left", "co_convener"]
    list_filter = ["negotiation", "co_convener", "joined_precision", "member__region"]
    list_select_related = ["member", "negotiation"]
    search_fields = ["member__name", "member__code", "basis"]
    autocomplete_fields = ["member", "negotiation"]
    date_hierarchy = "joined"
