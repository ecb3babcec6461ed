"""Functions with which the secretariat manages verified e-mail addresses and resets second factors."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from members.models import AccessToken


def email_is_taken(email: str, except_user: Any = None) -> bool:
    """Return whether `email` belongs to an account other than that of `except_user`."""
    has_email = Q(email__iexact=email) | Q(emailaddress__email__iexact=email)
    others = get_user_model().objects.filter(has_email)
    return others.exclude(pk=except_user.pk).exists() if except_user is not None else others.exists()


def negotiations_of(user: Any) -> frozenset[int]:
    """Return the primary keys of the negotiations in which `user` has, had or will have a role."""
    delegated = user.delegations.exclude(negotiation=None).values_list("negotiation", flat=True)
    facilitated = user.facilitations.values_list("small_group__negotiation", flat=True)
    return frozenset([*delegated, *facilitated])


@transaction.atomic
def set_verified_email(user: Any) -> None:
    """Make the e-mail address of `user` the only address of the account, and mark it as verified.

    Password resets and single sign-on use that address. If the account has other addresses, they and all linked
    single sign-on identities are removed. If the user has no e-mail address, all addresses and identities are removed.
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
    """Remove all second factors and end all sessions of `user`, and return the number of factors removed.

    Access tokens lose their second-factor mark, because they may have been created with a stolen device. The user can
    then log in with the password and set up new factors. Recovery codes are removed but not counted.
    """
    factors: int = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    Authenticator.objects.filter(user=user).delete()
    AccessToken.objects.filter(user=user).update(second_factor=False)
    for session in UserSession.objects.filter(user=user):
        session.end()
    return factors
