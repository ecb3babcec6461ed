"""`manage.py rebuild_index`: compute measures, variants and positions anew from the texts."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.index import rebuild


class Command(BaseCommand):
    help = "Computes the index (measures, variants, positions) anew from all revisions."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Read {rebuild()} revisions.")
