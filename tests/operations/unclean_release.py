"""Create `unclean_release.json.xz` with invalid characters as stored by commit be7cf40 (November 2026).

This script requires that commit's code. Run `PYTHONPATH=. python unclean_release.py OUT` in a checkout of be7cf40 with
an empty DATABASE_URL. Texts, reasons and notes are stored through that code's functions, which did not check them. The
other values could be entered in the admin, which did not check them either, and are written row by row.
"""

import datetime
import json
import lzma
import sys
from pathlib import Path
from typing import Any

import django

# A control character, a noncharacter, a bidirectional override, and a separator that is now refused although it does no
# harm.
FLAWS = "\x01\uffff\u202e\u2028"
MACHINES = ("digest", "idempotency_key", "secret", "folded", "rights", "scopes", "only", "key", "resource", "password")


def main(out: Path) -> None:
    django.setup()
    from django.core import serializers
    from django.core.management import call_command
    from django.utils import timezone

    timezone.localdate = lambda *args: datetime.date(2021, 6, 1)  # a date that lies in the past on any machine
    call_command("migrate", verbosity=0)
    _make()
    from django.apps import apps
    from django.contrib.auth import get_user_model

    ours = [model for name in ("members", "issues") for model in apps.get_app_config(name).get_models()]
    rows = [row for model in [get_user_model(), *ours] for row in model._base_manager.order_by("pk")]
    stored = json.loads(serializers.serialize("json", rows))
    out.write_bytes(lzma.compress(json.dumps(stored, indent=0).encode()))


def _make() -> None:
    from django.contrib.auth import get_user_model
    from issues.operations import Operation

    from issues import changes, proposals, requests, webhooks
    from issues.models import Delivery, Digest, Negotiation, Proposal
    from members.models import Alias, Member
    from tests.confidentiality import world

    provision = world.make()
    world.hide("participants")
    canada = Member.objects.get(code="CAN")
    actor = canada.delegations.first()
    secretariat = get_user_model().objects.filter(delegations__role="secretariat").first()
    user = actor.user if actor else secretariat
    number = provision.revisions.latest("number").number
    words = f"so{FLAWS}on"
    text = provision.revisions.latest("number").text
    for at in (len(text), text.index("[JPN")):
        act = "propose" if at == len(text) else "alternative"
        changes.log(
            provision=provision, base_revision=number, operation=Operation(act, at, words=words), actor=user,
            on_behalf_of=canada, reason=f"Why{FLAWS}", source=f"Where{FLAWS}",
        )  # fmt: skip
    asked = Operation("merge", text.index("[JPN"), words=words)
    requests.ask(
        provision=provision, base_revision=number, operation=asked, actor=user, on_behalf_of=canada, reason=words
    )
    known = Proposal.objects.get(slug="known")
    entry = proposals.Entry(secretariat, canada, note=f"Noted{FLAWS}")
    proposals.revise(known, "Each Member shall act.", entry, base=0)
    negotiation = Negotiation.objects.get()
    Digest.objects.create(user=secretariat, negotiation=negotiation)
    hook, _ = webhooks.make(user=secretariat, negotiation=negotiation, url="https://receiver.example/")
    Delivery.objects.create(webhook=hook, after=0, until=1, answer="fine")
    Alias.objects.create(text=f"Kanada{FLAWS}", folded=f"kanada{FLAWS}", member=canada)
    _spoil()


def _spoil() -> None:
    """Put the invalid characters into every column that people fill, except names in URLs and heads."""
    from django.apps import apps
    from django.contrib.auth import get_user_model
    from django.db import models

    guarded = ("Revision", "ProposalStep", "Change")
    for model in [
        get_user_model(),
        *apps.get_app_config("members").get_models(),
        *apps.get_app_config("issues").get_models(),
    ]:
        if model.__name__ in (*guarded, "Measure", "Position", "Variant", "Tide", "Alias"):
            continue
        for row in model._base_manager.all():
            for field in model._meta.fields:
                if _is_written(field):
                    setattr(row, field.name, _spoilt(field, getattr(row, field.name)))
                elif isinstance(field, models.JSONField) and field.name in ("warnings", "sentences", "unknown"):
                    setattr(row, field.name, [f"{field.name}{FLAWS}"])
            if model.__name__ == "StagedProvision":
                row.problems = [{"code": "", "message": f"Wrong{FLAWS}", "stops": True}]
                row.comments = [
                    {
                        "number": "1",
                        "author": FLAWS,
                        "text": FLAWS,
                        "words": FLAWS,
                        "stance": "",
                        "codes": [],
                        "taken": False,
                    }
                ]
            if model.__name__ == "StagedImport":
                row.draft["paragraphs"].append([[f"Article 2{FLAWS}"], 0, "", ""])
            models.Model.save(row)


def _is_written(field: Any) -> bool:
    from django.db import models

    plain = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
    codes = ("code", "iso_alpha2", "iso_alpha3", "symbol", "username", "email", "by", "visibility", "slug", "label")
    return plain and not field.choices and field.name not in (*MACHINES, *codes)


def _spoilt(field: Any, value: str) -> str:
    longest = field.max_length or 10_000
    return f"{value[: longest - len(FLAWS)]}{FLAWS}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
