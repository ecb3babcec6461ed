"""Admin of the text. A text changes by adding a revision, through the same door as everywhere: `changes.log`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions import changes
from issues.actions.change_previews import preview_change
from issues.actions.edits import TextChange
from issues.actions.errors import Conflict, ConflictOnDay, NotRecorded, TextRefused
from issues.admin.negotiation import InNegotiationMixin
from issues.admin.publishing import PublishingMixin
from issues.forms.clashes import WholeTextForm
from issues.models import Provision, Revision
from issues.models.text import PLACE
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, open_clashes_message
from issues.text.ended_positions import mark_of
from issues.wording import diagnostic_text
from members.admin import SearchedByNameAdmin
from members.admin_access import DeskMixin, ReadOnlyMixin, administered_rows
from members.text_inputs import LineInput, WholeTextInput

# Carried along while two changes are put together, and until positions of others may end.
CARRIED = ("written_on", "written", "taken", "confirmed")
# As many problems of a text as the form lists; with more, it is another file than was meant.
PROBLEMS_SHOWN = 20
WITH_PLACE = ["provision__section", "provision__issue", "provision__sub_issue"]


class RevisionInline(ReadOnlyMixin, admin.TabularInline):
    """The revisions of a provision, newest first."""

    model = Revision
    fields = ["number", "made_on", "recorded_by", "on_behalf_of", "reason"]
    ordering = ["-number"]
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Return the revisions with what their rows show, and without their texts."""
        return super().get_queryset(request).select_related(*WITH_PLACE, "recorded_by", "on_behalf_of").defer("text")


@admin.register(Provision)
class ProvisionAdmin(PublishingMixin, InNegotiationMixin, admin.ModelAdmin):
    """Provisions: place, heading, who may read them. The text is shown, and changed by logging a change."""

    list_display = ["heading", "slug", "place_code", "visibility", "demonstration", "position"]
    list_filter = ["negotiation", "visibility", "demonstration", "lenses"]
    search_fields = ["heading", "slug", "sub_issue__code", "issue__code"]
    ordering = ["position"]
    autocomplete_fields = ["section", "issue", "sub_issue", "lenses"]
    prepopulated_fields = {"slug": ["heading"]}
    readonly_fields = ["text"]
    inlines = [RevisionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provision]:
        """Return the provisions with their places."""
        return super().get_queryset(request).select_related(*PLACE)

    @admin.display(description="place", ordering="position")
    def place_code(self, provision: Provision) -> str:
        """Return the code of the place in the table of issues."""
        return provision.place.code

    @admin.display(description="Text")
    def text(self, provision: Provision | None) -> SafeString | str:
        """Return the text that stands, with the way to change it."""
        if provision is None or provision.pk is None:
            return "Save the provision first; then log its first text here."
        current = newest(provision)
        address = f"{reverse('admin:issues_revision_add')}?provision={provision.pk}"
        return format_html(
            '<div class="readonly">{}</div><p><a class="button" href="{}">Log a change of the text</a></p>',
            linebreaksbr(current.text, autoescape=True) if current else "No text yet.",
            address,
        )


