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
from issues.text.bracket_labels import BracketLabel, PlaceNames, TextLabels, label_at
from issues.text.entries import places_in
from issues.text.stored import indexed_tree
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
        standing = _standing_bracket(request, reader, slug, key, names, day)
    except Moved as moved:
        return redirect(moved.url)
    positions = Position.objects.held_at_the_end(day).filter(variant=standing.row)
    shown = standing.revision.number
    page = reverse("provision", args=[slug])
    named = stands_at(standing.tree, variants(standing.tree), variants(standing.tree).index(standing.variant))
    begun_by = standing.rows[0].begun_by_entry
    if begun_by.proposal_id:
        begun_by.proposal = visible_proposals(reader).filter(pk=begun_by.proposal_id).first()
    ending = _ending(standing, names) if standing.closed else None
    context = {
        "provision": standing.revision.provision,
        "demonstration": standing.revision.provision.demonstration,
        "bracket": standing,
        "heading": standing.label.name if standing.label else key,
        "html": _html(standing, names, page),
        "held": positions.select_related("member", "grouping"),
        "summary": spoken(variants(standing.tree)[named].head, names.of),
        "begun_by": begun_by,
        "ending": ending,
        "logged_by": author_of(ending.revision, reader) if ending else "",
        "became": _became(standing, ending, slug),
        "earlier": None if standing.rows[0].resumes else standing.rows[0].earlier,
        "later": Variant.objects.filter(earlier=standing.row, resumes=False).begun_by(day).first(),
        "panel_url": f"{page}?{urlencode({'revision': shown, 'at': standing.variant.begin})}#panel",
        "citation": _citation(request, standing),
        "formats": FORMATS,
        "day": day,
    }
    return render(request, "issues/bracket.html", context)


@require_safe
def citation(request: HttpRequest, slug: str, key: str, name: str) -> HttpResponse:
    """Send the citation of a bracket as a file: plain text, BibTeX or CSL JSON."""
    day, reader = requested_day(request), reader_of(request.user)
    try:
        standing = _standing_bracket(request, reader, slug, key, load_names(), day)
    except Moved as moved:
        raise Http404(_("This bracket has another permanent address.")) from moved
    return citation_response(_citation(request, standing), name)


def _standing_bracket(
    request: HttpRequest, reader: Reader, slug: str, key: str, names: Names, day: datetime.date | None
) -> StandingBracket:
    """Return the bracket with this key. Raise Moved if it has another address, or Http404 if there is no bracket."""
    text_place = parse_key(key)
    if text_place is None:
        raise Http404(_("No bracket has this address."))
    current = readable_revision(reader, negotiation_of(request), slug, day)
    provision = current.provision
    known = Variant.objects.filter(provision=provision, key=key)
    related = ("opened_in", "closed_in__on_behalf_of", "closed_in__recorded_by", "begun_in__on_behalf_of", "earlier")
    rows = list(known.begun_by(day).select_related(*related).order_by("opened_in__number", "pk"))
    if not rows:
        if known.exists():
            raise Http404(_("This bracket was opened after the selected date."))
        raise Moved(_other_address(request, provision, text_place, names))
    row = rows[-1]
    if row.is_closed(day) and row.closed_in is not None:
        revision = _revision(current, row.closed_in.number - 1)
        offset = _offset(indexed_tree(revision, names.register), row.ordinal)
    elif day is None:
        revision, offset = current, _offset(indexed_tree(current, names.register), row.ordinal)
    else:
        revision, offset = current, _offset_on(current, row, names)
    if offset is None:
        revision, offset = _revision(current, text_place.number), text_place.offset
    tree = indexed_tree(revision, names.register)
    variant = next((variant for variant in variants(tree) if variant.begin == offset), None)
    if variant is None:  # the register reads the text in another way than when the index was computed
        raise Moved(_panel_url(provision, text_place, request))
    places = PlaceNames(visible_provisions(reader).filter(negotiation=provision.negotiation_id))
    label = label_at(revision, offset, TextLabels(tree), places)
    return StandingBracket(row, rows, revision, tree, variant, label, day)


def _other_address(request: HttpRequest, provision: Provision, text_place: TextPlace, names: Names) -> str:
    """Return the URL of the bracket that stands at `place`. Raise Http404 if no bracket stands there."""
    trace = follow(provision, text_place.number, text_place.offset, names.register)
    if trace is None or not trace.exists:
        raise Http404(_("No bracket has this address."))
    row = trace.rows(provision).exclude(key__in=["", address_key(*text_place)]).first()
    if row is None:
        return _panel_url(provision, text_place, request)
    query = request.GET.urlencode()
    return reverse("bracket", args=[provision.slug, row.key]) + (f"?{query}" if query else "")


def _panel_url(provision: Provision, text_place: TextPlace, request: HttpRequest) -> str:
    query = {**request.GET.dict(), "revision": text_place.number, "at": text_place.offset}
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
    text_place = parse_key(row.opened_at)
    if text_place is None:
        return None
    if text_place.number > current.number:  # a late entry, whose change was carried forward to the texts of later dates
        first = _revision(current, text_place.number)
        trees = (indexed_tree(revision, names.register) for revision in (first, current))
        return places_in([text_place.offset], *trees).get(text_place.offset)
    revisions = current.provision.revisions.filter(number__range=(text_place.number, current.number)).order_by("number")
    trace = followed(revisions.iterator(), text_place.number, text_place.offset, names.register)
    index = trace.indexes.get(current.number) if trace is not None else None
    return None if index is None else _offset(indexed_tree(current, names.register), index + 1)


def _ending(standing: StandingBracket, names: Names) -> Ending:
    """Return how the bracket ended according to the index, and which bracket replaced it according to the texts."""
    closed_in = standing.row.closed_in
    assert closed_in is not None  # the bracket is closed
    trace = follow(standing.revision.provision, standing.revision.number, standing.variant.begin, names.register)
    became = trace.end.became if trace is not None and trace.end is not None else None
    return Ending(closed_in, Outcome(standing.row.outcome), standing.variant.words(standing.tree.text), became)


def _became(standing: StandingBracket, ending: Ending | None, slug: str) -> str:
    """Return the URL of the bracket that replaced this one, or an empty string if none did."""
    if ending is None or ending.became is None:
        return ""
    carried = ending.revision.carried_by.aggregate(last=Max("number"))["last"]
    return reverse("bracket", args=[slug, address_key(carried or ending.revision.number, ending.became)])


def _html(standing: StandingBracket, names: Names, page: str) -> SafeString:
    links = PanelLinks(standing.revision.number, standing.selected, page=page, day=standing.day, focused=True)
    return render_text(standing.tree, names.of, links=links)


def _citation(request: HttpRequest, standing: StandingBracket) -> Citation:
    provision, revision = standing.revision.provision, standing.revision
    path = reverse("bracket", args=[provision.slug, standing.row.key])
    asked = {name: request.GET[name] for name in ("as_of", "known_at") if request.GET.get(name)}
    return Citation(
        text=standing.written,
        label=standing.label.name if standing.label else standing.row.key,
        heading=provision.heading,
        negotiation=provision.negotiation.local_name,
        identifier=f"{provision.negotiation.slug}-{provision.slug}-{standing.row.key}-r{revision.number}",
        url=request.build_absolute_uri(path) + (f"?{urlencode(asked)}" if asked else ""),
        revision=revision.number,
        made_on=revision.made_on,
        digest=revision.digest,
        demonstration=provision.demonstration,
    )
