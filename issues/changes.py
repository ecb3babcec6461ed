"""The one way in: check, authorise, store a revision and index it, in one transaction.

Pages, API, admin and imports all call `log`; `check` says beforehand what it would say.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from issues.access import Refused, judge_change
from issues.brackets import Code, Diagnostic, Measures, Register, Tree, compare, measure, merge, parse, quote, sentences
from issues.brackets import Conflict as Place
from issues.index import advance, load_holders
from issues.models import Provision, Revision
from issues.queries import Reader, reader_of, visible_provisions
from issues.register import load_register
from members.models import Member

# In a text that somebody else wrote an unknown name is a warning; in one that is being logged it is a slip of
# the pen, and the position would belong to nobody.
REFUSED_WHEN_LOGGED = frozenset({Code.UNKNOWN_NAME})


class NotLogged(Exception):
    """Why a change was not logged. Nothing was stored."""


class TextRefused(NotLogged):
    """The text cannot be logged as it stands. `tree` is None where it could not even be read as text."""

    def __init__(self, message: str, tree: Tree | None = None, problems: list[Diagnostic] | None = None) -> None:
        super().__init__(message)
        self.tree = tree
        self.problems = problems or []


class NothingChanged(NotLogged):
    """The text is the one that stands already."""

    def __init__(self) -> None:
        super().__init__("This is the text as it stands: nothing to log.")


class Conflict(NotLogged):
    """Somebody else has changed the same place meanwhile. `current` is what stands now, `places` hold both sides."""

    def __init__(self, current: Revision, places: tuple[Place, ...] = ()) -> None:
        said = f"Revision {current.number} was logged while you were writing"
        if places:
            said += " and changes the same place"
            said += f": you wrote {quote(places[0].mine)}, there it is {quote(places[0].theirs)}"
        super().__init__(
            f"{said}. Your text is kept below: compare it with the text that stands now, and log it again."
        )
        self.current = current
        self.places = places


@dataclass(frozen=True)
class Check:
    """What would be recorded: the text read, what is wrong with it, and a sentence for each thing that changes."""

    tree: Tree
    figures: Measures
    problems: list[Diagnostic]
    warnings: list[Diagnostic]
    sentences: list[str]
    refusal: Refused | None

    @property
    def can_be_logged(self) -> bool:
        """Whether `log` would take it."""
        return bool(self.sentences) and not self.problems and self.refusal is None


def check(*, provision: Provision, base: Revision, new_text: str, actor: Reader, on_behalf_of: Member | None) -> Check:
    """Return what `log` would make of `new_text`; raises TextRefused where it is no text at all."""
    _require_text(new_text)
    register = load_register()
    old, new = parse(base.text, register), parse(new_text, register)
    problems = _problems(new)
    refusal = None
    try:
        judge_change(actor, provision, old, new, on_behalf_of)
    except Refused as refused:
        refusal = refused
    return Check(
        tree=new,
        figures=measure(new),
        problems=problems,
        warnings=[found for found in new.diagnostics if found not in problems],
        sentences=_sentences(old, new),
        refusal=refusal if new_text != base.text else None,
    )


@transaction.atomic
def log(
    *,
    provision: Provision,
    base_revision: int,
    new_text: str,
    actor: AbstractBaseUser,
    on_behalf_of: Member | None = None,
    made_on: datetime.date | None = None,
    reason: str = "",
    source: str = "",
    idempotency_key: str = "",
) -> Revision:
    """Store `new_text` as the next revision of `provision` (`base_revision` 0: the first) and index it; return it.

    The provision's row is locked; all or nothing is written. A retry with the same idempotency key returns the
    revision that the first call stored. What others logged since `base_revision` is kept: both changes are put
    together where they do not meet. Raises TextRefused, NothingChanged, Conflict (they do meet), access.Refused, or
    Provision.DoesNotExist for one that the actor may not see.
    """
    _require_text(new_text)
    reader = reader_of(actor)
    if not visible_provisions(reader).filter(pk=provision.pk).exists():
        raise Provision.DoesNotExist
    provision = Provision.objects.select_for_update().get(pk=provision.pk)
    if idempotency_key and (logged := provision.revisions.filter(idempotency_key=idempotency_key).first()):
        return logged
    current = provision.revisions.order_by("-number").first()
    register = load_register()
    old, new = parse(current.text if current else "", register), parse(new_text, register)
    _require_sound(new)
    if current is not None and current.number != base_revision:
        new = _put_together(current, base_revision, new, old, register)
    if new.text == old.text:
        raise NothingChanged
    judge_change(reader, provision, old, new, on_behalf_of)
    revision = Revision(
        provision=provision,
        number=current.number + 1 if current else 1,
        text=new.text,
        made_on=_made_on(made_on, current),
        recorded_at=_now(),
        recorded_by_id=actor.pk,
        on_behalf_of=on_behalf_of,
        reason=reason,
        source=source,
        idempotency_key=idempotency_key,
    )
    revision.digest = revision.expected_digest(current.digest if current else "")
    revision.save(force_insert=True)
    advance(revision, current, register, load_holders())
    return revision


def _put_together(current: Revision, base: int, mine: Tree, theirs: Tree, register: Register) -> Tree:
    """Return what was typed on revision `base` together with what others logged since; raises Conflict."""
    before = current.provision.revisions.filter(number=base).first()
    if before is None:
        raise Conflict(current)
    merged = merge(parse(before.text, register), mine, theirs)
    if merged.tree is None:
        raise Conflict(current, merged.conflicts)
    _require_sound(merged.tree)
    return merged.tree


def _now() -> datetime.datetime:
    """Return the time to the millisecond, as the digest and both databases keep it."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _made_on(day: datetime.date | None, current: Revision | None) -> datetime.date:
    day = day or timezone.localdate()
    if day > timezone.localdate():
        raise TextRefused(f"{day:%d %B %Y} has not come yet: give the day on which the change was made.")
    if current is not None and day < current.made_on:
        raise TextRefused(
            f"The text that this changes was made on {current.made_on:%d %B %Y}: a change cannot be dated before it."
        )
    return day


