"""Telling the feed what happened: called by every way in, in the transaction of the write.

What is told is gathered while the transaction works and written at its end: numbers come from one row per negotiation
that stays locked until the commit, so that they become visible in their order, and is locked shortly. Whoever writes
locks texts, proposals and groups first and this row last, so nobody waits in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from issues.access.audiences import COMPUTED, COUNTER, SECRETARIAT, scopes_of
from issues.access.roles import everything_of
from issues.models import (
    Change,
    Document,
    Meeting,
    Negotiation,
    Proposal,
    ProposalStep,
    Provision,
    Tide,
)
from issues.models.choices import ChangeKind
from issues.sync.resources import (
    BY_MODEL,
    NEGOTIATED,
    RESOURCES,
    Resource,
    digest_of,
    fetched,
    negotiation_of_thing,
    resource_of,
)

Scopes = frozenset[str]


@dataclass(frozen=True)
class _Heard:
    """Something that a write said of a thing; `only` are the scopes that it concerns, none: whoever may read it."""

    thing: Model
    kind: ChangeKind | None = None
    only: Scopes = frozenset()


_heard: ContextVar[list[_Heard] | None] = ContextVar("heard", default=None)


@contextmanager
def telling() -> Iterator[None]:
    """Run in one transaction, and write at its end what was told meanwhile; inside another one, leave that to it.

    What was told inside a part that fails is forgotten with it.
    """
    with transaction.atomic():
        heard = _heard.get()
        if heard is not None:
            before = len(heard)
            try:
                yield
            except BaseException:
                del heard[before:]
                raise
            return
        token = _heard.set([])
        try:
            yield
            heard = _heard.get()
        finally:
            _heard.reset(token)
        if heard:
            _write(heard)


def tell(*things: Model, kind: ChangeKind | None = None, only: Iterable[str] = ()) -> None:
    """Say that `things` were added or may have changed; of one that reads as before, nothing is told.

    `kind` and `only` are for things that have not changed, but became visible to those in the scopes `only`. Things of
    which nobody keeps a copy are passed over.
    """
    with telling():
        heard = _heard.get()
        assert heard is not None  # we are inside
        heard += [_Heard(one, kind, frozenset(only)) for one in things if resource_of(one) is not None]


@dataclass(frozen=True)
class _News:
    """A row that is to be written; `told_to` is whose tide it moves."""

    resource: str
    row: int
    key: str
    kind: ChangeKind
    provision: int | None
    digest: str
    scopes: Scopes
    only: Scopes = frozenset()

    @property
    def told_to(self) -> Scopes:
        return self.only or self.scopes


def _write(heard: list[_Heard]) -> None:
    """Write what was heard, by negotiation; a thing of which the same is said twice is told once."""
    # By key and not by object: the same row may have been read twice.
    once = {(type(one.thing), one.thing.pk, one.kind, one.only): one for one in heard}
    news: defaultdict[int, list[_News]] = defaultdict(list)
    for one in list(once.values()):
        if one.kind is None:
            once |= {(Document, named.pk, None, one.only): _Heard(named) for named in _named(one.thing)}
    for one in once.values():
        own = negotiation_of_thing(one.thing)
        owners = [own] if own is not None else list(Negotiation.objects.values_list("pk", flat=True))
        for negotiation in owners:
            news[negotiation] += _news(negotiation, one)
    for negotiation in sorted(news):
        _number(negotiation, _once(news[negotiation]))


def _once(news: list[_News]) -> list[_News]:
    """Return `news` without what is said twice: what is new is not told again to some."""
    added = {(one.resource, one.row) for one in news if one.kind == ChangeKind.ADDED}
    kept = [one for one in news if one.kind != ChangeKind.VISIBLE or (one.resource, one.row) not in added]
    return list({(one.resource, one.row, one.kind, one.key, one.only): one for one in kept}.values())


def _news(negotiation: int, heard: _Heard) -> list[_News]:
    resource = resource_of(heard.thing)
    assert resource is not None  # `tell` passes over the others
    said = _said(resource, heard.thing)
    if heard.kind is not None:
        return [replace(said, kind=heard.kind, only=heard.only)]
    if resource.on_record:
        return [said]
    told = Change.objects.filter(negotiation=negotiation, resource=resource.name, row=said.row)
    return _compared(heard.thing, said, told.order_by("-number").first())


def _said(resource: Resource, thing: Any) -> _News:
    """Return what there is to say of a thing as it is now."""
    key, data = resource.key(thing), resource.data(thing)
    text = thing.pk if isinstance(thing, Provision) else getattr(thing, "provision_id", None)
    return _News(resource.name, thing.pk, key, ChangeKind.ADDED, text, digest_of(key, data), scopes_of(thing))


def _compared(thing: Any, now: _News, last: Change | None) -> list[_News]:
    """Return what is to be told of a thing that may change, compared with what was told last."""
    if last is None or last.kind == ChangeKind.GONE:
        return [now]
    if last.key != now.key:
        again = _again([*_belonging(thing), *_naming(thing)], frozenset())
        return [_gone(last), replace(now, kind=ChangeKind.CHANGED), *again]
    before = scopes_in(last.scopes)
    gained, lost = now.scopes - before, before - now.scopes
    news = []
    if lost and isinstance(thing, Provision | Proposal | Document):
        news.append(replace(now, kind=ChangeKind.HIDDEN, only=lost))
    if last.digest != now.digest:
        news.append(replace(now, kind=ChangeKind.CHANGED))
    elif gained:
        # It reads as before: whoever could read it already is not even told that others may now.
        news.append(replace(now, kind=ChangeKind.VISIBLE, only=gained))
    if gained:
        news += _again(_belonging(thing), gained)
    if gained or lost:
        news += _again(_naming(thing), gained | lost)
    return news


def _named(thing: Any) -> "QuerySet[Document]":
    """Return the documents whose readers depend on a proposal or a meeting, so that they are told with it."""
    guarded = Document.objects.exclude(recorded_with=None)
    if isinstance(thing, Proposal):
        return guarded.filter(recorded_with=thing)
    return guarded.filter(meetings=thing) if isinstance(thing, Meeting) else guarded.none()


def _gone(last: Change) -> _News:
    """Return that nothing is called any more what a thing was called, to all who could read it."""
    readers = scopes_in(last.scopes) | {SECRETARIAT}
    return _News(last.resource, last.row, last.key, ChangeKind.GONE, last.provision, "", readers, readers)


def _belonging(thing: Any) -> list[Any]:
    """Return what can be read by whoever can read a text or proposal, or by some of them."""
    if isinstance(thing, Provision):
        return [*thing.revisions.order_by("number"), *thing.requests.order_by("pk")]
    return list(thing.steps.order_by("number")) if isinstance(thing, Proposal) else []


def _naming(thing: Any) -> list[Any]:
    """Return what names a text or proposal to those who can read both."""
    if isinstance(thing, Provision):
        return list(ProposalStep.objects.filter(revision__provision=thing).order_by("pk"))
    return list(thing.superseded_by.order_by("pk")) if isinstance(thing, Proposal) else []


def _again(things: list[Any], only: Scopes) -> list[_News]:
    """Return things that have not changed to be told again, to those in `only`, or to whoever may read them."""
    said = [_said(BY_MODEL[type(one)], one) for one in things]
    return [replace(one, kind=ChangeKind.VISIBLE, only=only) for one in said]


def _number(negotiation: int, news: list[_News]) -> None:
    """Write rows under the next numbers, and move the tides of those whom they are for. Three statements."""
    if not news:
        return
    counter = _locked(negotiation)
    # Not before the last one, whatever the clocks of several servers say.
    at = max(timezone.now(), counter.at) if counter.at else timezone.now()
    first = counter.number + 1
    rows = [
        Change(
            negotiation_id=negotiation,
            number=number,
            at=at,
            kind=one.kind,
            resource=one.resource,
            row=one.row,
            key=one.key,
            provision=one.provision,
            digest=one.digest,
            scopes=written(one.scopes),
            only=written(one.only),
        )
        for number, one in enumerate(news, first)
    ]
    Change.objects.bulk_create(rows, batch_size=500)
    reached = {COUNTER: rows[-1].number}
    for row, one in zip(rows, news, strict=True):
        reached |= dict.fromkeys(one.told_to, row.number)
    _move(negotiation, reached, at)


def _locked(negotiation: int) -> Tide:
    return Tide.objects.select_for_update().get_or_create(negotiation_id=negotiation, scope=COUNTER)[0]


def _move(negotiation: int, reached: dict[str, int], at: Any) -> None:
    tides = [Tide(negotiation_id=negotiation, scope=one, number=number, at=at) for one, number in reached.items()]
    Tide.objects.bulk_create(
        tides, update_conflicts=True, unique_fields=["negotiation", "scope"], update_fields=["number", "at"]
    )


def written(scopes: Iterable[str]) -> str:
    """Return scopes as a column has them: in order, each between commas."""
    return "".join(f",{one}" for one in sorted(scopes)) + "," if scopes else ""


def scopes_in(column: str) -> Scopes:
    """Return the scopes that a column holds."""
    return frozenset(column.strip(",").split(",")) if column else frozenset()


def catch_up(negotiation: Negotiation, *, facts: bool = False) -> int:
    """Compare what is on record, or the facts of it, with what was told, and tell the difference; return how much.

    For what came in by another way (fixtures, the admin, the shell), and for the first time. It may be run at any time,
    beside others who write; what they tell in the very moment may be told twice.
    """
    with transaction.atomic():
        kinds = [one for one in RESOURCES.values() if not facts or one.model not in NEGOTIATED]
        news = [said for resource in kinds for said in _missed(resource, negotiation)]
        # What is gone goes first: another thing may bear its name by now.
        news.sort(key=lambda one: one.kind != ChangeKind.GONE)
        once = _once(news)
        _number(negotiation.pk, once)
        return len(once)


def _missed(resource: Resource, negotiation: Negotiation) -> Iterator[_News]:
    told = Change.objects.filter(negotiation=negotiation, resource=resource.name).order_by("number")
    things = fetched(resource, everything_of(negotiation.pk), negotiation)
    if resource.on_record:
        for thing in things.exclude(pk__in=told.values("row")).iterator(100):
            yield _said(resource, thing)
        return
    # Before the things themselves: what others tell meanwhile is then told twice, and never missed.
    last = {one.row: one for one in told.iterator()}
    for thing in things.iterator(100):
        yield from _compared(thing, _said(resource, thing), last.pop(thing.pk, None))
    yield from (_gone(one) for one in last.values() if one.kind != ChangeKind.GONE)


def catch_up_everywhere(*, facts: bool = False) -> int:
    """Do so for every negotiation; return how much was told."""
    return sum(catch_up(one, facts=facts) for one in Negotiation.objects.order_by("pk"))


def begin_feeds(using: str = "default", **kwargs: Any) -> None:
    """Tell what is on record of negotiations of which nothing was told yet: after every migrate, and once for each."""
    if Tide._meta.db_table not in connections[using].introspection.table_names():
        return
    begun = Tide.objects.values("negotiation")
    for negotiation in Negotiation.objects.exclude(pk__in=begun):
        catch_up(negotiation)


def computed_anew() -> None:
    """Say that variants, positions and figures may be other ones, although no text has changed."""
    for negotiation in Negotiation.objects.order_by("pk"):
        with transaction.atomic():
            counter, now = _locked(negotiation.pk), timezone.now()
            _move(negotiation.pk, dict.fromkeys((COUNTER, COMPUTED), counter.number + 1), now)
