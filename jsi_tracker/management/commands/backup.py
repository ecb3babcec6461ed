"""Write a backup of the whole database to a file (`manage.py backup FILE`)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jsi_tracker.ops.backups import BackupError, back_up


class Command(BaseCommand):
    help = (
        "Writes a consistent snapshot of the whole database to a new file that only its owner may read. The site may "
        "stay in use. The file is an SQLite database or a PostgreSQL dump. Keep SECRET_KEY with it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            back_up(path)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{path}: {path.stat().st_size:,} bytes."))
