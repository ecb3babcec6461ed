"""What is too large is refused before a byte of it is read.

Django limits what it keeps in memory of a form; files it writes to the disk however large they are, and REST
framework reads JSON as a stream.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.language import PROGRAMS


class RefuseLargeBodies(MiddlewareMixin):
    """Answers 400, or 413 to programs, to a body that is longer than any that the site has a use for.

    A body that does not say how long it is, is none to Django.
    """

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Refuse before the view, and before the check of the form's token, which reads the form."""
        assert request.resolver_match is not None  # set before any view
        if request.resolver_match.view_name == "imports":
            return None  # it refuses by itself, and says how large a file may be
        longest = _longest(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) <= longest:
            return None
        if request.path_info.startswith(PROGRAMS):
            return problem_response(
                Problem("too_large", f"A body may have {longest:,} bytes. It was not read."), request
            )
        raise RequestDataTooBig("The body is too long.")


def _longest(request: HttpRequest) -> int:
    """Return how many bytes are read: of a form with files more, since they go to the disk."""
    files = request.content_type == "multipart/form-data"
    return max(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, 2 * settings.LONGEST_IMPORT if files else 0)
