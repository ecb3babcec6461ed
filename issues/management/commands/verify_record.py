"""`manage.py verify_record`: whether the record can be trusted."""

import hashlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from issues.models import Revision
from issues.verification import provisions_to_verify, verify


class Command(BaseCommand):
    help = (
        "Checks that every revision is the one that was recorded (digests, each chained to the one before) and that "
        "the index is what the texts say. Reads only; can run beside a live site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provision", nargs="?", default="", help="Slug of the one provision to check.")

    def handle(self, *args: Any, **options: Any) -> None:
        provisions = provisions_to_verify(options["provision"])
        if not provisions:
            raise CommandError(f"No provision “{options['provision']}” is on record.")
        problems = []
        for provision, found in tqdm(verify(provisions), total=len(provisions), unit="text", disable=None):
            problems += [f"{provision.slug}, {said}." for said in found]
        if problems:
            raise CommandError("\n".join(["The record does not hold:", *problems]))
        heads = Revision.objects.current().filter(provision__in=provisions).order_by("provision")
        digests = list(heads.values_list("digest", flat=True))
        whole = hashlib.sha256("".join(digests).encode()).hexdigest()
        self.stdout.write(self.style.SUCCESS(f"{len(provisions)} texts: chain, digests and index agree."))
        self.stdout.write(f"Digest of the record: {whole}")