class RevisionForm(WholeTextForm, forms.ModelForm):
    """A change of a text; `changes.log` says whether it stands, when the form is cleaned."""

    text = WholeTextInput(widget=forms.Textarea(attrs={"rows": 24, "cols": 100}))
    base_revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    corrects = forms.IntegerField(
        min_value=1, required=False, help_text="The number of a mistaken entry, where this one corrects it."
    )

    confirmed = LineInput(max_length=64, required=False, widget=forms.HiddenInput)

    actor: Any = None
    logged: Revision | None = None

    class Meta:
        model = Revision
        fields = ["provision", "text", "on_behalf_of", "made_on", "reason", "source"]

    def changed_revision(self) -> Revision | None:
        """Return the newest text of the provision that was chosen."""
        provision = self.cleaned_data.get("provision")
        return newest(provision) if provision else None

    def clean_corrects(self) -> Revision | None:
        """Return the entry with that number."""
        number, provision = self.cleaned_data["corrects"], self.cleaned_data.get("provision")
        if number is None or provision is None:
            return None
        entry: Revision | None = provision.revisions.filter(number=number).first()
        if entry is None:
            raise ValidationError(f"This provision has no revision {number}.")
        return entry

    def clean(self) -> dict[str, Any]:
        """Log the change as the last step of cleaning, so that a refusal is an error at the text.

        The admin runs form and save in one transaction, and asks whether the form is valid once.
        """
        typed = super().clean() or {}
        if self.errors:
            return typed
        self._put_together(typed)
        self._ask_about_positions(typed)
        try:
            self.logged = changes.log(
                TextChange(
                    typed["provision"],
                    base_revision=typed["base_revision"],
                    edit=typed["text"],
                    on_behalf_of=typed["on_behalf_of"],
                    made_on=typed["made_on"],
                    reason=typed["reason"],
                    source=typed["source"],
                    corrects=typed["corrects"],
                ),
                actor=self.actor,
            )
        except ConflictOnDay as conflict:
            raise ValidationError({"made_on": str(conflict)}) from conflict
        except Conflict as conflict:
            self._rebase(conflict, typed)
            raise ValidationError({"text": _said_of_conflict(conflict, typed["base_revision"])}) from conflict
        except (NotRecorded, Refused) as refused:
            raise ValidationError({"text": _said(refused, typed["text"])}) from refused
        return typed

    def _put_together(self, typed: dict[str, Any]) -> None:
        """Take the side that was pressed; raises ValidationError then, and as long as a place is open."""
        numbers = [number for number in (typed["written_on"], typed["base_revision"]) if number is not None]
        revisions = typed["provision"].revisions.filter(number__in=numbers)
        known = dict(revisions.values_list("number", "text"))
        base, stands = known.get(typed["written_on"]), known.get(typed["base_revision"])
        if base is None or stands is None or not typed["written"]:
            return
        clashes = clashes_between(base, typed["written"], stands, typed["taken"])
        if clashes is None:
            return
        if "take" in self.data:
            text, clashes = clashes.pressed(self.data["take"], typed["text"])
            self._show(clashes, text=text, taken=clashes.taken)
            raise ValidationError({"text": "Nothing is recorded yet: save when the text is as it should be."})
        self._show(clashes)
        if clashes.open:
            raise ValidationError({"text": open_clashes_message(clashes)})

    def _ask_about_positions(self, typed: dict[str, Any]) -> None:
        """Raise ValidationError, once, where the change would end positions of others; saved again, it is logged."""
        try:
            check = preview_change(
                TextChange(
                    typed["provision"],
                    base_revision=typed["base_revision"],
                    edit=typed["text"],
                    on_behalf_of=typed["on_behalf_of"],
                    made_on=typed["made_on"],
                ),
                actor=reader_of(self.actor),
            )
        except NotRecorded:
            return  # said when it is logged
        mark = mark_of(check.ends) if check.can_be_logged and check.ends else ""
        if mark != typed["confirmed"] and mark:
            self._change_data(confirmed=mark)
            said = [positions.says for positions in check.ends]
            raise ValidationError({"text": [*said, "These positions end. Save again to log it all the same."]})

    def _rebase(self, conflict: Conflict, typed: dict[str, Any]) -> None:
        """Put both changes together in the box, with the places shown where they clash.

        What was typed on a text that is not on record stays, and the text that stands is shown below it.
        """
        current = conflict.current
        if conflict.merged is not None:
            clashes = clashes_of(conflict.merged)
            fields = fields_of(clashes, typed["base_revision"], typed["text"])
            self._show(clashes, base_revision=current.number, text=clashes.text, **fields)
            return
        self._change_data(base_revision=current.number)
        self["text"].help_text = format_html(
            "The text that stands now, revision {}:<br>{}", current.number, linebreaksbr(current.text)
        )

    def _show(self, clashes: Clashes, **data: Any) -> None:
        """Show the places at which a side has to be taken, and put `data` into the form."""
        self._change_data(**data)
        # At the bound field: it has taken its help text from the form's field by now.
        self["text"].help_text = render_to_string("admin/clashes.html", {"clashes": clashes})

    def _change_data(self, **values: Any) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, which the stubs do not know
        for name, value in values.items():
            data[name] = value
        self.data = data

    def _post_clean(self) -> None:
        """Skip the checks of an unsaved model: what was logged is on record already."""

    def save(self, commit: bool = True) -> Revision:
        """Return the revision that was logged."""
        assert self.logged is not None  # the admin saves valid forms only
        return self.logged

    def save_m2m(self) -> None:
        """Do nothing: a revision has no many-to-many rows."""


