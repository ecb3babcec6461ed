"""Log each request and count it in the metrics by its route. Neither the user nor the full URL is recorded."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jsi_tracker.ops import metrics
from jsi_tracker.ops.routes import route_of

logger = logging.getLogger(__name__)

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestLogMiddleware:
    """Middleware that times, logs and counts requests. Timing ends before the response is sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - start
        method = request.method if request.method in METHODS else "other"
        route = route_of(request)
        _count(method, route, response.status_code, seconds)
        logger.info(
            "%s %s %s",
            method,
            route,
            response.status_code,
            extra={"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)},
        )
        return response


def _count(method: str, route: str, status: int, seconds: float) -> None:
    try:
        metrics.REQUESTS.labels(method, route, status).inc()
        metrics.SECONDS.labels(method, route).observe(seconds)
    except Exception as error:
        # Counts are stored in files. A full disk must not make a successful request fail.
        logger.warning("A request could not be counted: %s", type(error).__name__)
