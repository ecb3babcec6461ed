"""Compare pages of a long list, at different depths, in the REST API with plain SQL."""

from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks.on_database.pages import PAGE_SIZE, fill_tables, query_with_bare_sql
from benchmarks.rows import Row
from benchmarks.timing import fastest_time
from members.models import Member

DEEP = 400  # pages after the first


def measure() -> Iterator[Row]:
    """Yield the rows for pages of a long list."""
    # Disable the response cache and the rate limit.
    settings.API_MEMORY_BYTES, settings.API_RATE_ADDRESS = 0, "off"
    call_command("load_fixtures", verbosity=0)
    member = Member.objects.get(pk=fill_tables()["member"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client, url = Client(), f"/api/v1/variants/?proponent={member.code}&page_size={PAGE_SIZE}"

    def page(url: str) -> str | None:
        response = client.get(url)
        assert response.status_code == 200, response.content
        following: str | None = response.json()["next"]
        return following

    floor = fastest_time(lambda: query_with_bare_sql(member.pk))
    yield Row(
        "REST: 50 of 1,000,000 variants by proponent",
        "plain SQL and json.dumps",
        fastest_time(lambda: page(url)) / floor,
        "at most 2",
    )
    second = page(url)
    assert second is not None
    deep = second
    for _ in range(DEEP):
        following = page(deep)
        assert following is not None
        deep = following
    shallow = fastest_time(lambda: page(second))
    yield Row(
        f"REST: page {DEEP + 2} of the same", "page 2", fastest_time(lambda: page(deep)) / shallow, "at most 1.2 (flat)"
    )
