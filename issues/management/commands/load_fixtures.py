from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from issues.models import Negotiation
from issues.sync.catch_up import catch_up_everywhere, publish_recomputation
from issues.text.index import rebuild


class Command(BaseCommand):
    help = "Load the facts of the brief and the demonstration provisions, then compute the index of the texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing if the site holds a negotiation.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Negotiation.objects.exists():
            self.stdout.write("Nothing loaded: the site holds a negotiation already.")
            return
        installed, indexed = load()
        self.stdout.write(self.style.SUCCESS(f"{installed}; {indexed} revisions indexed."))


@transaction.atomic
def load() -> tuple[str, int]:
    """Load every fixture in the order of its name; return what Django says of it and how many revisions are indexed.

    What is other than before is told to the feed of changes.
    """
    # Only our own: fixtures of other apps may lie beside ours under the same names elsewhere.
    paths = sorted(str(path) for path in (settings.BASE_DIR / "fixtures").glob("[0-9]*.json"))
    output = StringIO()
    call_command("loaddata", *paths, stdout=output)
    indexed = rebuild()
    if catch_up_everywhere():
        publish_recomputation()
    return output.getvalue().strip(), indexed
