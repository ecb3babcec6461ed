"""The one way in: check, authorise, store a revision and index it, in one transaction.

Pages, API, admin and imports all call `log`; `check` says beforehand what it would say.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Diagnostic, Measures, Tree, compare, measure, merge, parse, sentences
from bracketed_text.advanced import Attribution, new_attributions, variants
from issues.access.permissions import (
    Acting,
    Refused,
    Tabled,
    acting,
    judge_change,
    may_correct_any,
    require_acting_for,
    require_restructuring,
)
from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_provisions
from issues.actions.apply_operations import Made, all_performed, performed
from issues.actions.apply_operations import OperationRefused as OperationRefused
from issues.actions.conflicts import Conflict as Conflict
from issues.actions.conflicts import ConflictOnDay as ConflictOnDay
from issues.actions.conflicts import OnDay, on_each_day, put_together
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.open_requests import settle
from issues.actions.text_checks import NotLogged as NotLogged
from issues.actions.text_checks import TextRefused as TextRefused
from issues.actions.text_checks import (
    require_as_found,
    require_length,
    require_operations,
    require_sound,
    require_text,
    require_value,
    stopping,
)
from issues.actions.undo import accepted_again, follow_up, hold
from issues.models import ChangeRequest, Proposal, Provision, Revision
from issues.sync.publishing import publish, publishing
from issues.text.ended_positions import EndedPositions, ended_positions
from issues.text.entries import Endings, acting_in, compared, performed_json, places_in
from issues.text.index import advance, opened_by, stored_texts, would_resume
from issues.text.lifetimes import Texts
from issues.text.member_names import load_register, names_by_code
from issues.text.operations import RESTRUCTURING, Operation
from members.models import Member
from members.plain_text import LINE, PROSE

# So long somebody corrects an entry of its own.
CORRECTED_WITHIN = datetime.timedelta(days=1)

# A whole text, or what is to be done on one.
Wanted = str | Operation | Sequence[Operation]


class NothingChanged(NotLogged):
    """The text is the one that stands already."""

    def __init__(self) -> None:
        super().__init__(_("The text is unchanged: there is nothing to log."))


class CannotUndo(NotLogged):
    """The entry is on record for good: others have built on it, or nothing stood before."""


@dataclass(frozen=True)
class Check:
    """What would be recorded: the text read, what is wrong with it, and a sentence for each thing that changes.

    `takes_back` is the actor's own last entry, where it was a slip of the last day that this puts right: recorded as a
    correction of it, what it ended goes on. `ends` are the positions of others that the change ends. `dated` says what
    a change that is dated earlier makes of the text of its day and of those of later days.
    """

    tree: Tree
    figures: Measures
    problems: list[Diagnostic]
    warnings: list[Diagnostic]
    sentences: list[str]
    refusal: Refused | None
    takes_back: Revision | None = None
    ends: Sequence[EndedPositions] = ()
    dated: Sequence[OnDay] = ()

    @property
    def can_be_logged(self) -> bool:
        """Whether `log` would take it."""
        return bool(self.sentences) and not self.problems and self.refusal is None


@dataclass(frozen=True)
class Foreseen:
    """What an operation would record, in sentences; `refusal` is access.Refused or NotLogged where it would not."""

    operation: Operation
    sentences: list[str]
    refusal: Exception | None


def check(
    *,
    provision: Provision,
    base: Revision | None,
    new_text: str,
    actor: Reader,
    member: Member | None,
    tabled: Tabled | None = None,
    endings: Endings | None = None,
    corrects: Revision | None = None,
) -> Check:
    """Return what `log` would make of `new_text`; raises TextRefused where it is no text at all.

    `tabled` is the proposal that the words come from, `corrects` the entry that is taken back. Where operations made
    the text, `endings` says how variants end by them, by place in the text of `base`.
    """
    on_record = base.text if base else ""
    new_text = require_text(new_text, on_record)
    register = load_register()
    old, new = parse(on_record, register), parse(new_text, register)
    restores = _ended_by(corrects, stored_texts(provision, register), actor, timezone.localdate())
    acts = acting(actor, provision, member, tabled=tabled, performed=endings is not None, restores=restores)
    checked = _checked(old, Made(new, endings or {}), _refusal(acts, provision, old, new), member)
    takes_back = taken_back(provision=provision, old=old, made=Made(new, endings or {}), actor=actor, member=member)
    return replace(checked, takes_back=takes_back, ends=others_ended(old, new, member, endings))


def others_ended(old: Tree, new: Tree, member: Member | None, endings: Endings | None = None) -> list[EndedPositions]:
    """Return the positions that the change from `old` to `new` ends, but for those of `member`, who acts.

    `endings` says how those brackets end of which that is known (`brackets.compare`).
    """
    if not any(bracket.head.claims for bracket, _ in old.walk()):
        return []
    own = (member.code,) if member else ()
    return ended_positions(old, new, compare(old, new, endings), names_of(), own=own)


def taken_back(*, provision: Provision, old: Tree, made: Made, actor: Reader, member: Member | None) -> Revision | None:
    """Return the actor's own last entry of the last day where something that it ended would be restored.

    `old` is the text that stands and `made` what is to stand, in the name of `member` or nobody's.
    """
    own = provision.revisions.filter(recorded_by=actor.user, recorded_at__gt=timezone.now() - CORRECTED_WITHIN)
    last = own.order_by("-number").first() if actor.user and old.text != made.tree.text else None
    if last is None or last.on_behalf_of_id != (member.pk if member else None):
        return None
    mistake = _first_of(last)
    if mistake.number == 1 or mistake.undoes_id or mistake.undone_by.exists():
        return None
    texts = stored_texts(provision, old.register)
    return mistake if would_resume(mistake, old, made.tree, texts, made.endings) else None


def examine(before: str, text: str) -> Check:
    """Return what is wrong with `text` and what it changes in `before`, whoever wrote it; raises TextRefused."""
    text = require_text(text, before)
    register = load_register()
    return _checked(parse(before, register), Made(parse(text, register)), None)


def _checked(old: Tree, made: Made, refusal: Refused | None, member: Member | None = None) -> Check:
    new = made.tree
    problems = stopping(new)
    stopping_it = set(problems)
    return Check(
        tree=new,
        figures=measure(new),
        problems=problems,
        warnings=[found for found in new.diagnostics if found not in stopping_it],
        sentences=say(old, new, endings=made.endings, member=member),
        refusal=refusal,
    )


def without(mistake: Revision, current: Revision) -> str:
    """Return the text that stands without what `mistake` did to it; where others built on that, as it stands."""
    before = mistake.provision.revisions.filter(number=mistake.follows_number).first()
    if before is None:
        return current.text
    register = load_register()
    merged = merge(*(parse(one.text, register) for one in (mistake, before, current)))
    return current.text if merged.tree is None or merged.tree.errors else merged.tree.text


def recorded(revision: Revision) -> list[str]:
    """Return in sentences what a revision changed in the one before; none for the first."""
    return recorded_in([revision])[revision.pk]


def recorded_in(revisions: Iterable[Revision]) -> dict[int, list[str]]:
    """Return by primary key what each of `revisions` changed, in sentences: the number of queries does not grow."""
    rows = list(revisions)
    wanted = {(one.provision_id, one.follows_number) for one in rows}
    before = Revision.objects.filter(
        provision__in={provision for provision, _ in wanted}, number__in={number for _, number in wanted}
    )
    earlier = {(one.provision_id, one.number): one for one in before.only("provision", "number", "text")}
    register, names = load_register(), names_of()

    def said(one: Revision) -> list[str]:
        previous = earlier.get((one.provision_id, one.follows_number))
        if previous is None:
            return []
        old, new = parse(previous.text, register), parse(one.text, register)
        return sentences(old, new, compared(previous, one, old, new), names, acting_in(one))

    return {one.pk: said(one) for one in rows}


def foreseen_check(
    *,
    provision: Provision,
    base_revision: int,
    wanted: Wanted,
    actor: Reader,
    member: Member | None,
    corrects: Revision | None = None,
    made_on: datetime.date | None = None,
) -> Check:
    """Return what `log` would make of it on the text that stands, with what others have logged since `base_revision`.

    Where something is wrong with that text, the check says what; raises TextRefused where it is no text at all, or
    cannot be of the day `made_on`, OperationRefused, or Conflict.
    """
    _require_bounded(wanted)
    day = _made_on(made_on)
    current = provision.revisions.order_by("-number").first()
    old = parse(current.text if current else "", load_register())
    dated: list[OnDay] = []
    try:
        made, dated = _wanted(provision, current, base_revision, wanted, old, member, day)
    except TextRefused as refused:
        if refused.tree is None:
            raise
        made = Made(refused.tree)
    found = check(
        provision=provision,
        base=current,
        new_text=made.tree.text,
        actor=actor,
        member=member,
        endings=None if isinstance(wanted, str) else made.endings,
        corrects=corrects,
    )
    if not dated:
        return found
    restores = _ended_by(corrects, stored_texts(provision, old.register), actor, day)
    acts = acting(actor, provision, member, performed=not isinstance(wanted, str), restores=restores)
    refusal = found.refusal or _refusal(acts, provision, dated[0].stood, dated[0].made.tree, stands=old)
    return replace(found, refusal=refusal, dated=dated)


def foretell(base: Revision, operation: Operation, member: Member | None = None) -> list[str]:
    """Return in sentences what `operation` would do to the text of `base`; raises OperationRefused or TextRefused.

    Where it changes the text itself, whoever accepts does it: the position of `member`, which asks, ends as others' do.
    """
    require_operations([operation])
    old = parse(base.text, load_register())
    made = performed(old, operation, member)
    require_sound(made.tree)
    return say(old, made.tree, endings=made.endings, member=None if operation.act in RESTRUCTURING else member)


def foresee(
    *, provision: Provision, base: Revision, operations: Iterable[Operation], actor: Reader, member: Member | None
) -> list[Foreseen]:
    """Return what each of `operations` would record on the text of `base`, or who or what stands against it."""
    old = parse(base.text, load_register())
    opened = _opened_by(provision, old, member)
    own, called = acting(actor, provision, member, performed=True), names_of()
    found = []
    for operation in operations:
        acts = replace(own, member=in_whose_name(own, operation))
        try:
            made = performed(old, operation, acts.member)
            require_sound(made.tree)
            judge_change(acts, old, made.tree, opened, called)
            refusal, who = None, acts.member
        except (OperationRefused, TextRefused) as refused:
            found.append(Foreseen(operation, [], refused))
            continue
        except Refused as refused:
            # What changes the text itself may be asked for, and is done by who accepts.
            refusal, who = refused, None if operation.act in RESTRUCTURING else acts.member
        found.append(Foreseen(operation, say(old, made.tree, called, made.endings, member=who), refusal))
    return found


def in_whose_name(acts: Acting, operation: Operation) -> Member | None:
    """Return in whose name the actor performs `operation`: whoever changes the text itself does so in nobody's."""
    return None if acts.restructures and operation.act in RESTRUCTURING else acts.member


