"""The page for a request that cannot be read."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what cannot be read and how to write it; what is suspicious is not told why."""
    said = str(exception) if isinstance(exception, BadRequest) else _("The request is malformed or too large.")
    return render(request, "400.html", {"exception": said}, status=400)
