"""Select and parse, as of one date, the text of the provisions that a reader may see.

An `Export` is the input to every writer. Its provisions and revisions are selected through `access.visibility`, so that
writers need no further checks. With a start date, each text is a redline of the changes made since the end of that
date; see `redline`.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Register, Tree, parse
from issues.access.roles import Reader
from issues.access.visibility import current_revisions, reads_everything, visible_provisions
from issues.interchange.headings import heading_end
from issues.interchange.redline import Account, Segment, redline
from issues.models import Negotiation, Provision, Revision, Section
from issues.models.text import ProvisionQuerySet
from issues.text.entries import by_effect
from issues.text.member_names import load_register
from issues.text.stored import stored_tree
from members.models import Grouping, Member
from members.plain_text import sanitize


@dataclass(frozen=True)
class ExportOptions:
    """The options of an export.

    The text is exported as of the end of `day`, or as of now if `day` is None. If `since` is set, changes made after
    that date are shown. `filters` describes the selection as pairs of names and values. `proponents_in_notes` moves the
    heads of brackets to footnotes.
    """

    day: datetime.date | None = None
    since: datetime.date | None = None
    filters: tuple[tuple[str, str], ...] = ()
    proponents_in_notes: bool = False


@dataclass(frozen=True)
class Text:
    """The parsed text of one provision, and the same text divided into segments that show changes.

    `heading_length` is the length in characters of the provision's heading at the start of the text, or 0 if the text
    does not begin with the heading.
    """

    provision: Provision
    tree: Tree
    heading_length: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Part:
    """A section with its provisions."""

    section: Section
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Export:
    """The content of an exported file. `about` describes the file as pairs of names and values."""

    negotiation: Negotiation
    parts: tuple[Part, ...]
    about: tuple[tuple[str, str], ...]
    options: ExportOptions
    exported_on: datetime.date
    names: dict[str, str]

    @property
    def day(self) -> datetime.date:
        """The date of the export. The text is as of the end of that date."""
        return self.negotiation.day(self.options.day)

    def texts(self) -> Iterator[Text]:
        """Yield the texts of all provisions in order."""
        for part in self.parts:
            yield from part.texts


def build_export(
    reader: Reader,
    negotiation: Negotiation,
    provisions: ProvisionQuerySet,
    options: ExportOptions,
    today: datetime.date,
    progress: Callable[[list[Revision]], Iterable[Revision]] = iter,
) -> Export:
    """Return an export that contains, in order, those of the `provisions` that `reader` may see."""
    seen = visible_provisions(reader).filter(negotiation=negotiation, pk__in=provisions.values("pk"))
    revisions = current_revisions(reader, options.day).filter(provision__in=seen).with_place()
    register = load_register()
    ordered = list(revisions.order_by("provision__position"))
    earlier = _since(ordered, options) if options.since else {}
    texts = [
        _text(revision, _redlined(earlier[revision.provision_id], options, register) if earlier else None, register)
        for revision in progress(ordered)
    ]
    parts = tuple(_parts(texts))
    names = dict(Grouping.objects.values_list("code", "name")) | dict(Member.objects.values_list("code", "name"))
    about = (*_about(reader, negotiation, options, today, len(texts)), *_demonstration(texts))
    return Export(negotiation, parts, about, options, today, names)


def _since(revisions: Iterable[Revision], options: ExportOptions) -> dict[int, list[tuple[Revision, Revision]]]:
    """Return the texts of each provision from the end of `since` to the exported date.

    The texts are listed in the order in which they took effect, and each is paired with the revision that accounts for
    it.
    """
    until = {revision.provision_id: revision for revision in revisions}
    recorded: dict[int, list[Revision]] = {}
    rows = Revision.objects.filter(provision__in=list(until)).select_related("on_behalf_of")
    for revision in rows.order_by("provision", "number"):
        last = until[revision.provision_id]
        if revision.number <= last.number and revision.made_on <= last.made_on:
            recorded.setdefault(revision.provision_id, []).append(revision)
    assert options.since is not None
    chains: dict[int, list[tuple[Revision, Revision]]] = {}
    for provision, entries in recorded.items():
        line = by_effect(entries)
        first = sum(text.made_on <= options.since for text, _ in line)
        chains[provision] = line[max(0, first - 1) :]
    return chains


def _text(revision: Revision, segments: list[Segment] | None, register: Register) -> Text:
    tree = stored_tree(revision, register, _lines(revision.text))
    provision = revision.provision
    shown = [Segment(tree.text)] if segments is None else segments
    return Text(provision, tree, heading_end(tree.text, provision.heading), tuple(shown))


def _redlined(chain: list[tuple[Revision, Revision]], options: ExportOptions, register: Register) -> list[Segment]:
    trees = [stored_tree(text, register, _lines(text.text)) for text, _ in chain]
    accounts = [_account(whose) for _, whose in chain]
    if options.since is not None and chain[0][0].made_on > options.since:
        return redline([parse("", register), *trees], accounts)
    return redline(trees, accounts[1:])


def _account(revision: Revision) -> Account:
    member = revision.on_behalf_of
    return Account(member.name if member else _("Facilitator or secretariat"), revision.made_on.isoformat())


def _lines(text: str) -> str:
    """Return a text with uniform line endings and without characters that cannot be exported."""
    return sanitize(text.replace("\r\n", "\n").replace("\r", "\n"))


def _parts(texts: list[Text]) -> Iterator[Part]:
    for _key, together in groupby(texts, key=lambda text: text.provision.parent_section.pk):
        section_texts = tuple(together)
        yield Part(section_texts[0].provision.parent_section, section_texts)


def _demonstration(texts: list[Text]) -> Iterator[tuple[str, str]]:
    """Yield a line that states which of the exported texts are invented, if any are."""
    invented = [text.provision.heading for text in texts if text.provision.demonstration]
    if len(invented) == len(texts) and texts:
        yield (
            _("Demonstration"),
            _("The wording, the positions in brackets and the dates of all these texts are invented."),
        )
    elif invented:
        yield (
            _("Demonstration"),
            _("The wording, the positions in brackets and the dates of these texts are invented: %(headings)s.")
            % {"headings": "; ".join(invented)},
        )


def _about(
    reader: Reader, negotiation: Negotiation, options: ExportOptions, today: datetime.date, provisions: int
) -> Iterator[tuple[str, str]]:
    yield _("Negotiation"), negotiation.local_name
    yield _("The text as of"), date_format(negotiation.day(options.day), "j F Y")
    if options.since:
        yield _("Changes shown since"), date_format(options.since, "j F Y")
    yield from options.filters
    yield _("Provisions"), str(provisions)
    yield _("Exported on"), date_format(today, "j F Y")
    yield _("Produced by"), f"JSI tracker {settings.VERSION} · {settings.SITE_URL}"
    if not reads_everything(reader, negotiation.pk):
        yield _("Note"), _("Parts that this reader is not permitted to see are omitted.")
    yield (
        _("Note"),
        _(
            "Not an official record. The absence of brackets does not mean agreement: brackets mark only what is "
            "contested."
        ),
    )
