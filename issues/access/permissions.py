"""Who may change what: one place, for pages, admin, API and imports. Reading is in `visibility`.

A change is judged by what it does to the text, not by which button sent it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from issues.access.visibility import Reader, groups_of, provisions_for, takes_part
from issues.brackets import Tree, first_trespass, innermost, listed
from issues.models import Proposal, Provision, Revision, SmallGroup
from issues.models.text import ProvisionQuerySet
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


def may_state(actor: Reader, group: SmallGroup) -> bool:
    """Whether the actor may state a status of `group`: its facilitator, and the secretariat."""
    return actor.secretariat or group.pk in actor.facilitated


def may_import(actor: Reader, negotiation: int) -> bool:
    """Whether the actor may send in a text: the secretariat, and whoever facilitates a group of the negotiation."""
    return actor.secretariat or importing_groups(actor, negotiation).exists()


def importing_groups(actor: Reader, negotiation: int) -> "QuerySet[SmallGroup]":
    """Return the small groups for which the actor may send in a text; `negotiation` is a primary key."""
    groups = SmallGroup.objects.filter(negotiation=negotiation)
    return groups if actor.secretariat else groups.filter(pk__in=actor.facilitated)


def may_log(actor: Reader, provision: Provision) -> bool:
    """Whether there is any change of `provision` that the actor could log."""
    return may_restructure(actor, provision) or takes_part(provision.negotiation_id, actor.members)


def require_acting_for(actor: Reader, member: Member) -> None:
    """Raise Refused unless `actor` speaks for `member`: its delegate does, and the secretariat on behalf of anybody."""
    if not actor.secretariat and member.pk not in actor.members:
        raise Refused(
            _("You do not act for %(member)s: ask its delegation, or the secretariat.") % {"member": member.local_name}
        )


def require_restructuring(actor: Reader, provision: Provision) -> None:
    """Raise Refused unless `actor` may change the text itself."""
    if not may_restructure(actor, provision):
        raise Refused(_("Only a facilitator of this text's small group, or the secretariat, changes the text itself."))


def may_table(actor: Reader) -> bool:
    """Whether the actor may table a proposal for anybody."""
    return actor.secretariat or bool(actor.members)


def require_proponent(actor: Reader, proposal: Proposal, member: Member | None) -> None:
    """Raise Refused unless `actor` acts for `member`, and `member` is a confirmed proponent of `proposal`.

    A proposal that names no member as proponent, as some sources do, the secretariat continues in nobody's name.
    """
    if member is None:
        if not actor.secretariat or proposal.proponents.exists():
            raise Refused(_("Say on whose behalf: a proposal is its proponents' own."))
        return
    require_acting_for(actor, member)
    if not proposal.proponents.filter(pk=member.pk).exists():
        raise Refused(
            _(
                "%(member)s is not a proponent of this proposal, and only its proponents may do that: "
                "ask one of them for an invitation to co-sponsor it, or table a proposal of your own."
            )
            % {"member": member.local_name}
        )


def require_merging(actor: Reader, proposal: Proposal, provision: Provision, member: Member | None) -> None:
    """Raise Refused unless `actor` may put words of `proposal` into `provision`.

    A facilitator within its group and the secretariat do so in nobody's name, a proponent in its own. What exactly
    it may change there, `judge_change` says.
    """
    if member is None:
        require_restructuring(actor, provision)
    else:
        require_proponent(actor, proposal, member)


def provisions_to_merge_into(actor: Reader, proposal: Proposal) -> ProvisionQuerySet:
    """Return the provisions into which the actor may put words of `proposal`, in its own or in nobody's name."""
    provisions = provisions_for(actor, proposal).filter(pk__in=Revision.objects.values("provision"))
    if actor.secretariat or proposal.proponents.filter(pk__in=actor.members).exists():
        return provisions
    groups = SmallGroup.objects.filter(pk__in=actor.facilitated)
    return provisions.filter(
        Q(sub_issue__in=groups.values("sub_issues"))
        | Q(issue__in=groups.values("issues"))
        | Q(sub_issue__issue__in=groups.values("issues"))
    )


def speaks_for(actor: Reader, members: "QuerySet[Member]") -> "QuerySet[Member]":
    """Return for whom of `members` the actor may act."""
    return members if actor.secretariat else members.filter(pk__in=actor.members)


@dataclass(frozen=True)
class Acting:
    """Who acts on a text: the actor, in which member's name, and whether the actor may change the text itself."""

    actor: Reader
    member: Member | None
    restructures: bool
    takes_part: bool


def acting(actor: Reader, provision: Provision, member: Member | None) -> Acting:
    """Return how `actor` stands to `provision` in the name of `member`, or in nobody's."""
    free = member is None or actor.secretariat
    takes = free or takes_part(provision.negotiation_id, {member.pk} if member else ())
    return Acting(actor, member, may_restructure(actor, provision), takes)


def require_taking_part(member: Member, negotiation: int) -> None:
    """Raise Refused unless `member` takes part in the negotiation (a primary key)."""
    if not takes_part(negotiation, {member.pk}):
        raise Refused(_no_part(member))


def _no_part(member: Member) -> str:
    return _("%(member)s takes no part in this negotiation: its delegates read what is public, and log nothing.") % {
        "member": member.local_name
    }


def judge_change(
    acts: Acting, old: Tree, new: Tree, opened: Collection[int] = (), name_of: Callable[[str], str] = str
) -> None:
    """Raise Refused unless the actor may turn `old` into `new`, naming the place and the way out.

    `opened` are the brackets of `old`, by where they begin, that the member itself put around words.
    """
    if acts.actor.secretariat:
        return
    member = acts.member
    if not (acts.restructures if member is None else member.pk in acts.actor.members):
        raise Refused(_("You can log changes only for the member that you act for."))
    if member is not None and not acts.takes_part:
        raise Refused(_no_part(member))
    if member is None or acts.restructures:
        return
    trespass = first_trespass(old, new, member.code, opened)
    if trespass is None:
        return
    place = trespass.after.start if trespass.after is not None else len(new.text)
    if trespass.regroups:
        raise Refused(
            _(
                "You act for %(member)s, and this would make what stands here an alternative to others' "
                "brackets, or no longer one: leave words between, or ask the facilitator."
            )
            % {"member": member.local_name},
            place,
        )
    raise Refused(_rule(old, trespass.before.start if trespass.before is not None else None, member, name_of), place)


def _rule(old: Tree, offset: int | None, member: Member, name_of: Callable[[str], str]) -> str:
    """Return what the actor may do instead, by what stood at the place."""
    bracket = innermost(old, offset) if offset is not None else None
    instead = _(
        "write “[%(member)s propose: …]” for words to add or “[%(member)s oppose: …]” around words to delete"
    ) % {"member": member.code}
    if bracket is None:
        return _(
            "You act for %(member)s, and this touches text that is not %(code)s's own: "
            "%(instead)s. Facilitators and the secretariat change the text itself."
        ) % {"member": member.local_name, "code": member.code, "instead": instead}
    owners = sorted(name_of(name) for name in bracket.head.names() - {member.code})
    whose = (
        _("This bracket is %(owners)s's") % {"owners": listed(owners)}
        if owners
        else _("Nobody else is named at this bracket")
    )
    return _(
        "%(whose)s; you act for %(member)s: oppose it, take another position at its head, or "
        "propose an alternative beside it (%(instead)s)."
    ) % {"whose": whose, "member": member.local_name, "instead": instead}
