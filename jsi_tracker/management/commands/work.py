"""`manage.py work`: everything that is to be done from time to time, as one service."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jsi_tracker.ops.worker import TASKS, stopped_by_signals, work


class Command(BaseCommand):
    help = (
        "Delivers webhooks every two seconds, sends digests every hour, forgets what has expired every day, until "
        "it is stopped. Several may run at the same time: none does what another is doing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heartbeat", type=Path, help="A file that is touched every round, for health checks.")

    def handle(self, *args: Any, **options: Any) -> None:
        work(TASKS, stopped_by_signals(), options["heartbeat"])