@publishing()
def log(
    *,
    provision: Provision,
    base_revision: int,
    new_text: str = "",
    operation: Operation | Sequence[Operation] | None = None,
    actor: AbstractBaseUser,
    on_behalf_of: Member | None = None,
    made_on: datetime.date | None = None,
    reason: str = "",
    source: str = "",
    proposal: Proposal | None = None,
    tabled: Tabled | None = None,
    corrects: Revision | None = None,
    as_found: bool = False,
    unparsed: bool = False,
    accepted: ChangeRequest | None = None,
    idempotency_key: str = "",
) -> Revision:
    """Store the next revision of `provision` (`base_revision` 0: its first text) and index it; return it.

    What it says is `new_text`, or what `operation` makes of the text of `base_revision`; of several, each one counts
    its places there, and they are put together. The provision's row is locked; all or nothing is written. A retry with
    the same idempotency key returns the revision that the first call stored. What others logged since
    `base_revision` is kept: both changes are put together where they do not meet. One that was `made_on` an earlier day
    than what stands is put onto the text of that day and carried forward (`issues.actions.conflicts`);
    what is returned is the
    entry of that day. A first text that is `as_found` in a
    source is stored with what is wrong in it, by the secretariat alone; `unparsed`, nothing in it is read and no figure
    counts it. `accepted` is the request that is done with it. Raises TextRefused, WordsRefused, CannotStand,
    OperationRefused, NothingChanged, Conflict (they do meet), access.Refused, or Provision.DoesNotExist for one that
    the actor may not see.
    """
    _require_bounded(operation or new_text)
    require_value("reason", reason, PROSE)
    require_value("source", source, PROSE)
    require_value("idempotency_key", idempotency_key, LINE)
    day = _made_on(made_on)
    details = [made_on, reason, source, proposal, corrects, as_found, unparsed]
    intent = _intent(actor, provision, base_revision, on_behalf_of, operation or new_text, details)
    mark, logged = recorded_before(idempotency_key, intent)
    reader = reader_of(actor)
    locked = visible_provisions(reader).select_for_update(of=("self",)).select_related("negotiation")
    provision = locked.get(pk=provision.pk)
    if logged is not None:
        return provision.revisions.get(pk=logged)
    current = provision.revisions.order_by("-number").first()
    register = load_register()
    old = parse(current.text if current else "", register)
    keeps = (as_found or unparsed) and current is None and may_correct_any(reader, provision.negotiation_id)
    if unparsed and not keeps:
        raise Refused(_("Only the secretariat can keep a text unparsed, and only as the first text of its provision."))
    dated: list[OnDay] = []
    if keeps:
        made = Made(require_as_found(new_text, register, unparsed=unparsed))
    else:
        made, dated = _wanted(provision, current, base_revision, operation or new_text, old, on_behalf_of, day)
    if made.tree.text == old.text:
        raise NothingChanged
    _require_correctable(reader, provision, corrects)
    texts = stored_texts(provision, register)
    acts = acting(
        reader,
        provision,
        on_behalf_of,
        tabled=tabled,
        performed=operation is not None,
        restores=_ended_by(corrects, texts, reader, day),
    )
    _judge(acts, provision, old, made.tree)
    if dated:
        _judge(acts, provision, dated[0].stood, dated[0].made.tree, stands=old)
        made = dated[0].made
    revision = Revision(
        provision=provision,
        number=current.number + 1 if current else 1,
        text=made.tree.text,
        made_on=day,
        recorded_at=_now(),
        recorded_by_id=actor.pk,
        on_behalf_of=on_behalf_of,
        reason=reason,
        source=source,
        proposal=proposal,
        corrects=corrects,
        follows=dated[0].entry.number if dated else None,
        performed=_performed_json(base_revision, operation, made.endings),
        unparsed=dated[0].entry.unparsed if dated else unparsed,
        idempotency_key=mark,
    )
    entries = [revision, *(_carrying(revision, one, place) for place, one in enumerate(dated[1:], start=1))]
    _record(entries, current, texts, [accepted.pk] if accepted else [])
    return revision


