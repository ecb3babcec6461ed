"""Determine the route of a request for logs and metrics, which must not reveal the full URL."""

from django.http import HttpRequest

# The route of unknown URLs. A constant prevents arbitrary requests from filling the metrics.
NO_ROUTE = "-"


def route_of(request: HttpRequest) -> str:
    """Return the URL pattern of a request, with parameter names in place of values.

    The URL itself may contain a secret, as in a password reset link, or reveal a user's interests.
    """
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else NO_ROUTE
