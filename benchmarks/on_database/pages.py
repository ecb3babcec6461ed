"""Compare the explorer on a million variants with plain SQL."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks.rows import Row
from benchmarks.timing import fastest_time
from issues.models import Provision, Revision, SubIssue
from members.models import Member
from tests.factories import provision_with

VARIANTS, PROVISIONS, MEMBERS, PAGE_SIZE = 1_000_000, 1_000, 86, 50

# Two members propose each variant, and one opposes it. One variant in ten is closed.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"

FILL = (
    """INSERT INTO issues_variant
    (id, provision_id, kind, text, ordinal, depth, opened_in_id, opened_on, closed_in_id, closed_on, outcome)
    {numbers} SELECT i + 1, {provision} + i % {provisions}, 'bracket', 'shall not require transfer number ' || i,
    i / {provisions} + 1, 1, {revision} + i % {provisions}, '2021-03-02',
    CASE WHEN i % 10 = 9 THEN {revision} + i % {provisions} END, CASE WHEN i % 10 = 9 THEN {closed} END,
    CASE WHEN i % 10 = 9 THEN 'lifted' ELSE '' END FROM n""",
    *(
        f"""INSERT INTO issues_position
    (variant_id, member_id, stance, since_revision_id, since, until_revision_id, until)
    {{numbers}} SELECT i + 1, {{member}} + (i * {step} + i / 86 * {turn}) % {{members}}, '{stance}',
    {{revision}} + i % {{provisions}}, '2021-03-02', CASE WHEN i % 10 = 9 THEN {{revision}} + i % {{provisions}} END,
    CASE WHEN i % 10 = 9 THEN {{closed}} END FROM n"""
        for stance, step, turn in (("propose", 1, 3), ("propose", 7, 5), ("oppose", 11, 2))
    ),
)


def measure() -> Iterator[Row]:
    """Yield the rows for the explorer."""
    call_command("load_fixtures", verbosity=0)
    keys = fill_tables()
    member = Member.objects.get(pk=keys["member"])
    client = Client()
    query = f"?proponent={member.code}"

    def getter(url: str) -> Callable[[], None]:
        def get() -> None:
            assert client.get(url).status_code == 200

        return get

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    floor = fastest_time(lambda: query_with_bare_sql(member.pk))
    peer = "the same rows in plain SQL and json.dumps"
    what = "explorer: 50 of 1,000,000 variants by proponent"
    yield Row(what, peer, fastest_time(getter(f"/variants/{query}")) / floor, "at most 2")
    yield Row("explorer: count of every facet", peer, fastest_time(getter(f"/variants/facets/{query}")) / floor, "")


def fill_tables() -> dict[str, int]:
    """Insert a million variants, and return the primary key of the member to query."""
    sub_issue = SubIssue.objects.all()[0]
    for number in range(PROVISIONS):
        provision_with("Base text.", slug=f"bench-{number}", position=number + 1_000, sub_issue=sub_issue)
    provision = Provision.objects.get(slug="bench-0").pk
    first = Member.objects.order_by("pk").values_list("pk", flat=True)[0]
    values = {
        "numbers": NUMBERS.format(count=VARIANTS),
        "provision": provision,
        "provisions": PROVISIONS,
        "revision": Revision.objects.get(provision=provision).pk,
        "member": first,
        "members": MEMBERS,
        "closed": "DATE '2021-04-02'" if connection.vendor == "postgresql" else "'2021-04-02'",
    }
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM issues_position")
        cursor.execute("DELETE FROM issues_variant")
        for statement in FILL:
            cursor.execute(statement.format(**values))
    return {"member": first + 3}


def query_with_bare_sql(member: int) -> str:
    """Return the first fifty open variants that `member` proposes, with their positions, as JSON.

    The function also counts all such variants. It executes three SQL statements.
    """
    source = """FROM issues_position o JOIN issues_variant v ON v.id = o.variant_id
        JOIN issues_provision p ON p.id = v.provision_id WHERE o.member_id = %s AND o.stance = 'propose'
        AND o.until_revision_id IS NULL AND v.closed_in_id IS NULL AND p.visibility = 'public'"""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {source}", [member])
        count = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT v.id, p.slug, v.kind, v.text, v.ordinal, v.depth, v.opened_on {source} "
            f"ORDER BY p.position, v.ordinal, v.id LIMIT {PAGE_SIZE}",
            [member],
        )
        variants = cursor.fetchall()
        marks = ", ".join(["%s"] * len(variants))
        cursor.execute(
            "SELECT o.variant_id, m.code, o.stance, o.since FROM issues_position o JOIN members_member m "
            f"ON m.id = o.member_id WHERE o.until_revision_id IS NULL AND o.variant_id IN ({marks})",
            [row[0] for row in variants],
        )
        held: dict[int, list[Any]] = {}
        for row in cursor.fetchall():
            held.setdefault(row[0], []).append(row[1:])
    assert count > math.prod([VARIANTS // MEMBERS])
    return json.dumps([(*row, held[row[0]]) for row in variants], default=str)
