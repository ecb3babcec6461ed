"""Who may change what: one place, for pages, admin, API and imports. Reading is in `queries`.

A change is judged by what it does to the text, not by which button sent it.
"""

from issues.brackets import Tree, first_trespass, innermost
from issues.models import Provision
from issues.queries import Reader, groups_of
from members.models import Member


class Refused(Exception):
    """The change is not the actor's to make. `place` is an offset into the new text, where there is one."""

    def __init__(self, rule: str, place: int | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.place = place


def may_restructure(actor: Reader, provision: Provision) -> bool:
    """Whether the actor may lift, drop, choose and merge brackets and change base text of `provision`."""
    if actor.secretariat:
        return True
    return bool(actor.facilitated) and groups_of(provision).filter(pk__in=actor.facilitated).exists()


def may_log(actor: Reader, provision: Provision) -> bool:
    """Whether there is any change of `provision` that the actor could log."""
    return bool(actor.members) or may_restructure(actor, provision)


def judge_change(actor: Reader, provision: Provision, old: Tree, new: Tree, on_behalf_of: Member | None) -> None:
    """Raise Refused unless `actor` may turn `old` into `new`, naming the place and the way out."""
    if actor.secretariat:
        return
    acts_for_it = on_behalf_of is not None and on_behalf_of.pk in actor.members
    restructures = may_restructure(actor, provision)
    if not (acts_for_it or (on_behalf_of is None and restructures)):
        raise Refused("You can log changes only for the member that you act for.")
    if on_behalf_of is None or restructures:
        return
    trespass = first_trespass(old, new, on_behalf_of.code)
    if trespass is None:
        return
    before, after = trespass
    place = after.start if after is not None else len(new.text)
    raise Refused(_rule(old, before.start if before is not None else None, on_behalf_of), place)


def _rule(old: Tree, offset: int | None, member: Member) -> str:
    """Return what the actor may do instead, by what stood at the place."""
    bracket = innermost(old, offset) if offset is not None else None
    owners = sorted(bracket.head.names() - {member.code}) if bracket is not None else []
    instead = (
        f"write “[{member.code} propose: …]” for words to add or “[{member.code} oppose: …]” around words to delete"
    )
    if bracket is None:
        return (
            f"You act for {member.name}, and this touches text that is not {member.code}'s own: {instead}. "
            "Facilitators and the secretariat change the text itself."
        )
    whose = f"This bracket is {', '.join(owners)}'s" if owners else "Nobody is named at this bracket"
    return (
        f"{whose}; you act for {member.name}: take a position at its head, "
        f"or propose an alternative beside it ({instead})."
    )
