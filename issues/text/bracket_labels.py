"""Labels of brackets, which people can say in a meeting: “C.1.a ¶2 [1]” is the first bracket of paragraph 2 at C.1.a.

Brackets and paragraphs are counted in the text of one revision, which the label names. Another revision may have other
brackets in front, and then the same bracket has another label. The permanent name of a bracket is its address
(`issues.text.addresses`).

- The revision is the newest one that contains the bracket. For a past date, it is that of the date if the index knows
  the bracket's place in its text, and otherwise the first one that contains the bracket.
- Paragraphs have their own numbers, as in “2. Members shall …”. If the text repeats a number or has none, paragraphs
  are counted from 1. A bracket before the first number has no paragraph.
- Brackets and options are counted from 1 in each paragraph. Alternatives inside a bracket have the letters a, b, c.
- If several provisions that the reader may see belong to one place, the heading of the provision follows the place.

Example: in “Members [may] act.⏎2. They shall [[CAN: promptly] notify/report].”, “may” is [1]. In paragraph 2, the outer
bracket is ¶2 [1], and “promptly” is ¶2 [2].
"""

import datetime
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase
from typing import NamedTuple

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from bracketed_text import Register, Tree
from bracketed_text.advanced import variants
from issues.models import Revision, Variant
from issues.models.known import on_record
from issues.models.text import ProvisionQuerySet
from issues.text.addresses import parse_key
from issues.text.member_names import load_register
from issues.text.stored import indexed_tree

# The number of a paragraph at the start of a line, perhaps inside a bracket: “2. ”, “[CAN: 2. ”.
_NUMBERED = re.compile(
    r"^[ \t]*(?:\[[ \t]*(?:[^\[\]\n:]{1,80}:[ \t]*)?){0,8}(\d{1,3}(?:bis|ter|quater|[a-z])?)[.)][ \t]", re.MULTILINE
)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


class Paragraph(NamedTuple):
    """A paragraph of a text: its offset, and its number as written or counted."""

    start: int
    number: str


@dataclass(frozen=True)
class BracketLabel:
    """The label of a bracket in revision `revision` of its provision."""

    name: str
    revision: int

    def __str__(self) -> str:
        return _("%(label)s in revision %(number)s") % {"label": self.name, "number": self.revision}


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a text in order."""
    numbered = [Paragraph(match.start(), match[1]) for match in _NUMBERED.finditer(text)]
    if numbered and len({paragraph.number for paragraph in numbered}) == len(numbered):
        return numbered
    starts = [0, *(match.end() for match in _EMPTY_LINE.finditer(text))]
    return [Paragraph(start, str(number)) for number, start in enumerate(starts, start=1)]


def _letters(number: int) -> str:
    """Return a, b, … z, aa, ab … for the numbers from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, len(ascii_lowercase))
        letters = ascii_lowercase[rest] + letters
    return letters


class TextLabels:
    """The labels of all variants of one text, without the place of its provision."""

    def __init__(self, tree: Tree) -> None:
        self.variants = variants(tree)
        self._paragraphs = paragraphs(tree.text) if self.variants else []

    @cached_property
    def _all(self) -> list[str]:
        labels: list[str] = []
        counts: Counter[int] = Counter()
        letters: Counter[int] = Counter()
        for variant in self.variants:
            at = bisect_right(self._paragraphs, variant.begin, key=lambda paragraph: paragraph.start) - 1
            letter = ""
            if variant.inside and variant.bracket is not None:
                letters[variant.bracket.start] += 1
                letter = _letters(letters[variant.bracket.start])
            if letter in ("", "a"):
                counts[at] += 1
            paragraph = f"¶{self._paragraphs[at].number} " if at >= 0 else ""
            labels.append(f"{paragraph}[{counts[at]}{letter}]")
        return labels

    def by_bracket(self) -> dict[int, str]:
        """Return the labels by the offsets at which brackets and options begin, without letters of alternatives."""
        labels: dict[int, str] = {}
        for variant, label in zip(self.variants, self._all, strict=True):
            inside = variant.bracket if variant.inside else None
            offset = inside.start if inside is not None else variant.begin
            labels[offset] = f"{label[:-1].rstrip(ascii_lowercase)}]"
        return labels

    def at_ordinal(self, ordinal: int) -> str:
        """Return the label of the variant with this ordinal, or an empty string if the text has fewer variants."""
        return self._all[ordinal - 1] if 0 < ordinal <= len(self.variants) else ""

    def at_offset(self, offset: int) -> str:
        """Return the label of the variant that begins at `offset`, or an empty string if none does."""
        ordinal = next((at for at, variant in enumerate(self.variants, start=1) if variant.begin == offset), 0)
        return self.at_ordinal(ordinal)


