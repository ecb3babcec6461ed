"""`manage.py rebuild_index`: compute measures, variants and positions anew from the texts."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from issues.models import Provision
from issues.sync.catch_up import publish_recomputation
from issues.text.index import rebuild


class Command(BaseCommand):
    help = (
        "Computes the index (measures, variants, positions) anew from all revisions, one text after the other. "
        "Can run beside a live site: whoever changes a text meanwhile waits for that text alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        provisions = Provision.objects.order_by("pk")
        revisions = rebuild(tqdm(provisions, unit="text", disable=None))
        # Nothing that was served before this may be taken for what is served now.
        publish_recomputation()
        self.stdout.write(f"Read {revisions} revisions.")
