"""Run the periodic tasks until the process is stopped (`manage.py work`)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jsi_tracker.ops.worker import TASKS, run_tasks, stopped_by_signals


class Command(BaseCommand):
    help = (
        "Delivers webhooks every two seconds, sends digests every hour and deletes expired data every day, until it is "
        "stopped. Several workers may run at the same time without repeating each other's work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heartbeat", type=Path, help="A file to touch after every round, for health checks.")

    def handle(self, *args: Any, **options: Any) -> None:
        run_tasks(TASKS, stopped_by_signals(), options["heartbeat"])
