"""`manage.py publish_changes`: publish to the change feed any changes that bypassed it (fixtures, SQL, the shell)."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.sync.catch_up import catch_up_everywhere


class Command(BaseCommand):
    help = (
        "Compares the database with the feed of changes and publishes the difference. Run it after rows were loaded or "
        "changed by hand. It may run beside a live site, whose writers wait for it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{catch_up_everywhere()} changes published.")
