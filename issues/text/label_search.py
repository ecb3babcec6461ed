"""Finding brackets by their labels, as people type them: “c.1.a 2 [1]” finds C.1.a ¶2 [1].

- Case, accents and blanks are ignored, as are ¶ and quotation marks. The end “in revision 3” may be in any language of
  the site. Without it, the label refers to the text that is current on the selected day.
- “C.1.a ¶2” finds all brackets of the paragraph, and “C.1.a ¶2 [1]” also the alternatives [1a] and [1b]. “C.1.a [1]”
  finds the first bracket of each paragraph, unless a bracket has exactly this label.
- A label of another revision than the newest one is followed through the later texts to the row of the bracket.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q

from bracketed_text import Register, compare
from issues.models import Revision, Variant
from issues.models.text import ProvisionQuerySet
from issues.text.bracket_labels import TextLabels, revision_numbers
from issues.text.entries import endings_of, in_effect
from issues.text.member_names import load_register
from issues.text.stored import indexed_tree
from members.models import fold

# Limits on the work for one label: the provisions of one place, the revisions read for each, and their characters.
MAX_PROVISIONS, MAX_REVISIONS, MAX_CHARACTERS = 8, 100, 1_000_000
MAX_LENGTH = 300
READ_AT_ONCE = 20

_QUOTES = '"“”«» '
_REVISION = re.compile(r"[\s,;·(]+(?:(?:in|dans|en)\s+(?:la\s+)?)?(?:revision|rev\.?)\s*(\d{1,8})\)?$")
_BRACKET = re.compile(r"\[\s*(\d{1,4})\s*([a-z]{0,3})\s*\]$")
_PARAGRAPH = re.compile(r"(?:(¶)\s*|\s|(?<=[a-z]))(\d{1,3}(?:bis|ter|quater|[a-z])?)$")
_LABEL = re.compile(r"(?:¶(\S+) )?\[(\d+)([a-z]*)\]")
_CODE = re.compile(r"[^\s¶\[\]]{1,20}")


@dataclass(frozen=True)
class SoughtLabel:
    """A label in a query. An empty `bracket` or `paragraph`, or the revision 0, was not given.

    `headings` contains the headings that the query may name, because a number at the end of a heading may be that of a
    paragraph: each with the number of the paragraph if the heading is this one.
    """

    code: str
    headings: dict[str, str]
    bracket: str = ""
    letters: str = ""
    revision: int = 0


def parse_label(query: str) -> SoughtLabel | None:
    """Return the label that `query` may be, or None if it has no place, or neither a paragraph nor a bracket."""
    rest, revision, bracket, letters = fold(query[:MAX_LENGTH]).strip(_QUOTES), 0, "", ""
    if match := _REVISION.search(rest):
        rest, revision = rest[: match.start()].strip(_QUOTES), int(match[1])
    if match := _BRACKET.search(rest):
        rest, bracket, letters = rest[: match.start()].strip(), str(int(match[1])), match[2]
    readings = []
    if match := _PARAGRAPH.search(rest):
        readings.append((rest[: match.start()].strip(), match[2]))
    if bracket and not (match and match[1]):
        readings.append((rest, ""))
    code = _CODE.match(readings[0][0]) if readings else None
    if code is None:
        return None
    headings = {}
    for text, paragraph in readings:
        first, _blank, heading = text.partition(" ")
        if first == code[0]:
            headings[heading.strip()] = paragraph
    return SoughtLabel(code[0], headings, bracket, letters, revision)


def labelled_variants(query: str, provisions: ProvisionQuerySet, day: datetime.date | None = None) -> list[int]:
    """Return the primary keys of the variants whose label is `query`, in text order, at the end of `day`.

    `provisions` contains the provisions that the reader may see. A query that is no label requires no database query.
    """
    sought = parse_label(query)
    if sought is None:
        return []
    levels = ("section__code__iexact", "issue__code__iexact", "sub_issue__code__iexact")
    at_place = provisions.filter(Q(*((level, sought.code) for level in levels), _connector=Q.OR))
    paragraphs = {
        pk: sought.headings.get(fold(heading), sought.headings.get(""))
        for pk, heading in at_place.order_by("position", "pk").values_list("pk", "heading")
    }
    paragraphs = {pk: paragraph for pk, paragraph in paragraphs.items() if paragraph is not None}
    condition = _rows_with(sought, dict(islice(paragraphs.items(), MAX_PROVISIONS)), day)
    if condition is None:
        return []
    rows = Variant.objects.filter(condition).begun_by(day)
    return list(rows.order_by("provision__position", "ordinal", "pk").values_list("pk", flat=True))


def _rows_with(sought: SoughtLabel, paragraphs: dict[int, str | None], day: datetime.date | None) -> Q | None:
    """Return the condition for the rows of the variants in provisions, each with the number of a paragraph, or None."""
    numbers = revision_numbers(paragraphs.keys(), day) if paragraphs else {}
    shown = {pk: sought.revision or number.current for pk, number in numbers.items()}
    shown = {pk: number for pk, number in shown.items() if 0 < number <= numbers[pk].current}
    if not shown:
        return None
    register, conditions = load_register(), []
    texts = Q(*(Q(provision=pk, number=number) for pk, number in shown.items()), _connector=Q.OR)
    for revision in Revision.objects.filter(texts).order_by().only("provision", "number", "text", "unparsed"):
        pk = revision.provision_id
        ordinals = _ordinals(sought, paragraphs[pk] or "", TextLabels(indexed_tree(revision, register)))
        if ordinals and revision.number == numbers[pk].newest:
            conditions.append(Q(provision=pk, closed_in=None, ordinal__in=ordinals))
        elif ordinals:
            conditions += _followed(revision, ordinals, register)
    return Q(*conditions, _connector=Q.OR) if conditions else None


def _ordinals(sought: SoughtLabel, paragraph: str, labels: TextLabels) -> list[int]:
    """Return the ordinals of the variants of a text that have the sought label."""
    matches: dict[bool, list[int]] = {True: [], False: []}
    for ordinal in range(1, len(labels.variants) + 1):
        label = _LABEL.fullmatch(labels.at_ordinal(ordinal))
        if label is None or (sought.bracket and label[2] != sought.bracket):
            continue
        if sought.letters in ("", label[3]) and paragraph in ("", fold(label[1] or "")):
            matches[fold(label[1] or "") == paragraph].append(ordinal)
    return matches[True] or matches[False]


def _followed(start: Revision, ordinals: Iterable[int], register: Register) -> list[Q]:
    """Return the conditions for the rows of variants of the text `start`, which are followed through later texts.

    Variants that remain when a limit is reached are left out.
    """
    later = Revision.objects.filter(provision=start.provision_id, number__gte=start.number).order_by("number")
    rows = later.only("provision", "number", "text", "unparsed", "performed", "follows", "carries")
    conditions: list[Q] = []
    indexes, before, characters = {ordinal - 1 for ordinal in ordinals}, None, 0
    for count, revision in enumerate(in_effect(rows.iterator(READ_AT_ONCE))):
        characters += len(revision.text)
        if count > MAX_REVISIONS or characters > MAX_CHARACTERS:
            return conditions
        after = indexed_tree(revision, register)
        if before is not None:
            same = compare(before, after, endings_of(revision) if revision.follows is None else None).same
            ended = [index + 1 for index in indexes if index not in same]
            closed_in = revision.carries_id or revision.pk
            conditions.append(Q(provision=start.provision_id, closed_in=closed_in, ordinal__in=ended))
            indexes = {same[index] for index in indexes if index in same}
        if not indexes:
            return conditions
        before = after
    remaining = [index + 1 for index in indexes]
    return [*conditions, Q(provision=start.provision_id, closed_in=None, ordinal__in=remaining)]