def _require_text(text: str) -> None:
    for fails, message in _REQUIREMENTS:
        if fails(text):
            raise TextRefused(message)


# Explicit directional formatting (Unicode Standard Annex 9): with them a text can look unlike what is stored.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REQUIREMENTS: list[tuple[Callable[[str], bool], str]] = [
    (
        lambda text: not text.strip(),
        "The text is empty. To take a provision out, put it in brackets and have it dropped.",
    ),
    (
        lambda text: len(text) > settings.LONGEST_PROVISION,
        f"The text is longer than {settings.LONGEST_PROVISION:,} characters. "
        "One provision is an article or a paragraph: divide the text.",
    ),
    (
        lambda text: any(ord(letter) < 32 and letter not in "\t\n\r" for letter in text),
        "The text holds control characters, as binary files do. Paste it as plain text.",
    ),
    (
        lambda text: any(letter in _DIRECTION_MARKS for letter in text),
        "The text holds invisible marks that turn the direction of writing, and would make it read other than it is. "
        "Paste it as plain text.",
    ),
    (
        lambda text: any("\ud800" <= letter <= "\udfff" for letter in text),
        "The text holds half of a character, as damaged files do. Paste it as plain text.",
    ),
]


def _require_sound(tree: Tree) -> None:
    problems = _problems(tree)
    if problems:
        line, column = tree.place(problems[0].start)
        raise TextRefused(f"Line {line}, column {column}: {problems[0].message} {problems[0].hint}", tree, problems)


def _problems(tree: Tree) -> list[Diagnostic]:
    """Return what stops the text from being logged."""
    errors = set(tree.errors)
    return [found for found in tree.diagnostics if found in errors or found.code in REFUSED_WHEN_LOGGED]


def _sentences(old: Tree, new: Tree) -> list[str]:
    if old.text == new.text:
        return []
    names = dict(Member.objects.values_list("code", "name"))
    return sentences(old, new, compare(old, new), lambda code: names.get(code, code))
