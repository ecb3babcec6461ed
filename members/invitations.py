"""Invitations of the secretariat: made, sent again, taken back, accepted; each in one transaction."""

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
from members.people import is_taken, vouch_for

VALID_FOR = datetime.timedelta(days=14)


class NotInvited(Exception):
    """Why no invitation was made, sent or taken back, with the way out; `field` is what it concerns, if one."""

    def __init__(self, said: str, field: str | None = None) -> None:
        super().__init__(said)
        self.field = field


class NotOpen(Exception):
    """The link opens nothing. Used, expired, revoked and never given out look the same."""


@dataclass(frozen=True)
class Accreditation:
    """In which negotiation (a primary key), as what, for whom and for how long somebody is invited."""

    negotiation: int
    role: str
    member: Member | None
    since: datetime.date
    until: datetime.date | None


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is as long as a key, so a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(email: str, accreditation: Accreditation, inviter: Any) -> tuple[Invitation, str]:
    """Invite whoever reads `email`; return the invitation and the token for its link, which nobody can ask for again.

    Raises NotInvited where the inviter may not, and Django's ValidationError where the values do not go together.
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
        digest=digest_of(token),
        invited_by=inviter,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    return invitation, token


@transaction.atomic
def send_again(pk: int, inviter: Any) -> tuple[Invitation, str]:
    """Give an invitation that nobody accepted a new link and a new fortnight; the old link ends."""
    invitation = _unanswered(pk, inviter)
    _require_may_grant(inviter, _accreditation(invitation))
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation.digest, invitation.invited_by = digest_of(token), inviter
    invitation.invited_at, invitation.expires_at = now, now + VALID_FOR
    invitation.save()
    return invitation, token


@transaction.atomic
def revoke(pk: int, actor: Any) -> Invitation:
    """Take an invitation back that nobody has accepted; raises NotInvited for one of another negotiation."""
    invitation = _unanswered(pk, actor)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def find(token: str) -> Invitation:
    """Return the invitation that a link opens now; raises NotOpen."""
    invitation = Invitation.objects.open(timezone.now()).select_related("member", "invited_by")
    found = invitation.filter(digest=digest_of(token)).first()
    if found is None:
        raise NotOpen
    return found


@transaction.atomic
def accept(token: str, user: Any) -> Delegation:
    """Give `user` what the invitation says, once; raises NotOpen."""
    # Locked first: two that come at once find it open one after the other, and the second no longer.
    Invitation.objects.select_for_update().filter(digest=digest_of(token)).first()
    invitation = find(token)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    delegation, _made = Delegation.objects.update_or_create(
        user=user,
        negotiation=invitation.negotiation,
        role=invitation.role,
        member=invitation.member,
        since=invitation.since,
        defaults={"until": invitation.until},
    )
    return delegation


@transaction.atomic
def accept_as_newcomer(token: str, username: str, first_name: str, last_name: str, password: str) -> Any:
    """Make the account of who was invited, with its delegation, or nothing; raises NotOpen, NotInvited."""
    Invitation.objects.select_for_update().filter(digest=digest_of(token)).first()
    invitation = find(token)
    if is_taken(invitation.email):
        raise NotInvited(_("An account with this address already exists: log in, then open the link again."))
    user = get_user_model()(username=username, email=invitation.email, first_name=first_name, last_name=last_name)
    user.full_clean(exclude=["password"])
    user.set_password(password)
    user.save()
    # Whoever reads what is sent there was given the account; the secretariat has typed the address.
    vouch_for(user)
    accept(token, user)
    return user


def _accreditation(invitation: Invitation) -> Accreditation:
    assert invitation.negotiation_id is not None  # `_unanswered` finds no other
    return Accreditation(
        invitation.negotiation_id, invitation.role, invitation.member, invitation.since, invitation.until
    )


def _unanswered(pk: int, actor: Any) -> Invitation:
    """Return an open invitation into a negotiation that `actor` administers, its row locked; raises NotInvited."""
    unanswered = Invitation.objects.select_for_update(of=("self",)).filter(accepted_at=None, revoked_at=None)
    invitation = unanswered.filter(pk=pk, negotiation__in=administered_by(actor)).first()
    if invitation is None:
        raise NotInvited(
            _("This invitation has been accepted or revoked in the meantime, or belongs to another secretariat.")
        )
    return invitation


def _require_may_grant(inviter: Any, wanted: Accreditation) -> None:
    """Raise NotInvited unless `inviter` may hand out what is wanted.

    The secretariat's own role goes no further than the inviter's accreditation: else somebody whose time ends could
    stay under another name.
    """
    if wanted.negotiation not in administered_by(inviter):
        raise NotInvited(_("Only the secretariat of a negotiation can invite people to it."))
    today = timezone.localdate()
    if wanted.until is not None and wanted.until < today:
        raise NotInvited(_("This period has already ended."), "until")
    if wanted.role != Role.SECRETARIAT:
        return
    own = Delegation.objects.on(today).filter(user=inviter, negotiation=wanted.negotiation, role=Role.SECRETARIAT)
    last_days = set(own.values_list("until", flat=True))
    if None in last_days:
        return
    last = max(day for day in last_days if day is not None)
    if wanted.until is None or wanted.until > last:
        own_end = _("Your own accreditation ends on %(day)s: the role cannot extend beyond that day.") % {
            "day": date_format(last)
        }
        raise NotInvited(own_end, "until")