def _carrying(late: Revision, later: OnDay, place: int) -> Revision:
    """Return the entry that carries a late one forward onto the text of a later day."""
    return Revision(
        provision=late.provision,
        number=late.number + place,
        text=later.made.tree.text,
        unparsed=later.entry.unparsed,
        made_on=later.entry.made_on,
        recorded_at=late.recorded_at,
        recorded_by_id=late.recorded_by_id,
        on_behalf_of=late.on_behalf_of,
        reason=late.reason,
        follows=later.entry.number,
        carries=late,
    )


def _performed_json(base: int, operation: Operation | Sequence[Operation] | None, endings: Endings) -> Any:
    """Return what is stored of the operations that made a text; None where it was edited."""
    if operation is None:
        return None
    return performed_json(base, [one.as_json() for one in _each(operation)], endings)


def _ended_by(mistake: Revision | None, texts: Texts, actor: Reader, day: datetime.date) -> Sequence[Attribution]:
    """Return what an entry that is corrected ended of what members said, and they have not said anything of since.

    Nothing for those who may say anything of anybody; others correct what is younger than a day. Nothing for a `day`
    before that of the mistake: members may have said it since then only.
    """
    if mistake is None or mistake.number == 1 or may_correct_any(actor, mistake.provision.negotiation_id):
        return ()
    if day < _first_of(mistake).made_on:
        return ()
    after = texts.tree(mistake.number)
    ended = new_attributions(after, texts.tree(mistake.follows_number))
    for later in mistake.provision.revisions.filter(number__gt=mistake.number).order_by("number") if ended else ():
        texts.know(later)
        said = new_attributions(after, texts.tree(later.number))
        ended = [one for one in ended if not any(one.meets(other) for other in said)]
    return ended


