"""Argument types used by several commands."""

import datetime
from argparse import ArgumentTypeError

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import CommandError


def day(written: str) -> datetime.date:
    """Return the date given as an argument. Raise ArgumentTypeError if it is invalid."""
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        raise ArgumentTypeError(f"“{written}” is not a date in the form YYYY-MM-DD") from error


def user(name: str) -> AbstractBaseUser:
    """Return the user with this name. Raise CommandError if there is no such user."""
    try:
        account: AbstractBaseUser = get_user_model().objects.get_by_natural_key(name)
    except get_user_model().DoesNotExist as error:
        raise CommandError(f"There is no user “{name}”.") from error
    return account
