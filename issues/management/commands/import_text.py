"""`manage.py import_text`: import a text from a file into a new or an existing negotiation."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from issues.access.permissions import Refused
from issues.actions.errors import NotRecorded
from issues.interchange import staging
from issues.interchange.character_map import clean_file_name
from issues.interchange.composition import TREATMENTS, Choices, compose, default_choices
from issues.interchange.drafts import Draft
from issues.interchange.file_checks import Unreadable, require_size
from issues.interchange.log_import import NotLogged, log
from issues.interchange.new_negotiation import Source, load_negotiation
from issues.interchange.plain_reader import decode
from issues.interchange.readers import read_file, read_pasted
from issues.interchange.review import accept_without_problems
from issues.interchange.stored_files import ReceivedFile
from issues.management.arguments import day, user
from issues.models import Negotiation, SmallGroup, StagedImport
from issues.models.choices import Finding, Visibility
from issues.text.member_names import load_register

EXIT_WAITING = 3  # exit code if some provisions need a review


class Command(BaseCommand):
    help = (
        "Imports a text (.docx, .md, .txt, .html, Akoma Ntoso). If the negotiation SLUG does not exist, it is created "
        "at /negotiations/SLUG/. Otherwise, the text is staged for review. With --log, provisions without problems are "
        "then logged. Exit codes: 0 (success), 1 (refused), 2 (invalid arguments), 3 (some provisions need a review)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("slug", help="Slug of the negotiation, for example tpp-ip.")
        parser.add_argument("--name", default="", help="Name of the negotiation to create.")
        parser.add_argument("--made-on", required=True, type=day, help="Date of the text (YYYY-MM-DD).")
        parser.add_argument("--source", required=True, help="Source of the text.")
        parser.add_argument("--user", required=True, help="User recorded as responsible for the import.")
        parser.add_argument(
            "--participants",
            default="",
            help="Codes or names of the participants, separated by commas, for example US,JP,Peru.",
        )
        parser.add_argument("--visibility", choices=Visibility.values, default=Visibility.PARTICIPANTS)
        parser.add_argument("--small-group", default="", help="Slug of the small group that works on the text.")
        parser.add_argument("--changes", choices=TREATMENTS, help="Treatment of tracked changes.")
        parser.add_argument(
            "--member",
            action="append",
            default=[],
            metavar="WRITTEN=CODE",
            help="Member represented by an author or colour in the file.",
        )
        parser.add_argument("--from-pdf", action="store_true", help="Treat the text as copied from a PDF.")
        parser.add_argument("--log", action="store_true", help="Immediately log every provision that has no problems.")
        parser.add_argument("--dry-run", action="store_true", help="Report what would be imported, without storing it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                self._handle(options)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except (Unreadable, Refused, NotRecorded, NotLogged, staging.NotStaged) as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        if options["dry_run"]:
            self.stdout.write("Nothing was stored.")
        elif self.waiting:
            raise CommandError(f"Provisions that need a review: {self.waiting}.", returncode=EXIT_WAITING)

    def _handle(self, options: dict[str, Any]) -> None:
        self.waiting = 0
        draft, self.received_file = _draft(options["file"], from_pdf=options["from_pdf"])
        choices = _choices(draft, options)
        actor = user(options["user"])
        existing = Negotiation.objects.filter(slug=options["slug"]).first()
        if existing is None:
            self._create_negotiation(draft, choices, actor, options)
        elif options["name"]:
            raise CommandError(
                f"The negotiation “{existing.slug}” already exists. Choose another slug, or omit --name."
            )
        else:
            self._stage(draft, choices, actor, existing, options)

    def _create_negotiation(
        self, draft: Draft, choices: Choices, actor: AbstractBaseUser, options: dict[str, Any]
    ) -> None:
        if not options["name"]:
            raise CommandError(
                f"The negotiation “{options['slug']}” does not exist. To create it, give its name with --name."
            )
        composed = compose(draft, choices)
        negotiation = load_negotiation(
            slug=options["slug"],
            name=options["name"],
            composed=composed,
            source=Source(options["made_on"], options["source"], self.received_file, draft),
            actor=actor,
            participants=[name.strip() for name in options["participants"].split(",") if name.strip()],
            visibility=Visibility(options["visibility"]),
            progress=self._bar(options),
        )
        for warning in (*draft.warnings, *composed.warnings):
            self.stdout.write(self.style.WARNING(warning))
        self.stdout.write(self.style.SUCCESS(_created_message(negotiation)))

    def _stage(
        self, draft: Draft, choices: Choices, actor: AbstractBaseUser, negotiation: Negotiation, options: dict[str, Any]
    ) -> None:
        origin = staging.Origin(self.received_file.name, options["made_on"], options["source"], self.received_file)
        staged = staging.stage(
            draft,
            origin,
            negotiation=negotiation,
            actor=actor,
            small_group=_group(negotiation, options["small_group"]),
            visibility=Visibility(options["visibility"]),
        )
        staging.divide(staged, draft, choices)
        with tqdm(unit="provision", file=self.stderr, disable=options["verbosity"] < 1) as bar:
            compared, total = 0, 1
            while compared < total:
                compared, total = staging.compare(staged)
                bar.total, bar.n = total, compared
                bar.refresh()
        for warning in staged.warnings:
            self.stdout.write(self.style.WARNING(warning))
        self.stdout.write(_staged_message(staged))
        if options["log"]:
            self._log(staged, actor, options)
        else:
            self.stdout.write(f"Review it at {settings.SITE_URL}{negotiation.path}/imports/{staged.key}/")

    def _log(self, staged: StagedImport, actor: AbstractBaseUser, options: dict[str, Any]) -> None:
        self.waiting = sum(1 for row in staged.provisions.exclude(finding=Finding.SAME) if row.stops)
        if not accept_without_problems(staged):
            self.stdout.write("There is nothing to log.")
            return
        revisions = log(staged, actor, self._bar(options))
        self.stdout.write(self.style.SUCCESS(f"{len(revisions)} revisions logged."))

    def _bar(self, options: dict[str, Any]) -> Any:
        return lambda rows: tqdm(rows, unit="provision", file=self.stderr, disable=options["verbosity"] < 1)


def _draft(file: Path, *, from_pdf: bool) -> tuple[Draft, ReceivedFile]:
    """Return the draft read from a file, and the file as received."""
    try:
        require_size(file.stat().st_size)
        data = file.read_bytes()
        draft = read_pasted(decode(data), from_pdf=True) if from_pdf else read_file(file.name, data)
        return draft, ReceivedFile(clean_file_name(file.name)[: staging.LONGEST_HEADING], data)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
    except Unreadable as error:
        raise CommandError(f"{file}: {error}") from error


def _choices(draft: Draft, options: dict[str, Any]) -> Choices:
    register = load_register()
    choices = default_choices(draft, register)
    if options["changes"]:
        choices.treatments.update(dict.fromkeys(draft.authors(), options["changes"]))
    for assignment in options["member"]:
        written, _, code = assignment.partition("=")
        name = register.find(code.strip())
        if name is None:
            raise CommandError(f"--member {assignment}: unknown member or grouping “{code}”.")
        (choices.colours if written in draft.colours() else choices.authors)[written] = name.code
    return choices


def _group(negotiation: Negotiation, slug: str) -> SmallGroup | None:
    if not slug:
        return None
    group: SmallGroup | None = negotiation.small_groups.filter(slug=slug).first()
    if group is None:
        raise CommandError(f"There is no small group “{slug}” in this negotiation.")
    return group


def _staged_message(staged: StagedImport) -> str:
    rows = list(staged.provisions.only("finding", "problems"))
    counts = {finding: sum(1 for row in rows if row.finding == finding) for finding in Finding}
    summary = ", ".join(
        f"{counts[finding]} {finding.label.lower()}" for finding in (Finding.NEW, Finding.CHANGED, Finding.SAME)
    )
    return f"{len(rows)} provisions: {summary}; {sum(1 for row in rows if row.stops)} with problems."


def _created_message(negotiation: Negotiation) -> str:
    sections, provisions = negotiation.sections.count(), negotiation.provisions.count()
    return f"{negotiation.name}: {sections} sections, {provisions} provisions at /negotiations/{negotiation.slug}/"
