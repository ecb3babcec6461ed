from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members, groupings and people. This app does not import `issues`."""

    name = "members"
    verbose_name = "Members and delegations"
