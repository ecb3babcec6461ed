"""Admin of members, groupings and delegations."""

from functools import reduce
from operator import or_
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from members.admin_access import DeskMixin, ReadOnlyMixin, administered_in, administers_everything
from members.admin_history import kept_values
from members.models import AccessToken, Alias, Delegation, Grouping, GroupingMembership, Invitation, Member, fold
from members.people import is_taken, negotiations_of, reset_second_factors, vouch_for
from members.plain_text import LINE, Kind
from members.text_inputs import guard


class SearchedByNameAdmin(DeskMixin, admin.ModelAdmin):
    """A table whose rows are also found by any name of the members and groupings that they point to.

    Names are compared folded: databases disagree on accents, and SQLite on case outside ASCII.
    """

    alias_paths: list[str] = ["member__aliases"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what the table's own columns find, and what the names find."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        folded = fold(search_term)
        if not folded:
            return found, may_repeat
        named = reduce(or_, (Q(**{f"{path}__folded__contains": folded}) for path in self.alias_paths))
        # Subqueries instead of joins: a row must not come twice because two names of one member match.
        by_name = self.model._default_manager.filter(named)
        return queryset.filter(Q(pk__in=found.values("pk")) | Q(pk__in=by_name.values("pk"))), False


class OnceFormSet(forms.BaseInlineFormSet):
    """Rows of which there may be only one with the same values in `once`.

    Django leaves constraints that name the parent, or have a condition, out of its check of an inline: without
    this, a row that is there already would end in an error page of the database.
    """

    once: tuple[str, ...] = ()
    said = "This is in the list already."

    def clean(self) -> None:
        """Put the error at the row that repeats another one, on the form or on record."""
        super().clean()
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            if form.errors or form.cleaned_data.get("DELETE") or not (form.instance.pk or form.has_changed()):
                continue
            values = tuple(getattr(form.instance, name) for name in self.once)
            if values in seen or (form.has_changed() and self._is_on_record(values)):
                form.add_error(None, self.said)
            seen.add(values)

    def _is_on_record(self, values: tuple[Any, ...]) -> bool:
        """Whether a row that is not on this form has the same values."""
        on_form = [form.instance.pk for form in self.forms if form.instance.pk]
        same = dict(zip(self.once, values, strict=True))
        return bool(self.get_queryset().model._default_manager.filter(**same).exclude(pk__in=on_form).exists())


class CompactInline(DeskMixin, admin.TabularInline):
    """Rows on the page of what they belong to; long texts are low and narrow, or the table leaves the page."""

    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 4, "cols": 12})}}
    extra = 0


class AliasForm(forms.ModelForm):
    """A further name. Its folded form is no field, so that its being unique is checked here."""

    def clean_text(self) -> str:
        """Refuse a name that a search, or a reader of bracket heads, could not tell from another one."""
        text: str = self.cleaned_data["text"]
        folded = fold(text)
        longest = Alias._meta.get_field("folded").max_length or 0
        if not folded or len(folded) > longest:
            raise ValidationError(f"A name has letters, and at most {longest} of them with all marks written out.")
        others = Alias.objects.filter(folded=folded).exclude(pk=self.instance.pk)
        if taken := others.select_related("member", "grouping").first():
            raise ValidationError(
                f"Searches cannot tell this from “{taken}”, which is a name of {taken.member or taken.grouping}."
            )
        return text


class AliasFormSet(OnceFormSet):
    once = ("folded",)
    said = "Searches cannot tell this from another name in the list."


class AliasInline(CompactInline):
    """Further names of a member or grouping."""

    model = Alias
    form = AliasForm
    formset = AliasFormSet
    # The register of names is read from the aliases alone.
    verbose_name_plural = "names in texts (the code too: what is not listed is not understood)"
    fields = ["text", "language"]
    extra = 1


class GroupingMembershipFormSet(OnceFormSet):
    once = ("grouping_id", "member_id", "since")
    said = "This membership, since the same day, is in the list already."


class GroupingMembershipInline(CompactInline):
    """Who belongs to a grouping, or to which groupings a member belongs."""

    model = GroupingMembership
    formset = GroupingMembershipFormSet
    autocomplete_fields = ["grouping", "member"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupingMembership]:
        """Return the memberships with both names, which every row shows."""
        return super().get_queryset(request).select_related("grouping", "member")


class DelegationFormSet(OnceFormSet):
    once = ("user_id", "negotiation_id", "member_id", "role", "since")
    said = "This role in the negotiation, for the same member since the same day, is in the list already."


class DelegationInline(CompactInline):
    """In which negotiation a user acts, for whom, in which role, when."""

    model = Delegation
    formset = DelegationFormSet
    autocomplete_fields = ["member"]
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        """Return the delegations with the names that every row shows."""
        return super().get_queryset(request).select_related("user", "negotiation", "member")


@admin.register(Member)
class MemberAdmin(SearchedByNameAdmin):
    """WTO members; found by any of their names, with or without accents."""

    list_display = ["name", "code", "region", "development_status", "wto_member_since"]
    list_filter = ["region", "development_status"]
    # Beside the aliases: a member that was added a minute ago may have none yet.
    search_fields = ["name", "code"]
    alias_paths = ["aliases"]
    inlines = [AliasInline, GroupingMembershipInline]


@admin.register(Grouping)
class GroupingAdmin(SearchedByNameAdmin):
    """Groupings with their members."""

    list_display = ["name", "code", "kind", "speaks"]
    list_filter = ["speaks", "kind"]
    search_fields = ["name", "code"]
    alias_paths = ["aliases"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AliasInline, GroupingMembershipInline]


