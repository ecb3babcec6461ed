"""The labels and permanent addresses of brackets that are given by their offsets in texts."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from bracketed_text import Register
from issues.models import Revision, Variant
from issues.models.page_links import PageLink
from issues.models.text import ProvisionQuerySet
from issues.text.addresses import address_key
from issues.text.bracket_labels import BracketLabel, PlaceNames, TextLabels, label_at, revision_numbers
from issues.text.stored import stored_tree


class BracketName(NamedTuple):
    """The label of a bracket, or None if it has none, and its page."""

    label: BracketLabel | None
    page: PageLink


def names_at(
    brackets: Iterable[tuple[Revision, int]],
    provisions: ProvisionQuerySet,
    register: Register,
    day: datetime.date | None = None,
) -> dict[tuple[int, int], BracketName]:
    """Return the names of brackets by the primary key of the revision and the offset.

    The revisions are those that are current at the end of `day` (now by default), and `provisions` contains the
    provisions that the reader may see. The page of a bracket has the key that its row in the index has. Only if later
    texts must be compared to find the row is the key that of the given revision, which redirects to the same page.
    """
    places = list(brackets)
    revisions = {revision.pk: revision for revision, _offset in places}
    texts = {pk: TextLabels(stored_tree(revision, register)) for pk, revision in revisions.items()}
    keys = _keys({revision.provision_id for revision in revisions.values()}, day) if places else {}
    place_names = PlaceNames(provisions)
    names = {}
    for revision, offset in places:
        text, address = texts[revision.pk], address_key(revision.number, offset)
        ordinal = next((at for at, variant in enumerate(text.variants, start=1) if variant.begin == offset), 0)
        key = keys.get((revision.provision_id, revision.number, ordinal), address)
        page = PageLink("bracket", (revision.provision.slug, key))
        names[revision.pk, offset] = BracketName(label_at(revision, offset, text, place_names), page)
    return names


def _keys(provisions: set[int], day: datetime.date | None) -> dict[tuple[int, int, int], str]:
    """Return the keys of the variants by provision, and by the last revision that contains them and the ordinal."""
    newest = {pk: numbers.newest for pk, numbers in revision_numbers(provisions, day).items()}
    rows = Variant.objects.filter(provision__in=provisions).exclude(key="").open_on(day)
    values = rows.values_list("provision", "closed_in__number", "ordinal", "key")
    return {
        (pk, closed_in - 1 if closed_in is not None else newest[pk], ordinal): key
        for pk, closed_in, ordinal, key in values
    }
