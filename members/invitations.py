"""Create, resend, revoke and accept invitations to take a role in a negotiation.

Each operation runs in one transaction.
"""

import datetime
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.admin_access import administered_by
from members.choices import Role
from members.models import Delegation, Invitation, Member
from members.people import email_is_taken, set_verified_email

VALIDITY = datetime.timedelta(days=14)


class InvitationRefused(Exception):
    """Raised when an operation on an invitation is refused.

    The message gives the reason, and `field` is the name of the invalid field, if any.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvitationNotOpen(Exception):
    """Raised when a link opens no invitation. Used, expired, revoked and unknown links are not distinguished."""


@dataclass(frozen=True)
class Accreditation:
    """The role that an invitation grants, with the primary key of its negotiation, its member and its period."""

    negotiation: int
    role: str
    member: Member | None
    since: datetime.date
    until: datetime.date | None


def token_digest(token: str) -> str:
    """Return the SHA-256 digest of a token. Tokens contain 256 random bits, so the digest needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(email: str, accreditation: Accreditation, inviter: Any) -> tuple[Invitation, str]:
    """Create an invitation to the owner of `email`, and return the invitation and the token for its link.

    The token is not stored. Raises InvitationRefused if the inviter may not grant the role, and ValidationError if the
    values are invalid.
    """
    _require_may_grant(inviter, accreditation)
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation = Invitation(
        email=email.lower(),
        negotiation_id=accreditation.negotiation,
        role=accreditation.role,
        member=accreditation.member,
        since=accreditation.since,
        until=accreditation.until,
        digest=token_digest(token),
        invited_by=inviter,
        invited_at=now,
        expires_at=now + VALIDITY,
    )
    invitation.full_clean()
    invitation.save()
    return invitation, token


@transaction.atomic
def resend(pk: int, inviter: Any) -> tuple[Invitation, str]:
    """Renew a pending invitation, and return the invitation and the token for its new link.

    The old link becomes invalid. Raises InvitationRefused if the inviter may not renew the invitation.
    """
    invitation = _pending(pk, inviter)
    _require_may_grant(inviter, _accreditation(invitation))
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation.digest, invitation.invited_by = token_digest(token), inviter
    invitation.invited_at, invitation.expires_at = now, now + VALIDITY
    invitation.save()
    return invitation, token


@transaction.atomic
def revoke(pk: int, actor: Any) -> Invitation:
    """Revoke and return a pending invitation. Raises InvitationRefused if the actor may not revoke it."""
    invitation = _pending(pk, actor)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def open_invitation(token: str) -> Invitation:
    """Return the invitation that the link with `token` opens. Raises InvitationNotOpen for an invalid link."""
    pending = Invitation.objects.open(timezone.now()).select_related("member", "invited_by")
    invitation = pending.filter(digest=token_digest(token)).first()
    if invitation is None:
        raise InvitationNotOpen
    return invitation


@transaction.atomic
def accept(token: str, user: Any) -> Delegation:
    """Give `user` the role that the invitation grants, and return the delegation.

    Raises InvitationNotOpen if the link with `token` opens no invitation.
    """
    # The lock makes concurrent requests wait, so that only the first request finds the invitation open.
    Invitation.objects.select_for_update().filter(digest=token_digest(token)).first()
    invitation = open_invitation(token)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    delegation, _created = Delegation.objects.update_or_create(
        user=user,
        negotiation=invitation.negotiation,
        role=invitation.role,
        member=invitation.member,
        since=invitation.since,
        defaults={"until": invitation.until},
    )
    return delegation


@transaction.atomic
def accept_with_new_account(token: str, username: str, first_name: str, last_name: str, password: str) -> Any:
    """Create an account with the role that the invitation grants, and return the account.

    Raises InvitationNotOpen if the link with `token` opens no invitation, InvitationRefused if an account with the
    invitation's e-mail address already exists, and ValidationError if the names are invalid.
    """
    Invitation.objects.select_for_update().filter(digest=token_digest(token)).first()
    invitation = open_invitation(token)
    if email_is_taken(invitation.email):
        raise InvitationRefused(_("An account with this address already exists. Log in, then open the link again."))
    user = get_user_model()(username=username, email=invitation.email, first_name=first_name, last_name=last_name)
    user.full_clean(exclude=["password"])
    user.set_password(password)
    user.save()
    # The link was sent to this address, which the secretariat entered, so the address is verified.
    set_verified_email(user)
    accept(token, user)
    return user


def _accreditation(invitation: Invitation) -> Accreditation:
    assert invitation.negotiation_id is not None  # `_pending` selects by negotiation
    return Accreditation(
        invitation.negotiation_id, invitation.role, invitation.member, invitation.since, invitation.until
    )


def _pending(pk: int, actor: Any) -> Invitation:
    """Lock and return a pending invitation to a negotiation that `actor` administers.

    Raises InvitationRefused if the invitation is not pending or `actor` does not administer its negotiation.
    """
    pending = Invitation.objects.select_for_update(of=("self",)).filter(accepted_at=None, revoked_at=None)
    invitation = pending.filter(pk=pk, negotiation__in=administered_by(actor)).first()
    if invitation is None:
        raise InvitationRefused(
            _("This invitation has been accepted or revoked in the meantime, or belongs to another secretariat.")
        )
    return invitation


def _require_may_grant(inviter: Any, accreditation: Accreditation) -> None:
    """Raise InvitationRefused unless `inviter` may grant `accreditation`.

    The secretariat's role cannot be granted for longer than the inviter holds it. Otherwise, outgoing staff of the
    secretariat could retain access under another name.
    """
    if accreditation.negotiation not in administered_by(inviter):
        raise InvitationRefused(_("Only the secretariat of a negotiation can invite people to it."))
    today = timezone.localdate()
    if accreditation.until is not None and accreditation.until < today:
        raise InvitationRefused(_("This period has already ended."), "until")
    if accreditation.role != Role.SECRETARIAT:
        return
    own = Delegation.objects.on(today).filter(
        user=inviter, negotiation=accreditation.negotiation, role=Role.SECRETARIAT
    )
    last_days = set(own.values_list("until", flat=True))
    if None in last_days:
        return
    last = max(day for day in last_days if day is not None)
    if accreditation.until is None or accreditation.until > last:
        own_end = _("Your own accreditation ends on %(day)s: the role cannot extend beyond that date.") % {
            "day": date_format(last)
        }
        raise InvitationRefused(own_end, "until")
