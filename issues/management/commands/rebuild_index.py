"""`manage.py rebuild_index`: compute measures, variants and positions anew from the texts."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from issues.index import rebuild
from issues.models import Provision


class Command(BaseCommand):
    help = (
        "Computes the index (measures, variants, positions) anew from all revisions, one text after the other. "
        "Can run beside a live site: whoever changes a text meanwhile waits for that text alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        provisions = Provision.objects.order_by("pk")
        self.stdout.write(f"Read {rebuild(tqdm(provisions, unit='text', disable=None))} revisions.")
