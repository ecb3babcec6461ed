"""Admin of the text. A text changes by adding a revision, through the same door as everywhere: `changes.log`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues import changes
from issues.access import Refused
from issues.models import Measure, Position, Provision, Revision, Variant
from members.desk import DeskMixin, ReadOnlyMixin


class RevisionInline(ReadOnlyMixin, admin.TabularInline):
    """The revisions of a provision, newest first."""

    model = Revision
    fields = ["number", "made_on", "recorded_by", "on_behalf_of", "reason"]
    ordering = ["-number"]
    extra = 0
    show_change_link = True


@admin.register(Provision)
class ProvisionAdmin(DeskMixin, admin.ModelAdmin):
    """Provisions: place, heading, who may read them. The text is shown, and changed by logging a change."""

    list_display = ["heading", "slug", "place_code", "visibility", "demonstration", "position"]
    list_filter = ["negotiation", "visibility", "demonstration", "lenses"]
    search_fields = ["heading", "slug", "sub_issue__code", "issue__code"]
    autocomplete_fields = ["section", "issue", "sub_issue", "lenses"]
    prepopulated_fields = {"slug": ["heading"]}
    readonly_fields = ["text"]
    inlines = [RevisionInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the provisions with their places."""
        return Provision.objects.with_place().order_by(*self.get_ordering(request) or ["position"])

    @admin.display(description="place", ordering="position")
    def place_code(self, provision: Provision) -> str:
        """Return the code of the place in the table of issues."""
        return provision.place.code

    @admin.display(description="Text")
    def text(self, provision: Provision | None) -> SafeString | str:
        """Return the text that stands, with the way to change it."""
        if provision is None or provision.pk is None:
            return "Save the provision first; then log its first text here."
        current = provision.revisions.order_by("-number").first()
        address = f"{reverse('admin:issues_revision_add')}?provision={provision.pk}"
        return format_html(
            '<div class="readonly">{}</div><p><a class="button" href="{}">Log a change of the text</a></p>',
            linebreaksbr(current.text, autoescape=True) if current else "No text yet.",
            address,
        )


class RevisionForm(forms.ModelForm):
    """A change of a text; `changes.log` says whether it stands, when the form is cleaned."""

    text = forms.CharField(strip=False, required=False, widget=forms.Textarea(attrs={"rows": 24, "cols": 100}))
    base_revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    actor: Any = None
    logged: Revision | None = None

    class Meta:
        model = Revision
        fields = ["provision", "text", "on_behalf_of", "made_on", "reason", "source"]

    def clean_text(self) -> str:
        """Return the text with the line ends of the one that it changes: browsers send CRLF for every line."""
        text: str = self.cleaned_data["text"]
        provision = self.cleaned_data.get("provision")
        current = provision.revisions.order_by("-number").first() if provision else None
        return text if current and "\r\n" in current.text else text.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Log the change as the last step of cleaning, so that a refusal is an error at the text.

        The admin runs form and save in one transaction, and asks whether the form is valid once.
        """
        typed = super().clean() or {}
        if self.errors:
            return typed
        try:
            self.logged = changes.log(
                provision=typed["provision"],
                base_revision=typed["base_revision"],
                new_text=typed["text"],
                actor=self.actor,
                on_behalf_of=typed["on_behalf_of"],
                made_on=typed["made_on"],
                reason=typed["reason"],
                source=typed["source"],
            )
        except (changes.NotLogged, Refused) as refused:
            raise ValidationError({"text": _said(refused)}) from refused
        return typed

    def _post_clean(self) -> None:
        """Skip the checks of an unsaved model: what was logged is on record already."""

    def save(self, commit: bool = True) -> Revision:
        """Return the revision that was logged."""
        assert self.logged is not None  # the admin saves valid forms only
        return self.logged

    def save_m2m(self) -> None:
        """Do nothing: a revision has no many-to-many rows."""


@admin.register(Revision)
class RevisionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Revisions: read, and added by logging a change. Never changed, never deleted."""

    form = RevisionForm
    list_display = ["provision", "number", "made_on", "recorded_at", "recorded_by", "on_behalf_of", "reason"]
    list_filter = ["made_on", "on_behalf_of"]
    list_select_related = [
        "provision__section",
        "provision__issue",
        "provision__sub_issue",
        "recorded_by",
        "on_behalf_of",
    ]
    search_fields = ["provision__heading", "provision__slug", "text", "reason"]
    autocomplete_fields = ["provision", "on_behalf_of"]
    date_hierarchy = "made_on"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a change may be logged at all; what it may do, `changes.log` judges."""
        return DeskMixin.has_add_permission(self, request, obj)

    def get_fields(self, request: HttpRequest, obj: Revision | None = None) -> Any:
        """Return the form's fields for a new revision, all columns for one on record."""
        if obj is None:
            return ["provision", "text", "on_behalf_of", "made_on", "reason", "source", "base_revision"]
        return [field.name for field in Revision._meta.fields if field.name != "id"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text that stands, to be changed."""
        initial: dict[str, Any] = {"base_revision": 0, "made_on": timezone.localdate()}
        asked = request.GET.get("provision", "")
        provision = Provision.objects.filter(pk=asked).first() if asked.isdigit() else None
        current = provision.revisions.order_by("-number").first() if provision else None
        if current is not None:
            initial |= {"text": current.text, "base_revision": current.number}
        return {**super().get_changeform_initial_data(request), **initial}

    def get_form(self, request: HttpRequest, obj: Revision | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, a class made for this request, told who acts."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Revision, form: Any, change: bool) -> None:
        """Store nothing: the form has logged the change."""


def _said(refused: Exception) -> list[str]:
    """Return what is wrong, one line for each problem with its place."""
    if isinstance(refused, changes.TextRefused) and refused.tree is not None:
        return [
            "Line {}, column {}: {} {}".format(*refused.tree.place(found.start), found.message, found.hint)
            for found in refused.problems[:20]
        ]
    return [str(refused)]


@admin.register(Measure)
class MeasureAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Figures of each revision, computed from its text."""

    list_display = ["revision", "words", "contested_words", "open_brackets", "alternatives", "depth"]
    list_select_related = [
        "revision__provision__section",
        "revision__provision__issue",
        "revision__provision__sub_issue",
    ]
    search_fields = ["revision__provision__heading", "revision__provision__slug"]
    ordering = ["-revision__made_on", "revision"]


@admin.register(Variant)
class VariantAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Brackets, alternatives and options with their lives, computed from the texts."""

    list_display = ["text", "kind", "provision", "opened_on", "closed_on", "outcome"]
    list_filter = ["kind", "outcome", ("closed_in", admin.EmptyFieldListFilter)]
    list_select_related = ["provision__section", "provision__issue", "provision__sub_issue"]
    search_fields = ["text", "provision__heading", "provision__slug"]
    date_hierarchy = "opened_on"


@admin.register(Position)
class PositionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Who stood at which variant from when until when, computed from the texts."""

    list_display = ["member", "grouping", "stance", "variant_text", "since", "until"]
    list_filter = ["stance", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping", "variant"]
    search_fields = ["member__name", "member__code", "variant__text"]
    date_hierarchy = "since"

    @admin.display(description="words", ordering="variant")
    def variant_text(self, position: Position) -> str:
        """Return the words that the position is about."""
        return position.variant.text[:100]
