"""`manage.py verify_record`: whether the record can be trusted."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from issues.interchange.stored_files import altered_files
from issues.models.append_only import TABLES, missing_guards
from issues.text.invalid_characters import invalid_characters
from issues.text.verification import (
    CHAINS,
    RESTORE_COMMAND,
    STATUSES,
    STEPS,
    digest_of_record,
    digest_of_texts,
    missing_rows,
    provisions_to_verify,
    unsealed,
    verify,
    verify_chains,
)

COVERED = (
    "Checks that every revision, every step of a proposal and every stated status is the one that was recorded "
    "(digests, each chained to the one before), that the index is what the texts say, that imported files are as they "
    "came in, and that the guards of the record are in the database. Reads only; can run beside a live site. Not "
    "covered: facts such as members, meetings, documents and reported positions, what proposals say beside their "
    "steps, requests, the feed of changes and the log of the desk. With a slug, that text alone is checked. "
    "Characters that cannot be written out are named as well; they are no alteration, and fail nothing."
)


class Command(BaseCommand):
    help = COVERED

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provision", nargs="?", default="", help="Slug of the one provision to check.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["provision"]
        provisions = provisions_to_verify(slug)
        if slug and not provisions:
            raise CommandError(f"No provision “{slug}” is on record.")
        problems = []
        for provision, wrong in tqdm(verify(provisions), total=len(provisions), unit="text", disable=None):
            problems += [f"{provision.slug}, {problem}." for problem in wrong]
        if not slug:
            problems += _beside_the_texts()
            problems += [f"{problem}." for problem in altered_files()]
        for flaw in invalid_characters(provisions if slug else None):
            self.stdout.write(self.style.WARNING(f"{flaw}."))
        _require_sound(problems, missing_guards())
        self.stdout.write(self.style.SUCCESS(f"{len(provisions)} texts: chain, digests and index agree."))
        if slug:
            self.stdout.write(f"Digest of this text: {digest_of_texts(provisions)}")
        else:
            self._say_what_holds(digest_of_texts(provisions))

    def _say_what_holds(self, texts: str) -> None:
        steps, statuses = (chain.model._base_manager.count() for chain in (STEPS, STATUSES))
        holds = f"{steps} steps of proposals and {statuses} stated statuses: chains and digests agree."
        self.stdout.write(self.style.SUCCESS(holds))
        self.stdout.write(self.style.SUCCESS(f"Guards: in place on {len(TABLES)} tables."))
        if waiting := sum(unsealed(chain) for chain in CHAINS):
            notice = f"{waiting} rows have no digest yet. Give them theirs: manage.py seal_record"
            self.stdout.write(self.style.WARNING(notice))
        self.stdout.write(f"Digest of the texts, as earlier releases gave it: {texts}")
        self.stdout.write(f"Digest of the record: {digest_of_record()}")


def _beside_the_texts() -> Iterator[str]:
    for chain in (STEPS, STATUSES):
        for owner, wrong in verify_chains(chain):
            yield from (f"{owner}, {problem}." for problem in wrong)
    for chain in CHAINS:
        yield from (f"{problem}." for problem in missing_rows(chain))


def _require_sound(problems: list[str], missing: list[str]) -> None:
    lines = ["The record does not hold:", *problems] if problems else []
    if missing:
        lines += [
            f"Rows on record can be changed or deleted: missing guards: {', '.join(missing)}.",
            f"Put them back: {RESTORE_COMMAND}",
        ]
    if lines:
        raise CommandError("\n".join(lines))
