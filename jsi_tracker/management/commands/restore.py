"""`manage.py restore FILE`: the database as a backup has it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jsi_tracker.ops.backups import NotDone, restore


class Command(BaseCommand):
    help = (
        "Puts what a backup holds into the database, all or nothing. Stop the site first. Refuses a database that "
        "holds anything, unless told to replace it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--yes-replace-everything",
            action="store_true",
            help="Lose what the database holds for what the file holds.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore(options["file"], replace=options["yes_replace_everything"])
        except NotDone as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS("Restored."))
        self.stdout.write("Now: manage.py migrate (for a backup of an earlier release), then manage.py verify_record.")
