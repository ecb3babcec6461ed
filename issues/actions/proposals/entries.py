"""The values that an author submits: an entry, a draft of a proposal, and the placement of wording."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from issues.actions.clock import default_day, ended_before
from issues.actions.errors import InvalidValue, TextRefused
from issues.actions.text_checks import require_sound_text, require_value
from issues.models import Negotiation, Proposal, SubIssue
from issues.models.choices import Visibility
from members.demonstration import is_demo_user
from members.models import Member
from members.plain_text import LINE, PROSE, TextRules, is_blank

TITLE, SYMBOL = TextRules(250, multiline=False), TextRules(60, multiline=False)


@dataclass(frozen=True)
class Entry:
    """The circumstances of an action: the person who records it, the member concerned, the date and a note.

    The client chooses `idempotency_key`, which prevents a retry from being recorded twice.
    """

    actor: AbstractBaseUser
    on_behalf_of: Member | None = None
    made_on: datetime.date | None = None
    note: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class Draft:
    """A proposal to be tabled.

    `symbol` is the symbol of the proposal's document. `supersedes` is the older proposal that is to be replaced.
    """

    title: str
    text: str
    sub_issues: Sequence[SubIssue]
    co_sponsors: Sequence[Member] = ()
    symbol: str = ""
    summary: str = ""
    visibility: str = Visibility.PARTICIPANTS
    supersedes: Proposal | None = None


@dataclass(frozen=True)
class Placement:
    """Wording that is to be merged into a text, and the position at which it is placed.

    `words` is placed, in the name of its proponents, at the end of the text or beside the bracket that begins at offset
    `beside`. If `whole` is given, it is a complete new text that is used instead of `words`.
    """

    words: str = ""
    beside: int | None = None
    whole: str = ""


def require_valid_entry(entry: Entry) -> None:
    """Raise InvalidValue for an invalid note or idempotency key."""
    require_value("note", entry.note, PROSE)
    require_value("idempotency_key", entry.idempotency_key, LINE)


def day_of(entry: Entry, negotiation: Negotiation, not_before: datetime.date | None = None) -> datetime.date:
    """Return the date of an entry. Raise InvalidValue if it is in the future or precedes `not_before`.

    Without a date, the entry is dated on the default date of `negotiation` or, if that is later, on `not_before`.
    """
    default = default_day(negotiation, entry.actor)
    day = entry.made_on or max(default, not_before or default)
    if day > timezone.localdate():
        raise InvalidValue(
            "made_on",
            _("%(day)s is in the future. Enter the date on which this step was taken.") % {"day": date_format(day)},
        )
    if is_demo_user(entry.actor) and (refusal := ended_before(negotiation, day)):
        raise InvalidValue("made_on", refusal)
    if not_before is not None and day < not_before:
        raise InvalidValue(
            "made_on",
            _("The last step is dated %(not_before)s. Enter that date or a later date.")
            % {"not_before": date_format(not_before)},
        )
    return day


def cleaned(draft: Draft) -> Draft:
    """Return `draft` in its recorded form. Raise InvalidValue for an invalid title, summary or symbol."""
    title = clean_line("title", draft.title, TITLE)
    if is_blank(title):
        raise InvalidValue("title", _("Enter a title: a few words by which delegations will refer to the proposal."))
    require_value("summary", draft.summary, PROSE)
    symbol = clean_line("symbol", draft.symbol, SYMBOL)
    return replace(draft, title=title, summary=draft.summary.strip(), symbol=symbol)


def clean_line(field: str, typed: str, kind: TextRules) -> str:
    """Return `typed` with single spaces between words. Raise InvalidValue unless the result is a valid single line."""
    require_value(field, typed.strip(), kind)
    return " ".join(typed.split())


def clean_text(text: str, previous: str = "") -> str:
    """Return a proposal's text in the form in which it would replace `previous`.

    Raise TextRefused for an invalid text.
    """
    if is_blank(text):
        raise TextRefused(_("The text is empty. Enter the proposed text."))
    return require_sound_text(text, previous)
