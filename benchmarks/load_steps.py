"""The two steps of a plenary day that use the database: creating the people and verifying the record."""

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from benchmarks.load import ACKNOWLEDGED, LOGGERS, PEOPLE, SIGNED_IN, SOURCE_PREFIX
from issues.models import Participation, Provision, Revision
from members.tokens import create_token
from tests.factories import DelegationFactory, UserFactory


def prepare(folder: Path) -> None:
    """Create the people of the day, and write their sessions and tokens to `folder`."""
    # No user logs in with a password, and secure hashing takes about a second per user.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def session(user: Any) -> str:
        client = Client()
        client.force_login(user)
        return client.cookies["sessionid"].value

    members = [
        participation.member
        for participation in Participation.objects.select_related("member").order_by("member__code")
    ]
    delegates = [
        (
            DelegationFactory(role="delegate", member=member, user=UserFactory(username=f"day-{number}")).user,
            member.code,
        )
        for number, member in enumerate((members * 2)[: max(LOGGERS, SIGNED_IN)])
    ]
    age = datetime.timedelta(days=1)
    tokens = [create_token(user, "A plenary day", "read", age, second_factor=False)[1] for user, _ in delegates[:10]]
    people = {
        "loggers": [{"session": session(user), "member": code} for user, code in delegates[:LOGGERS]],
        "readers": [session(user) for user, _ in delegates[:SIGNED_IN]],
        "tokens": tokens,
        "provisions": list(Provision.objects.values_list("slug", flat=True)),
        "members": [member.code for member in members],
    }
    (folder / PEOPLE).write_text(json.dumps(people))


def verify(folder: Path) -> None:
    """Print, as JSON, the numbers of acknowledged, recorded, lost and repeatedly recorded changes."""
    acknowledged = json.loads((folder / ACKNOWLEDGED).read_text())
    recorded = Counter(Revision.objects.filter(source__startswith=SOURCE_PREFIX).values_list("source", flat=True))
    counts = {
        "acknowledged": len(acknowledged),
        "recorded": sum(recorded.values()),
        "lost": len(set(acknowledged) - set(recorded)),
        "twice": sum(count - 1 for count in recorded.values()),
    }
    print(json.dumps(counts))
