import datetime
import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from issues.actions import status_reports
from issues.models import Negotiation, StatusReport
from issues.sync.catch_up import catch_up_everywhere, publish_recomputation
from issues.text.index import rebuild

# The fixtures of the demonstration texts. All others contain facts.
DEMONSTRATION = ("07_provisions.json", "08_revisions.json")


class Command(BaseCommand):
    help = "Loads the facts of the brief and the demonstration provisions, and builds the index of the texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--facts-only", action="store_true", help="Load the facts alone, without the demonstration provisions."
        )
        parser.add_argument("--if-empty", action="store_true", help="Do nothing if the site already has a negotiation.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Negotiation.objects.exists():
            self.stdout.write("Nothing loaded: the site already has a negotiation.")
            return
        installed, indexed = load(facts_only=options["facts_only"])
        self.stdout.write(self.style.SUCCESS(f"{installed}; {indexed} revisions indexed."))


@transaction.atomic
def load(*, facts_only: bool = False) -> tuple[str, int]:
    """Load all fixtures in order of name. Return Django's message and the number of revisions indexed.

    With `facts_only`, the demonstration provisions and their revisions are not loaded. Differences are published to the
    change feed.
    """
    # Load only the project's own fixtures, because other apps may have fixtures with the same names.
    files = sorted((settings.BASE_DIR / "fixtures").glob("[0-9]*.json"))
    paths = [path for path in files if not (facts_only and path.name in DEMONSTRATION)]
    output = StringIO()
    on_record = set(filter(_differs_from_the_record, paths))
    call_command("loaddata", *(path for path in paths if path not in on_record), stdout=output)
    for path in sorted(on_record):
        correct_status_reports(path)
    indexed = rebuild()
    if catch_up_everywhere():
        publish_recomputation()
    return output.getvalue().strip(), indexed


def _differs_from_the_record(path: Path) -> bool:
    """Return whether a fixture gives other values to a status report that is on record."""
    return any(_stated_otherwise(row) for row in _status_reports(path))


def _status_reports(path: Path) -> list[dict[str, Any]]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [row for row in rows if row["model"] == "issues.statusreport"]


def _stated_otherwise(row: dict[str, Any]) -> StatusReport | None:
    """Return the report on record with the key of a fixture row, if the row gives it other values."""
    report = StatusReport.objects.filter(pk=row["pk"], recorded_by=None).first()
    same = report is None or all(getattr(report, name) == value for name, value in _stated(row).items())
    return None if same else report


def _stated(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row["fields"].items() if name in status_reports.STATED}
    return {**values, "stated_on": datetime.date.fromisoformat(values["stated_on"])}


def correct_status_reports(path: Path) -> None:
    """Record a correction of each status report on record that an earlier release loaded with other values.

    Reports on record cannot be changed. A report that has already been corrected is left as it is.
    """
    for row in _status_reports(path):
        report = _stated_otherwise(row)
        if report is not None and not report.corrected_by.exists():
            StatusReport.objects.create(small_group=report.small_group, corrects=report, **_stated(row))
