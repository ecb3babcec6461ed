"""Chains of append-only rows. Each row is sealed with a digest that also covers the previous row."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Model

from issues.models.schemes import FIRST_SCHEME, SCHEME, digest_of, link_of, names_of, seals_of

SEALING = ("digest", "digest_scheme", "recorded_names", "seals")
Names = Callable[[Any, Any], dict[str, list[Any]]]


class Chained(models.Model):
    """The base class of rows that form a chain and never change. `issues.models.schemes` defines the digest."""

    digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="SHA-256 in hexadecimal, chained to the previous row.",
    )
    digest_scheme = models.PositiveSmallIntegerField(
        default=SCHEME, db_default=FIRST_SCHEME, editable=False, help_text="The scheme by which the digest is computed."
    )
    recorded_names = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="The identifiers to which the row refers (codes, slugs, numbers), as they were when it was recorded.",
    )
    seals = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="The beginning of each column's digest, which shows which column was altered.",
    )

    # The relation to the owner of a chain, and the field that orders the rows of the chain.
    CHAIN: ClassVar[str]
    ORDER: ClassVar[str] = "number"

    class Meta:
        abstract = True

    def expected_digest(self, previous: str) -> str:
        """Return the digest that this row must have if it has not been altered.

        `previous` is the value of the previous row that the digest covers, or an empty string for the first row.
        """
        return digest_of(self, previous, names_of(self) if self.recorded_names is None else self.recorded_names)

    def seal(self, before: "Chained | None") -> None:
        """Set the names, digest and seals of this new row, which follows `before`."""
        previous = _link_after_completing(before)
        self.recorded_names, self.digest_scheme = names_of(self), SCHEME
        self.digest = digest_of(self, previous, self.recorded_names)
        self.seals = seals_of(self, previous)


def _link_after_completing(before: Any) -> str:
    if before is not None and before.seals is None:
        complete_chain(type(before), before.CHAIN, before.ORDER, getattr(before, f"{before.CHAIN}_id"))
        before.refresh_from_db(fields=SEALING)
    return link_of(before)


def seal_before_saving(sender: type[Chained], instance: Any, using: str, **kwargs: Any) -> None:
    """Seal a new row before it is saved, including a row loaded from a fixture.

    A stored row retains its seals. An existing digest is also retained, and `verify_record` checks it.
    """
    if instance.seals is not None:
        return
    rows = sender._base_manager.using(using).only(*SEALING, sender.CHAIN)
    stored = rows.filter(pk=instance.pk).first() if instance.pk is not None else None
    if stored is not None:
        _take_over(instance, stored)
        return
    before = _row_before(rows, instance)
    if not instance.digest:
        instance.seal(before)
        return
    if instance.recorded_names is None:
        instance.recorded_names = names_of(instance)
    instance.seals = seals_of(instance, _link_after_completing(before))


def _take_over(instance: Any, stored: Any) -> None:
    if not instance.digest:
        instance.digest, instance.digest_scheme = stored.digest, stored.digest_scheme
    if instance.recorded_names is None:
        instance.recorded_names = stored.recorded_names
    instance.seals = stored.seals


def _row_before(rows: Any, row: Chained) -> Any:
    chain = rows.filter(**{row.CHAIN: getattr(row, f"{row.CHAIN}_id")}).order_by(f"-{row.ORDER}")
    number = getattr(row, row.ORDER)
    return (chain if number is None else chain.filter(**{f"{row.ORDER}__lt": number})).first()


def complete_chain(model: type[Model], chain: str, order: str, key: int, names: Names | None = None) -> int:
    """Seal the unsealed rows in the chain of the owner with the primary key `key`, and return their number.

    Unsealed rows were inserted by hand, or by the previous release during an upgrade. The function `names` takes a row
    and the previous row, and returns the names to be recorded. By default, the current names are recorded.
    """
    with transaction.atomic():
        parents: Any = model._meta.get_field(chain).related_model
        parents._base_manager.select_for_update(of=("self",)).get(pk=key)
        rows = model._base_manager.filter(**{chain: key}).order_by(order)
        sealed = list(_sealed(rows, names or (lambda row, before: names_of(row))))
        for row in sealed:
            model._base_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in SEALING})
        return len(sealed)


def _sealed(rows: Any, names: Names) -> Iterator[Any]:
    """Set the seals of the unsealed rows, and yield these rows without saving them."""
    before: Any = None
    for row in rows:
        if row.seals is None:
            if row.recorded_names is None:
                row.recorded_names = names(row, before)
            previous = link_of(before)
            if not row.digest:
                row.digest_scheme = SCHEME
                row.digest = digest_of(row, previous, row.recorded_names)
            row.seals = seals_of(row, previous)
            yield row
        before = row


def complete_all(model: type[Model], chain: str, order: str, names: Names | None = None) -> int:
    """Seal all unsealed rows of `model`, and return their number."""
    unsealed = model._base_manager.filter(seals__isnull=True).order_by().values_list(chain, flat=True).distinct()
    return sum(complete_chain(model, chain, order, key, names) for key in list(unsealed))
