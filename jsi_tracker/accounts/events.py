"""Log account security events by primary key, without names, addresses or input."""

import logging
from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

logger = logging.getLogger("jsi_tracker.security")


def connect() -> None:
    """Connect the log to the signals of Django and allauth."""
    user_logged_in.connect(_logged_in, dispatch_uid="jsi_tracker.events.logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="jsi_tracker.events.logged_out")
    user_login_failed.connect(_login_failed, dispatch_uid="jsi_tracker.events.login_failed")
    password_changed.connect(_password_changed, dispatch_uid="jsi_tracker.events.password_changed")
    password_reset.connect(_password_changed, dispatch_uid="jsi_tracker.events.password_reset")
    authenticator_added.connect(_factor_added, dispatch_uid="jsi_tracker.events.factor_added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="jsi_tracker.events.factor_removed")


def _logged_in(user: Any, **kwargs: Any) -> None:
    logger.info("Logged in: user %s", user.pk)


def _logged_out(user: Any, **kwargs: Any) -> None:
    if user is not None:
        logger.info("Logged out: user %s", user.pk)


def _login_failed(**kwargs: Any) -> None:
    logger.warning("A login failed")


def _password_changed(user: Any, **kwargs: Any) -> None:
    logger.warning("Password changed: user %s", user.pk)


def _factor_added(user: Any, authenticator: Any, **kwargs: Any) -> None:
    logger.warning("Second factor added (%s): user %s", authenticator.type, user.pk)


def _factor_removed(user: Any, authenticator: Any, **kwargs: Any) -> None:
    logger.warning("Second factor removed (%s): user %s", authenticator.type, user.pk)
