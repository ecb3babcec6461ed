"""`manage.py demo_users`: demonstration users for a local installation."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from issues.models import Facilitator, Negotiation, SmallGroup
from issues.sync.publishing import publish
from members.choices import Role
from members.demonstration import DOMAIN
from members.models import Delegation, Member

DELEGATES = {"canada": "CAN", "brazil": "BRA", "indonesia": "IDN"}
FACILITATED = "consumer-protection"


class Command(BaseCommand):
    help = (
        "Creates demonstration users (three delegates, a facilitator, a member of the secretariat and an analyst) and "
        "prints their names and their password."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demonstration users are for local use only and cannot be created in production.")
        password = secrets.token_urlsafe(9)
        lines = [f"  {name:12} {what}" for name, what in _create(password)]
        self.stdout.write("\nDemonstration users, all with the password " + self.style.SUCCESS(password))
        self.stdout.write("\n".join(lines) + "\n")


@transaction.atomic
def _create(password: str) -> list[tuple[str, str]]:
    """Create or refresh the users with a new `password`, and return their names and roles."""
    users = []
    negotiation = Negotiation.objects.get(is_default=True)
    for name, code in DELEGATES.items():
        member = Member.objects.get(code=code)
        Delegation.objects.update_or_create(
            user=_user(name, password),
            negotiation=negotiation,
            role=Role.DELEGATE,
            member=member,
            defaults={"until": None},
        )
        users.append((name, f"delegate of {member.name}"))
    group = SmallGroup.objects.get(slug=FACILITATED, negotiation=negotiation)
    facilitator = _user("facilitator", password)
    Facilitator.objects.update_or_create(
        small_group=group,
        user=facilitator,
        defaults={"name": "Demonstration facilitator", "source": "Demonstration user"},
    )
    publish(group)
    users.append(("facilitator", f"facilitator of the small group {group.name}"))
    secretariat = _user("secretariat", password, staff=True)
    _accredit(secretariat, Role.SECRETARIAT, negotiation)
    users.append(("secretariat", "secretariat, with access to the admin"))
    _accredit(_user("analyst", password), Role.ANALYST, negotiation)
    users.append(("analyst", "analyst, read-only"))
    return users


def _accredit(user: Any, role: Role, negotiation: Negotiation) -> None:
    Delegation.objects.update_or_create(user=user, negotiation=negotiation, role=role, defaults={"until": None})


def _user(name: str, password: str, *, staff: bool = False) -> Any:
    user, _ = get_user_model().objects.get_or_create(username=name, defaults={"email": f"{name}{DOMAIN}"})
    user.is_staff = staff
    user.set_password(password)
    user.save()
    return user