@admin.register(GroupingMembership)
class GroupingMembershipAdmin(SearchedByNameAdmin):
    """Memberships in groupings, with their dates."""

    list_display = ["member", "grouping", "since", "until"]
    list_filter = ["grouping", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping"]
    search_fields = ["member__name", "member__code", "grouping__name", "grouping__code"]
    autocomplete_fields = ["member", "grouping"]


@admin.register(Alias)
class AliasAdmin(SearchedByNameAdmin):
    """Every name under which members and groupings stand in texts."""

    form = AliasForm
    list_display = ["text", "member", "grouping", "language"]
    list_filter = ["language", ("grouping", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "grouping"]
    search_fields = ["text", "folded"]
    alias_paths = ["member__aliases", "grouping__aliases"]
    autocomplete_fields = ["member", "grouping"]


@admin.register(Delegation)
class DelegationAdmin(SearchedByNameAdmin):
    """Who acts for whom, in which negotiation and role, when."""

    list_display = ["user", "role", "member", "negotiation", "since", "until"]
    list_filter = ["negotiation", "role", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "negotiation", "member"]
    search_fields = ["user__username", "user__email", "member__name", "member__code"]
    autocomplete_fields = ["user", "member"]
    date_hierarchy = "since"


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Who was invited by whom; they are sent and revoked on the page of the site."""

    list_display = [
        *("email", "negotiation", "role", "member", "invited_by"),
        *("invited_at", "expires_at", "accepted_at", "revoked_at"),
    ]
    list_filter = [
        "negotiation",
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["negotiation", "member", "invited_by"]
    search_fields = ["email", "member__name", "member__code", "invited_by__username", "accepted_by__username"]
    date_hierarchy = "invited_at"


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Who has given a program a key, and for how long; they are made and revoked on the page of the account."""

    list_display = ["name", "user", "scope", "created_at", "expires_at", "last_used_on"]
    list_filter = ["scope", ("last_used_on", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "user__email"]
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessToken]:
        """Return the keys of all but those who hold roles in negotiations of others alone."""
        keys: QuerySet[AccessToken] = super().get_queryset(request)
        if request.user.is_superuser:
            return keys
        here = Q(negotiation__in=administered_in(request))
        holders, others = (Delegation.objects.filter(roles).values("user") for roles in (here, ~here))
        return keys.filter(Q(user__in=holders) | ~Q(user__in=others))


@admin.register(LogEntry)
class DeskLogAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Who changed what at the desk, and when; nobody changes it, the database sees to that."""

    list_display = ["action_time", "user", "action_flag", "content_type", "object_repr", "said"]
    list_display_links = ["action_time"]
    list_filter = ["action_flag", ("content_type", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username", "object_repr", "change_message"]
    fields = ["action_time", "user", "action_flag", "content_type", "object_id", "object_repr", "said", "kept"]
    readonly_fields = ["said", "kept"]
    date_hierarchy = "action_time"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Return all lines to somebody who administers every negotiation, else the own ones: lines name texts."""
        lines: QuerySet[LogEntry] = super().get_queryset(request)
        return lines if administers_everything(request) else lines.filter(user=request.user.pk)

    @admin.display(description="what was done")
    def said(self, entry: LogEntry) -> str:
        """Return in words what was changed."""
        return entry.get_change_message()

    @admin.display(description="what it said before and after")
    def kept(self, entry: LogEntry) -> SafeString:
        """Return the values that were changed."""
        return render_to_string("admin/kept_values.html", {"kept": kept_values(entry)})


# What allauth keeps belongs to the account's own pages; addresses are the user's, second factors are reset below.
admin.site.unregister([EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])
admin.site.unregister(get_user_model())


class PersonForm(UserChangeForm):
    """A user; an address belongs to one account, because one can log in by it."""

    def clean_email(self) -> str:
        """Refuse the address of another account."""
        email: str = self.cleaned_data["email"].lower()
        if email and is_taken(email, self.instance):
            raise ValidationError("This is the address of another account.")
        return email


@admin.register(get_user_model())
class PeopleAdmin(DeskMixin, UserAdmin):
    """Users with their delegations.

    Only a superuser hands out what only a superuser has; and an account that holds a role in a negotiation is changed
    only by who administers that negotiation, for whoever sets its password or address could act in that role.
    """

    form = PersonForm
    inlines = [DelegationInline]
    actions = ["reset_second_factors"]

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the form; what a person is called is read by others, as everything that is written."""
        form = super().get_form(request, obj, *args, **kwargs)
        for name in ("username", "first_name", "last_name", "email"):
            if name in form.base_fields:
                guard(form.base_fields[name], Kind(form.base_fields[name].max_length or LINE.longest, lines=False))
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the user, and vouch for the address."""
        super().save_model(request, obj, form, change)
        vouch_for(obj)

    @admin.action(description="Reset second factors, and end every session")
    def reset_second_factors(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """For those who lost the phone: they log in with the password, and set up new ones."""
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, f"Only a superuser resets those of {user}.", messages.ERROR)
                continue
            reset_second_factors(user)
            self.log_change(request, user, "Second factors reset, and every session ended.")
            self.message_user(request, f"Second factors reset, and every session ended: {user}.", messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what the secretariat may see but not change."""
        reserved = () if request.user.is_superuser else ("is_superuser", "user_permissions", "groups")
        return (*super().get_readonly_fields(request, obj), *reserved)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a user may be changed."""
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not obj.is_superuser and administered_in(request) >= negotiations_of(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a user may be deleted, by the same rule."""
        return self.has_change_permission(request, obj)
