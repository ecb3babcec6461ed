"""Delete expired data (`manage.py forget_expired`). Run the command daily unless `manage.py work` is running."""

from typing import Any

from django.core.management.base import BaseCommand

from jsi_tracker.ops.retention import forget_expired


class Command(BaseCommand):
    help = (
        "Deletes expired sessions, tokens and invitations, old webhook deliveries and abandoned imports. The "
        "command deletes nothing that is part of the record."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        deleted = [f"{count} {kind}" for kind, count in forget_expired().items() if count]
        self.stdout.write(f"Deleted: {', '.join(deleted) or 'nothing'}.")
