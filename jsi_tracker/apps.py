"""App configurations of the site and its admin."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class TrackerAdminConfig(AdminConfig):
    """The configuration of Django's admin, with the secretariat's admin site as the default."""

    default_site = "jsi_tracker.admin_site.SecretariatAdminSite"


class SiteConfig(AppConfig):
    """The configuration of accounts, second factors, operations and the cache table."""

    name = "jsi_tracker"
    verbose_name = "Site"

    def ready(self) -> None:
        """Connect the signal handlers."""
        from jsi_tracker.accounts import events, second_factor
        from jsi_tracker.ops import slow_queries

        second_factor.connect()
        events.connect()
        slow_queries.connect()
        # A migration cannot create the cache table, because the settings determine whether the table exists. Django
        # sends `post_migrate` only for apps with models, so the table is created after those of the sessions app.
        sessions = apps.get_app_config("sessions")
        post_migrate.connect(_create_cache_table, sender=sessions, dispatch_uid="jsi_tracker.cache_table")


def _create_cache_table(using: str, **kwargs: Any) -> None:
    """Create the table of the database cache if the settings define that cache and the table does not yet exist."""
    call_command("createcachetable", database=using, verbosity=0)
