"""Counts of variants for each further filter of the variants explorer.

Each facet counts the variants that match all other filters. For example, with the filters “proponent: Canada” and
“kind: bracket”, the facet of proponents counts all brackets by proponent, and the facet of kinds counts the variants
that Canada proposes by kind.
"""

from collections import Counter
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
from issues.models.index import PositionQuerySet, VariantQuerySet
from members.models import Grouping, Member, local_name

MOST_HOLDERS = 15

# A function that returns the variants that match the query without one filter, or with another state.
Narrowed = Callable[..., "QuerySet[Variant]"]
# The key of a holder, which consists of its type ("member" or "grouping") and its primary key.
Holder = tuple[str, int]


@dataclass(frozen=True)
class Value:
    """A filter value, its number of variants, and whether it is selected. Following `url` adds or removes the value."""

    label: str
    count: int
    chosen: bool
    url: str


@dataclass(frozen=True)
class Facet:
    """A filter, with those of its values that match at least one variant."""

    name: str
    label: str
    values: list[Value]


def facets(query: QueryDict, variants: "QuerySet[Variant]", request: Any) -> list[Facet]:
    """Return the facets for a valid `query`, where `variants` are all the variants that the reader may see.

    The number of queries does not depend on the data.
    """

    whole = VariantFilter(query, queryset=variants, request=request)
    values = whole.form.cleaned_data if whole.is_valid() else {}
    counted = counted_positions(values)
    # With `expand`, positions held by a grouping also count for its members, as in the list of variants.
    shared = belonging(negotiation_of(request).day(values.get("as_of"))) if values.get("expand") else None

    @cache
    def without(name: str, state: str) -> "QuerySet[Variant]":
        """Return the variants that match all filters except `name`, with `state` in place of the selected state."""
        data = query.copy()
        data.pop(name, None)
        if state:
            data["state"] = state
        return VariantFilter(data, queryset=variants, request=request).qs.order_by()

    def narrowed(name: str, state: str = "") -> "QuerySet[Variant]":
        return without(name if name in query else "", state)

    return [
        _facet("state", _("State"), query, _states(narrowed)),
        *_by_provision_and_kind(query, narrowed, request),
        *_by_holder(query, narrowed, counted, shared),
    ]


def _facet(name: str, label: str, query: QueryDict, counted: Iterable[tuple[str, str, int]]) -> Facet:
    chosen = query.getlist(name)
    values = []
    for value, value_label, count in counted:
        link = query.copy()
        link.pop("page", None)
        if value in chosen:
            link.setlist(name, [previous for previous in chosen if previous != value])
        else:
            link[name] = value
        if count:
            values.append(Value(str(value_label), count, value in chosen, f"{reverse('variants')}?{link.urlencode()}"))
    return Facet(name, label, values)


def _states(narrowed: Narrowed) -> list[tuple[str, str, int]]:
    standing, begun = narrowed("state", State.OPEN).count(), narrowed("state", State.ANY).count()
    counts = {State.OPEN: standing, State.CLOSED: begun - standing, State.ANY: begun}
    return [(state.value, str(state.label), counts[state]) for state in State]


def _by_provision_and_kind(query: QueryDict, narrowed: Narrowed, request: Any) -> list[Facet]:
    """Return the facets for the kind and for the place in the outline, computed from counts by provision and kind."""

    @cache
    def counts(variants: "QuerySet[Variant]") -> list[tuple[int, str, int]]:
        return list(variants.values_list("provision", "kind").annotate(Count("pk")))

    kinds = Counter[str]()
    for _provision, kind, n in counts(narrowed("kind")):
        kinds[kind] += n
    result = [_facet("kind", _("Kind"), query, [(kind.value, str(kind.label), kinds[kind]) for kind in VariantKind])]
    labels = {"section": _("Section"), "issue": _("Issue"), "small_group": _("Small group")}
    places = _places(request)
    for name, label in labels.items():
        in_provision = Counter[int]()
        for provision, _kind, n in counts(narrowed(name)):
            in_provision[provision] += n
        result.append(_facet(name, label, query, _added_up(in_provision, places[name])))
    counted = [
        (lens.slug, lens.local_name, _under(narrowed("lens"), lens)) for lens in Lens.objects.order_by(local_name())
    ]
    result.append(_facet("lens", _("Lens"), query, counted))
    return result


def _under(variants: "QuerySet[Variant]", lens: Lens) -> int:
    assert isinstance(variants, VariantQuerySet)
    number: int = variants.under_lens(lens).count()
    return number


def _places(request: Any) -> dict[str, dict[int, list[tuple[str, str]]]]:
    """Return, for each filter, the entries to which each provision belongs, as values and labels, in text order."""
    negotiation = negotiation_of(request)
    groups = list(SmallGroup.objects.filter(negotiation=negotiation).prefetch_related("issues", "sub_issues"))
    placed: dict[str, dict[int, list[tuple[str, str]]]] = {name: {} for name in ("section", "issue", "small_group")}
    for provision in Provision.objects.filter(negotiation=negotiation).with_place():
        section, issue = provision.parent_section, provision.sub_issue.issue if provision.sub_issue else provision.issue
        placed["section"][provision.pk] = [(section.code, str(section))]
        placed["issue"][provision.pk] = [(issue.code, str(issue))] if issue else []
        placed["small_group"][provision.pk] = [
            (group.slug, group.local_name) for group in groups if _works_on(group, provision)
        ]
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
    query: QueryDict, narrowed: Narrowed, counted: PositionQuerySet, shared: dict[int, list[int]] | None
) -> list[Facet]:
    """Return the facets for proponents and opponents.

    A position held by a grouping counts for the grouping and for the members that `shared` assigns to it.
    """
    names = {
        ("member", key): (code, name) for key, code, name in Member.objects.values_list("pk", "code", local_name())
    }
    groupings = Grouping.objects.values_list("pk", "code", "name")
    names |= {("grouping", key): (code, name) for key, code, name in groupings}
    result = []
    for filtered, label, stance in (
        ("proponent", _("Proponent"), Stance.PROPOSE),
        ("opponent", _("Opponent"), Stance.OPPOSE),
    ):
        held = counted.filter(stance=stance, variant__in=narrowed(filtered))
        counts = _each(held) if shared is None else _each_and_through_groupings(held, shared)
        rows = [(*names[holder], n) for holder, n in counts.items()]
        most = sorted(rows, key=lambda row: (-row[2], row[1]))[:MOST_HOLDERS]
        result.append(_facet(filtered, label, query, most))
    return result


def _each(held: PositionQuerySet) -> Counter[Holder]:
    """Return the number of variants on which each holder has a position.

    A holder takes the same stance on a variant only once, so counting positions is the same as counting variants.
    """
    rows = held.order_by().values_list("member", "grouping").annotate(Count("pk"))
    return Counter({_holder(member, grouping): n for member, grouping, n in rows})


def _each_and_through_groupings(held: PositionQuerySet, shared: dict[int, list[int]]) -> Counter[Holder]:
    """Return the counts of `_each` plus positions held through groupings. A variant counts only once per holder."""
    held_at: set[tuple[int, Holder]] = set()
    for variant, member, grouping in held.order_by().values_list("variant", "member", "grouping"):
        held_at.add((variant, _holder(member, grouping)))
        held_at.update((variant, ("member", sharing)) for sharing in shared.get(grouping, ()))
    return Counter(holder for _variant, holder in held_at)


def _holder(member: int | None, grouping: int | None) -> Holder:
    """Return the key of a member or grouping, with its type, because their primary keys overlap."""
    return ("member", member) if member else ("grouping", grouping or 0)