def _record(
    entries: Sequence[Revision], current: Revision | None, texts: Texts, accepted: Collection[int] = ()
) -> None:
    """Store `entries` after `current`, chained to it, and index them: one, or a late one and those that carry it on.

    Open requests follow it, but for those (primary keys) that are `accepted` by it.
    """
    before = current
    for entry in entries:
        entry.seal(before)
        entry.save(force_insert=True)
        texts.know(entry)
        before = entry
    result = advance(entries, texts)
    publish(*entries)
    settle(entries, texts, result, accepted=accepted)


@publishing()
def undo(*, revision: Revision, actor: AbstractBaseUser, reason: str = "") -> Revision:
    """Take back the actor's own last act on a text while nothing has been built on it; return the entry that does.

    Nothing is erased: the new entry has the text that stood before, names what it undoes, and is of the same day and
    in the same name, so that what it undoes never held. What it ended goes on with its life. A request that it accepted
    is open again, and a proposal that it merged is on the table again. An undo can be undone. Called again, it returns
    the entry that it recorded first, unless that was undone. Raises CannotUndo, access.Refused, or
    Provision.DoesNotExist for a text that the actor may not see.
    """
    require_value("reason", reason, PROSE)
    reader = reader_of(actor)
    first = _first_of(revision)
    hold(first)
    locked = visible_provisions(reader).select_for_update(of=("self",)).select_related("negotiation")
    provision = locked.get(pk=revision.provision_id)
    undone = first.undone_by.filter(recorded_by=actor.pk).order_by("number").first()
    if undone is not None and not undone.undone_by.exists():
        return undone
    _require_undoable(reader, provision, first)
    texts = stored_texts(provision, load_register())
    recorded = [first, *first.carried_by.order_by("number")]
    entries = [
        Revision(
            provision=provision,
            number=recorded[-1].number + place,
            text=texts.entry(mistake.follows_number).text,
            unparsed=texts.entry(mistake.follows_number).unparsed,
            made_on=mistake.made_on,
            recorded_by_id=actor.pk,
            on_behalf_of=first.on_behalf_of,
            reason=reason,
            follows=mistake.number if len(recorded) > 1 else None,
        )
        for place, mistake in enumerate(recorded, start=1)
    ]
    if first.undoes is not None:  # it is done again, as it was done first
        entries[0].performed = first.undoes.performed
    now = _now()
    for entry in entries:
        entry.recorded_at = now
        entry.carries = entries[0] if entry is not entries[0] else None
    entries[0].undoes = first
    _record(entries, recorded[-1], texts, accepted_again(first))
    follow_up(entries[0])
    return entries[0]


