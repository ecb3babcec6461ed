"""The page for malformed requests."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the error in a request. The details of a suspicious request are not disclosed."""
    message = str(exception) if isinstance(exception, BadRequest) else _("The request is malformed or too large.")
    return render(request, "400.html", {"exception": message}, status=400)
