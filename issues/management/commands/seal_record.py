"""`manage.py seal_record`: compute the missing digests of records."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.models.chain import complete_all
from issues.text.verification import CHAINS


class Command(BaseCommand):
    help = (
        "Computes the digests of revisions, proposal steps and stated statuses that were stored without "
        "one, for example by the previous release between `migrate` and the restart of an upgrade. It "
        "changes no sealed row, may run beside a live site, and may be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = sum(complete_all(chain.model, chain.model.CHAIN, chain.model.ORDER) for chain in CHAINS)
        self.stdout.write(f"{sealed} rows sealed.")
