"""What the secretariat does for a person's account: it vouches for the address, and helps who lost the phone."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from members.models import AccessToken


def is_taken(email: str, by_other_than: Any = None) -> bool:
    """Whether `email` belongs to an account, other than that of a user."""
    known = Q(email__iexact=email) | Q(emailaddress__email__iexact=email)
    others = get_user_model().objects.filter(known)
    return others.exclude(pk=by_other_than.pk).exists() if by_other_than is not None else others.exists()


def negotiations_of(user: Any) -> frozenset[int]:
    """Return the negotiations, as primary keys, in which `user` holds or held a role, also one still to come."""
    delegated = user.delegations.exclude(negotiation=None).values_list("negotiation", flat=True)
    facilitated = user.facilitations.values_list("small_group__negotiation", flat=True)
    return frozenset([*delegated, *facilitated])


@transaction.atomic
def vouch_for(user: Any) -> None:
    """Make the e-mail of `user` the one address of the account, verified: passwords and sign-on go by it alone.

    Another address, and an identity that came in by it, lose their hold.
    """
    email = user.email.lower()
    others = EmailAddress.objects.filter(user=user).exclude(email=email)
    if others.exists() or not email:
        others.delete()
        SocialAccount.objects.filter(user=user).delete()
    if email:
        EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})


@transaction.atomic
def reset_second_factors(user: Any) -> int:
    """Take all second factors from `user` and end every session; return how many factors there were.

    Keys for programs no longer count as made behind one: who holds the lost phone may have made them. Who comes back
    signs in with the password and sets up a new one.
    """
    factors: int = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    Authenticator.objects.filter(user=user).delete()
    AccessToken.objects.filter(user=user).update(second_factor=False)
    for session in UserSession.objects.filter(user=user):
        session.end()
    return factors
