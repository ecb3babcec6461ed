"""The page at a bracket's permanent address: where the bracket stands, or how it ended, and how to cite it.

The address names the place at which the bracket first stood (`issues.text.addresses`). The page shows the text that is
current, or the last text that contained the bracket, with the bracket highlighted. The address of another place at
which the bracket stands or stood leads to its own address. A bracket that was added again later is another bracket, and
the two pages refer to each other.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bracketed_text import Tree
from bracketed_text.advanced import Variant as TextVariant
from bracketed_text.advanced import stands_at, variants
from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_proposals, visible_provisions
from issues.models import Position, Provision, Revision, Variant
from issues.models.choices import Outcome
from issues.text.addresses import TextPlace, address_key, parse_key
from issues.text.bracket_labels import BracketLabel, label_at
from issues.text.entries import places_in
from issues.text.steps import indexed_tree
from issues.web.authors import author_of
from issues.web.bracket_citations import FORMATS, Citation, citation_response
from issues.web.bracket_links import Ending, follow, followed
from issues.web.provision_cards import Names, load_names
from issues.web.provisions import readable_revision
from issues.web.query_params import requested_day
from issues.web.rendering import PanelLinks, spoken
from issues.web.rendering import render as render_text


@dataclass(frozen=True)
class StandingBracket:
    """A bracket in the text of a revision. `row` is its latest entry in the index, and `rows` are all its entries."""

    row: Variant
    rows: Sequence[Variant]
    revision: Revision
    tree: Tree
    variant: TextVariant
    label: BracketLabel | None
    day: datetime.date | None

    @property
    def closed(self) -> bool:
        """Whether the bracket had ended by the date shown."""
        return self.row.is_closed(self.day)

    @property
    def selected(self) -> int:
        """The offset of the mark to highlight: that of the bracket around an alternative, or that of an option."""
        return self.variant.bracket.start if self.variant.bracket is not None else self.variant.begin

    @property
    def written(self) -> str:
        """The bracket as written, with its marks and its head."""
        bracket = self.variant.bracket
        if bracket is None or self.variant.inside:
            return self.variant.words(self.tree.text).strip()
        return self.tree.text[bracket.start : bracket.end]


class Moved(Exception):
    """The requested bracket has another address, `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@require_safe
def bracket(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show a bracket at its permanent address."""
    day, reader, names = requested_day(request), reader_of(request.user), load_names()
    try:
        found = _found(request, reader, slug, key, names, day)
    except Moved as moved:
        return redirect(moved.url)
    positions = Position.objects.held_at_the_end(day).filter(variant=found.row)
    shown = found.revision.number
    page = reverse("provision", args=[slug])
    named = stands_at(found.tree, variants(found.tree), variants(found.tree).index(found.variant))
    begun_by = found.rows[0].begun_by_entry
    if begun_by.proposal_id:
        begun_by.proposal = visible_proposals(reader).filter(pk=begun_by.proposal_id).first()
    ending = _ending(found, names) if found.closed else None
    context = {
        "provision": found.revision.provision,
        "bracket": found,
        "heading": found.label.name if found.label else key,
        "html": _html(found, names, page),
        "held": positions.select_related("member", "grouping"),
        "summary": spoken(variants(found.tree)[named].head, names.of),
        "begun_by": begun_by,
        "ending": ending,
        "logged_by": author_of(ending.revision, reader) if ending else "",
        "became": _became(found, ending, slug),
        "earlier": None if found.rows[0].resumes else found.rows[0].earlier,
        "later": Variant.objects.filter(earlier=found.row, resumes=False).begun_by(day).first(),
        "panel_url": f"{page}?{urlencode({'revision': shown, 'at': found.variant.begin})}#panel",
        "citation": _citation(request, found),
        "formats": FORMATS,
        "day": day,
    }
    return render(request, "issues/bracket.html", context)


@require_safe
def citation(request: HttpRequest, slug: str, key: str, name: str) -> HttpResponse:
    """Send the citation of a bracket as a file: plain text, BibTeX or CSL JSON."""
    day, reader = requested_day(request), reader_of(request.user)
    try:
        found = _found(request, reader, slug, key, load_names(), day)
    except Moved as moved:
        raise Http404(_("This bracket has another permanent address.")) from moved
    return citation_response(_citation(request, found), name)


def _found(
    request: HttpRequest, reader: Reader, slug: str, key: str, names: Names, day: datetime.date | None
) -> StandingBracket:
    """Return the bracket with this key. Raise Moved if it has another address, or Http404 if there is no bracket."""
    place = parse_key(key)
    if place is None:
        raise Http404(_("No bracket has this address."))
    current = readable_revision(reader, negotiation_of(request), slug, day)
    provision = current.provision
    known = Variant.objects.filter(provision=provision, key=key)
    related = ("opened_in", "closed_in__on_behalf_of", "closed_in__recorded_by", "begun_in__on_behalf_of", "earlier")
    rows = list(known.begun_by(day).select_related(*related).order_by("opened_in__number", "pk"))
    if not rows:
        if known.exists():
            raise Http404(_("This bracket was opened after the selected date."))
        raise Moved(_other_address(request, provision, place, names))
    row = rows[-1]
    if row.is_closed(day) and row.closed_in is not None:
        revision = _revision(current, row.closed_in.number - 1)
        offset = _offset(indexed_tree(revision, names.register), row.ordinal)
    elif day is None:
        revision, offset = current, _offset(indexed_tree(current, names.register), row.ordinal)
    else:
        revision, offset = current, _offset_on(current, row, names)
    if offset is None:
        revision, offset = _revision(current, place.number), place.offset
    tree = indexed_tree(revision, names.register)
    variant = next((variant for variant in variants(tree) if variant.begin == offset), None)
    if variant is None:  # the register reads the text in another way than when the index was computed
        raise Moved(_panel_url(provision, place, request))
    label = label_at(revision, offset, tree, visible_provisions(reader).filter(negotiation=provision.negotiation_id))
    return StandingBracket(row, rows, revision, tree, variant, label, day)


def _other_address(request: HttpRequest, provision: Provision, place: TextPlace, names: Names) -> str:
    """Return the URL of the bracket that stands at `place`. Raise Http404 if no bracket stands there."""
    trace = follow(provision, place.number, place.offset, names.register)
    if trace is None or not trace.exists:
        raise Http404(_("No bracket has this address."))
    row = trace.rows(provision).exclude(key__in=["", address_key(*place)]).first()
    if row is None:
        return _panel_url(provision, place, request)
    query = request.GET.urlencode()
    return reverse("bracket", args=[provision.slug, row.key]) + (f"?{query}" if query else "")


def _panel_url(provision: Provision, place: TextPlace, request: HttpRequest) -> str:
    query = {**request.GET.dict(), "revision": place.number, "at": place.offset}
    return f"{reverse('provision', args=[provision.slug])}?{urlencode(query)}#panel"


def _revision(current: Revision, number: int) -> Revision:
    """Return another revision of the provision of `current`, with the same provision object."""
    if number == current.number:
        return current
    revision = Revision.objects.get(provision=current.provision_id, number=number)
    revision.provision = current.provision
    return revision


def _offset(tree: Tree, ordinal: int) -> int | None:
    all_variants = variants(tree)
    return all_variants[ordinal - 1].begin if 0 < ordinal <= len(all_variants) else None


def _offset_on(current: Revision, row: Variant, names: Names) -> int | None:
    """Return the offset of the bracket in `current`, the text of a past date, or None if it cannot be followed."""
    place = parse_key(row.opened_at)
    if place is None:
        return None
    if place.number > current.number:  # a late entry, whose change was carried forward to the texts of later dates
        first = _revision(current, place.number)
        trees = (indexed_tree(revision, names.register) for revision in (first, current))
        return places_in([place.offset], *trees).get(place.offset)
    revisions = current.provision.revisions.filter(number__range=(place.number, current.number)).order_by("number")
    trace = followed(revisions.iterator(), place.number, place.offset, names.register)
    index = trace.indexes.get(current.number) if trace is not None else None
    return None if index is None else _offset(indexed_tree(current, names.register), index + 1)


def _ending(found: StandingBracket, names: Names) -> Ending:
    """Return how the bracket ended according to the index, and which bracket replaced it according to the texts."""
    closed_in = found.row.closed_in
    assert closed_in is not None  # the bracket is closed
    trace = follow(found.revision.provision, found.revision.number, found.variant.begin, names.register)
    became = trace.end.became if trace is not None and trace.end is not None else None
    return Ending(closed_in, Outcome(found.row.outcome), found.variant.words(found.tree.text), became)


def _became(found: StandingBracket, ending: Ending | None, slug: str) -> str:
    """Return the URL of the bracket that replaced this one, or an empty string if none did."""
    if ending is None or ending.became is None:
        return ""
    carried = ending.revision.carried_by.aggregate(last=Max("number"))["last"]
    return reverse("bracket", args=[slug, address_key(carried or ending.revision.number, ending.became)])


def _html(found: StandingBracket, names: Names, page: str) -> SafeString:
    links = PanelLinks(found.revision.number, found.selected, page=page, day=found.day, focused=True)
    return render_text(found.tree, names.of, links=links)


def _citation(request: HttpRequest, found: StandingBracket) -> Citation:
    provision, revision = found.revision.provision, found.revision
    path = reverse("bracket", args=[provision.slug, found.row.key])
    asked = {name: request.GET[name] for name in ("as_of", "known_at") if request.GET.get(name)}
    return Citation(
        text=found.written,
        label=found.label.name if found.label else found.row.key,
        heading=provision.heading,
        negotiation=provision.negotiation.name,
        identifier=f"{provision.negotiation.slug}-{provision.slug}-{found.row.key}-r{revision.number}",
        url=request.build_absolute_uri(path) + (f"?{urlencode(asked)}" if asked else ""),
        revision=revision.number,
        made_on=revision.made_on,
        digest=revision.digest,
        demonstration=provision.demonstration,
    )
