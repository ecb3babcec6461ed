"""`manage.py forget_expired`: delete what has had its time. To be run once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from jsi_tracker.ops.retention import forget_expired


class Command(BaseCommand):
    help = (
        "Deletes expired sessions, sign-ins, tokens and invitations, old deliveries of webhooks and abandoned imports. "
        "Nothing that is on record."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        forgotten = [f"{count} {what}" for what, count in forget_expired().items() if count]
        self.stdout.write(f"Forgotten: {', '.join(forgotten) or 'nothing'}.")
