"""What Prometheus reads at /metrics: counts of all workers together, and how far behind the work in the background is.

Each worker keeps its counts in a file of PROMETHEUS_MULTIPROC_DIR, which gunicorn.conf.py makes; whichever is asked
adds them up. Without that folder, as in tests, a process counts for itself.
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
# gunicorn.conf.py gives a worker the slot of one that has ended: by process id, files would pile up for ever.
SLOT = "WORKER_SLOT"
if FOLDER in os.environ:
    values.ValueClass = values.MultiProcessValue(lambda: os.environ.get(SLOT) or os.getpid())  # type: ignore[no-untyped-call]

REQUESTS = Counter("tracker_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "tracker_request_seconds",
    "From the first middleware to the answer.",
    ["method", "route"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SLOW_QUERIES = Counter("tracker_slow_queries", "Statements that took longer than SLOW_QUERY_MS.", ["database"])


class Background(Collector):
    """Webhooks as they stand when somebody looks; nothing where the database is away."""

    def collect(self) -> Iterator[Metric]:
        """Yield deliveries that wait, and webhooks that were paused because nobody took them."""
        try:
            waiting = Delivery.objects.filter(state=DeliveryState.WAITING).count()
            paused = Webhook.objects.exclude(paused="").count()
        except DatabaseError:
            yield GaugeMetricFamily("tracker_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("tracker_database_up", "Whether the database answers.", 1)
        yield GaugeMetricFamily("tracker_deliveries_waiting", "Deliveries to webhooks that wait.", waiting)
        yield GaugeMetricFamily("tracker_webhooks_paused", "Webhooks that are told nothing.", paused)


def exposition() -> bytes:
    """Return everything in the text format of Prometheus."""
    background = CollectorRegistry()
    background.register(Background())
    counted: CollectorRegistry = REGISTRY
    if FOLDER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(background)
