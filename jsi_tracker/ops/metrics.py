"""Prometheus metrics of requests, slow queries and pending webhook deliveries.

Each worker stores its counts in files in PROMETHEUS_MULTIPROC_DIR, which gunicorn.conf.py creates. The worker that
serves /metrics adds up the counts of all workers. Without that directory, as in tests, a process reports only its own
counts.
"""

import os
from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from issues.models import Delivery, Webhook
from issues.models.choices import DeliveryState

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# gunicorn.conf.py gives a new worker the slot of a worker that has ended, because files named by process id would
# accumulate.
SLOT = "WORKER_SLOT"
if FOLDER in os.environ:
    values.ValueClass = values.MultiProcessValue(lambda: os.environ.get(SLOT) or os.getpid())  # type: ignore[no-untyped-call]

REQUESTS = Counter("tracker_requests", "Responses sent.", ["method", "route", "status"])
SECONDS = Histogram(
    "tracker_request_seconds",
    "Seconds from the first middleware to the response.",
    ["method", "route"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SLOW_QUERIES = Counter("tracker_slow_queries", "SQL statements that took longer than SLOW_QUERY_MS.", ["database"])


class WebhookCollector(Collector):
    """A collector that reads the state of the database and of webhooks each time the metrics are requested."""

    def collect(self) -> Iterator[Metric]:
        """Yield whether the database responds and, if so, the numbers of waiting deliveries and paused webhooks."""
        try:
            waiting = Delivery.objects.filter(state=DeliveryState.WAITING).count()
            paused = Webhook.objects.exclude(paused="").count()
        except DatabaseError:
            yield GaugeMetricFamily("tracker_database_up", "Whether the database responds.", 0)
            return
        yield GaugeMetricFamily("tracker_database_up", "Whether the database responds.", 1)
        yield GaugeMetricFamily("tracker_deliveries_waiting", "Webhook deliveries waiting to be sent.", waiting)
        yield GaugeMetricFamily("tracker_webhooks_paused", "Paused webhooks.", paused)


def exposition() -> bytes:
    """Return all metrics in the Prometheus text format."""
    webhooks = CollectorRegistry()
    webhooks.register(WebhookCollector())
    counts: CollectorRegistry = REGISTRY
    if FOLDER in os.environ:
        counts = CollectorRegistry()
        MultiProcessCollector(counts)  # type: ignore[no-untyped-call]
    return generate_latest(counts) + generate_latest(webhooks)
