"""`manage.py lapse_requests`: record which requests to facilitators have ended by themselves. To be run every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.actions.requests import settle_all


class Command(BaseCommand):
    help = (
        "Records that open requests have lapsed whose member no longer takes part, or whose asker no longer acts for "
        "it, or whose bracket is gone. They cannot be accepted before either; this puts it on record and tells of it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{settle_all()} requests have lapsed.")
