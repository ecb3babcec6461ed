"""Atom feeds of what changed in the text and what was stated: of everything, or of one small group."""

import datetime
from dataclasses import dataclass
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.contrib.syndication.views import Feed
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.models import Change, Negotiation, Provision, Revision, SmallGroup, StatusReport
from issues.models.choices import ChangeKind
from issues.web.history import entry
from issues.web.provision_cards import load_names
from members.plain_text import sanitize

ITEMS = 50


@dataclass(frozen=True)
class Of:
    """What a feed is of: a negotiation or one of its small groups, read with the eyes of whoever asks."""

    request: HttpRequest
    negotiation: Negotiation
    group: SmallGroup | None


class _Written(SimplerXMLGenerator):
    """Writes XML; Django's own breaks off at a character that XML cannot carry."""

    def characters(self, content: str) -> None:
        """Write the words of an element."""
        super().characters(sanitize(content))

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin an element."""
        super().startElement(name, AttributesImpl({key: sanitize(str(value)) for key, value in attrs.items()}))


class AtomFeed(Atom1Feed):
    """Atom, whatever is stored."""

    def write(self, outfile: Any, encoding: str) -> None:
        """Write the feed."""
        handler = _Written(outfile, encoding, short_empty_elements=True)
        handler.startDocument()
        handler.startElement("feed", self.root_attributes())
        self.add_root_elements(handler)
        self.write_items(handler)
        handler.endElement("feed")


class Changes(Feed):  # type: ignore[type-arg]
    """The newest changes and statements that the reader may read."""

    feed_type = AtomFeed

    def get_object(self, request: HttpRequest, slug: str = "") -> Of:
        """Return what is asked for; 404 for a small group that does not exist."""
        negotiation = negotiation_of(request)
        group = get_object_or_404(SmallGroup, slug=slug, negotiation=negotiation) if slug else None
        return Of(request, negotiation, group)

    def title(self, of: Of) -> str:
        """Return the name of the feed."""
        return f"{of.negotiation.short_name}: {of.group.name if of.group else _('changes')}"

    def link(self, of: Of) -> str:
        """Return the page that the feed belongs to."""
        return reverse("small-group", args=[of.group.slug]) if of.group else reverse("activity")

    def feed_guid(self, of: Of) -> str:
        """Return an identifier that stays."""
        return f"{of.request.build_absolute_uri(self.link(of))}#feed"

    def items(self, of: Of) -> list[Revision | StatusReport]:
        """Return revisions and statements, newest first; a first text is no change."""
        provisions = visible_provisions(reader_of(of.request.user)).filter(negotiation=of.negotiation)
        reports = StatusReport.objects.filter(small_group__negotiation=of.negotiation)
        if of.group:
            provisions = provisions.filter(pk__in=Provision.objects.of_group(of.group).values("pk"))
            reports = reports.filter(small_group=of.group)
        made = Revision.objects.acts().filter(provision__in=provisions, number__gt=1)
        made = made.select_related("provision", "measure", "on_behalf_of")
        revisions = list(_newest(made, "revision", of.negotiation))
        _put_into_words(revisions)
        reports = reports.select_related("small_group", "corrects").prefetch_related("corrected_by")
        stated = _newest(reports, "status-report", of.negotiation)
        items: list[Revision | StatusReport] = [*revisions, *stated]
        return sorted(items, key=_newness, reverse=True)[:ITEMS]

    def item_title(self, item: Any) -> str:
        """Return what it is about."""
        return item.provision.heading if isinstance(item, Revision) else f"{item.small_group.name}: {item.label}"

    def item_description(self, item: Any) -> str:
        """Return in sentences what changed, or what was stated and by whom."""
        if isinstance(item, Revision):
            return " ".join(item.said)  # type: ignore[attr-defined]
        said = _("Stated on %(stated_on)s: %(label)s. %(source)s") % {
            "stated_on": date_format(item.stated_on),
            "label": item.label,
            "source": item.source,
        }
        return f"{said} {_correction(item)}".rstrip()

    def item_link(self, item: Any) -> str:
        """Return the page that shows it."""
        if isinstance(item, Revision):
            return f"{reverse('history', args=[item.provision.slug])}#revision-{item.number}"
        return f"{reverse('small-group', args=[item.small_group.slug])}#status-{item.pk}"

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """Return when it was recorded, whatever the day on which it was made or stated."""
        moment: datetime.datetime = item.recorded_at
        return moment


def _newest(rows: "QuerySet[Any]", resource: str, negotiation: Negotiation) -> "QuerySet[Any]":
    """Return the rows that came last, each with the moment at which the feed of changes told of it in `came_at`.

    Those moments are in the order of the numbers, and so of commits: what was recorded first and committed last is not
    overlooked. What was there before the feed was told at once, and stays in the order in which it was recorded.
    """
    told = Change.objects.filter(negotiation=negotiation, resource=resource, row=OuterRef("pk"), kind=ChangeKind.ADDED)
    came_at = Coalesce(Subquery(told.order_by("number").values("at")[:1]), "recorded_at")
    newest: QuerySet[Any] = rows.annotate(came_at=came_at).order_by("-came_at", "-recorded_at", "-pk")
    return newest[:ITEMS]


def _newness(item: Any) -> tuple[datetime.datetime, datetime.datetime, int]:
    return item.came_at, item.recorded_at, item.pk


def _correction(report: StatusReport) -> str:
    """Return what a statement has to do with a mistaken one, "" where nothing."""
    if report.corrects is not None:
        return _("This corrects the entry “%(label)s” of %(day)s.") % {
            "label": report.corrects.label,
            "day": date_format(report.corrects.stated_on),
        }
    # Prefetched: one query for all.
    return _("This entry was incorrect and has been corrected.") if report.corrected_by.all() else ""


def _put_into_words(revisions: list[Revision]) -> None:
    """Give each revision `said`, a sentence for each thing that it changed. The number of queries does not grow."""
    provisions, numbers = {one.provision_id for one in revisions}, {one.follows_number for one in revisions}
    before = {
        (one.provision_id, one.number): one
        for one in Revision.objects.filter(provision__in=provisions, number__in=numbers)
    }
    names = load_names()
    for one in revisions:
        one.said = entry(one, before.get((one.provision_id, one.follows_number)), names).sentences  # type: ignore[attr-defined]
