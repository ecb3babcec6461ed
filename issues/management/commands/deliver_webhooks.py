"""`manage.py deliver_webhooks`: tell webhooks what changed. To be run every minute, or as a service."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from issues.notifications.delivery import deliver_due

# Seconds between two looks of a service.
PAUSE = 2.0


class Command(BaseCommand):
    help = (
        "Delivers to webhooks what is due, once, or for ever with --keep-going. Several may run at the same time; "
        "a slow receiver holds up only the process that waits for it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep-going", action="store_true", help="Look again every two seconds, until stopped.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{deliver_due()} tries.")
        while options["keep_going"]:
            time.sleep(PAUSE)
            if tries := deliver_due():
                self.stdout.write(f"{tries} tries.")
