"""`manage.py seal_record`: compute the missing hashes of records."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.models.chain import complete_all
from issues.text.verification import CHAINS


class Command(BaseCommand):
    help = (
        "Computes the hash of each revision, proposal step and stated status that was stored without a hash, for "
        "example by the previous release during an upgrade, between `migrate` and the restart. Rows that already have "
        "a hash are not changed. The site may stay in use, and the command may be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = sum(complete_all(chain.model, chain.model.CHAIN, chain.model.ORDER) for chain in CHAINS)
        self.stdout.write(f"Rows sealed: {sealed}.")