class PlaceNames:
    """The places of `provisions`, which are those that the reader may see, as labels name them."""

    def __init__(self, provisions: ProvisionQuerySet) -> None:
        codes = ("section__code", "issue__code", "sub_issue__code")
        rows = provisions.order_by().values_list("pk", "heading", *codes)
        self._provisions = {pk: (next(filter(None, levels)), levels, heading) for pk, heading, *levels in rows}
        self._counts = Counter(tuple(levels) for _code, levels, _heading in self._provisions.values())

    def of(self, provision: int) -> str:
        """Return the code of the place of a provision, followed by its heading if the place has several provisions.

        Return an empty string for a provision that the reader may not see.
        """
        code, levels, heading = self._provisions.get(provision, ("", [], ""))
        return f"{code} {heading}" if self._counts[tuple(levels)] > 1 else code


class _Spot(NamedTuple):
    """The variant to label: the revision, and the ordinal in its text, or else the offset."""

    provision: int
    revision: int
    ordinal: int = 0
    offset: int = -1


def labels_of(
    rows: Iterable[Variant], provisions: ProvisionQuerySet, day: datetime.date | None = None
) -> dict[int, BracketLabel]:
    """Return the labels of variants by primary key, at the end of `day` (now by default).

    `provisions` contains the provisions that the reader may see. At most six queries are run, regardless of the
    number of variants.
    """
    variants_to_name = list(rows)
    if not variants_to_name:
        return {}
    numbers = revision_numbers({row.provision_id for row in variants_to_name}, day)
    closed_in = _closing_numbers(variants_to_name)
    spots = {row.pk: _spot(row, closed_in.get(row.pk), numbers[row.provision_id]) for row in variants_to_name}
    texts = _texts({(spot.provision, spot.revision) for spot in spots.values()}, load_register())
    places = PlaceNames(provisions)
    labels: dict[int, BracketLabel] = {}
    for pk, spot in spots.items():
        text = texts.get((spot.provision, spot.revision))
        label = (text.at_ordinal(spot.ordinal) if spot.ordinal else text.at_offset(spot.offset)) if text else ""
        if label:
            labels[pk] = BracketLabel(f"{places.of(spot.provision)} {label}", spot.revision)
    return labels


def _closing_numbers(rows: Iterable[Variant]) -> dict[int, int]:
    """Return the numbers of the revisions that closed these variants, by primary key. Open variants are omitted."""
    closed = {row.pk: row._state.fields_cache.get("closed_in") for row in rows if row.closed_in_id is not None}
    loaded = {pk: revision.number for pk, revision in closed.items() if revision is not None}
    missing = closed.keys() - loaded.keys()
    stored = Variant.objects.filter(pk__in=missing).values_list("pk", "closed_in__number") if missing else ()
    return loaded | dict(stored)


class RevisionNumbers(NamedTuple):
    """The numbers of the newest revision of a provision, and of the revision that is current on a date."""

    newest: int
    current: int


def revision_numbers(provisions: Collection[int], day: datetime.date | None) -> dict[int, RevisionNumbers]:
    """Return these numbers by provision, at the end of `day` (now by default)."""
    made = Q() if day is None else Q(on_record(day), made_on__lte=day)
    rows = Revision.objects.filter(provision__in=provisions).order_by().values("provision")
    current = Max("number", filter=made) if made else Max("number")
    numbered = rows.annotate(newest=Max("number"), current=current)
    return {row["provision"]: RevisionNumbers(row["newest"], row["current"] or 0) for row in numbered}


def _spot(row: Variant, closed_in: int | None, numbers: RevisionNumbers) -> _Spot:
    """Return the variant to label in the newest revision that contains it, or in the first one for an earlier date."""
    last = numbers.newest if closed_in is None else closed_in - 1
    first = parse_key(row.key)
    if last <= numbers.current or first is None:
        return _Spot(row.provision_id, last, ordinal=row.ordinal)
    return _Spot(row.provision_id, first.number, offset=first.offset)


def _texts(pairs: Collection[tuple[int, int]], register: Register) -> dict[tuple[int, int], TextLabels]:
    """Return the labels in the texts of these revisions, each given by provision and number."""
    condition = Q()
    for provision, number in pairs:
        condition |= Q(provision=provision, number=number)
    revisions = Revision.objects.filter(condition).order_by().only("provision", "number", "text", "unparsed")
    return {(row.provision_id, row.number): TextLabels(indexed_tree(row, register)) for row in revisions}


def label_at(revision: Revision, offset: int, text: TextLabels, places: PlaceNames) -> BracketLabel | None:
    """Return the label of the variant that begins at `offset` in the text of `revision`, or None if none does."""
    label = text.at_offset(offset)
    return BracketLabel(f"{places.of(revision.provision_id)} {label}", revision.number) if label else None
