"""Pages that demonstration users may not use, because what they enter is invented."""

from django.core.exceptions import PermissionDenied

from issues.access.permissions import Refused, require_may_enter
from issues.access.roles import Reader
from issues.models import Proposal, Provision


def deny_invented(actor: Reader, subject: Provision | Proposal) -> None:
    """Raise PermissionDenied if the actor is a demonstration user and `subject` is a real text or proposal."""
    try:
        require_may_enter(actor, subject)
    except Refused as refused:
        raise PermissionDenied(str(refused)) from refused
