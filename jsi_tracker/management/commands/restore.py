"""Restore the database from a backup (`manage.py restore FILE`)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jsi_tracker.ops.backups import BackupError, restore


class Command(BaseCommand):
    help = (
        "Restores the database from a backup, in one transaction. Stop the site first. The command "
        "fails if the database is not empty, unless --yes-replace-everything is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--yes-replace-everything",
            action="store_true",
            help="Replace everything in the database with the backup.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore(options["file"], replace=options["yes_replace_everything"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS("Restored."))
        self.stdout.write(
            "If the backup is from an earlier release, run manage.py migrate. Then run manage.py verify_record."
        )
