"""Errors that prevent an action from being recorded. When one of them is raised, nothing has been stored.

Each error carries the relevant facts, such as the current revision, the field, or the position in the text. Its message
states these facts in a sentence. The page or API that reports the error adds what the reader can do next.
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
    """The action was refused; the message says why."""


class TextRefused(NotRecorded):
    """The text cannot be logged. `tree` is None if the input could not be read as text at all.

    `problems` are the diagnostics that prevent logging; `flaw` is a character that a text may not contain.
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
    """A value cannot be recorded; `field` is its name."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WordsRefused(NotRecorded):
    """The words of an operation are not valid in any text. Among several operations, `index` (from 0) identifies it."""

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.index = index


class OperationRefused(NotRecorded):
    """The operation cannot be performed; `offset` is its position in the text for which it was written.

    Among several operations, `index` (from 0) identifies the one refused.
    """

    def __init__(self, reason: str, offset: int, index: int = 0) -> None:
        super().__init__(reason)
        self.offset = offset
        self.index = index


class NothingChanged(NotRecorded):
    """The text is the same as the current one."""

    def __init__(self) -> None:
        super().__init__(_("The text is unchanged: there is nothing to log."))


class CannotUndo(NotRecorded):
    """The entry cannot be undone because later entries build on it or because it is the first."""


class Conflict(NotRecorded):
    """A change recorded in the meantime affects the same place.

    `current` is the current revision. `merged` combines both changes as far as they do not conflict; it is None if the
    revision on which the change was based does not exist.
    """

    def __init__(self, current: Revision, merged: Merge | None = None) -> None:
        self.current = current
        self.merged = merged
        super().__init__(f"{self._opening()}{self._both_sides()}.")

    def _opening(self) -> str:
        opening = _("Revision %(number)s was logged while you were writing") % {"number": self.current.number}
        return opening + _(" and changes the same place") if self.places else opening

    def _both_sides(self) -> str:
        if not self.places:
            return ""
        sides = {"mine": quote(self.places[0].mine), "theirs": quote(self.places[0].theirs)}
        return _(": you wrote %(mine)s; that revision has %(theirs)s") % sides

    @property
    def places(self) -> tuple[Place, ...]:
        """Both sides of each conflict, in text order."""
        return self.merged.conflicts if self.merged is not None else ()


class ConflictOnDay(Conflict):
    """A backdated change conflicts with the text of its day or of a later day; `current` is the revision concerned."""

    def __init__(self, day: datetime.date, current: Revision, merged: Merge) -> None:
        self.day = day
        super().__init__(current, merged)

    def _opening(self) -> str:
        return _("Your change, dated %(day)s, conflicts with revision %(number)s of %(made_on)s in the same place") % {
            "day": date_format(self.day),
            "number": self.current.number,
            "made_on": date_format(self.current.made_on),
        }


class ProposalClosed(NotRecorded):
    """The proposal is withdrawn or merged and does not allow this step."""


class ProposalRevised(NotRecorded):
    """The proposal has been revised since its text was read; `base` is the number of the step that revised it."""

    def __init__(self, base: int, message: str = "") -> None:
        default = _("Step %(base)s revised this proposal while you were writing.") % {"base": base}
        super().__init__(message or default)
        self.base = base


class RequestClosed(NotRecorded):
    """The request has been answered or taken back, or has lapsed; `reason` says why it lapsed."""

    def __init__(self, request: ChangeRequest, reason: str = "") -> None:
        reason = reason or request.lapsed_because
        if reason:
            message = _("This request is no longer open: it has lapsed. %(because)s") % {"because": reason}
        else:
            state = request.get_state_display().lower()
            message = _("This request is no longer open: it was %(what)s.") % {"what": state}
        super().__init__(message)


class RequestOutdated(NotRecorded):
    """The text has changed since the request was made or read; `preview` describes the effect of accepting it now."""

    def __init__(self, preview: "RequestPreview") -> None:
        super().__init__(
            _(
                "The text has changed since this request was made. On revision %(number)s, accepting it "
                "would have this effect: %(says)s"
            )
            % {"number": preview.number, "says": " ".join(preview.sentences)}
        )
        self.preview = preview


class KeyReused(Exception):
    """An exclusive key was used for another entry; `differs` lists the differing parts (`idempotency.PARTS`)."""

    def __init__(self, key: str, differs: Sequence[str]) -> None:
        super().__init__(key, differs)
        self.key = key
        self.differs = tuple(differs)
