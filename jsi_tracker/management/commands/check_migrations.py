"""Check in CI that migrations can be applied while the previous release runs (`manage.py check_migrations`)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jsi_tracker.ops.migrations import unsafe_migrations


class Command(BaseCommand):
    help = "Lists migration operations that require the site to be stopped. The command does not connect to a database."

    def handle(self, *args: Any, **options: Any) -> None:
        if unsafe := unsafe_migrations():
            raise CommandError("\n".join(["These operations require the site to be stopped:", *map(str, unsafe)]))
        self.stdout.write("Every migration can be applied while the previous release is running.")
