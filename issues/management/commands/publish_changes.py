"""`manage.py publish_changes`: publish to the change feed any changes that bypassed it (fixtures, SQL, the shell)."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.sync.catch_up import catch_up_everywhere


class Command(BaseCommand):
    help = (
        "Compares the database with the change feed and publishes the differences. Run this command after loading or "
        "changing rows by hand. The site may stay in use, but changes made on it wait until the command has finished."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Changes published: {catch_up_everywhere()}.")
