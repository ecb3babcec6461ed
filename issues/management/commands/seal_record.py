"""`manage.py seal_record`: compute the missing digests of records."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.models.chain import complete_all
from issues.text.verification import CHAINS


class Command(BaseCommand):
    help = (
        "Computes the digest of each revision, proposal step and stated status that was stored without a digest, for "
        "example by the previous release during an upgrade, between `migrate` and the restart. Rows that already have "
        "a digest are not changed. The site may stay in use, and the command may be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = sum(complete_all(chain.model, chain.model.CHAIN, chain.model.ORDER) for chain in CHAINS)
        self.stdout.write(f"Rows sealed: {sealed}.")
