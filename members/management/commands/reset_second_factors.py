"""Reset the second factors of a user when no one can use the admin (`manage.py reset_second_factors NAME`)."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.people import reset_second_factors


class Command(BaseCommand):
    help = "Removes all second factors of a user and ends all of the user's sessions. The password remains valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user “{username}”.")
        factors = reset_second_factors(user)
        self.stdout.write(f"{username}: all sessions ended; second factors removed: {factors}.")
