"""The admin as the secretariat's desk."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from members.desk import may_sit_at_the_desk


class Desk(AdminSite):
    """The admin site: for the secretariat and for superusers, also where others are marked as staff."""

    site_header = "JSI tracker: secretariat"
    site_title = "JSI tracker"
    index_title = "The secretariat's desk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the request comes from somebody who may be here."""
        return super().has_permission(request) and may_sit_at_the_desk(request)
