"""Functions that make requests and change the text on which they were made."""

from typing import Any

from issues.actions import changes, requests
from issues.actions.edits import TextChange
from issues.models import ChangeRequest, Provision, Revision
from issues.text.operations import Operation
from tests.people import delegate, member

TEXT = "Each Member shall [BRA: promptly] act [JPN: by post] / [BRA: by wire] in [ink/pencil/chalk]."
PROMPTLY, POST, WIRE, INK = (TEXT.index(f"[{head}") for head in ("BRA: promptly", "JPN: by", "BRA: by", "ink"))


def ask(provision: Provision, act: str, at: int, actor: Any = None, **values: Any) -> ChangeRequest:
    base = values.pop("base", None) or provision.revisions.latest("number").number
    return requests.ask(
        provision=provision,
        base_revision=base,
        operation=Operation(act, at, **values),
        actor=actor or delegate("CAN"),
        on_behalf_of=member("CAN"),
    )


def operate(provision: Provision, actor: Any, act: str, at: int, **values: Any) -> Revision:
    base = provision.revisions.latest("number").number
    return changes.log(TextChange(provision, base_revision=base, edit=Operation(act, at, **values)), actor=actor)


def told(asked: ChangeRequest) -> tuple[str, str, int | None]:
    """Return a request's state, its reason for lapsing, and the number of the revision that ended it."""
    asked.refresh_from_db()
    return asked.state, asked.lapsed_because, asked.lapsed_in.number if asked.lapsed_in else None
