"""`manage.py check_migrations`: whether the release before goes on working while a migration is applied. For CI."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jsi_tracker.ops.migrations import unsafe_migrations


class Command(BaseCommand):
    help = "Names operations of migrations that need the site to be stopped. Asks no database."

    def handle(self, *args: Any, **options: Any) -> None:
        if found := unsafe_migrations():
            raise CommandError("\n".join(["Not without stopping the site:", *map(str, found)]))
        self.stdout.write("Every migration can be applied beside the release before.")
