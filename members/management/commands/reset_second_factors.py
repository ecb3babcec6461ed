"""`manage.py reset_second_factors NAME`: for somebody who lost the phone, where nobody can reach the admin."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.people import reset_second_factors


class Command(BaseCommand):
    help = "Takes all second factors from a user and ends all sessions; the password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody is called “{username}” here.")
        factors = reset_second_factors(user)
        self.stdout.write(f"{username}: second factors taken away: {factors}; every session is ended.")
