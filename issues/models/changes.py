"""The change feed: numbered entries that refer to changed rows, and a counter for each scope of readers.

An entry contains no content. The content is loaded when the feed is read, so that the feed never exposes data that a
reader may no longer see.
"""

from django.db import models
from django.db.models import Q

from issues.models.choices import ChangeKind
from issues.models.negotiation import Negotiation


class Change(models.Model):
    """An entry in the change feed, which records one change to one row. Entries are never changed or deleted.

    Numbers are assigned under one lock and become visible in ascending order (`issues.sync.publishing`). A reader who
    continues after the highest number seen so far therefore receives every later change exactly once. Clients receive
    cursors instead of numbers (`issues.sync.change_feed`).
    """

    # There is no database constraint, because the feed outlives the rows to which it refers and must not lock the
    # negotiation.
    negotiation = models.ForeignKey(Negotiation, models.DO_NOTHING, db_constraint=False, related_name="+")
    number = models.PositiveBigIntegerField(help_text="1, 2, 3 … within the negotiation, in order of commits.")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    resource = models.CharField(
        max_length=20, help_text="The type of the resource, as named in `issues.sync.resources`."
    )
    row = models.BigIntegerField(help_text="The primary key of the resource.")
    key = models.CharField(max_length=250, help_text="The key of the resource when the change was published.")
    provision = models.BigIntegerField(
        null=True, blank=True, help_text="The primary key of the provision that the resource is or belongs to."
    )
    digest = models.CharField(
        max_length=64,
        help_text="The digest of the content, which prevents the same content from being published twice.",
    )
    scopes = models.TextField(help_text="The audiences that could read the resource, separated by commas.")
    only = models.TextField(
        blank=True, help_text="The only audience of the row. Empty: everyone who may read the resource."
    )

    class Meta:
        ordering = ["negotiation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "number"], name="change_number_once"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_known"),
        ]
        indexes = [models.Index(fields=["negotiation", "resource", "row", "number"], name="change_by_thing")]

    def __str__(self) -> str:
        return f"{self.number}: {self.resource} {self.key} {self.kind}"


class ChangeCounter(models.Model):
    """The number of the last change in one scope of a negotiation. Scopes are defined in `access.audiences`.

    The empty scope covers all changes.
    """

    negotiation = models.ForeignKey(Negotiation, models.DO_NOTHING, db_constraint=False, related_name="+")
    scope = models.CharField(max_length=60, blank=True)
    number = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        # An earlier release, which may run on the same database during an upgrade, uses these names.
        db_table = "issues_tide"
        constraints = [models.UniqueConstraint(fields=["negotiation", "scope"], name="tide_of_scope_once")]

    def __str__(self) -> str:
        return f"{self.scope or 'everything'}: {self.number}"
