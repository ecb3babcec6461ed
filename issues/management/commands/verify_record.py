"""`manage.py verify_record`: verify the integrity of the record."""

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

HELP = (
    "Verifies that no revision, proposal step or stated status has been altered since it was recorded, that the index "
    "matches the texts, that imported files are unaltered, and that the database guards of the record are in place. "
    "The first check uses hashes, each of which covers the previous one. The command only reads data, and the site "
    "may stay in use. It does not verify facts such as members, meetings, documents and reported positions, the parts "
    "of proposals other than their steps, requests, the change feed, or the admin log. With a slug, only the text of "
    "that provision is verified. The command also reports characters that cannot be exported, but it does not fail "
    "because of them."
)


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "provision", nargs="?", default="", help="Slug of a provision. Only this provision is verified."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["provision"]
        provisions = provisions_to_verify(slug)
        if slug and not provisions:
            raise CommandError(f"There is no provision “{slug}”.")
        problems = []
        for provision, chain_problems in tqdm(verify(provisions), total=len(provisions), unit="text", disable=None):
            problems += [f"{provision.slug}, {problem}." for problem in chain_problems]
        if not slug:
            problems += _other_problems()
            problems += [f"{problem}." for problem in altered_files()]
        for flaw in invalid_characters(provisions if slug else None):
            self.stdout.write(self.style.WARNING(f"{flaw}."))
        _require_sound(problems, missing_guards())
        self.stdout.write(self.style.SUCCESS(f"Texts: {len(provisions)} verified; chains, hashes and index agree."))
        if slug:
            self.stdout.write(f"Hash of this text: {digest_of_texts(provisions)}")
        else:
            self._print_summary(digest_of_texts(provisions))

    def _print_summary(self, texts: str) -> None:
        steps, statuses = (chain.model._base_manager.count() for chain in (STEPS, STATUSES))
        holds = f"Proposal steps: {steps}; stated statuses: {statuses}; chains and hashes agree."
        self.stdout.write(self.style.SUCCESS(holds))
        self.stdout.write(self.style.SUCCESS(f"Triggers: in place on {len(TABLES)} tables."))
        if waiting := sum(unsealed(chain) for chain in CHAINS):
            notice = f"Rows without a digest: {waiting}. To compute the digests, run manage.py seal_record."
            self.stdout.write(self.style.WARNING(notice))
        self.stdout.write(f"Hash of the texts, as computed by earlier releases: {texts}")
        self.stdout.write(f"Hash of the record: {digest_of_record()}")


def _other_problems() -> Iterator[str]:
    for chain in (STEPS, STATUSES):
        for owner, problems in verify_chains(chain):
            yield from (f"{owner}, {problem}." for problem in problems)
    for chain in CHAINS:
        yield from (f"{problem}." for problem in missing_rows(chain))


def _require_sound(problems: list[str], missing: list[str]) -> None:
    lines = ["The record failed verification:", *problems] if problems else []
    if missing:
        lines += [
            f"Rows on record can be changed or deleted, because triggers are missing: {', '.join(missing)}.",
            f"To restore the triggers, run {RESTORE_COMMAND}.",
        ]
    if lines:
        raise CommandError("\n".join(lines))
