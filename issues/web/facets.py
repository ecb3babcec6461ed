"""How many variants each further choice of a filter would leave: every facet counts what matches all other filters."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict

from issues.choices import Stance, VariantKind
from issues.filters import State, VariantFilter
from issues.models import Lens, Position, Provision, SmallGroup, Variant
from issues.queries import negotiation_of

MOST_HOLDERS = 15

# Returns the variants that match what is asked, with one filter left out, or set to another value.
Narrowed = Callable[..., "QuerySet[Variant]"]


@dataclass(frozen=True)
class Value:
    """One choice: what it is called, how many variants it has, whether it is chosen; `address` adds or drops it."""

    label: str
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Facet:
    """A filter with those of its choices that have variants."""

    name: str
    label: str
    values: list[Value]


def facets(asked: QueryDict, variants: "QuerySet[Variant]", request: Any) -> list[Facet]:
    """Return the facets of `variants`, all that the reader may see, for the filters `asked`, which are valid.

    The number of queries does not grow with the data.
    """

    whole = VariantFilter(asked, queryset=variants, request=request)
    day = whole.form.cleaned_data.get("as_of") if whole.is_valid() else None

    def narrowed(name: str, value: str = "") -> "QuerySet[Variant]":
        data = asked.copy()
        data.pop(name, None)
        if value:
            data[name] = value
        return VariantFilter(data, queryset=variants, request=request).qs.order_by()

    return [
        _facet("state", "State", asked, ((one.value, one.label, narrowed("state", one).count()) for one in State)),
        _facet("kind", "Kind", asked, _kinds(narrowed("kind"))),
        *_places(asked, narrowed, request),
        _facet("proponent", "Proponent", asked, _holders(day, narrowed("proponent"), Stance.PROPOSE)),
        _facet("opponent", "Opponent", asked, _holders(day, narrowed("opponent"), Stance.OPPOSE)),
    ]


def _facet(name: str, label: str, asked: QueryDict, counted: Iterable[tuple[str, str, int]]) -> Facet:
    chosen = asked.getlist(name)
    values = []
    for value, said, n in counted:
        query = asked.copy()
        query.pop("page", None)
        if value in chosen:
            query.setlist(name, [one for one in chosen if one != value])
        else:
            query[name] = value
        if n:
            values.append(Value(str(said), n, value in chosen, f"?{query.urlencode()}"))
    return Facet(name, label, values)


def _kinds(variants: "QuerySet[Variant]") -> list[tuple[str, str, int]]:
    counts = dict(variants.values_list("kind").annotate(Count("pk")))
    return [(kind.value, kind.label, counts.get(kind.value, 0)) for kind in VariantKind]


def _places(asked: QueryDict, narrowed: Narrowed, request: Any) -> list[Facet]:
    """Return the facets that hang on the provision, counted by provision and added up."""
    negotiation = negotiation_of(request)
    provisions = Provision.objects.filter(negotiation=negotiation).with_place()
    lenses: defaultdict[int, set[Lens]] = defaultdict(set)
    for lens in Lens.objects.prefetch_related("provisions", "sub_issues__provisions"):
        for one in (*lens.provisions.all(), *(text for sub in lens.sub_issues.all() for text in sub.provisions.all())):
            lenses[one.pk].add(lens)
    groups = list(SmallGroup.objects.filter(negotiation=negotiation).prefetch_related("issues", "sub_issues"))
    labels = {"section": "Section", "issue": "Issue", "small_group": "Small group", "lens": "Lens"}
    placed: dict[str, dict[int, list[tuple[str, str]]]] = {name: {} for name in labels}
    for one in provisions:
        section, issue = one.parent_section, one.sub_issue.issue if one.sub_issue else one.issue
        placed["section"][one.pk] = [(section.code, str(section))]
        placed["issue"][one.pk] = [(issue.code, str(issue))] if issue else []
        placed["small_group"][one.pk] = [(group.slug, group.name) for group in groups if _works_on(group, one)]
        placed["lens"][one.pk] = [(lens.slug, lens.name) for lens in lenses[one.pk]]
    return [_facet(name, labels[name], asked, _added_up(narrowed(name), placed[name])) for name in labels]


def _works_on(group: SmallGroup, provision: Provision) -> bool:
    issue = provision.sub_issue.issue if provision.sub_issue else provision.issue
    return provision.sub_issue in group.sub_issues.all() or (issue is not None and issue in group.issues.all())


def _added_up(
    variants: "QuerySet[Variant]", placed: dict[int, list[tuple[str, str]]]
) -> Iterable[tuple[str, str, int]]:
    counts = dict(variants.values_list("provision").annotate(Count("pk")))
    total: Counter[tuple[str, str]] = Counter()
    for provision, entries in placed.items():  # in the order of the text
        for entry in entries:
            total[entry] += counts.get(provision, 0)
    return [(value, label, n) for (value, label), n in total.items()]


def _holders(day: datetime.date | None, variants: "QuerySet[Variant]", stance: Stance) -> list[tuple[str, str, int]]:
    """Return who takes `stance` at most variants; what a grouping does counts for the grouping."""
    held = Position.objects.held_on(day).filter(stance=stance, variant__in=variants)
    counted: list[tuple[str, str, int]] = []
    for kind in ("member", "grouping"):
        rows = held.exclude(**{kind: None}).order_by().values_list(f"{kind}__code", f"{kind}__name")
        counted += rows.annotate(n=Count("variant", distinct=True)).order_by("-n")[:MOST_HOLDERS]
    return sorted(counted, key=lambda row: (-row[2], row[1]))[:MOST_HOLDERS]
