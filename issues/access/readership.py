"""Descriptions of the readers of an entry, which are displayed beside the field in which a user types the entry.

The descriptions are derived from the access rules. They list the roles that may read the object, and state the relation
that each rule requires. For example, a text that is restricted to its small groups and assigned to the group Spam is
`visible to delegations and facilitators of Spam, and the secretariat`.
"""

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.access.rules import READING, RULES, Action, Relation, Role
from issues.access.visibility import groups_of
from issues.models import Proposal, Provision, SmallGroup
from issues.models.small_groups import SmallGroupQuerySet
from issues.wording import listed

ROLES: dict[Role, str | Promise] = {
    Role.DELEGATE: gettext_lazy("delegations"),
    Role.ANALYST: gettext_lazy("analysts"),
    Role.FACILITATOR: gettext_lazy("facilitators"),
    Role.SECRETARIAT: gettext_lazy("the secretariat"),
}


def readers_of_text(provision: Provision) -> str:
    """Return a description of the readers of a provision's text and history, including reasons and sources."""
    return _visible_to(_of_text(provision))


def readers_of_proposal(proposal: Proposal) -> str:
    """Return a description of the readers of a proposal and its history, including notes."""
    return _visible_to(_of_proposal(proposal))


def readers_of_merging(proposal: Proposal, provision: Provision) -> str:
    """Return a description of the readers of the wording and the note of a merge.

    Both are part of the history of the proposal and of the history of the provision.
    """
    return _visible_to(_of_text(provision), _of_proposal(proposal))


def readers_of_answers(proposal: Proposal) -> str:
    """Return a description of the readers of invitations to co-sponsor, and of responses that decline an invitation.

    The same readers can read the notes to these invitations and responses.
    """
    return _visible_to(_of(Action.READ_INVITATIONS, lambda: _groups_at(proposal), _("the delegations concerned")))


def readers_of_request(provision: Provision) -> str:
    """Return a description of the readers of a request and the response to it.

    If the request is accepted, its reason becomes part of the history of the text.
    """
    before = _visible_to(_of(Action.READ_OWN_REQUESTS, lambda: groups_of(provision), _("the requesting delegation")))
    return _("%(before)s; once the request is accepted, the reason is %(after)s") % {
        "before": before,
        "after": readers_of_text(provision),
    }


def readers_of_answer() -> str:
    """Return a description of the readers of a response, regardless of the text that the request concerns."""
    group = _("the small group working on the text")
    return _visible_to(_of(Action.READ_OWN_REQUESTS, lambda: [group], _("the requesting delegation")))


def readers_of_import() -> str:
    """Return a description of the readers of an imported text before any part of it is logged."""
    before = _visible_to(_of(Action.READ_IMPORTS, lambda: [_("the small group concerned")]))
    return _("%(before)s; once logged, visible to everyone who can read the provisions concerned") % {"before": before}


def readers_of_statuses() -> str:
    """Return a description of the readers of a stated status, which appears on the public page of the small group."""
    return _visible_to(_of(Action.READ_PUBLIC))


def readers_of_new_proposal() -> str:
    """Return a description of the readers of a proposal that is being written. The author chooses these readers."""
    return _("visible to the readers you choose under “Who may read the proposal”")


def readers_of_own() -> str:
    """Return a description of the readers of a user's own settings, which administrators can also see."""
    return _visible_to([_("you"), *_of(Action.ADMINISTER)])


def _of_text(provision: Provision) -> list[str]:
    return _of(READING[provision.visibility], lambda: groups_of(provision))


def _of_proposal(proposal: Proposal) -> list[str]:
    by_visibility = _of(READING[proposal.visibility], lambda: _groups_at(proposal))
    if Role.ANYBODY in RULES[READING[proposal.visibility]]:
        return by_visibility
    return list(dict.fromkeys([*by_visibility, *_of(Action.READ_OWN_PROPOSALS, members=_("its proponents"))]))


def _of(action: Action, groups: Callable[[], Iterable[SmallGroup | str]] = tuple, members: str = "") -> list[str]:
    """Return descriptions of the readers that `action` permits.

    The list consists of `members`, of roles in small groups, and of roles in the negotiation. `groups` returns the
    small groups concerned and is called only if the rule depends on them.
    """
    rules = RULES[action]
    if Role.ANYBODY in rules:
        return [_("everybody")]
    readers = []
    if any(rules.get(role) is Relation.MEMBER for role in ROLES) and members:
        readers.append(members)
    at_group = [str(word) for role, word in ROLES.items() if rules.get(role) in (Relation.PLACE, Relation.GROUP)]
    names = [str(getattr(group, "name", group)) for group in groups()] if at_group else []
    if names:
        readers.append(_("%(roles)s of %(groups)s") % {"roles": listed(at_group), "groups": listed(names)})
    readers += [str(word) for role, word in ROLES.items() if rules.get(role) is Relation.NEGOTIATION]
    return readers


def _groups_at(proposal: Proposal) -> SmallGroupQuerySet:
    return SmallGroup.objects.working_at(proposal.sub_issues.all(), proposal.issues.all())


def _visible_to(*readers: list[str]) -> str:
    unique = list(dict.fromkeys(reader for group in readers for reader in group))
    everybody = _("everybody")
    return _("visible to %(readers)s") % {"readers": everybody if everybody in unique else listed(unique)}
