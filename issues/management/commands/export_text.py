"""`manage.py export_text`: export the text of a negotiation to a file, as the site would."""

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

EXIT_EMPTY = 3  # exit code if the reader may see no text
ENTRIES: dict[str, tuple[Any, str]] = {
    "section": (Section, "code"),
    "issue": (Issue, "code"),
    "sub_issue": (SubIssue, "code"),
}
ENTRIES |= {"small_group": (SmallGroup, "slug")}


class Command(BaseCommand):
    help = (
        "Exports the text of a negotiation to a file: .docx, .html, .pdf or .xml (Akoma Ntoso 3.0), "
        "according to its extension. Exit codes: 0 (success), 1 (refused), 2 (invalid arguments), 3 (no text visible "
        "to the reader)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Slug of the negotiation.")
        parser.add_argument("file", type=Path, help=f"Output file, with the extension {', '.join(FORMATS)}.")
        parser.add_argument("--user", default="", help="User whose rights apply. Default: the rights of the public.")
        parser.add_argument("--as-of", type=day, help="Export the state at the end of this day (YYYY-MM-DD).")
        parser.add_argument("--since", type=day, help="Show the changes since the end of this day (YYYY-MM-DD).")
        for name in (*ENTRIES, "provision"):
            parser.add_argument(
                f"--{name.replace('_', '-')}", default="", help="Export only this entry, given by its code or slug."
            )
        parser.add_argument(
            "--proponents-in-notes", action="store_true", help="Show the heads of brackets in footnotes."
        )
        parser.add_argument("--dry-run", action="store_true", help="Report what would be written, without writing it.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = FORMATS.get(options["file"].suffix.lstrip(".").lower())
        if chosen is None:
            raise CommandError(f"{options['file']}: the extension must be one of {', '.join(FORMATS)}.")
        negotiation = Negotiation.objects.filter(slug=options["slug"]).first()
        if negotiation is None:
            raise CommandError(f"There is no negotiation “{options['slug']}”.")
        export = self._export(negotiation, _reader(options["user"]), options)
        texts = list(export.texts())
        if not texts:
            raise CommandError("The reader may not read any of the selected text.", returncode=EXIT_EMPTY)
        if options["since"] and not chosen.shows_changes:
            raise CommandError(f"{chosen.ending.label} cannot show changes. Omit --since, or choose docx, html or pdf.")
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
        provisions, labels = _selected_provisions(negotiation, options)
        export_options = ExportOptions(options["as_of"], options["since"], labels, options["proponents_in_notes"])

        def bar(revisions: list[Revision]) -> Any:
            return tqdm(revisions, unit="provision", file=self.stderr, disable=options["verbosity"] < 1)

        return build_export(reader, negotiation, provisions, export_options, timezone.localdate(), bar)


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error


def _selected_provisions(
    negotiation: Negotiation, options: dict[str, Any]
) -> tuple[ProvisionQuerySet, tuple[tuple[str, str], ...]]:
    """Return the selected provisions, and labels for the selection. Raise CommandError for an unknown entry."""
    provisions: ProvisionQuerySet = Provision.objects.filter(negotiation=negotiation)
    labels: list[tuple[str, str]] = []
    for name, (model, key) in ENTRIES.items():
        if asked := options[name]:
            entry: Any = model._default_manager.filter(negotiation=negotiation, **{key: asked}).first()
            if entry is None:
                raise CommandError(f"--{name.replace('_', '-')} {asked}: there is no such entry in this negotiation.")
            provisions = provisions.filter(pk__in=provisions_of(entry).values("pk"))
            labels.append((name.replace("_", " ").capitalize(), str(entry)))
    if options["provision"]:
        provisions = provisions.filter(slug=options["provision"])
        labels.append(("Provision", options["provision"]))
    return provisions, tuple(labels)


def _reader(name: str) -> Reader:
    return reader_of(user(name)) if name else ANYBODY
