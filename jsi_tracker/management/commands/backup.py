"""`manage.py backup FILE`: the whole database in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jsi_tracker.ops.backups import NotDone, back_up


class Command(BaseCommand):
    help = (
        "Writes the whole database, as of one moment, into a new file that only its owner may read; beside a running "
        "site. The file is a database of SQLite or a dump of PostgreSQL, as the site has. Keep SECRET_KEY with it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            back_up(path)
        except NotDone as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{path}: {path.stat().st_size:,} bytes."))
