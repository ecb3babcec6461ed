"""Atom feeds of text changes and stated statuses, for a negotiation or one small group."""

import datetime
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.contrib.syndication.views import Feed
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.models import Change, Negotiation, Provision, Revision, SmallGroup, StatusReport
from issues.models.choices import ChangeKind
from issues.web.history import Entry, entries
from issues.web.provision_cards import load_names
from members.plain_text import sanitize

ITEMS = 50


@dataclass(frozen=True)
class Of:
    """The subject of a feed: a negotiation or one of its small groups, with the request for the feed."""

    request: HttpRequest
    negotiation: Negotiation
    group: SmallGroup | None


class _Written(SimplerXMLGenerator):
    """An XML generator that replaces characters not allowed in XML. Django's generator would raise an exception."""

    def characters(self, content: str) -> None:
        """Write the text of an element."""
        super().characters(sanitize(content))

    def startElement(self, name: str, attrs: Any) -> None:
        """Write a start tag."""
        super().startElement(name, AttributesImpl({key: sanitize(str(value)) for key, value in attrs.items()}))


class AtomFeed(Atom1Feed):
    """An Atom feed that can contain any stored character."""

    def write(self, outfile: Any, encoding: str) -> None:
        """Write the feed."""
        handler = _Written(outfile, encoding, short_empty_elements=True)
        handler.startDocument()
        handler.startElement("feed", self.root_attributes())
        self.add_root_elements(handler)
        self.write_items(handler)
        handler.endElement("feed")


class Changes(Feed):  # type: ignore[type-arg]
    """The most recent changes and statuses that the reader may see."""

    feed_type = AtomFeed

    def get_object(self, request: HttpRequest, slug: str = "") -> Of:
        """Return the subject of the feed. Raise Http404 for an unknown small group."""
        negotiation = negotiation_of(request)
        group = get_object_or_404(SmallGroup, slug=slug, negotiation=negotiation) if slug else None
        return Of(request, negotiation, group)

    def title(self, of: Of) -> str:
        """Return the title of the feed."""
        return f"{of.negotiation.local_short_name}{_(':')} {of.group.local_name if of.group else _('changes')}"

    def link(self, of: Of) -> str:
        """Return the URL of the page to which the feed belongs."""
        return reverse("small-group", args=[of.group.slug]) if of.group else reverse("activity")

    def feed_guid(self, of: Of) -> str:
        """Return a permanent identifier."""
        return f"{of.request.build_absolute_uri(self.link(of))}#feed"

    def items(self, of: Of) -> list[Entry | StatusReport]:
        """Return changes and statuses, newest first, without the first texts of provisions, which change nothing."""
        provisions = visible_provisions(reader_of(of.request.user)).filter(negotiation=of.negotiation)
        reports = StatusReport.objects.filter(small_group__negotiation=of.negotiation)
        if of.group:
            provisions = provisions.filter(pk__in=Provision.objects.of_group(of.group).values("pk"))
            reports = reports.filter(small_group=of.group)
        made = Revision.objects.acts().filter(provision__in=provisions, number__gt=1)
        made = made.select_related("provision", "measure", "on_behalf_of")
        revisions = list(_newest(made, "revision", of.negotiation))
        reports = reports.select_related("small_group", "recorded_by", "corrects").prefetch_related("corrected_by")
        stated = _newest(reports, "status-report", of.negotiation)
        changed = [_with_addresses(entry, of.request) for entry in entries(revisions, load_names())]
        items: list[Entry | StatusReport] = [*changed, *stated]
        return sorted(items, key=_newness, reverse=True)[:ITEMS]

    def item_title(self, item: Any) -> str:
        """Return the heading of the provision, or the small group with its status. Invented entries are marked."""
        title = (
            f"{item.small_group.local_name}{_(':')} {item.label}" if isinstance(item, StatusReport) else _heading(item)
        )
        return f"[{_('Demonstration')}] {title}" if _is_invented(item) else title

    def item_categories(self, item: Any) -> tuple[str, ...]:
        """Return the category of invented entries, by which programs can recognise them."""
        return ("demonstration",) if _is_invented(item) else ()

    def item_description(self, item: Any) -> str:
        """Return sentences that describe the changes, or the status with its date and source."""
        if isinstance(item, Entry):
            return " ".join(item.sentences)
        sentence = _("%(stated_on)s: %(label)s. %(source)s") % {
            "stated_on": item.stated_on_text,
            "label": item.label,
            "source": item.source,
        }
        return f"{sentence} {_correction(item)}".rstrip()

    def item_link(self, item: Any) -> str:
        """Return the URL of the page that shows the item."""
        if isinstance(item, Entry):
            return f"{reverse('history', args=[item.revision.provision.slug])}#revision-{item.revision.number}"
        return f"{reverse('small-group', args=[item.small_group.slug])}#status-{item.pk}"

    def item_updateddate(self, item: Any) -> datetime.datetime:
        """Return the time at which the change or status was recorded, which may be later than its own date."""
        moment: datetime.datetime = _row_of(item).recorded_at
        return moment


def _with_addresses(entry: Entry, request: HttpRequest) -> Entry:
    """Return `entry` with the labels and addresses of the brackets concerned after its sentences."""
    addresses = [f"{bracket.label} {request.build_absolute_uri(bracket.path)}" for bracket in entry.brackets]
    return replace(entry, sentences=[*entry.sentences, *addresses])


def _newest(rows: "QuerySet[Any]", resource: str, negotiation: Negotiation) -> "QuerySet[Any]":
    """Return the most recent rows, each with its time of publication in the change feed as `published_at`.

    Rows are published in the order in which they are committed, so that a row recorded first but committed last is not
    overlooked. Rows that predate the change feed were all published at once, and they are ordered by the time at which
    they were recorded.
    """
    published = Change.objects.filter(
        negotiation=negotiation, resource=resource, row=OuterRef("pk"), kind=ChangeKind.ADDED
    )
    published_at = Coalesce(Subquery(published.order_by("number").values("at")[:1]), "recorded_at")
    newest: QuerySet[Any] = rows.annotate(published_at=published_at).order_by("-published_at", "-recorded_at", "-pk")
    return newest[:ITEMS]


def _row_of(item: Entry | StatusReport) -> Any:
    return item.revision if isinstance(item, Entry) else item


def _heading(entry: Entry) -> str:
    return entry.revision.provision.heading


def _is_invented(item: Entry | StatusReport) -> bool:
    return item.demonstration if isinstance(item, StatusReport) else item.revision.provision.demonstration


def _newness(item: Entry | StatusReport) -> tuple[datetime.datetime, datetime.datetime, int]:
    row = _row_of(item)
    return row.published_at, row.recorded_at, row.pk


def _correction(report: StatusReport) -> str:
    """Return a sentence stating that a status corrects another or has been corrected, or else an empty string."""
    if report.corrects is not None:
        return _("This corrects the entry “%(label)s” of %(day)s.") % {
            "label": report.corrects.label,
            "day": report.corrects.stated_on_text,
        }
    # Corrections are prefetched for all items in one query.
    return _("This entry was incorrect and has been corrected.") if report.corrected_by.all() else ""
