"""The admin of users, their roles in negotiations, invitations, access tokens and the admin log."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from members.admin.history import changed_values
from members.admin.mixins import AdminAccessMixin, CompactInline, ReadOnlyMixin, SearchedByNameAdmin, UniqueRowsFormSet
from members.admin_access import administered_in, administers_everything
from members.models import AccessToken, Delegation, Invitation
from members.people import email_is_taken, negotiations_of, reset_second_factors, set_verified_email
from members.plain_text import LINE, TextRules
from members.text_inputs import validate_as_plain_text


class DelegationFormSet(UniqueRowsFormSet):
    distinct_fields = ("user_id", "negotiation_id", "member_id", "role", "since")
    duplicate_message = "This role, for the same member and with the same start date, is already in the list."


class DelegationInline(CompactInline):
    """An inline for a user's roles in negotiations."""

    model = Delegation
    formset = DelegationFormSet
    autocomplete_fields = ["member"]
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        """Return the delegations with their users, negotiations and members, whose names each row shows."""
        return super().get_queryset(request).select_related("user", "negotiation", "member")


@admin.register(Delegation)
class DelegationAdmin(SearchedByNameAdmin):
    """The admin of users' roles in negotiations."""

    list_display = ["user", "role", "member", "negotiation", "since", "until"]
    list_filter = ["negotiation", "role", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "negotiation", "member"]
    search_fields = ["user__username", "user__email", "member__name", "member__code"]
    autocomplete_fields = ["user", "member"]
    date_hierarchy = "since"


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The read-only admin of invitations, which the secretariat sends and revokes on a page of the site."""

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
    """The read-only admin of access tokens, which their owners create and revoke on their account pages."""

    list_display = ["name", "user", "scope", "created_at", "expires_at", "last_used_on"]
    list_filter = ["scope", ("last_used_on", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "user__email"]
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessToken]:
        """Return the tokens that the user may see.

        Tokens are hidden if all their owner's roles are in negotiations that the user does not administer.
        """
        tokens: QuerySet[AccessToken] = super().get_queryset(request)
        if request.user.is_superuser:
            return tokens
        administered = Q(negotiation__in=administered_in(request))
        insiders = Delegation.objects.filter(administered).values("user")
        outsiders = Delegation.objects.filter(~administered).values("user")
        return tokens.filter(Q(user__in=insiders) | ~Q(user__in=outsiders))


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """The admin log of all changes. The database rejects changes to its entries."""

    list_display = ["action_time", "user", "action_flag", "content_type", "object_repr", "message"]
    list_display_links = ["action_time"]
    list_filter = ["action_flag", ("content_type", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username", "object_repr", "change_message"]
    fields = ["action_time", "user", "action_flag", "content_type", "object_id", "object_repr", "message", "values"]
    readonly_fields = ["message", "values"]
    date_hierarchy = "action_time"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Return all entries if the user administers every negotiation, and otherwise only the user's own entries.

        Access is restricted because entries quote texts.
        """
        entries: QuerySet[LogEntry] = super().get_queryset(request)
        return entries if administers_everything(request) else entries.filter(user=request.user.pk)

    @admin.display(description="action")
    def message(self, entry: LogEntry) -> str:
        """Return the message of the entry as text."""
        return entry.get_change_message()

    @admin.display(description="values before and after")
    def values(self, entry: LogEntry) -> SafeString:
        """Return the changed values as HTML."""
        return render_to_string("admin/changed_values.html", {"values": changed_values(entry)})


# Users manage their allauth data on their account pages. An action below resets second factors.
admin.site.unregister([EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])
admin.site.unregister(get_user_model())


class PersonForm(UserChangeForm):
    """A form for a user. No two accounts may share an e-mail address, because users can log in with it."""

    def clean_email(self) -> str:
        """Return the e-mail address. Raises ValidationError if it belongs to another account."""
        email: str = self.cleaned_data["email"].lower()
        if email and email_is_taken(email, self.instance):
            raise ValidationError("Another account uses this address.")
        return email


@admin.register(get_user_model())
class PersonAdmin(AdminAccessMixin, UserAdmin):
    """The admin of users and their roles in negotiations.

    Only a superuser may grant superuser rights and Django's built-in permissions. Apart from superusers, only a user
    who administers all negotiations in which an account has roles may change the account, because anyone who sets its
    password or e-mail address can act in those roles.
    """

    form = PersonForm
    inlines = [DelegationInline]
    actions = ["reset_second_factors"]

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the form, in which the names and the e-mail address are validated as plain text."""
        form = super().get_form(request, obj, *args, **kwargs)
        for name in ("username", "first_name", "last_name", "email"):
            if name in form.base_fields:
                validate_as_plain_text(
                    form.base_fields[name],
                    TextRules(form.base_fields[name].max_length or LINE.max_length, multiline=False),
                )
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the user, and mark the user's e-mail address as verified."""
        super().save_model(request, obj, form, change)
        set_verified_email(obj)

    @admin.action(description="Reset second factors and end all sessions")
    def reset_second_factors(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Remove the second factors of users who have lost theirs, and end all their sessions."""
        for user in queryset:
            if not self.has_change_permission(request, user):
                self.message_user(request, f"Only a superuser can reset the second factors of {user}.", messages.ERROR)
                continue
            reset_second_factors(user)
            self.log_change(request, user, "Second factors reset and all sessions ended.")
            self.message_user(request, f"Second factors reset and all sessions ended: {user}.", messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the read-only fields. Fields reserved for superusers are read-only for all other users."""
        reserved = () if request.user.is_superuser else ("is_superuser", "user_permissions", "groups")
        return (*super().get_readonly_fields(request, obj), *reserved)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may change `obj`, according to the rule in the docstring of this class."""
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not obj.is_superuser and administered_in(request) >= negotiations_of(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may delete `obj`, according to the same rule."""
        return self.has_change_permission(request, obj)
