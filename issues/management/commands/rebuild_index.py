"""`manage.py rebuild_index`: recompute measures, variants and positions from the texts."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from issues.models import Provision
from issues.sync.catch_up import publish_recomputation
from issues.text.index import rebuild


class Command(BaseCommand):
    help = (
        "Recomputes the index (measures, variants, positions) from all revisions, one text at a time. "
        "The site may stay in use. Only changes to the text whose index is being recomputed have to wait."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        provisions = Provision.objects.order_by("pk")
        revisions = rebuild(tqdm(provisions, unit="text", disable=None))
        # Invalidate all responses that were computed from the old index.
        publish_recomputation()
        self.stdout.write(f"Indexed {revisions} revisions.")
