"""One line in the log for each request, and its place in the metrics. Neither says who asked, or for what exactly."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jsi_tracker.ops import metrics
from jsi_tracker.ops.routes import route_of

logger = logging.getLogger(__name__)

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Observing:
    """Measures how long answers take, up to where their first byte could be sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        method = request.method if request.method in METHODS else "other"
        route = route_of(request)
        _count(method, route, response.status_code, took)
        logger.info(
            "%s %s %s",
            method,
            route,
            response.status_code,
            extra={"method": method, "route": route, "status": response.status_code, "ms": round(took * 1000, 1)},
        )
        return response


def _count(method: str, route: str, status: int, took: float) -> None:
    try:
        metrics.REQUESTS.labels(method, route, status).inc()
        metrics.SECONDS.labels(method, route).observe(took)
    except Exception as error:
        # Counts are kept in files. What has been answered stands, also where a disk takes no more of them.
        logger.warning("A request was not counted: %s", type(error).__name__)
