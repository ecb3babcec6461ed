"""Permissions to merge proposals into texts."""

from django.utils.translation import gettext as _

from issues.access.conditions import PROVISION, allowed, may_enter
from issues.access.permissions import Refused, require_proponent, require_restructuring, speaks_for
from issues.access.roles import Reader
from issues.access.rules import Action
from issues.access.visibility import provisions_for
from issues.models import Proposal, Provision, Revision
from issues.models.text import ProvisionQuerySet
from members.models import Member


def require_merging(actor: Reader, proposal: Proposal, provision: Provision, member: Member | None) -> None:
    """Raise Refused unless `actor` may merge wording from `proposal` into `provision`.

    Facilitators (within their groups) and the secretariat may merge without naming a member. Proponents may merge in
    their own names. `judge_change` determines the changes that the merge may make. Nobody may merge an invented
    proposal into a real text.
    """
    if proposal.demonstration and not provision.demonstration:
        raise Refused(_("This proposal is invented, so it cannot be merged into a real text."))
    if member is None:
        require_restructuring(actor, provision)
    else:
        require_proponent(actor, proposal, member)


def provisions_to_merge_into(actor: Reader, proposal: Proposal) -> ProvisionQuerySet:
    """Return the provisions into which the actor may merge `proposal`, with or without naming a member."""
    provisions = provisions_for(actor, proposal).filter(pk__in=Revision.objects.values("provision"))
    if not may_enter(actor, proposal):
        return provisions.none()
    if proposal.demonstration:
        provisions = provisions.filter(demonstration=True)
    if speaks_for(actor, proposal.proponents.all(), proposal.negotiation_id).exists():
        return provisions
    return provisions.filter(allowed(actor, Action.RESTRUCTURE, PROVISION))
