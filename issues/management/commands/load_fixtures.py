from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from issues.models import Negotiation
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
    paths = [str(path) for path in files if not (facts_only and path.name in DEMONSTRATION)]
    output = StringIO()
    call_command("loaddata", *paths, stdout=output)
    indexed = rebuild()
    if catch_up_everywhere():
        publish_recomputation()
    return output.getvalue().strip(), indexed
