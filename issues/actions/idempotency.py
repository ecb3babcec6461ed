"""Entries that are sent twice: the mark under which an entry is stored, and how a retry is told from another entry.

A client gives an entry a key of its own and sends the same again where no response came. What is stored is a mark,
made of the key and of all that the entry says: who acts, what is done (act) to what (subject), on whose behalf, on
which text (base) and with which content. Two entries under one key are the same only where all of that is the same.

What another entry under a used key means depends on who sends it. In a browser it is a form that was changed after
Back: a new entry. A program that uses one key for two entries is mistaken, and is told so (`ExclusiveKey`).

A mark has 64 characters: 20 say whose key it is, 24 all that the entry says, and four for each of its parts, from which
follows in what another entry differs. Marks that were stored before are hexadecimal digests of less; a retry of such an
entry is still recognised, by the mark it would have had then and by the member and text of the row.
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

# Where marks are stored: the model, who made the entry, and the mark.
STORED: tuple[tuple[type[Model], str, str], ...] = (
    (Revision, "recorded_by", "idempotency_key"),
    (ProposalStep, "recorded_by", "idempotency_key"),
    (StatusReport, "recorded_by", "idempotency_key"),
    (ChangeRequest, "asked_by", "idempotency_key"),
    (ChangeRequest, "decided_by", "decision_key"),
)


class ExclusiveKey(str):
    """A key that stands for one entry: another one under it is refused with KeyReused."""


@dataclass(frozen=True)
class Intent:
    """All that an entry says, which makes a row of the model `makes`.

    `content` is anything that JSON can write; `earlier` is what older marks were made of, beside key and actor.
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
        """Return the mark that the entry would have had before marks said all of it, "" where it had none."""
        if not self.earlier:
            return ""
        return hashlib.sha256(_canonical([key, self.actor.pk, *self.earlier])).hexdigest()


def recorded_before(key: str, intent: Intent) -> tuple[str, int | None]:
    """Return the mark of an entry, and the primary key of the row that the same entry made before, if any.

    Entries of one actor that have a key are made one after the other: the actor's row stays locked until the end of the
    transaction, and is locked before anything else. Raises KeyReused where `key` is exclusive and stands for another
    entry. Without a key there is no mark, and nothing is looked up.
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
    """Return (mark, primary key) of what was stored under the same key of the same actor. One query."""
    sources = []
    for model, actor, column in STORED:
        under_key = Q(**{f"{column}__startswith": owner})
        if earlier and model is intent.makes and column == "idempotency_key":
            under_key |= _as_before(earlier, intent)
        rows = model._default_manager.filter(under_key, **{actor: intent.actor.pk})
        sources.append(rows.order_by().values_list(column, "pk"))
    return sources[0].union(*sources[1:], all=True)


def _as_before(earlier: str, intent: Intent) -> Q:
    """Return the condition on the row that was stored under an older mark, which left out member and provision."""
    same = Q(idempotency_key=earlier, on_behalf_of=intent.on_behalf_of)
    return same & Q(provision=intent.subject.pk) if isinstance(intent.subject, Provision) else same


def _differences(mark: str, stored: str) -> Iterator[str]:
    """Yield the names of the parts in which two marks of one key differ."""
    for number, name in enumerate(PARTS):
        start = OWNER + WHOLE + number * PART
        if mark[start : start + PART] != stored[start : start + PART]:
            yield name


def _hashed(value: Any, length: int) -> str:
    return base64.b32encode(hashlib.sha256(_canonical(value)).digest()).decode().lower()[:length]


def _canonical(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")
