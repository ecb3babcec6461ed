"""Permissions to change data, shared by the pages, the admin, the API and imports. `visibility` defines read access.

A change is judged by its effect on the text, not by the form or endpoint that submitted it. Parameters named
`negotiation` are primary keys.
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
    Subject,
    allowed,
    may,
    may_enter,
    of_group,
    of_member,
    of_provision,
)
from issues.access.roles import Reader, reader_of, takes_part
from issues.access.rules import RULES, Action, Relation, Role
from issues.models import Negotiation, Proposal, Provision, SmallGroup
from issues.models.choices import Stance
from issues.wording import listed
from members.models import Delegation, Member


class Refused(Exception):
    """The actor may not make the change. `rule` states the reason. `place` is an offset in the new text or None."""

    def __init__(self, rule: str, offset: int | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.place = offset


def may_restructure(actor: Reader, provision: Provision) -> bool:
    """Return whether the actor may restructure `provision`.

    Restructuring comprises lifting, dropping, choosing and merging brackets, and changing the base text.
    """
    return may_enter(actor, provision) and may(actor, Action.RESTRUCTURE, of_provision(provision))


def may_state(actor: Reader, group: SmallGroup) -> bool:
    """Return whether the actor may state the status of `group`, as its facilitator or as the secretariat."""
    return may(actor, Action.STATE_STATUS, of_group(group))


def may_log(actor: Reader, provision: Provision) -> bool:
    """Return whether the actor may log at least some changes to `provision`."""
    if not may_enter(actor, provision):
        return False
    return bool(actor.members_in(provision.negotiation_id)) or may_restructure(actor, provision)


def may_correct_any(actor: Reader, negotiation: int) -> bool:
    """Return whether the actor may correct any entry in `negotiation`.

    This permission also allows the actor to store first texts with the errors of their sources.
    """
    return may(actor, Action.CORRECT_RECORD, Subject(negotiation))


def may_act_for(actor: Reader, member: Member, negotiation: int) -> bool:
    """Return whether `actor` may act for `member` in `negotiation`."""
    return may(actor, Action.ACT_FOR_MEMBER, of_member(member, negotiation))


def acts_for_all(actor: Reader, negotiation: int) -> bool:
    """Return whether `actor` may act for every member in `negotiation`. Only the secretariat may do so."""
    return any(
        RULES[Action.ACT_FOR_MEMBER].get(capacity.role) is Relation.NEGOTIATION
        for capacity in actor.capacities_in(negotiation)
    )


def members_acted_for(actor: Reader, negotiation: int) -> "QuerySet[Member]":
    """Return the members for which the actor may act in `negotiation`.

    Delegates act for their own members. The secretariat acts for all members, including former participants, because
    entries that are recorded late may concern these members.
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
    """Return the primary keys of the negotiations that `user`, the user of a request, administers today."""
    rows = Negotiation.objects.filter(allowed(reader_of(user), Action.ADMINISTER, NEGOTIATION))
    return frozenset(rows.values_list("pk", flat=True))


def require_may_enter(actor: Reader, subject: Provision | Proposal) -> None:
    """Raise Refused if the actor is a demonstration user and `subject` is not invented."""
    if not may_enter(actor, subject):
        raise Refused(_only_invented())


def _only_invented() -> str:
    return _(
        "You are a demonstration user, and what demonstration users enter is invented. You can change demonstration "
        "texts and the proposals of demonstration users, but no real text and no real proposal."
    )


def require_acting_for(actor: Reader, member: Member, negotiation: int) -> None:
    """Raise Refused unless `actor` may act for `member` in `negotiation`."""
    if may_act_for(actor, member, negotiation):
        return
    if _is_shut_out(actor, member, negotiation):
        raise Refused(_no_part(member))
    raise Refused(
        _("You do not act for %(member)s. Ask its delegation or the secretariat to do this.")
        % {"member": member.local_name}
    )


def require_restructuring(actor: Reader, provision: Provision) -> None:
    """Raise Refused unless `actor` may restructure `provision`."""
    require_may_enter(actor, provision)
    if not may_restructure(actor, provision):
        raise Refused(_("Only a facilitator of this text's small group or the secretariat can change the text itself."))


def may_table(actor: Reader, negotiation: int) -> bool:
    """Return whether the actor may table a proposal for at least one member in `negotiation`."""
    return acts_for_all(actor, negotiation) or bool(actor.members_in(negotiation))


