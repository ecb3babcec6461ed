"""Admin of provisions and their revisions. A text changes only by adding a revision, with `changes.log`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues.admin.negotiation import InNegotiationMixin
from issues.admin.publishing import PublishingMixin
from issues.admin.revision_form import RevisionForm, newest_revision
from issues.models import LensMark, Provision, Revision
from issues.models.text import PLACE
from members.admin.mixins import AdminAccessMixin, CompactInline, ReadOnlyMixin, SearchedByNameAdmin
from members.admin_access import administered_rows

# Hidden fields that hold the state of a merge, and the confirmation that positions of others end.
HIDDEN_FIELDS = ("written_on", "written", "taken", "confirmed")
WITH_PLACE = ["provision__section", "provision__issue", "provision__sub_issue"]


class LensMarkInline(CompactInline):
    """The marks that place variants of a provision under lenses."""

    model = LensMark
    autocomplete_fields = ["lens"]


@admin.register(LensMark)
class LensMarkAdmin(InNegotiationMixin, admin.ModelAdmin):
    """The marks that place variants under lenses, across all provisions."""

    list_display = ["lens", "provision", "words"]
    list_filter = ["lens", "provision__negotiation"]
    list_select_related = ["lens", *(f"provision__{part}" for part in PLACE)]
    search_fields = ["words", "provision__heading", "lens__name"]
    autocomplete_fields = ["lens", "provision"]


class RevisionInline(ReadOnlyMixin, admin.TabularInline):
    """The revisions of a provision, newest first."""

    model = Revision
    fields = ["number", "made_on", "recorded_by", "on_behalf_of", "reason"]
    ordering = ["-number"]
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Return the revisions with the related rows that the list shows, without their texts."""
        return super().get_queryset(request).select_related(*WITH_PLACE, "recorded_by", "on_behalf_of").defer("text")


@admin.register(Provision)
class ProvisionAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Provisions. Their text is shown read-only, with a link to record a change."""

    list_display = ["heading", "slug", "place_code", "visibility", "demonstration", "position"]
    list_filter = ["negotiation", "visibility", "demonstration", "lenses"]
    search_fields = ["heading", "slug", "sub_issue__code", "issue__code"]
    ordering = ["position"]
    autocomplete_fields = ["section", "issue", "sub_issue", "lenses"]
    prepopulated_fields = {"slug": ["heading"]}
    readonly_fields = ["text"]
    inlines = [LensMarkInline, RevisionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provision]:
        """Return the provisions with their places in the outline."""
        return super().get_queryset(request).select_related(*PLACE)

    @admin.display(description="place", ordering="position")
    def place_code(self, provision: Provision) -> str:
        """Return the code of the place in the outline."""
        return provision.parent.code

    @admin.display(description="Text")
    def text(self, provision: Provision | None) -> SafeString | str:
        """Return the current text, with a link to change it."""
        if provision is None or provision.pk is None:
            return "Save the provision before you log its first text here."
        current = newest_revision(provision)
        url = f"{reverse('admin:issues_revision_add')}?provision={provision.pk}"
        return format_html(
            '<div class="readonly">{}</div><p><a class="button" href="{}">Log a change of the text</a></p>',
            linebreaksbr(current.text, autoescape=True) if current else "No text yet.",
            url,
        )


@admin.register(Revision)
class RevisionAdmin(ReadOnlyMixin, SearchedByNameAdmin):
    """Revisions. A new revision records a change. Existing revisions cannot be changed or deleted."""

    form = RevisionForm
    list_display = ["provision", "number", "made_on", "recorded_at", "recorded_by", "on_behalf_of", "reason"]
    list_filter = ["made_on", ("on_behalf_of", admin.RelatedOnlyFieldListFilter)]
    list_select_related = [*WITH_PLACE, "recorded_by", "on_behalf_of"]
    alias_paths = ["on_behalf_of__aliases"]
    search_fields = ["provision__heading", "provision__slug", "text", "reason"]
    autocomplete_fields = ["provision", "on_behalf_of"]
    date_hierarchy = "made_on"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may use the admin. `changes.log` checks the permissions for each change."""
        return AdminAccessMixin.has_add_permission(self, request, obj)

    def get_fields(self, request: HttpRequest, obj: Revision | None = None) -> Any:
        """Return the fields of the form for a new revision, or all columns of an existing revision."""
        if obj is None:
            return [
                "provision",
                "text",
                "on_behalf_of",
                "made_on",
                "reason",
                "source",
                "corrects",
                "base_revision",
                *HIDDEN_FIELDS,
            ]
        return [field.name for field in Revision._meta.fields if field.name != "id"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the current text of the provision in the query string, as the initial value."""
        initial: dict[str, Any] = {"base_revision": 0, "made_on": timezone.localdate()}
        provision = requested_provision(request)
        if provision is None:
            return initial
        current = newest_revision(provision)
        text = {"text": current.text, "base_revision": current.number} if current else {}
        return {**initial, "provision": provision.pk, **text}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, with the provision in its title."""
        provision = requested_provision(request)
        title = f"Log a change of {provision}" if provision else "Log a change"
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Revision | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class for this request, with its user and provision."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        if obj is None:
            self._fix_provision(form.base_fields["provision"], requested_provision(request))
        return form

    def _fix_provision(self, field: forms.ModelChoiceField, provision: Provision | None) -> None:
        """Hide the choice of provision if the form holds a text, which must not be recorded for another provision."""
        if provision is None:
            field.help_text = "To start from the current text, open this form from the provision's page."
        else:
            field.queryset = Provision.objects.filter(pk=provision.pk)
            field.widget = forms.HiddenInput()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Return the revisions without their texts, which lists do not show."""
        return super().get_queryset(request).defer("text")

    def save_model(self, request: HttpRequest, obj: Revision, form: Any, change: bool) -> None:
        """Do nothing, because the form has recorded the change."""


def requested_provision(request: HttpRequest) -> Provision | None:
    """Return the provision in the query string if the user administers it, or None."""
    key = request.GET.get("provision", "")
    # No primary key has more digits, and Python refuses to convert strings of thousands of digits.
    is_key = key.isdecimal() and len(key) < 19
    rows = administered_rows(request, Provision.objects.with_place())
    return rows.filter(pk=key).first() if is_key else None
