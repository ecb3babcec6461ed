from typing import Any

from django.db import migrations
from django.db.models import Max


def mark_proposals_of_demonstration_users(apps: Any, schema_editor: Any) -> None:
    """Mark the proposals on record whose first step a demonstration user recorded."""
    steps = apps.get_model("issues", "ProposalStep").objects.filter(
        number=1, recorded_by__email__endswith="@demonstration.invalid"
    )
    apps.get_model("issues", "Proposal").objects.filter(pk__in=steps.values("proposal")).update(demonstration=True)


def move_clocks_to_the_last_entries(apps: Any, schema_editor: Any) -> None:
    """Set the date on which the facts of each negotiation stand to the date of its last entry, if that is later."""
    revisions, reports = apps.get_model("issues", "Revision").objects, apps.get_model("issues", "StatusReport").objects
    for negotiation in apps.get_model("issues", "Negotiation").objects.exclude(stands_on=None):
        days = [
            revisions.filter(provision__negotiation=negotiation).aggregate(last=Max("made_on"))["last"],
            reports.filter(small_group__negotiation=negotiation).aggregate(last=Max("stated_on"))["last"],
        ]
        last = max((day for day in days if day), default=negotiation.stands_on)
        if last > negotiation.stands_on:
            negotiation.stands_on = last
            negotiation.save(update_fields=["stands_on"])


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0030_proposal_demonstration"),
    ]

    operations = [
        migrations.RunPython(mark_proposals_of_demonstration_users, migrations.RunPython.noop),
        migrations.RunPython(move_clocks_to_the_last_entries, migrations.RunPython.noop),
    ]
