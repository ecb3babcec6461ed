"""`manage.py lapse_requests`: record the requests to facilitators that have lapsed. Run it every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.actions.requests import lapse_ended_requests


class Command(BaseCommand):
    help = (
        "Records and publishes that an open request has lapsed if its member no longer takes part, its requester no "
        "longer acts for the member, or its bracket no longer exists. Such a request can no longer be accepted, even "
        "before its lapse is recorded."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Requests recorded as lapsed: {lapse_ended_requests()}.")
