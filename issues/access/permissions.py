"""Who may change what: one place, for pages, admin, API and imports. Reading is in `visibility`.

A change is judged by what it does to the text, not by which button sent it.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import Tree
from bracketed_text.advanced import Attribution, Head, first_trespass, innermost, new_attributions
from issues.access.conditions import (
    NEGOTIATION,
    PROVISION,
    SMALL_GROUP,
    Subject,
    allowed,
    may,
    of_group,
    of_member,
    of_provision,
)
from issues.access.roles import Reader, reader_of, takes_part
from issues.access.rules import RULES, Action, Relation, Role
from issues.access.visibility import provisions_for
from issues.models import Negotiation, Proposal, Provision, Revision, SmallGroup
from issues.models.choices import Stance
from issues.models.text import ProvisionQuerySet
from issues.wording import listed
from members.models import Delegation, Member


class Refused(Exception):
    """The change is not the actor's to make. `place` is an offset into the new text, where there is one."""

    def __init__(self, rule: str, offset: int | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.place = offset


def may_restructure(actor: Reader, provision: Provision) -> bool:
    """Whether the actor may lift, drop, choose and merge brackets and change base text of `provision`."""
    return may(actor, Action.RESTRUCTURE, of_provision(provision))


def may_state(actor: Reader, group: SmallGroup) -> bool:
    """Whether the actor may state a status of `group`: its facilitator, and the secretariat."""
    return may(actor, Action.STATE_STATUS, of_group(group))


def may_import(actor: Reader, negotiation: int) -> bool:
    """Whether the actor may send in a text of a negotiation (a primary key): for the whole of it, or for a group."""
    return may_import_whole(actor, negotiation) or importing_groups(actor, negotiation).exists()


def may_import_whole(actor: Reader, negotiation: int) -> bool:
    """Whether the actor may send in a text for the whole of a negotiation (a primary key)."""
    return may(actor, Action.IMPORT_WHOLE, Subject(negotiation))


def importing_groups(actor: Reader, negotiation: int) -> "QuerySet[SmallGroup]":
    """Return the small groups for which the actor may send in a text; `negotiation` is a primary key."""
    groups = SmallGroup.objects.filter(negotiation=negotiation)
    return groups.filter(allowed(actor, Action.IMPORT_FOR_GROUP, SMALL_GROUP))


def may_log(actor: Reader, provision: Provision) -> bool:
    """Whether there is any change of `provision` that the actor could log."""
    return bool(actor.members_in(provision.negotiation_id)) or may_restructure(actor, provision)


def may_correct_any(actor: Reader, negotiation: int) -> bool:
    """Whether the actor may correct entries of others, and log first texts, in a negotiation (a primary key)."""
    return may(actor, Action.CORRECT_RECORD, Subject(negotiation))


def may_act_for(actor: Reader, member: Member, negotiation: int) -> bool:
    """Whether `actor` acts for `member` in a negotiation (a primary key)."""
    return may(actor, Action.ACT_FOR_MEMBER, of_member(member, negotiation))


def acts_for_all(actor: Reader, negotiation: int) -> bool:
    """Whether `actor` acts for any member of a negotiation (a primary key) on its behalf: the secretariat."""
    return any(
        RULES[Action.ACT_FOR_MEMBER].get(capacity.role) is Relation.NEGOTIATION
        for capacity in actor.capacities_in(negotiation)
    )


def members_acted_for(actor: Reader, negotiation: int) -> "QuerySet[Member]":
    """Return for whom the actor may act in a negotiation (a primary key).

    For its own members; the secretariat for everybody, also for members that have left: late entries are theirs too.
    """
    if acts_for_all(actor, negotiation):
        return Member.objects.all()
    own = frozenset[int]().union(
        *(
            capacity.members
            for capacity in actor.capacities_in(negotiation)
            if RULES[Action.ACT_FOR_MEMBER].get(capacity.role) is Relation.MEMBER
        )
    )
    return Member.objects.filter(pk__in=own)


def administered_by(user: Any) -> frozenset[int]:
    """Return the negotiations, as primary keys, that `user` (of a request) administers today."""
    rows = Negotiation.objects.filter(allowed(reader_of(user), Action.ADMINISTER, NEGOTIATION))
    return frozenset(rows.values_list("pk", flat=True))


def require_acting_for(actor: Reader, member: Member, negotiation: int) -> None:
    """Raise Refused unless `actor` speaks for `member`: its delegate does, and the secretariat on behalf of anybody."""
    if may_act_for(actor, member, negotiation):
        return
    if _is_shut_out(actor, member, negotiation):
        raise Refused(_no_part(member))
    raise Refused(
        _("You do not act for %(member)s. Ask its delegation or the secretariat.") % {"member": member.local_name}
    )


def require_restructuring(actor: Reader, provision: Provision) -> None:
    """Raise Refused unless `actor` may change the text itself."""
    if not may_restructure(actor, provision):
        raise Refused(_("Only a facilitator of this text's small group or the secretariat can change the text itself."))


def may_table(actor: Reader, negotiation: int) -> bool:
    """Whether the actor may table a proposal for anybody in a negotiation (a primary key)."""
    return acts_for_all(actor, negotiation) or bool(actor.members_in(negotiation))


def require_proponent(actor: Reader, proposal: Proposal, member: Member | None) -> None:
    """Raise Refused unless `actor` acts for `member`, and `member` is a confirmed proponent of `proposal`.

    A proposal that names no member as proponent, as some sources do, the secretariat continues in nobody's name.
    """
    if member is None:
        if not acts_for_all(actor, proposal.negotiation_id) or proposal.proponents.exists():
            raise Refused(_("State on whose behalf you act: a proposal belongs to its proponents."))
        return
    require_acting_for(actor, member, proposal.negotiation_id)
    if not proposal.proponents.filter(pk=member.pk).exists():
        raise Refused(
            _(
                "%(member)s is not a proponent of this proposal, and only proponents can do this. Ask a "
                "proponent for an invitation to co-sponsor it, or table your own proposal."
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
    if speaks_for(actor, proposal.proponents.all(), proposal.negotiation_id).exists():
        return provisions
    return provisions.filter(allowed(actor, Action.RESTRUCTURE, PROVISION))


def speaks_for(actor: Reader, members: "QuerySet[Member]", negotiation: int) -> "QuerySet[Member]":
    """Return for whom of `members` the actor may act in a negotiation (a primary key)."""
    return members.filter(pk__in=members_acted_for(actor, negotiation).values("pk"))


@dataclass(frozen=True)
class Acting:
    """Who acts on a text: the actor, in which member's name, and what of the table of rules applies.

    `tabled` is what the proposal says that the words come from, and who stands behind it: an actor who puts it into the
    text says of these members nothing that they have not said. `performed` says that operations made the new text:
    those in nobody's name carry positions along, and never make one. `restores` is what an entry ended that this one
    corrects: what members said there, they said, and have said nothing else since.
    """

    actor: Reader
    negotiation: int
    member: Member | None
    restructures: bool
    acts_for_member: bool
    acts_for_all: bool
    tabled: "Tabled | None" = None
    performed: bool = False
    restores: Sequence[Attribution] = ()


@dataclass(frozen=True)
class Tabled:
    """The text of a proposal, and the codes of the proponents that have confirmed it."""

    text: str
    proponents: frozenset[str]

    def covers(self, head: Head, words: str) -> bool:
        """Whether the proponents, and nobody else, propose `words` at `head`, and the words stand in the proposal."""
        proposed = bool(head.claims) and all(
            claim.stance == Stance.PROPOSE and self.proponents.issuperset(claim.names) for claim in head.claims
        )
        phrase = re.escape(" ".join(words.split()))
        return proposed and bool(phrase) and bool(re.search(rf"(?<!\w){phrase}(?!\w)", " ".join(self.text.split())))


def acting(
    actor: Reader,
    provision: Provision,
    member: Member | None,
    *,
    tabled: Tabled | None = None,
    performed: bool = False,
    restores: Sequence[Attribution] = (),
) -> Acting:
    """Return how `actor` stands to `provision` in the name of `member`, or in nobody's."""
    negotiation = provision.negotiation_id
    return Acting(
        actor,
        negotiation,
        member,
        restructures=may_restructure(actor, provision),
        acts_for_member=member is not None and may_act_for(actor, member, negotiation),
        acts_for_all=acts_for_all(actor, negotiation),
        tabled=tabled,
        performed=performed,
        restores=restores,
    )


def _is_shut_out(actor: Reader, member: Member, negotiation: int) -> bool:
    """Whether `actor` is a delegate of `member`, which takes no part today: that is why the role does not count."""
    delegated = Delegation.objects.on(timezone.localdate()).filter(
        user=actor.user, negotiation=negotiation, member=member, role=Role.DELEGATE
    )
    return actor.user is not None and not takes_part(negotiation, member.pk) and delegated.exists()


def require_taking_part(member: Member, negotiation: int) -> None:
    """Raise Refused unless `member` takes part in the negotiation (a primary key)."""
    if not takes_part(negotiation, member.pk):
        raise Refused(_no_part(member))


def _no_part(member: Member) -> str:
    return _(
        "%(member)s does not participate in this negotiation. Its delegates can read what is "
        "public but cannot log changes."
    ) % {"member": member.local_name}


def judge_change(
    acts: Acting, old: Tree, new: Tree, opened: Collection[int] = (), name_of: Callable[[str], str] = str
) -> None:
    """Raise Refused unless the actor may turn `old` into `new`, naming the place and the way out.

    `opened` are the brackets of `old`, by where they begin, that the member itself put around words.
    """
    member = acts.member
    if acts.acts_for_all and (member is None or acts.acts_for_member):
        return
    if not (acts.restructures if member is None else acts.acts_for_member):
        if member is not None and _is_shut_out(acts.actor, member, acts.negotiation):
            raise Refused(_no_part(member))
        raise Refused(_("You can log changes only for the member you act for."))
    trespass = first_trespass(old, new, member.code, opened) if member is not None else None
    if member is not None and trespass is None:
        return
    if acts.restructures:
        if not acts.performed:
            require_positions_kept(acts, old, new, name_of)
        return
    assert trespass is not None  # somebody who does not restructure acts for a member
    assert member is not None
    offset = trespass.after.start if trespass.after is not None else len(new.text)
    if trespass.regroups:
        raise Refused(
            _(
                "You act for %(member)s, and this would change which of the other members' brackets count "
                "as alternatives. Leave words between the brackets, or ask the facilitator."
            )
            % {"member": member.local_name},
            offset,
        )
    if _in_nobodys_name(new) > _in_nobodys_name(old):
        raise Refused(
            _(
                "You act for %(member)s, and this would put words in brackets without naming a member. "
                "Take a position at the bracket, or remove the bracket and keep the words."
            )
            % {"member": member.local_name},
            offset,
        )
    raise Refused(_rule(old, trespass.before.start if trespass.before is not None else None, member, name_of), offset)


def _in_nobodys_name(tree: Tree) -> int:
    """Return how many brackets there are at which nobody is named."""
    return sum(not bracket.head.claims for bracket, _depth in tree.walk())


def require_positions_kept(acts: Acting, old: Tree, new: Tree, name_of: Callable[[str], str] = str) -> None:
    """Raise Refused where `new` says of another member than the actor's what that member did not say in `old`.

    To restructure a text is to move, split, lift and drop what stands in it. A member that stood at words may lose its
    place with them; but no name comes to words, and no words to a name, unless the member or the secretariat says so.
    """
    own = acts.member.code if acts.member else ""
    known = [attribution[:3] for attribution in acts.restores]
    for attribution in new_attributions(old, new):
        words = new.text[attribution.bracket.body : attribution.bracket.close]
        if attribution.name == own or (acts.tabled is not None and acts.tabled.covers(attribution.bracket.head, words)):
            continue
        if attribution[:3] in known:  # each once: nobody comes to stand at the same words twice
            known.remove(attribution[:3])
            continue
        raise Refused(
            _(
                "This would attribute to %(member)s a position that %(member)s has not taken. Positions "
                "belong to members: leave the words under their names as they are, or remove the names, "
                "which ends their positions; or ask the delegation or the secretariat to record the change."
            )
            % {"member": name_of(attribution.name)},
            attribution.bracket.start,
        )


def _rule(old: Tree, offset: int | None, member: Member, name_of: Callable[[str], str]) -> str:
    """Return what the actor may do instead, by what stood at the place."""
    bracket = innermost(old, offset) if offset is not None else None
    instead = _(
        "write “[%(member)s propose: …]” for words to add or “[%(member)s oppose: …]” around words to delete"
    ) % {"member": member.code}
    if bracket is None:
        return _(
            "You act for %(member)s, and this changes text that does not belong to %(code)s: "
            "%(instead)s. Only facilitators and the secretariat can change the text itself."
        ) % {"member": member.local_name, "code": member.code, "instead": instead}
    owners = sorted(name_of(name) for name in bracket.head.names() - {member.code})
    whose = (
        _("This bracket belongs to %(owners)s") % {"owners": listed(owners)}
        if owners
        else _("Nobody else is named at this bracket")
    )
    return _(
        "%(whose)s, and you act for %(member)s. Oppose the bracket, take another position at its "
        "head, or propose an alternative beside it (%(instead)s)."
    ) % {"whose": whose, "member": member.local_name, "instead": instead}
