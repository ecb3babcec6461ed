"""Idempotency keys, by which an entry that a client sends twice is recognised.

A client chooses a key for each entry and, if it receives no response, sends the entry again with the same key. The
stored mark is a hash of the key and the whole entry: the actor, the act, its subject, the member on whose behalf the
entry is made, the text on which it is based, and its content. Two entries are the same only if all these values are
equal.

The handling of a different entry with a used key depends on the client. A browser sends such an entry if the user goes
back and changes the form, and it is recorded as a new entry. A program that uses one key for two entries is in error,
and its second entry is refused (`ExclusiveKey`).

A mark has 64 characters: 20 for the key and its owner, 24 for the whole entry, and 4 for each part of the entry. The
groups of four show in which parts two entries differ:

    key and actor         whole entry               act  subj memb base cont
    xxxxxxxxxxxxxxxxxxxx  xxxxxxxxxxxxxxxxxxxxxxxx  xxxx xxxx xxxx xxxx xxxx

Earlier releases stored hexadecimal digests of fewer values. If an entry was recorded by such a release, a retry is
recognised by that digest together with the member and the provision of the stored row.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model, Q, QuerySet

from issues.actions.errors import KeyReused
from issues.models import ChangeRequest, ProposalStep, Provision, Revision, StatusReport
from members.models import Member

OWNER, WHOLE, PART = 20, 24, 4
PARTS = ("act", "subject", "on_behalf_of", "base", "content")

# Where each mark is stored: the model, the field that holds the actor, and the field that holds the mark.
STORED: tuple[tuple[type[Model], str, str], ...] = (
    (Revision, "recorded_by", "idempotency_key"),
    (ProposalStep, "recorded_by", "idempotency_key"),
    (StatusReport, "recorded_by", "idempotency_key"),
    (ChangeRequest, "asked_by", "idempotency_key"),
    (ChangeRequest, "decided_by", "decision_key"),
)


class ExclusiveKey(str):
    """A key for a single entry. Using the key for a different entry raises KeyReused."""


@dataclass(frozen=True)
class Intent:
    """The complete content of an entry. `makes` is the model of the row in which the entry is recorded.

    `content` is any value that JSON can represent. `earlier` contains the values that earlier releases included in the
    mark, in addition to the key and the actor.
    """

    makes: type[Model]
    actor: AbstractBaseUser
    act: str
    subject: Model
    on_behalf_of: Member | None = None
    base: int = 0
    content: Any = None
    earlier: tuple[Any, ...] = field(default=(), compare=False)

    def mark(self, key: str) -> str:
        """Return the mark under which the entry is stored for `key`."""
        parts = [
            self.act,
            [self.subject._meta.model_name, self.subject.pk],
            self.on_behalf_of.pk if self.on_behalf_of else None,
            self.base,
            self.content,
        ]
        owner = _hashed(["key", key, self.actor.pk], OWNER)
        return owner + _hashed(parts, WHOLE) + "".join(_hashed([owner, part], PART) for part in parts)

    def earlier_mark(self, key: str) -> str:
        """Return the mark that an earlier release would have stored, or an empty string if it stored no mark."""
        if not self.earlier:
            return ""
        return hashlib.sha256(_canonical([key, self.actor.pk, *self.earlier])).hexdigest()


def recorded_before(key: str, intent: Intent) -> tuple[str, int | None]:
    """Return the mark of an entry and, if the same entry has already been recorded, the primary key of its row.

    If the same actor sends several entries with keys, they are recorded one after another, because the actor's row is
    locked before any other row and remains locked until the end of the transaction. If `key` is empty, the mark is
    empty and no query is run. Raise KeyReused if `key` is exclusive and was used for a different entry.
    """
    if not key:
        return "", None
    users = get_user_model()._default_manager.select_for_update(no_key=True).order_by()
    users.filter(pk=intent.actor.pk).values_list("pk", flat=True).first()
    mark, earlier = intent.mark(key), intent.earlier_mark(key)
    rows = list(_stored_under(mark[:OWNER], earlier, intent))
    for stored, pk in rows:
        if stored in (mark, earlier):
            return mark, pk
    if rows and isinstance(key, ExclusiveKey):
        raise KeyReused(key, list(_differences(mark, rows[0][0])))
    return mark, None


def _stored_under(owner: str, earlier: str, intent: Intent) -> "QuerySet[Any]":
    """Return a single query for the mark and primary key of each row stored under the actor's key."""
    sources = []
    for model, actor, column in STORED:
        under_key = Q(**{f"{column}__startswith": owner})
        if earlier and model is intent.makes and column == "idempotency_key":
            under_key |= _as_before(earlier, intent)
        rows = model._default_manager.filter(under_key, **{actor: intent.actor.pk})
        sources.append(rows.order_by().values_list(column, "pk"))
    return sources[0].union(*sources[1:], all=True)


def _as_before(earlier: str, intent: Intent) -> Q:
    """Return the condition for a row with the mark of an earlier release.

    Such a mark does not include the member or the provision, which are therefore compared separately.
    """
    same = Q(idempotency_key=earlier, on_behalf_of=intent.on_behalf_of)
    return same & Q(provision=intent.subject.pk) if isinstance(intent.subject, Provision) else same


def _differences(mark: str, stored: str) -> Iterator[str]:
    """Yield the names of the parts in which two marks of the same key differ."""
    for number, name in enumerate(PARTS):
        start = OWNER + WHOLE + number * PART
        if mark[start : start + PART] != stored[start : start + PART]:
            yield name


def _hashed(value: Any, length: int) -> str:
    return base64.b32encode(hashlib.sha256(_canonical(value)).digest()).decode().lower()[:length]


def _canonical(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")
