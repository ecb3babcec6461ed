"""`manage.py export_text`: the text of a negotiation into a file, as somebody would get it from the site."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from issues.access.roles import ANYBODY, Reader, reader_of
from issues.filters.places import provisions_of
from issues.interchange.export import Export, ExportOptions, build_export
from issues.interchange.file_checks import Unreadable
from issues.interchange.writers import FORMATS
from issues.management.arguments import day, user
from issues.models import Issue, Negotiation, Provision, Revision, Section, SmallGroup, SubIssue
from issues.models.text import ProvisionQuerySet

NOTHING = 3  # exit code: there is no text that the reader may see
ENTRIES: dict[str, tuple[Any, str]] = {
    "section": (Section, "code"),
    "issue": (Issue, "code"),
    "sub_issue": (SubIssue, "code"),
}
ENTRIES |= {"small_group": (SmallGroup, "slug")}


class Command(BaseCommand):
    help = (
        "Writes the text of a negotiation into a file: .docx, .html, .pdf or .xml (Akoma Ntoso 3.0), by its ending. "
        "Exit codes: 0 done, 1 refused, 2 wrong arguments, 3 nothing that the reader may see."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Of the negotiation.")
        parser.add_argument("file", type=Path, help=f"Ends with one of {', '.join(FORMATS)}.")
        parser.add_argument("--user", default="", help="Whose rights count; without, those of the public.")
        parser.add_argument("--as-of", type=day, help="As of the end of this day, YYYY-MM-DD.")
        parser.add_argument("--since", type=day, help="With the changes since the end of this day.")
        for name in (*ENTRIES, "provision"):
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help="Only this one, by code or slug.")
        parser.add_argument("--proponents-in-notes", action="store_true", help="Heads of brackets as footnotes.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be written, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = FORMATS.get(options["file"].suffix.lstrip(".").lower())
        if chosen is None:
            raise CommandError(f"{options['file']}: the name ends with none of {', '.join(FORMATS)}.")
        negotiation = Negotiation.objects.filter(slug=options["slug"]).first()
        if negotiation is None:
            raise CommandError(f"There is no negotiation “{options['slug']}”.")
        export = self._export(negotiation, _reader(options["user"]), options)
        texts = list(export.texts())
        if not texts:
            raise CommandError("There is no text that this reader may see.", returncode=NOTHING)
        if options["since"] and not chosen.shows_changes:
            raise CommandError(f"{chosen.ending.label} shows one day: leave --since out, or take docx, html or pdf.")
        try:
            data = chosen.write(export)
        except Unreadable as error:
            raise CommandError(str(error)) from error
        if not options["dry_run"]:
            _write(options["file"], data)
        verb = "would be written" if options["dry_run"] else "written"
        self.stdout.write(
            self.style.SUCCESS(f"{len(texts)} provisions, {len(data):,} bytes {verb} to {options['file']}")
        )

    def _export(self, negotiation: Negotiation, reader: Reader, options: dict[str, Any]) -> Export:
        provisions, labels = _scope(negotiation, options)
        export_options = ExportOptions(options["as_of"], options["since"], labels, options["proponents_in_notes"])

        def bar(revisions: list[Revision]) -> Any:
            return tqdm(revisions, unit="provision", file=self.stderr, disable=options["verbosity"] < 1)

        return build_export(reader, negotiation, provisions, export_options, timezone.localdate(), bar)


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error


def _scope(negotiation: Negotiation, options: dict[str, Any]) -> tuple[ProvisionQuerySet, tuple[tuple[str, str], ...]]:
    """Return what of the text was asked for, and how that is said."""
    provisions: ProvisionQuerySet = Provision.objects.filter(negotiation=negotiation)
    labels: list[tuple[str, str]] = []
    for name, (model, key) in ENTRIES.items():
        if asked := options[name]:
            entry: Any = model._default_manager.filter(negotiation=negotiation, **{key: asked}).first()
            if entry is None:
                raise CommandError(
                    f"--{name.replace('_', '-')} {asked}: this entry does not exist in this negotiation."
                )
            provisions = provisions.filter(pk__in=provisions_of(entry).values("pk"))
            labels.append((name.replace("_", " ").capitalize(), str(entry)))
    if options["provision"]:
        provisions = provisions.filter(slug=options["provision"])
        labels.append(("Provision", options["provision"]))
    return provisions, tuple(labels)


def _reader(name: str) -> Reader:
    return reader_of(user(name)) if name else ANYBODY
