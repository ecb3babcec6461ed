"""Compare logging and committing a change with inserting the same rows in plain SQL in one transaction."""

import math
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max, Model

from benchmarks.rows import Row
from benchmarks.text import MEMBERS, negotiating_text
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Measure, Position, Revision, SubIssue, Variant
from issues.models.choices import Act
from issues.text.operations import Operation
from members.models import Member
from tests.factories import DelegationFactory, provision_with

ROUNDS = 40
WORDS, BRACKETS = 2_500, 60  # five pages
REVISIONS = (10, 1_000)


def measure() -> Iterator[Row]:
    """Yield the rows for logging changes."""
    call_command("load_fixtures", verbosity=0)
    text = negotiating_text(WORDS, BRACKETS)
    numbers, sub_issue = count(1_000), SubIssue.objects.all()[0]

    def begun(*texts: str) -> Any:
        number = next(numbers)
        return provision_with(*texts, slug=f"bench-{number}", position=number, sub_issue=sub_issue)

    provisions = [begun(text), begun(text)]
    canada = Member.objects.get(code=MEMBERS[0])
    delegate = DelegationFactory(role="delegate", member=canada).user
    logged, floor = math.inf, math.inf
    insert = _bare_insert(provisions[1], _log(provisions[0], delegate, canada))
    for _ in range(ROUNDS):
        logged = min(logged, _seconds(lambda: _log(provisions[0], delegate, canada)))
        floor = min(floor, _seconds(insert))
    what = "log and commit a change in five pages with 60 brackets"
    yield Row(what, "the same rows in plain SQL", logged / floor, "at most 3" if _is_postgresql() else "")
    times = []
    for length in REVISIONS:
        long = begun(*_history(text, length))
        times.append(min(_seconds(lambda long=long: _log(long, delegate, canada)) for _ in range(ROUNDS)))  # type: ignore[misc]
    yield Row("log a change after 1,000 revisions", "after 10 revisions", times[1] / times[0], "at most 1.2 (flat)")


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _history(text: str, length: int) -> list[str]:
    """Return `length` texts that alternate between one text with an additional position and one without it.

    The index therefore has a long history but remains small.
    """
    return [text if number % 2 else text.replace("]", " [CHE: anew]]", 1) for number in range(length)]


def _log(provision: Any, delegate: Any, member: Any) -> Any:
    """Log a change as the site does. A member encloses a word in brackets or, at the next call, lifts them."""
    current = provision.revisions.latest("number")
    word = current.text.index("each")
    bracketed = current.text[:word].endswith("[CAN oppose: ")
    at = word - len("[CAN oppose: ")
    operation = Operation(Act.LIFT, at) if bracketed else Operation(Act.ENCLOSE, word, word + 4)
    return changes.log(
        TextChange(provision, base_revision=current.number, edit=operation, on_behalf_of=member),
        actor=delegate,
        idempotency_key=str(time.perf_counter()),
    )


def _bare_insert(provision: Any, like: Any) -> Callable[[], None]:
    """Return a function that inserts, in plain SQL, the rows of the change `like` for another provision."""

    def statement(row: Model) -> tuple[str, list[str], list[Any]]:
        fields = [field for field in row._meta.local_concrete_fields if not (field.primary_key and field.name == "id")]
        names = [str(field.column) for field in fields]
        marks = ", ".join(["%s"] * len(names))
        quoted = ", ".join(connection.ops.quote_name(name) for name in names)
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
        return f"INSERT INTO {row._meta.db_table} ({quoted}) VALUES ({marks})", names, values

    revision = statement(Revision.objects.get(pk=like.pk))
    measure = statement(Measure.objects.get(revision=like))
    variants = [statement(variant) for variant in Variant.objects.filter(opened_in=like)]
    positions = [statement(position) for position in Position.objects.filter(since_revision=like)]
    highest = Revision.objects.filter(provision=provision).aggregate(Max("number"))["number__max"]
    numbers = count(highest + 1)

    def with_values(template: tuple[str, list[str], list[Any]], **values: Any) -> tuple[str, list[Any]]:
        sql, names, stored = template
        return sql, [values.get(name, value) for name, value in zip(names, stored, strict=True)]

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            number = next(numbers)
            key = f"bare {number}"
            sql, values = with_values(revision, provision_id=provision.pk, number=number, idempotency_key=key)
            cursor.execute(sql + " RETURNING id", values)
            pk = cursor.fetchone()[0]
            cursor.execute(*with_values(measure, revision_id=pk))
            for variant_template in variants:
                sql, values = with_values(variant_template, provision_id=provision.pk, opened_in_id=pk)
                cursor.execute(sql + " RETURNING id", values)
                variant = cursor.fetchone()[0]
                for position in positions:
                    cursor.execute(*with_values(position, variant_id=variant, since_revision_id=pk))

    return insert
