"""Determine who may use the admin and which rows each user may see.

A user who administers a negotiation may view and change its rows and the rows that negotiations share, which are
members, groupings, names and lenses. A superuser may view and change all rows. The access rules in `issues.access`
determine who administers a negotiation. Because this app must not import `issues`, `set_administration_rule` passes the
rule to it at start-up.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest

from members.models import Delegation

AdministrationRule = Callable[[Any], frozenset[int]]
_rules: list[AdministrationRule] = []


def set_administration_rule(rule: AdministrationRule) -> None:
    """Set the function that returns the primary keys of the negotiations that a user currently administers."""
    _rules[:] = [rule]


def administered_by(user: Any) -> frozenset[int]:
    """Return the primary keys of the negotiations that `user` administers.

    The user may invite people to these negotiations and, if marked as staff, may use the admin for them. Raises
    ImproperlyConfigured if no rule has been set.
    """
    if not _rules:
        raise ImproperlyConfigured("members.admin_access.set_administration_rule has not been called.")
    return _rules[0](user)


def can_use_admin(request: HttpRequest) -> bool:
    """Return whether the user of `request` is an active staff user who is a superuser or administers a negotiation."""
    user = request.user
    return bool(user.is_active and user.is_staff and (user.is_superuser or administered_in(request)))


def administered_in(request: HttpRequest) -> frozenset[int]:
    """Return the primary keys of the negotiations that the user of `request` administers, cached on the request."""
    if not hasattr(request, "_administered"):
        request._administered = administered_by(request.user)  # type: ignore[attr-defined]
    negotiations: frozenset[int] = request._administered  # type: ignore[attr-defined]
    return negotiations


def administers_everything(request: HttpRequest) -> bool:
    """Return whether the user of `request` is a superuser or administers all negotiations."""
    negotiation = Delegation._meta.get_field("negotiation").related_model
    assert isinstance(negotiation, type)
    others = negotiation._default_manager.exclude(pk__in=administered_in(request))
    return bool(request.user.is_superuser or not others.exists())


def negotiation_lookup(model: type[Model]) -> str:
    """Return the lookup from a row of `model` to its negotiation, or "" if the rows belong to no negotiation.

    The lookup is the shortest chain of foreign keys, such as "negotiation" for a provision and "provision__negotiation"
    for a revision. For a negotiation itself, the lookup is "pk".
    """
    queue: list[tuple[type[Model], str]] = [(model, "")]
    seen = {model}
    while queue:
        current, path = queue.pop(0)
        if current._meta.label == "issues.Negotiation":
            return path.removesuffix("__") or "pk"
        for field in current._meta.fields:
            target = field.related_model if isinstance(field, ForeignKey) else None
            if isinstance(target, type) and target not in seen and target._meta.app_label in ("issues", "members"):
                seen.add(target)
                queue.append((target, f"{path}{field.name}__"))
    return ""


def administered_rows(request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the rows among `rows` that the user of `request` may see in the admin."""
    lookup = negotiation_lookup(rows.model)
    if not lookup or request.user.is_superuser:
        return rows
    return rows.filter(**{f"{lookup}__in": administered_in(request)})
