"""What is said of an address where nobody is to learn who asked for what."""

from django.http import HttpRequest

# Of addresses that lead nowhere; also keeps strangers from filling the metrics with addresses of their own making.
NOWHERE = "-"


def route_of(request: HttpRequest) -> str:
    """Return the address with its names instead of what stands in their place.

    An address itself may hold a secret (a link to a new password) or say what somebody is interested in.
    """
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else NOWHERE