def may_undo(actor: Reader, revision: Revision) -> bool:
    """Whether `undo` would take `revision` back for the actor."""
    first = _first_of(revision)
    if first.undone_by.exists():
        return False
    try:
        _require_undoable(actor, revision.provision, first)
    except (CannotUndo, Refused):
        return False
    return True


def _first_of(revision: Revision) -> Revision:
    """Return the entry that a person recorded: of one that carries a late entry forward, that one."""
    return revision.carries or revision


def _require_undoable(actor: Reader, provision: Provision, mistake: Revision) -> None:
    """Raise CannotUndo or Refused unless it is the actor's own last act, still the actor's to do, and the newest."""
    if actor.user is None or mistake.recorded_by_id != actor.user:
        raise Refused(
            _(
                "Revision %(number)s was recorded by another person, and only that person can undo it. Log "
                "the text as it should read, or ask the secretariat to correct the record."
            )
            % {"number": mistake.number}
        )
    if mistake.number == 1:
        raise CannotUndo(
            _(
                "This is the first text on record, so there is no earlier text to restore. Log the text as "
                "it should read instead."
            )
        )
    newest = provision.revisions.order_by("-number").first()
    if newest is not None and mistake not in (newest, newest.carries):
        raise CannotUndo(
            _(
                "Revision %(newest)s has been logged since, so revision %(number)s can no longer be "
                "undone. Log the text as it should read, as a correction of revision %(number)s."
            )
            % {"newest": newest.number, "number": mistake.number}
        )
    if mistake.on_behalf_of is None:
        require_restructuring(actor, provision)
        return
    require_acting_for(actor, mistake.on_behalf_of, provision.negotiation_id)


