"""How many variants each further choice of a filter would leave: every facet counts what matches all other filters."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from issues.access.visibility import belonging, negotiation_of
from issues.filters.variants import State, VariantFilter, counted_positions
from issues.models import Lens, Provision, SmallGroup, Variant
from issues.models.choices import Stance, VariantKind
from issues.models.index import PositionQuerySet
from members.models import Grouping, Member, local_name

MOST_HOLDERS = 15

# Returns the variants that match what is asked, with one filter left out, or set to another value.
Narrowed = Callable[..., "QuerySet[Variant]"]
# "member" or "grouping", and the primary key.
Holder = tuple[str, int]


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
    values = whole.form.cleaned_data if whole.is_valid() else {}
    counted = counted_positions(values)
    # What a grouping holds counts for its members as well, where that is asked for: as in the list.
    shared = belonging(values.get("as_of")) if values.get("expand") else None

    @cache
    def without(name: str, state: str) -> "QuerySet[Variant]":
        """Return what matches all filters but the one of that name, in that state or the one asked for."""
        data = asked.copy()
        data.pop(name, None)
        if state:
            data["state"] = state
        return VariantFilter(data, queryset=variants, request=request).qs.order_by()

    def narrowed(name: str, state: str = "") -> "QuerySet[Variant]":
        return without(name if name in asked else "", state)

    return [
        _facet("state", _("State"), asked, _states(narrowed)),
        *_by_provision_and_kind(asked, narrowed, request),
        *_by_holder(asked, narrowed, counted, shared),
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
            values.append(Value(str(said), n, value in chosen, f"{reverse('variants')}?{query.urlencode()}"))
    return Facet(name, label, values)


def _states(narrowed: Narrowed) -> list[tuple[str, str, int]]:
    standing, begun = narrowed("state", State.OPEN).count(), narrowed("state", State.ANY).count()
    counts = {State.OPEN: standing, State.CLOSED: begun - standing, State.ANY: begun}
    return [(one.value, str(one.label), counts[one]) for one in State]


def _by_provision_and_kind(asked: QueryDict, narrowed: Narrowed, request: Any) -> list[Facet]:
    """Return the facets of kind, and of what the provision hangs under: counted by both and added up."""

    @cache
    def counts(variants: "QuerySet[Variant]") -> list[tuple[int, str, int]]:
        return list(variants.values_list("provision", "kind").annotate(Count("pk")))

    kinds = Counter[str]()
    for _provision, kind, n in counts(narrowed("kind")):
        kinds[kind] += n
    found = [_facet("kind", _("Kind"), asked, [(one.value, str(one.label), kinds[one]) for one in VariantKind])]
    labels = {"section": _("Section"), "issue": _("Issue"), "small_group": _("Small group"), "lens": _("Lens")}
    places = _places(request)
    for name, label in labels.items():
        in_provision = Counter[int]()
        for provision, _kind, n in counts(narrowed(name)):
            in_provision[provision] += n
        found.append(_facet(name, label, asked, _added_up(in_provision, places[name])))
    return found


def _places(request: Any) -> dict[str, dict[int, list[tuple[str, str]]]]:
    """Return for each filter what each provision hangs under, as value and label, in the order of the text."""
    negotiation = negotiation_of(request)
    lenses: defaultdict[int, set[Lens]] = defaultdict(set)
    for lens in Lens.objects.prefetch_related("provisions", "sub_issues__provisions"):
        for one in (*lens.provisions.all(), *(text for sub in lens.sub_issues.all() for text in sub.provisions.all())):
            lenses[one.pk].add(lens)
    groups = list(SmallGroup.objects.filter(negotiation=negotiation).prefetch_related("issues", "sub_issues"))
    placed: dict[str, dict[int, list[tuple[str, str]]]] = {
        name: {} for name in ("section", "issue", "small_group", "lens")
    }
    for one in Provision.objects.filter(negotiation=negotiation).with_place():
        section, issue = one.parent_section, one.sub_issue.issue if one.sub_issue else one.issue
        placed["section"][one.pk] = [(section.code, str(section))]
        placed["issue"][one.pk] = [(issue.code, str(issue))] if issue else []
        placed["small_group"][one.pk] = [(group.slug, group.name) for group in groups if _works_on(group, one)]
        placed["lens"][one.pk] = [(lens.slug, lens.name) for lens in lenses[one.pk]]
    return placed


def _works_on(group: SmallGroup, provision: Provision) -> bool:
    issue = provision.sub_issue.issue if provision.sub_issue else provision.issue
    return provision.sub_issue in group.sub_issues.all() or (issue is not None and issue in group.issues.all())


def _added_up(counts: "Counter[int]", placed: dict[int, list[tuple[str, str]]]) -> list[tuple[str, str, int]]:
    total: Counter[tuple[str, str]] = Counter()
    for provision, entries in placed.items():
        for entry in entries:
            total[entry] += counts[provision]
    return [(value, label, n) for (value, label), n in total.items()]


def _by_holder(
    asked: QueryDict, narrowed: Narrowed, counted: PositionQuerySet, shared: dict[int, list[int]] | None
) -> list[Facet]:
    """Return the facets of who proposes and who opposes; what a grouping does counts for the grouping.

    And for the members that `shared` gives it.
    """
    names = {
        ("member", key): (code, name) for key, code, name in Member.objects.values_list("pk", "code", local_name())
    }
    groupings = Grouping.objects.values_list("pk", "code", "name")
    names |= {("grouping", key): (code, name) for key, code, name in groupings}
    found = []
    for filtered, label, stance in (
        ("proponent", _("Proponent"), Stance.PROPOSE),
        ("opponent", _("Opponent"), Stance.OPPOSE),
    ):
        held = counted.filter(stance=stance, variant__in=narrowed(filtered))
        counts = _each(held) if shared is None else _each_and_through_groupings(held, shared)
        rows = [(*names[holder], n) for holder, n in counts.items()]
        most = sorted(rows, key=lambda row: (-row[2], row[1]))[:MOST_HOLDERS]
        found.append(_facet(filtered, label, asked, most))
    return found


def _each(held: PositionQuerySet) -> Counter[Holder]:
    """Return at how many variants each holds a position: nobody takes the same stance twice at one."""
    rows = held.order_by().values_list("member", "grouping").annotate(Count("pk"))
    return Counter({_holder(member, grouping): n for member, grouping, n in rows})


def _each_and_through_groupings(held: PositionQuerySet, shared: dict[int, list[int]]) -> Counter[Holder]:
    """Return the same with members that hold one by a grouping: a variant counts once, in however many ways."""
    found: set[tuple[int, Holder]] = set()
    for variant, member, grouping in held.order_by().values_list("variant", "member", "grouping"):
        found.add((variant, _holder(member, grouping)))
        found.update((variant, ("member", one)) for one in shared.get(grouping, ()))
    return Counter(holder for _variant, holder in found)


def _holder(member: int | None, grouping: int | None) -> Holder:
    """Return the key of a member or grouping with what it is: their numbers are counted separately."""
    return ("member", member) if member else ("grouping", grouping or 0)
