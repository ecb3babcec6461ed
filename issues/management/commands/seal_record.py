"""`manage.py seal_record`: give rows on record that have no digest yet theirs."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.models.chain import complete_all
from issues.text.verification import CHAINS


class Command(BaseCommand):
    help = (
        "Seals revisions, steps of proposals and stated statuses that came in by a way that seals nothing: with the "
        "release before, between `migrate` and the restart of an upgrade. Changes no row that is sealed; can run "
        "beside a live site, and again at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = sum(complete_all(chain.model, chain.model.CHAIN, chain.model.ORDER) for chain in CHAINS)
        self.stdout.write(f"{sealed} rows sealed.")
