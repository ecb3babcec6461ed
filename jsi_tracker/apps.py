"""The site itself as an app, and Django's admin with a site of our own."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class DeskConfig(AdminConfig):
    """The admin, with the secretariat's desk as its site."""

    default_site = "jsi_tracker.admin_site.Desk"


class SiteConfig(AppConfig):
    """What belongs to no part of the tracker: accounts, second factors, the table that workers share."""

    name = "jsi_tracker"
    verbose_name = "Site"

    def ready(self) -> None:
        from jsi_tracker.accounts import events, second_factor
        from jsi_tracker.ops import slow_queries

        second_factor.connect()
        events.connect()
        slow_queries.connect()
        # No migration could promise the table: which cache there is depends on the settings of the day. Django reports
        # only apps with models, so it is made behind that of the sessions, which workers share in the same way.
        sessions = apps.get_app_config("sessions")
        post_migrate.connect(_make_cache_table, sender=sessions, dispatch_uid="jsi_tracker.cache_table")


def _make_cache_table(using: str, **kwargs: Any) -> None:
    """Make the table of the database cache where there is none; without such a cache nothing happens."""
    call_command("createcachetable", database=using, verbosity=0)
