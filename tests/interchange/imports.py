"""Texts to import, and functions that stage them and read the result."""

import datetime
from typing import Any

from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import StagedImport
from tests.factories import NegotiationFactory

DAY = datetime.date(2021, 3, 1)
ORIGIN = staging.Origin("Rev.1", DAY, "INF/1/Rev.1")
REV1 = """Article 1: Transparency

Each Party shall [CAN: promptly] publish its measures.

Article 2: Spam

Each Party [CAN, JPN propose: shall] [BRA oppose: may] act against spam.

Article 3: Source code

No Party shall ask for source code [BRA: of others].
"""


def staged(text: str, actor: Any, **options: Any) -> StagedImport:
    found = staging.stage(read_pasted(text), ORIGIN, negotiation=NegotiationFactory(), actor=actor, **options)
    while staging.compare(found)[0] < staging.compare(found)[1]:
        pass
    return found


def rows(found: StagedImport) -> list[tuple[str, str, str]]:
    return [
        (row.heading, row.finding, row.provision.heading if row.provision else "")
        for row in found.provisions.order_by("position")
    ]
