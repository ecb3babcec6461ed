from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_save


class IssuesConfig(AppConfig):
    """The negotiation: its outline, its text and its record."""

    name = "issues"
    verbose_name = "Negotiation"

    def ready(self) -> None:
        from issues.access.permissions import administered_by
        from issues.actions.reindexing import bring_up_to_date
        from issues.models.append_only import install_guards
        from issues.models.chain import Chained, seal_before_saving
        from issues.models.page_links import resolve_page_links_with
        from issues.sync.catch_up import initialize_feeds
        from issues.text.member_names_version import install_triggers
        from issues.text.search import install_search, register_similarity
        from issues.text.verification import check_guards
        from issues.web.page_links import page_path
        from members.admin_access import set_administration_rule

        set_administration_rule(administered_by)
        resolve_page_links_with(page_path)
        checks.register(check_guards, deploy=True)
        connection_created.connect(register_similarity, dispatch_uid="issues.text.search.similarity")
        for model in Chained.__subclasses__():
            # A signal, because loading fixtures bypasses `save`.
            pre_save.connect(seal_before_saving, sender=model, dispatch_uid=f"issues.chain.{model.__name__}")
        # After every migrate, because SQLite silently drops the triggers of a table that it rebuilds.
        post_migrate.connect(install_guards, sender=self, dispatch_uid="issues.append_only")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="issues.text.member_names_version")
        post_migrate.connect(install_search, sender=self, dispatch_uid="issues.text.search")
        post_migrate.connect(initialize_feeds, sender=self, dispatch_uid="issues.sync.catch_up")
        post_migrate.connect(bring_up_to_date, sender=self, dispatch_uid="issues.actions.reindexing")
