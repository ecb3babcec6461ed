"""`manage.py deliver_webhooks`: deliver changes to webhooks. Run it every minute, or as a service."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from issues.notifications.delivery import deliver_due

# Seconds between two checks when running as a service.
PAUSE = 2.0


class Command(BaseCommand):
    help = (
        "Delivers the webhook messages that are due, either once or, with --keep-going, continuously. Several "
        "processes may run at the same time. A slow receiver delays only the process that is waiting for its response."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep-going", action="store_true", help="Check again every two seconds until stopped.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Delivery attempts: {deliver_due()}.")
        while options["keep_going"]:
            time.sleep(PAUSE)
            if tries := deliver_due():
                self.stdout.write(f"{tries} tries.")
