"""Corrections of mistaken entries: the right to make them, and the dates that they restore.

Stored entries are never changed. A correction is a new entry that refers to the mistaken entry. Positions and variants
that the mistaken entry ended and the correction restores retain their original dates.
"""

import datetime
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import Tree, merge, parse
from bracketed_text.advanced import Attribution, new_attributions
from issues.access.permissions import Refused, may_correct_any
from issues.access.roles import Reader
from issues.actions.apply_operations import EditResult
from issues.actions.errors import TextRefused
from issues.models import Provision, Revision
from issues.text.index import stored_texts, would_resume
from issues.text.member_names import load_register
from issues.text.steps import Texts
from members.models import Member

# The period within which users may correct their own entries.
CORRECTION_PERIOD = datetime.timedelta(days=1)


def may_correct(actor: Reader, mistake: Revision) -> bool:
    """Return whether the actor may correct an entry.

    The secretariat may correct any entry. Other users may correct their own entries within a day.
    """
    own = actor.user is not None and mistake.recorded_by_id == actor.user
    any_entry = may_correct_any(actor, mistake.provision.negotiation_id)
    return any_entry or (own and mistake.recorded_at > timezone.now() - CORRECTION_PERIOD)


def require_correctable(actor: Reader, provision: Provision, mistake: Revision | None) -> None:
    """Raise TextRefused for an entry of another provision, or Refused for an entry that the actor may not correct."""
    if mistake is None:
        return
    if mistake.provision_id != provision.pk:
        raise TextRefused(
            _("Revision %(number)s belongs to another text: a correction must refer to a revision of this text.")
            % {"number": mistake.number}
        )
    if not may_correct(actor, mistake):
        raise Refused(
            _(
                "You can correct only your own entries, within a day of logging them. Log the text as it should "
                "read, or ask the secretariat to make the correction."
            )
        )


def original_entry(revision: Revision) -> Revision:
    """Return the entry that a person recorded, which is usually `revision` itself.

    If `revision` carries a backdated change forward, return the entry of the backdated change.
    """
    return revision.carries or revision


def own_mistake(
    *, provision: Provision, old: Tree, result: EditResult, actor: Reader, member: Member | None
) -> Revision | None:
    """Return the actor's last entry if `result` would restore a position or variant that this entry ended.

    The entry must have been recorded within the past day and in the name of `member`. Otherwise, or if `result` would
    restore nothing, return None. `old` is the current text.
    """
    own = provision.revisions.filter(recorded_by=actor.user, recorded_at__gt=timezone.now() - CORRECTION_PERIOD)
    last = own.order_by("-number").first() if actor.user and old.text != result.tree.text else None
    if last is None or last.on_behalf_of_id != (member.pk if member else None):
        return None
    mistake = original_entry(last)
    if mistake.number == 1 or mistake.undoes_id or mistake.undone_by.exists():
        return None
    texts = stored_texts(provision, old.register)
    return mistake if would_resume(mistake, old, result.tree, texts, result.endings) else None


def restorable_attributions(
    mistake: Revision | None, texts: Texts, actor: Reader, day: datetime.date
) -> Sequence[Attribution]:
    """Return the attributions to members that a correction of `mistake`, dated `day`, may restore.

    The result contains the attributions that the mistaken entry ended and that no later entry has replaced. It is empty
    if the actor may correct any entry and therefore needs no such permission, or if `day` precedes the date of the
    mistaken entry.
    """
    if mistake is None or mistake.number == 1 or may_correct_any(actor, mistake.provision.negotiation_id):
        return ()
    if day < original_entry(mistake).made_on:
        return ()
    after = texts.tree(mistake.number)
    ended = new_attributions(after, texts.tree(mistake.follows_number))
    for later in mistake.provision.revisions.filter(number__gt=mistake.number).order_by("number") if ended else ():
        texts.know(later)
        replaced = new_attributions(after, texts.tree(later.number))
        ended = [old for old in ended if not any(old.meets(new) for new in replaced)]
    return ended


def text_without(mistake: Revision, current: Revision) -> str:
    """Return the current text without the change made by `mistake`.

    If later entries build on that change, return the current text unchanged.
    """
    before = mistake.provision.revisions.filter(number=mistake.follows_number).first()
    if before is None:
        return current.text
    register = load_register()
    merged = merge(*(parse(revision.text, register) for revision in (mistake, before, current)))
    return current.text if merged.tree is None or merged.tree.errors else merged.tree.text