@admin.register(Revision)
class RevisionAdmin(ReadOnlyMixin, SearchedByNameAdmin):
    """Revisions: read, and added by logging a change. Never changed, never deleted."""

    form = RevisionForm
    list_display = ["provision", "number", "made_on", "recorded_at", "recorded_by", "on_behalf_of", "reason"]
    list_filter = ["made_on", ("on_behalf_of", admin.RelatedOnlyFieldListFilter)]
    list_select_related = [*WITH_PLACE, "recorded_by", "on_behalf_of"]
    alias_paths = ["on_behalf_of__aliases"]
    search_fields = ["provision__heading", "provision__slug", "text", "reason"]
    autocomplete_fields = ["provision", "on_behalf_of"]
    date_hierarchy = "made_on"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a change may be logged at all; what it may do, `changes.log` judges."""
        return DeskMixin.has_add_permission(self, request, obj)

    def get_fields(self, request: HttpRequest, obj: Revision | None = None) -> Any:
        """Return the form's fields for a new revision, all columns for one on record."""
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
                *CARRIED,
            ]
        return [field.name for field in Revision._meta.fields if field.name != "id"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text that stands, to be changed."""
        initial: dict[str, Any] = {"base_revision": 0, "made_on": timezone.localdate()}
        provision = asked_for(request)
        if provision is None:
            return initial
        current = newest(provision)
        text = {"text": current.text, "base_revision": current.number} if current else {}
        return {**initial, "provision": provision.pk, **text}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say in the title which provision's text is being changed."""
        provision = asked_for(request)
        title = f"Log a change of {provision}" if provision else "Log a change"
        return super().add_view(request, form_url, {"title": title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Revision | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, a class made for this request, told who acts and on which provision."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        if obj is None:
            self._fix_provision(form.base_fields["provision"], asked_for(request))
        return form

    def _fix_provision(self, field: forms.ModelChoiceField, provision: Provision | None) -> None:
        """Take the choice away once the text of one provision is in the form: it would be logged into another."""
        if provision is None:
            field.help_text = "To start from the text that stands, come here from the provision's own page."
        else:
            field.queryset = Provision.objects.filter(pk=provision.pk)
            field.widget = forms.HiddenInput()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Return the revisions without their texts: a list shows none, and a page of one fetches its own."""
        return super().get_queryset(request).defer("text")

    def save_model(self, request: HttpRequest, obj: Revision, form: Any, change: bool) -> None:
        """Store nothing: the form has logged the change."""


def newest(provision: Provision) -> Revision | None:
    """Return the text that stands, None for a provision without one."""
    return provision.revisions.order_by("-number").first()


def asked_for(request: HttpRequest) -> Provision | None:
    """Return the provision that the address names, None where it names none."""
    asked = request.GET.get("provision", "")
    # No key has more digits; Python refuses to read thousands of them.
    is_key = asked.isdecimal() and len(asked) < 19
    rows = administered_rows(request, Provision.objects.with_place())
    return rows.filter(pk=asked).first() if is_key else None


def _said(refused: NotRecorded | Refused, text: str) -> list[str]:
    """Return what is wrong, one line for each problem with its place."""
    if isinstance(refused, Refused):
        return [str(refused) if refused.place is None else f"{_place(text, refused.place)}: {refused}"]
    if not isinstance(refused, TextRefused) or refused.tree is None:
        return [str(refused)]
    shown = [
        "Line {}, column {}: {}".format(*refused.tree.line_and_column(found.start), diagnostic_text(found))
        for found in refused.problems[:PROBLEMS_SHOWN]
    ]
    more = len(refused.problems) - len(shown)
    return [*shown, f"And {more} more."] if more else shown


def _place(text: str, offset: int) -> str:
    """Return where `offset` is, in the words of the engine's `Tree.line_and_column`."""
    before = text[:offset]
    return f"Line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def _said_of_conflict(conflict: Conflict, base: int) -> str:
    """Return what happened: somebody was faster, or the form was opened without the text."""
    if base == 0:
        number = conflict.current.number
        return f"This provision has a text already, revision {number}, shown below: put your change into that text."
    return str(conflict)
