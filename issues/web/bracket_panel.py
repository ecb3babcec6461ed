"""The panel beside a provision: the selection in the text, the positions held, and the actions available.

A query selects in one of three ways:

- `at` and `revision` select the bracket or option that begins at an offset of an earlier or the current text. The
  bracket or option is followed to the text that is shown. If it has ended in the meantime, the panel explains how.
- `start` and `end` select a passage of the current text by its offsets.
- `words` selects a passage by its wording, which must occur exactly once.

For example, `?revision=7&at=120` selects the bracket at character 120 of revision 7. If revision 9 is shown and the
bracket begins at character 134 there, the panel shows that bracket and states that it was selected in revision 7.

A panel is immutable once it has been built from its parts.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import Tree
from bracketed_text.advanced import Form, stands_at, variants
from issues.access.conditions import may_enter
from issues.access.permissions import acts_for_all, may_restructure, speaks_for
from issues.access.readership import readers_of_request, readers_of_text
from issues.access.roles import Reader, taking_part
from issues.access.visibility import visible_proposals, visible_provisions, visible_requests
from issues.actions.clock import default_day_of
from issues.actions.request_rights import in_state
from issues.models import ChangeRequest, Position, Revision, Variant
from issues.models.choices import RequestState
from issues.models.index import VariantQuerySet
from issues.text.addresses import address_key
from issues.text.bracket_labels import BracketLabel, PlaceNames, TextLabels, label_at
from issues.text.sentences import describe_revisions
from issues.text.stored import stored_tree
from issues.web.alternatives import Alternatives, NestedBracket, alternatives, nested_brackets, with_positions
from issues.web.authors import author_of, revisions_between
from issues.web.bracket_links import Ending, follow, index_at
from issues.web.bracket_offers import Acting, Offers, offers_at_bracket, offers_at_words
from issues.web.history import revision_url
from issues.web.provision_cards import Names
from issues.web.query_params import number
from issues.web.rendering import PanelLinks, spoken
from issues.wording import quote
from members.models import Member
from members.plain_text import sanitize

# The number of later revisions to list if the reader pressed a button too late.
LATER_REVISIONS_SHOWN = 3
NOBODY = Acting()
NO_OFFERS = Offers()


@dataclass(frozen=True)
class SelectedWords:
    """A selected passage: its offsets in the text, and its wording."""

    start: int
    end: int
    words: str

    @property
    def quote(self) -> str:
        """The selected wording, shortened."""
        return quote(self.words)


@dataclass(frozen=True)
class IndexedBracket:
    """The index entry of a bracket, with the positions held, the positions ended, and the open requests."""

    variant: Variant
    held: Sequence[Position] = ()
    ended: Sequence[Position] = ()
    requests: Sequence[ChangeRequest] = ()


@dataclass(frozen=True)
class SelectedBracket:
    """A selected bracket or option with its offset, its wording, its holders, and the alternatives to it.

    `summary` names the holders according to the text. `indexed` is None if the bracket is not in the index.
    `selected_in` is the number of the earlier revision in which the bracket was selected, or 0 for the revision that is
    shown. `key` is the bracket's permanent address.
    """

    start: int
    quote: str
    is_option: bool
    summary: str
    selected_in: int = 0
    indexed: IndexedBracket | None = None
    alternatives: Alternatives | None = None
    nested: Sequence[NestedBracket] = ()
    label: BracketLabel | None = None
    key: str = ""


@dataclass(frozen=True)
class EndedBracket:
    """The ending of the selected bracket, its author, and links to the history and to the bracket that replaced it."""

    ending: Ending
    logged_by: str
    history_url: str
    successor_url: str


@dataclass(frozen=True)
class LaterRevision:
    """A revision logged after the bracket was selected, with its author and its changes described in sentences."""

    revision: Revision
    author: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Panel:
    """The panel for a selection in the text of `revision`. With a past `day`, the panel is read-only.

    `typed` is the wording that was searched for, and `problem` explains why nothing is selected. If the reader pressed
    a button too late, `later` lists the revisions logged since. `key` ensures that a form sent twice is processed only
    once.
    """

    revision: Revision
    day: datetime.date | None = None
    acting: Acting = NOBODY
    typed: str = ""
    problem: str = ""
    bracket: SelectedBracket | None = None
    words: SelectedWords | None = None
    ended: EndedBracket | None = None
    later: Sequence[LaterRevision] = ()
    offers: Offers = NO_OFFERS
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def selection(self) -> SelectedBracket | SelectedWords | None:
        """The selected bracket or passage."""
        return self.bracket or self.words

    @property
    def start(self) -> int:
        """The offset at which the selection begins, or -1 if nothing is selected."""
        return self.selection.start if self.selection is not None else -1

    @property
    def url(self) -> str:
        """The URL of this panel, without any action."""
        query: dict[str, str | int] = {"revision": self.revision.number, "at": self.start}
        if self.acting.member is not None:
            query["for"] = self.acting.member.code
        return f"{reverse('provision', args=[self.revision.provision.slug])}?{urlencode(query)}#panel"

    @property
    def dated(self) -> datetime.date | None:
        """The date that an entry in the panel gets, if it is not today and the reader may make one."""
        if self.offers is NO_OFFERS:
            return None
        day = default_day_of(self.revision.provision)
        return None if day == timezone.localdate() else day

    @cached_property
    def read_by(self) -> str:
        """A phrase that describes who will be able to read wording proposed in the panel."""
        return readers_of_text(self.revision.provision)

    @cached_property
    def request_read_by(self) -> str:
        """A phrase that describes who will be able to read a request to the facilitator."""
        return readers_of_request(self.revision.provision)


def open_panel(
    query: Mapping[str, str],
    reader: Reader,
    revision: Revision,
    names: Names,
    day: datetime.date | None = None,
    *,
    too_late: bool = False,
) -> Panel | None:
    """Return the panel for the selection of `query` in the text of `revision`, or None without a selection.

    With a past `day`, only brackets can be selected. `too_late` is true if the selected bracket was changed before the
    reader pressed a button. The panel then lists the later revisions.
    """
    selects_bracket = "at" in query and "start" not in query
    if not {"at", "start", "words"} & query.keys() or (day and not selects_bracket):
        return None
    panel = Panel(
        revision, day, acting=Acting() if day else _acting(query, reader, revision), typed=query.get("words", "")
    )
    number_selected = number(query, "revision") if query.get("revision") else revision.number
    tree = stored_tree(revision, names.register)
    if selects_bracket:
        panel = _BracketPanels(panel, tree, reader, names).at(number_selected, number(query, "at"))
    elif number_selected != revision.number:
        panel = replace(panel, problem=_("The text has changed since this page was opened. Select the passage again."))
    else:
        panel = _with_words(panel, tree, query, reader)
    if too_late and panel.ended is None:
        return replace(panel, problem="", later=_later_revisions(number_selected, revision, reader))
    return panel


def _acting(query: Mapping[str, str], reader: Reader, revision: Revision) -> Acting:
    if not may_enter(reader, revision.provision):
        return Acting([], None, False)
    negotiation = revision.provision.negotiation_id
    members = members_of(reader, negotiation)
    return Acting(
        members,
        _chosen_member(members, query.get("for", ""), reader, negotiation),
        may_restructure(reader, revision.provision),
    )


def members_of(reader: Reader, negotiation: int) -> list[Member]:
    """Return the members for which the reader may act in a negotiation (given by primary key), ordered by name.

    The secretariat may act for every participant.
    """
    participants = Member.objects.filter(pk__in=taking_part(negotiation).values("member"))
    return list(speaks_for(reader, participants, negotiation).order_by("name")) if reader.may_write else []


def _chosen_member(members: list[Member], code: str, reader: Reader, negotiation: int) -> Member | None:
    chosen = next((member for member in members if member.code == code), None)
    return chosen or (members[0] if members and not acts_for_all(reader, negotiation) else None)


def _later_revisions(number: int, revision: Revision, reader: Reader) -> list[LaterRevision]:
    """Return the last revisions logged after revision `number`, oldest first."""
    revisions = revisions_between(revision.provision, number, revision.number)[-LATER_REVISIONS_SHOWN:]
    sentences = describe_revisions(revisions)
    return [LaterRevision(later, author_of(later, reader), sentences[later.pk]) for later in revisions]


class _BracketPanels:
    """A builder of panels for brackets in `tree`, the text of the revision that `panel` shows."""

    def __init__(self, panel: Panel, tree: Tree, reader: Reader, names: Names) -> None:
        self.panel, self.tree, self.reader, self.names = panel, tree, reader, names
        self.revision, self.day = panel.revision, panel.day
        self.variants = variants(tree)
        self.links = PanelLinks(panel.revision.number, day=panel.day)

    def at(self, number: int, at: int) -> Panel:
        """Return the panel with the bracket at `at` in revision `number`, or with the reason why none is selected."""
        shown = self.revision.number
        if number == shown and self.day is None:
            index = index_at(self.variants, at)
            return self._missing() if index is None else self._selected(index, self._open_variants(index))
        trace = follow(self.revision.provision, number, at, self.names.register) if 0 < number <= shown else None
        if trace is not None and not trace.exists:
            return self._missing()
        if trace is not None and shown in trace.indexes:
            selected_in = number if number != shown else 0
            return self._selected(trace.indexes[shown], trace.rows(self.revision.provision), selected_in)
        if trace is not None and trace.end is not None:
            return replace(self.panel, ended=self._ended(trace.end))
        problem = _("The text has changed since this page was opened. Select the passage again.")
        return replace(self.panel, problem=problem)

    def _missing(self) -> Panel:
        problem = _("No bracket under negotiation begins at this point. Select a bracket in the text.")
        return replace(self.panel, problem=problem)

    def _ended(self, ending: Ending) -> EndedBracket:
        slug, number = self.revision.provision.slug, ending.revision.number
        successor = PanelLinks(number, day=self.day).url(ending.became) if ending.became is not None else ""
        history = revision_url(slug, number, self.revision.number, self.day)
        return EndedBracket(ending, author_of(ending.revision, self.reader), history, successor)

    def _open_variants(self, index: int) -> VariantQuerySet:
        """Return the open index entry of the variant at `index`, as a queryset."""
        return Variant.objects.filter(provision=self.revision.provision, closed_in=None, ordinal=index + 1)

    def _selected(self, index: int, rows: VariantQuerySet, selected_in: int = 0) -> Panel:
        """Return the panel for the variant at `index`, whose index entries are `rows`."""
        variant, named = self.variants[index], stands_at(self.tree, self.variants, index)
        if named != index and self.day is None:
            rows = self._open_variants(named)
        may_write = self.reader.may_write and may_enter(self.reader, self.revision.provision)
        writes = may_write and self.day is None
        rivals = alternatives(self.tree, self.variants, index, self.names, self.links, writes=writes)
        if rivals is not None and self.day is None:
            rivals = with_positions(rivals, self.revision, self.tree, self.variants)
        offers = NO_OFFERS
        if writes:
            acting, reader = self.panel.acting, self.reader
            offers, rivals = offers_at_bracket(self.revision, self.tree, variant, rivals, acting, reader)
        indexed = self._indexed(rows, variant.begin)
        own_key = indexed.variant.key if indexed is not None and named == index else ""
        bracket = SelectedBracket(
            start=variant.begin,
            quote=quote(variant.words(self.tree.text)),
            is_option=variant.form is Form.OPTION,
            summary=spoken(self.variants[named].head, self.names.of),
            selected_in=selected_in,
            indexed=indexed,
            alternatives=rivals,
            nested=nested_brackets(self.tree, variant, self.names, self.links) if named == index else [],
            label=self._label(variant.begin),
            key=own_key or address_key(self.revision.number, variant.begin),
        )
        return replace(self.panel, bracket=bracket, offers=offers)

    def _label(self, at: int) -> BracketLabel | None:
        provisions = visible_provisions(self.reader).filter(negotiation=self.revision.provision.negotiation_id)
        return label_at(self.revision, at, TextLabels(self.tree), PlaceNames(provisions))

    def _indexed(self, rows: VariantQuerySet, at: int) -> IndexedBracket | None:
        """Return the entry in `rows`, with its positions and requests, for the bracket that begins at `at`."""
        row = rows.select_related("begun_in__on_behalf_of", "begun_in__proposal", "earlier__closed_in").first()
        if row is None:
            return None
        begun_by = row.begun_by_entry
        if begun_by.proposal_id:
            begun_by.proposal = visible_proposals(self.reader).filter(pk=begun_by.proposal_id).first()
        positions = row.positions.select_related("member", "grouping", "since_revision", "until_revision")
        taken = [position for position in positions if position.is_taken(self.day)]
        return IndexedBracket(
            row,
            held=[position for position in taken if not position.is_ended(self.day)],
            ended=[position for position in taken if position.is_ended(self.day)],
            requests=self._requests(at) if self.day is None else (),
        )

    def _requests(self, at: int) -> list[ChangeRequest]:
        """Return the open requests about the bracket that begins at `at`."""
        in_this_text = Q(stands_in=self.revision) | Q(stands_in=None, base=self.revision)
        requests = in_state(visible_requests(self.reader), RequestState.OPEN)
        requests = requests.filter(in_this_text, provision=self.revision.provision)
        return [request for request in requests.select_related("on_behalf_of", "asked_by") if request.at == at]


def _with_words(panel: Panel, tree: Tree, query: Mapping[str, str], reader: Reader) -> Panel:
    """Return the panel with the passage given by its offsets or wording, or with the reason why none is selected."""
    if "start" in query:
        start, end = number(query, "start"), number(query, "end")
    else:
        start, end, problem = _find(panel.typed.strip(), sanitize(tree.text))
        if problem:
            return replace(panel, problem=problem)
    if not 0 <= start < end <= len(tree.text):
        return replace(panel, problem=_("The selection is not in the text. Select words in the text."))
    panel = replace(panel, words=SelectedWords(start, end, tree.text[start:end]), typed=tree.text[start:end])
    if panel.acting.member is None:
        return panel
    offers, problem = offers_at_words(panel.revision, start, end, panel.acting, reader)
    return replace(panel, offers=offers, problem=problem)


def _find(words: str, text: str) -> tuple[int, int, str]:
    """Return the offsets of `words` in `text`, and the reason why they cannot be selected, or an empty string."""
    count = text.count(words) if words else 0
    if count == 1:
        start = text.index(words)
        return start, start + len(words), ""
    if not words:
        return 0, 0, _("Type some words exactly as they appear in the text.")
    if count:
        problem = _("%(words)s appears %(times)s times in the text. Include more of the surrounding words.")
        return 0, 0, problem % {"words": quote(words), "times": count}
    problem = _("%(words)s does not appear in the text. Type the words exactly as they appear there.")
    return 0, 0, problem % {"words": quote(words)}