def require_proponent(actor: Reader, proposal: Proposal, member: Member | None) -> None:
    """Raise Refused unless `actor` may act for `member` and `member` is a confirmed proponent of `proposal`.

    Only the secretariat may act without a member, and only on a proposal that has no member among its proponents.
    """
    if member is None:
        if not acts_for_all(actor, proposal.negotiation_id) or proposal.proponents.exists():
            raise Refused(_("Choose the member on whose behalf you act: a proposal belongs to its proponents."))
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


def speaks_for(actor: Reader, members: "QuerySet[Member]", negotiation: int) -> "QuerySet[Member]":
    """Return those of `members` for which the actor may act in `negotiation`."""
    return members.filter(pk__in=members_acted_for(actor, negotiation).values("pk"))


@dataclass(frozen=True)
class Acting:
    """The actor of a change, the member for which it is made, and the permissions that apply.

    `tabled` is the proposal from which the wording is taken. Its proponents have proposed this wording, so merging the
    proposal makes no new claim about them. `performed` is true if operations produced the new text. An operation
    without a member preserves existing positions and creates none. `restores` lists the attributions that the corrected
    entry removed. Restoring these attributions makes no new claim about the members concerned either. `may_enter` is
    false if the actor is a demonstration user and the text is real.
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
    may_enter: bool = True


@dataclass(frozen=True)
class Tabled:
    """The text of a proposal and the codes of the proponents that confirmed it."""

    text: str
    proponents: frozenset[str]

    def covers(self, head: Head, words: str) -> bool:
        """Return whether the proposal covers a bracket with this head and wording.

        All names in the head must be those of confirmed proponents that propose the wording, and the proposal must
        contain `words`.
        """
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
    """Return the permissions of `actor` to change `provision` in the name of `member`.

    `member` is None if the actor does not act for a member.
    """
    negotiation, enters = provision.negotiation_id, may_enter(actor, provision)
    return Acting(
        actor,
        negotiation,
        member,
        restructures=may_restructure(actor, provision),
        acts_for_member=enters and member is not None and may_act_for(actor, member, negotiation),
        acts_for_all=enters and acts_for_all(actor, negotiation),
        tabled=tabled,
        performed=performed,
        restores=restores,
        may_enter=enters,
    )


def _is_shut_out(actor: Reader, member: Member, negotiation: int) -> bool:
    """Return whether `actor` is a delegate of a member that does not currently take part in the negotiation."""
    delegated = Delegation.objects.on(timezone.localdate()).filter(
        user=actor.user, negotiation=negotiation, member=member, role=Role.DELEGATE
    )
    return actor.user is not None and not takes_part(negotiation, member.pk) and delegated.exists()


def require_taking_part(member: Member, negotiation: int) -> None:
    """Raise Refused unless `member` takes part in `negotiation`."""
    if not takes_part(negotiation, member.pk):
        raise Refused(_no_part(member))


def _no_part(member: Member) -> str:
    return _(
        "%(member)s does not participate in this negotiation. Its delegates can read public content but cannot "
        "log changes."
    ) % {"member": member.local_name}


def judge_change(
    acts: Acting, old: Tree, new: Tree, opened: Collection[int] = (), name_of: Callable[[str], str] = str
) -> None:
    """Raise Refused, with the offset and a suggested remedy, unless the actor may change `old` into `new`.

    `opened` contains the offsets in `old` of brackets that the member itself opened. `name_of` returns the name of a
    member or grouping by its code.
    """
    member = acts.member
    if acts.acts_for_all and (member is None or acts.acts_for_member):
        return
    if not (acts.restructures if member is None else acts.acts_for_member):
        raise Refused(_why_not_acting(acts))
    trespass = first_trespass(old, new, member.code, opened) if member is not None else None
    if member is not None and trespass is None:
        return
    if acts.restructures:
        if not acts.performed:
            require_positions_kept(acts, old, new, name_of)
        return
    assert member is not None  # an actor who may not restructure always acts for a member
    assert trespass is not None
    offset = trespass.after.start if trespass.after is not None else len(new.text)
    named = {"member": member.local_name}
    if trespass.regroups:
        message = _(
            "You act for %(member)s, but this change would turn other members' brackets into alternatives, or "
            "turn their alternatives into separate brackets. Leave the words between those brackets as they are, "
            "or ask the facilitator to make the change."
        )
        raise Refused(message % named, offset)
    if _leaves_words_to_nobody(old, new, member.code):
        message = _(
            "Only %(member)s proposes these words, so they cannot remain without its position. Withdraw the "
            "proposal, which removes the words, or wait until another member proposes or supports them."
        )
        raise Refused(message % named, offset)
    if _in_nobodys_name(new) > _in_nobodys_name(old):
        message = _(
            "You act for %(member)s, and this change would put words in brackets without naming a member. "
            "Take a position at the bracket, or remove the bracket and keep the words."
        )
        raise Refused(message % named, offset)
    raise Refused(_rule(old, trespass.before.start if trespass.before is not None else None, member, name_of), offset)


def _why_not_acting(acts: Acting) -> str:
    """Return the reason why the actor may not change the text at all."""
    if not acts.may_enter:
        return _only_invented()
    if acts.member is not None and _is_shut_out(acts.actor, acts.member, acts.negotiation):
        return _no_part(acts.member)
    return _("You can log changes only on behalf of a member that you act for.")


def _leaves_words_to_nobody(old: Tree, new: Tree, code: str) -> bool:
    """Return whether words that only `code` proposed remain in brackets that nobody proposes or supports."""
    proposed = {
        old.text[bracket.body : bracket.close] for bracket, _ in old.walk() if proposes_alone(bracket.head, code)
    }
    left = [at for at, _ in new.walk() if not at.head.names(Stance.PROPOSE) | at.head.names(Stance.SUPPORT)]
    return any(new.text[at.body : at.close] in proposed for at in left)


def proposes_alone(head: Head, code: str) -> bool:
    """Return whether `code` is the only proponent named in the head, and nobody supports the proposal."""
    return head.names(Stance.PROPOSE) == {code} and not head.names(Stance.SUPPORT)


def _in_nobodys_name(tree: Tree) -> int:
    """Return the number of brackets that do not name any member or grouping."""
    return sum(not bracket.head.claims for bracket, _depth in tree.walk())


def require_positions_kept(acts: Acting, old: Tree, new: Tree, name_of: Callable[[str], str] = str) -> None:
    """Raise Refused if `new` attributes to another member a position that it does not hold in `old`.

    Restructuring means moving, splitting, lifting or dropping existing text. It may remove a member's position together
    with the wording. Only the member or the secretariat may attribute additional wording to the member.
    """
    own = acts.member.code if acts.member else ""
    known = [attribution[:3] for attribution in acts.restores]
    for attribution in new_attributions(old, new):
        words = new.text[attribution.bracket.body : attribution.bracket.close]
        if attribution.name == own or (acts.tabled is not None and acts.tabled.covers(attribution.bracket.head, words)):
            continue
        if attribution[:3] in known:  # match each position only once, so that no position is duplicated
            known.remove(attribution[:3])
            continue
        raise Refused(
            _(
                "This change would attribute to %(member)s a position that it has not taken. Leave the words "
                "under its name unchanged, or remove its name to end the position. Alternatively, ask its "
                "delegation or the secretariat to record the change."
            )
            % {"member": name_of(attribution.name)},
            attribution.bracket.start,
        )


def _rule(old: Tree, offset: int | None, member: Member, name_of: Callable[[str], str]) -> str:
    """Return a message that suggests to the actor what to do instead, based on the bracket at `offset` in `old`."""
    bracket = innermost(old, offset) if offset is not None else None
    instead = _(
        "write “[%(member)s propose: …]” for words to add or “[%(member)s oppose: …]” around words to delete"
    ) % {"member": member.code}
    if bracket is None:
        return _(
            "You act for %(member)s, but this change affects text that does not belong to %(code)s. Instead, "
            "%(instead)s. Only facilitators and the secretariat can change the text itself."
        ) % {"member": member.local_name, "code": member.code, "instead": instead}
    owners = sorted(name_of(name) for name in bracket.head.names() - {member.code})
    whose = (
        _("This bracket belongs to %(owners)s") % {"owners": listed(owners)}
        if owners
        else _("Nobody else is named at this bracket")
    )
    return _(
        "%(whose)s, and you act for %(member)s. Oppose the bracket, take a different position at its head, or "
        "propose an alternative beside it (%(instead)s)."
    ) % {"whose": whose, "member": member.local_name, "instead": instead}
