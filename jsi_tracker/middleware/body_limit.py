"""Reject request bodies that are too large without reading them.

Django itself limits only the form data that it holds in memory. It writes uploaded files of any size to disk, and
Django REST framework reads JSON as a stream.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.language import API_PREFIX


class BodyLimitMiddleware(MiddlewareMixin):
    """Middleware that rejects overlong bodies with status 400, or with status 413 in the API.

    The length is taken from Content-Length. Django treats a request without that header as having no body.
    """

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Check Content-Length before the view and before the CSRF check, which reads the form.

        Returns a problem document for an overlong body in the API, and None for an accepted body. Raises
        RequestDataTooBig for an overlong body elsewhere.
        """
        assert request.resolver_match is not None  # set before `process_view`
        if request.resolver_match.view_name == "imports":
            return None  # this view checks the size itself and reports the limit for files
        longest = _longest(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) <= longest:
            return None
        if request.path_info.startswith(API_PREFIX):
            return problem_response(
                Problem(
                    "too_large", f"The maximum length of a request body is {longest:,} bytes. The body was not read."
                ),
                request,
            )
        raise RequestDataTooBig("The request body is too long.")


def _longest(request: HttpRequest) -> int:
    """Return the maximum body size in bytes, which is larger for forms with files because files are written to disk."""
    files = request.content_type == "multipart/form-data"
    return max(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, 2 * settings.LONGEST_IMPORT if files else 0)