def _wanted(
    provision: Provision,
    current: Revision | None,
    base: int,
    wanted: Wanted,
    old: Tree,
    member: Member | None,
    day: datetime.date,
) -> tuple[Made, list[OnDay]]:
    """Return the text that is to stand: what is wanted on revision `base`, with what others have logged since.

    Where `day` is before that of the text that stands, also what it makes of the text of each day since.
    """
    before = old
    if current is not None and current.number != base:
        known = provision.revisions.filter(number=base).first()
        if known is None:
            raise Conflict(current)
        before = parse(known.text, old.register)
    if isinstance(wanted, str):
        made = Made(parse(require_text(wanted, before.text), old.register))
    else:
        made = all_performed(before, _each(wanted), member)
    require_sound(made.tree)
    if current is not None and day < current.made_on:
        dated = on_each_day(provision, day, before, made)
        return dated[-1].made, dated
    if current is None or before is old:
        return made, []
    if not isinstance(wanted, str):
        _require_still_there(wanted, before, old, current)
    return put_together(current, before, made, old), []


def _require_still_there(wanted: Operation | Sequence[Operation], before: Tree, old: Tree, current: Revision) -> None:
    """Raise Conflict where a bracket that is acted on is gone: an alternative beside it would be beside plain words."""
    begins = {variant.begin for variant in variants(before)}
    acted_on = {operation.at for operation in _each(wanted)} & begins
    if acted_on - places_in(acted_on, before, old).keys():
        raise Conflict(current)


def _require_bounded(wanted: Wanted) -> None:
    """Refuse what is too long, before anything is locked or parsed; raises TextRefused or WordsRefused."""
    if isinstance(wanted, str):
        require_length(wanted)
    else:
        require_operations(_each(wanted))


def _each(wanted: Operation | Sequence[Operation]) -> Sequence[Operation]:
    return [wanted] if isinstance(wanted, Operation) else wanted


