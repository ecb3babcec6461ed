"""The feed of changes: numbered rows that tell what happened to which thing, and how far each circle of readers is.

What a row tells of is read when the row is read, so that nothing is kept here that one may no longer read.
"""

from django.db import models
from django.db.models import Q

from issues.models.choices import ChangeKind
from issues.models.negotiation import Negotiation


class Change(models.Model):
    """That something happened to a thing that readers may keep a copy of. Never changed, never deleted.

    Numbers are given out under one lock and become visible in their order (`issues.sync.publishing`): whoever goes on
    behind the highest number it saw misses nothing and reads nothing twice. No number is ever shown
    (`issues.sync.change_feed`).
    """

    # The feed outlives what it tells of: no constraint of the database, and no lock on the negotiation's row.
    negotiation = models.ForeignKey(Negotiation, models.DO_NOTHING, db_constraint=False, related_name="+")
    number = models.PositiveBigIntegerField(help_text="1, 2, 3 … within the negotiation, in the order of commits.")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    resource = models.CharField(max_length=20, help_text="What sort of thing, by its name in `issues.sync.resources`.")
    row = models.BigIntegerField(help_text="The primary key of the thing.")
    key = models.CharField(max_length=250, help_text="The thing's own name when it was told.")
    provision = models.BigIntegerField(
        null=True, blank=True, help_text="The primary key of the text that it is or belongs to."
    )
    digest = models.CharField(max_length=64, help_text="Of what there was to keep, so that nothing is told twice.")
    scopes = models.TextField(help_text="Who could read the thing, as `issues.scopes` writes it, between commas.")
    only = models.TextField(blank=True, help_text="Whom alone the row is for. Empty: whoever may read the thing.")

    class Meta:
        ordering = ["negotiation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "number"], name="change_number_once"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_known"),
        ]
        indexes = [models.Index(fields=["negotiation", "resource", "row", "number"], name="change_by_thing")]

    def __str__(self) -> str:
        return f"{self.number}: {self.resource} {self.key} {self.kind}"


class Tide(models.Model):
    """The number of the last change in one scope of a negotiation (`access.audiences`); in scope "", of all of them."""

    negotiation = models.ForeignKey(Negotiation, models.DO_NOTHING, db_constraint=False, related_name="+")
    scope = models.CharField(max_length=60, blank=True)
    number = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["negotiation", "scope"], name="tide_of_scope_once")]

    def __str__(self) -> str:
        return f"{self.scope or 'everything'}: {self.number}"
