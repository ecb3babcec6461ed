"""Errors that prevent an action from being recorded. When such an error is raised, nothing has been stored.

Each error contains the relevant facts, such as the current revision, the field or the position in the text, and its
message states these facts. The page or API endpoint that reports the error adds advice on how to proceed.
"""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Conflict as Place
from bracketed_text import Diagnostic, Merge, Tree
from issues.models import ChangeRequest, Revision
from issues.wording import quote
from members.plain_text import InvalidCharacter

if TYPE_CHECKING:
    from issues.actions.request_previews import RequestPreview


class NotRecorded(Exception):
    """The action was refused for the reason given in the message."""


class TextRefused(NotRecorded):
    """The text cannot be logged.

    `tree` is the refused text with its diagnostics, or None if the input is not acceptable as text (for example,
    because it is empty or too long). `problems` lists the diagnostics that prevent logging. `flaw` is the invalid
    character, if any.
    """

    def __init__(
        self,
        message: str,
        tree: Tree | None = None,
        problems: list[Diagnostic] | None = None,
        flaw: InvalidCharacter | None = None,
    ) -> None:
        super().__init__(message)
        self.tree = tree
        self.problems = problems or []
        self.flaw = flaw


class InvalidValue(NotRecorded):
    """A value cannot be recorded. `field` is the name of the field for which the value was given."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownRevision(InvalidValue):
    """The change is based on a revision that the text has never had."""

    def __init__(self, current: Revision, number: int) -> None:
        message = _("This text has no revision %(number)s. Its newest revision is number %(newest)s.")
        super().__init__("base_revision", message % {"number": number, "newest": current.number})


class WordsRefused(NotRecorded):
    """The wording of an operation cannot be part of a valid text, or a change has too many operations.

    `index` is the position of the operation in the list of operations, counted from 0.
    """

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.index = index


class OperationRefused(NotRecorded):
    """The operation cannot be performed.

    `offset` is the position of the operation in the text for which it was written. `index` is the position of the
    operation in the list of operations, counted from 0.
    """

    def __init__(self, reason: str, offset: int, index: int = 0) -> None:
        super().__init__(reason)
        self.offset = offset
        self.index = index


class NothingChanged(NotRecorded):
    """The new text is identical to the current text."""

    def __init__(self) -> None:
        super().__init__(_("The text is unchanged: there is nothing to log."))


class CannotUndo(NotRecorded):
    """The entry cannot be undone, either because later entries build on it or because it is the first entry."""


class Conflict(NotRecorded):
    """The change conflicts with a change recorded in the meantime.

    `current` is the current revision. `merged` is the result of the failed merge, with its conflicts. `merged` is None
    if no merge was attempted.
    """

    def __init__(self, current: Revision, merged: Merge | None = None) -> None:
        self.current = current
        self.merged = merged
        super().__init__(f"{self._opening()}{self._both_sides()}.")

    def _opening(self) -> str:
        opening = _("Revision %(number)s was logged while you were writing") % {"number": self.current.number}
        return opening + _(" and changes the same passage") if self.places else opening

    def _both_sides(self) -> str:
        if not self.places:
            return ""
        sides = {"mine": quote(self.places[0].mine), "theirs": quote(self.places[0].theirs)}
        return _(": you wrote %(mine)s; that revision contains %(theirs)s") % sides

    @property
    def places(self) -> tuple[Place, ...]:
        """The two sides of each conflict, in text order."""
        return self.merged.conflicts if self.merged is not None else ()


class ConflictOnDay(Conflict):
    """A backdated change conflicts with the text in force on its date or on a later date.

    `day` is the date of the change. `current` is the revision with which the change conflicts.
    """

    def __init__(self, day: datetime.date, current: Revision, merged: Merge) -> None:
        self.day = day
        super().__init__(current, merged)

    def _opening(self) -> str:
        return _("Your change, dated %(day)s, and revision %(number)s of %(made_on)s conflict in the same passage") % {
            "day": date_format(self.day),
            "number": self.current.number,
            "made_on": date_format(self.current.made_on),
        }


class ProposalClosed(NotRecorded):
    """The proposal has been withdrawn or merged and does not permit this step."""


class ProposalRevised(NotRecorded):
    """The proposal has been revised since its text was read. `base` is the number of the step that revised it."""

    def __init__(self, base: int, message: str = "") -> None:
        default = _("This proposal was revised in step %(base)s while you were writing.") % {"base": base}
        super().__init__(message or default)
        self.base = base


class RequestClosed(NotRecorded):
    """The request is no longer open: it was accepted, declined or taken back, or it has lapsed.

    `reason` states why the request has lapsed. By default, the reason stored with the request is used.
    """

    def __init__(self, request: ChangeRequest, reason: str = "") -> None:
        reason = reason or request.lapsed_because
        if reason:
            message = _("This request is no longer open: it has lapsed. %(because)s") % {"because": reason}
        else:
            state = request.get_state_display().lower()
            message = _("This request is no longer open: it was %(what)s.") % {"what": state}
        super().__init__(message)


class RequestOutdated(NotRecorded):
    """The text has changed since the request was made or read. `preview` describes the effect of accepting it now."""

    def __init__(self, preview: "RequestPreview") -> None:
        super().__init__(
            _(
                "The text has changed since this request was made. Applied to revision %(number)s, the request "
                "would have this effect: %(says)s"
            )
            % {"number": preview.number, "says": " ".join(preview.sentences)}
        )
        self.preview = preview


class KeyReused(Exception):
    """An exclusive key was used for a different entry. `differs` lists the parts that differ (`idempotency.PARTS`)."""

    def __init__(self, key: str, differs: Sequence[str]) -> None:
        super().__init__(key, differs)
        self.key = key
        self.differs = tuple(differs)