def _now() -> datetime.datetime:
    """Return the time to the millisecond, as the digest and both databases keep it."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _made_on(day: datetime.date | None) -> datetime.date:
    day = day or timezone.localdate()
    if day > timezone.localdate():
        raise TextRefused(
            _("%(day)s is in the future. Give the day on which the change was made.") % {"day": date_format(day)}
        )
    return day


def _refusal(acts: Acting, provision: Provision, old: Tree, new: Tree, stands: Tree | None = None) -> Refused | None:
    if old.text == new.text:
        return None
    try:
        _judge(acts, provision, old, new, stands)
    except Refused as refused:
        return refused
    return None


def _judge(acts: Acting, provision: Provision, old: Tree, new: Tree, stands: Tree | None = None) -> None:
    """Raise Refused unless the change is the actor's to make; the index is asked only where it may decide.

    Where the text that `stands` is another than `old`, the index speaks of that one.
    """
    try:
        judge_change(acts, old, new)
    except Refused:
        opened = _opened_by(provision, stands or old, acts.member)
        if stands is not None:
            opened = frozenset(places_in(opened, stands, old).values())
        judge_change(acts, old, new, opened, names_of())


def _opened_by(provision: Provision, tree: Tree, member: Member | None) -> frozenset[int]:
    """Return where those brackets of the text that stands begin which `member` itself put there."""
    if member is None or all(member.code not in bracket.head.names() for bracket, _ in tree.walk()):
        return frozenset()
    rows = opened_by(provision, member)
    return frozenset(found.begin for number, found in enumerate(variants(tree), start=1) if number in rows)


def may_correct(actor: Reader, mistake: Revision) -> bool:
    """Whether the actor may log a correction of an entry: the secretariat of any, others of their own for a day."""
    own = actor.user is not None and mistake.recorded_by_id == actor.user
    any_entry = may_correct_any(actor, mistake.provision.negotiation_id)
    return any_entry or (own and mistake.recorded_at > timezone.now() - CORRECTED_WITHIN)


def _require_correctable(actor: Reader, provision: Provision, corrects: Revision | None) -> None:
    """Raise unless the actor may name this entry of this text as mistaken."""
    if corrects is None:
        return
    if corrects.provision_id != provision.pk:
        raise TextRefused(
            _("Revision %(number)s belongs to another text. A correction must name a revision of this text.")
            % {"number": corrects.number}
        )
    if not may_correct(actor, corrects):
        raise Refused(
            _(
                "You can correct your own entries within a day; only the secretariat can correct other "
                "entries. Log the text as it should read, or ask the secretariat."
            )
        )


def _intent(
    actor: AbstractBaseUser,
    provision: Provision,
    base: int,
    member: Member | None,
    wanted: Wanted,
    details: Iterable[Any],
) -> Intent:
    """Return all that an entry says; `details` is what is recorded beside the change itself."""
    what: Any = wanted if isinstance(wanted, str) else [operation.as_json() for operation in _each(wanted)]
    content = [what, *(_plain(value) for value in details)]
    return Intent(Revision, actor, "log", provision, member, base, content, earlier=(base, what))


def _plain(value: Any) -> Any:
    """Return a value of an entry as JSON has it: rows by their primary key, days in ISO 8601."""
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, datetime.date) else value


def say(
    old: Tree,
    new: Tree,
    name_of: Callable[[str], str] | None = None,
    endings: Endings | None = None,
    *,
    member: Member | None = None,
) -> list[str]:
    """Return a sentence for each thing that changed, with the names of members written out.

    `name_of` is at hand where many texts are compared: `names_of` looks them up once. `endings` says how those variants
    end of which that is known, `member` who acts.
    """
    if old.text == new.text:
        return []
    acting = (member.code,) if member else ()
    return sentences(old, new, compare(old, new, endings), name_of or names_of(), acting)


def names_of() -> Callable[[str], str]:
    """Return what gives the name behind a code; they are looked up when the first one is asked for."""

    names = cache(names_by_code)
    return lambda code: names().get(code, code)
