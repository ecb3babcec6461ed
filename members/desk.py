"""Who may use the admin, and what its tables have in common."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from members.choices import Role
from members.models import Delegation


def is_secretariat(user: Any) -> bool:
    """Whether `user` acts as the secretariat today: invites people, and with the staff mark uses the admin."""
    today = Delegation.objects.on(timezone.localdate())
    return bool(user.is_active and today.filter(user=user.pk, role=Role.SECRETARIAT).exists())


def may_sit_at_the_desk(request: HttpRequest) -> bool:
    """Whether the request comes from a superuser or from staff whose secretariat delegation is in force.

    Asked dozens of times for one page, answered by one query.
    """
    if not hasattr(request, "_at_the_desk"):
        user = request.user
        request._at_the_desk = bool(  # type: ignore[attr-defined]
            user.is_active and user.is_staff and (user.is_superuser or is_secretariat(user))
        )
    return bool(request._at_the_desk)  # type: ignore[attr-defined]


class DeskMixin:
    """Whoever may use the admin may do what this model allows; no permissions are handed out one by one."""

    list_per_page = 50

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address fills in; a related row that is no number is left out, or Django would crash."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        related = {field.name for field in self.model._meta.fields if field.is_relation}  # type: ignore[attr-defined]
        return {
            name: value
            for name, value in initial.items()
            if name not in related or not isinstance(value, str) or (value.isascii() and value.isdigit())
        }

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app shows."""
        return may_sit_at_the_desk(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be read."""
        return may_sit_at_the_desk(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be added."""
        return may_sit_at_the_desk(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be changed."""
        return may_sit_at_the_desk(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be deleted."""
        return may_sit_at_the_desk(request)


class ReadOnlyMixin(DeskMixin):
    """For rows that are derived or on record: to be read, never edited here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
