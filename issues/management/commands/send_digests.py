"""`manage.py send_digests`: e-mail the digests of changes that are due. Run it once a day or every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from issues.notifications.digests import send_due


class Command(BaseCommand):
    help = "Sends the digests that are due. A daily digest is due after a day, a weekly digest after a week."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = [mailed for _digest, mailed in send_due()]
        mails = sum(1 for mailed in sent if mailed)
        self.stdout.write(f"Digests sent: {mails}; digests without changes, not sent: {len(sent) - mails}.")
