"""Django's admin with a site of our own."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """The admin, with the secretariat's desk as its site."""

    default_site = "jsi_tracker.desk.Desk"
