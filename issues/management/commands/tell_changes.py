"""`manage.py tell_changes`: tell the feed of changes what came in by another way than the site's own."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.sync.publishing import catch_up_everywhere


class Command(BaseCommand):
    help = (
        "Compares all that is on record with what the feed of changes has told, and tells the difference. After rows "
        "were changed by hand or loaded; can run beside a live site, whose writers wait for it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{catch_up_everywhere()} changes told.")
