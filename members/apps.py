from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who exists and who acts for whom; knows nothing of what is negotiated."""

    name = "members"
    verbose_name = "Members and delegations"
