import datetime
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from issues import changes
from issues.choices import Visibility
from issues.importing import Source, load_negotiation
from issues.models import Negotiation


class Command(BaseCommand):
    help = "Load a bracketed text (UTF-8) as a negotiation of its own; it is then at /negotiations/SLUG/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("slug", help="Its address, such as tpp-ip.")
        parser.add_argument("--name", required=True)
        parser.add_argument("--made-on", required=True, type=_day, help="The day on which the text stood so.")
        parser.add_argument("--source", required=True, help="Where the text is from.")
        parser.add_argument("--user", required=True, help="User name of somebody of the secretariat, on record for it.")
        parser.add_argument("--participants", default="", help="Codes or names, with commas: US,JP,Peru.")
        parser.add_argument("--visibility", choices=Visibility.values, default=Visibility.PARTICIPANTS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            # Bytes, so that the ends of lines stay what they are.
            text = options["file"].read_bytes().decode("utf-8")
            actor = get_user_model().objects.get_by_natural_key(options["user"])
            negotiation = load_negotiation(
                slug=options["slug"],
                name=options["name"],
                text=text,
                source=Source(options["made_on"], options["source"]),
                actor=actor,
                participants=[name.strip() for name in options["participants"].split(",") if name.strip()],
                visibility=Visibility(options["visibility"]),
                progress=lambda found: tqdm(
                    found, unit="provision", file=self.stderr, disable=options["verbosity"] < 1
                ),
            )
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']}: byte {error.start + 1} is not UTF-8; save it as UTF-8.") from error
        except get_user_model().DoesNotExist as error:
            raise CommandError(f"There is no user {options['user']}.") from error
        except (ValidationError, changes.NotLogged) as error:
            raise CommandError(
                "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            ) from error
        self.stdout.write(self.style.SUCCESS(_said(negotiation)))


def _said(negotiation: Negotiation) -> str:
    sections, provisions = negotiation.sections.count(), negotiation.provisions.count()
    return f"{negotiation.name}: {sections} sections, {provisions} provisions at /negotiations/{negotiation.slug}/"


def _day(written: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        raise ArgumentTypeError(f"{written}: write a day as YYYY-MM-DD") from error
