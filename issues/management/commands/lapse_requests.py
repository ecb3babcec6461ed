"""`manage.py lapse_requests`: record the requests to facilitators that have lapsed. Run it every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.actions.requests import lapse_ended_requests


class Command(BaseCommand):
    help = (
        "Records that open requests have lapsed because the member no longer takes part, the requester no "
        "longer acts for it, or the bracket is gone. Such requests can no longer be accepted anyway; this "
        "command records and publishes it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{lapse_ended_requests()} requests have lapsed.")
