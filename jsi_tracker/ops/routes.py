"""The route of a request, for logs and metrics that must not reveal what was requested."""

from django.http import HttpRequest

# The route of unknown URLs, so that arbitrary requests cannot fill the metrics.
NO_ROUTE = "-"


def route_of(request: HttpRequest) -> str:
    """Return the URL pattern of a request, with parameter names in place of values.

    The URL itself may contain a secret, such as a password reset link, or reveal what a user is interested in.
    """
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else NO_ROUTE
