"""How far the changes have come that a reader may read: for ETags and for whoever polls. At most two short queries."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from issues.models import Negotiation, Tide
from issues.queries import Reader
from issues.scopes import COMPUTED, COUNTER, Rights, rights_of


@dataclass(frozen=True)
class Reached:
    """The last change that a reader may read: its number (never to be shown), 0 for none, and when it was told."""

    rights: Rights
    number: int
    computed: int
    at: datetime.datetime | None

    @property
    def mark(self) -> str:
        """Another one whenever anything changed that the reader may read, or by which right; it tells nothing else.

        Computed figures count too; the day, the language and the name of the reader do not.
        """
        said = f"{self.rights.mark} {self.number} {self.computed}"
        return salted_hmac("issues.tides", said, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()[:32]


def reached(reader: Reader, negotiation: Negotiation) -> Reached:
    """Return how far the changes have come for `reader`. Two queries; one for who acts for nobody."""
    rights = rights_of(reader, negotiation)
    scopes = {COUNTER} if rights.secretariat else rights.scopes
    rows = Tide.objects.filter(negotiation=negotiation, scope__in={*scopes, COMPUTED})
    tides = {scope: (number, at) for scope, number, at in rows.values_list("scope", "number", "at")}
    at = max((at for _, at in tides.values() if at is not None), default=None)
    computed, _ = tides.pop(COMPUTED, (0, None))
    number = max((number for number, _ in tides.values()), default=0)
    return Reached(rights, number, computed, at)
