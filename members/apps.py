from django.apps import AppConfig


class MembersConfig(AppConfig):
    """The app for members, groupings and people. It does not import `issues`."""

    name = "members"
    verbose_name = "Members and delegations"
