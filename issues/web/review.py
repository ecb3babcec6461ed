"""The review of an imported text: choices about its marks, and each provision beside its current text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from bracketed_text import compare, parse
from issues.interchange import staging
from issues.interchange.composition import TREATMENTS
from issues.interchange.drafts import draft_from_json
from issues.interchange.review import row_clashes
from issues.models import StagedImport, StagedProvision
from issues.models.choices import Decision, Finding, StagedState
from issues.text.clashes import Clashes
from issues.text.stored import stored_tree
from issues.web import rendering
from issues.web.comparison import redline
from issues.web.provision_cards import Names
from members.models import Alias, Grouping, Member, fold

# The kinds of provisions that the reader can select.
SHOWN: dict[str, Any] = {
    "": _("To be decided"),
    "changed": _("Changed"),
    "new": _("New"),
    "problems": _("With problems"),
    "comments": _("With comments"),
    "noted": _("Not logged"),
    "accepted": _("Accepted"),
    "left": _("Left out"),
    "same": _("Unchanged"),
    "all": _("All"),
}
_CONDITIONS = {
    "": Q(decision=Decision.OPEN) & ~Q(finding=Finding.SAME),
    "changed": Q(finding=Finding.CHANGED),
    "new": Q(finding=Finding.NEW),
    "problems": ~Q(problems=[]),
    "comments": ~Q(comments=[]),
    "noted": ~Q(note=""),
    "accepted": Q(decision=Decision.ACCEPTED),
    "left": Q(decision=Decision.LEFT),
    "same": Q(finding=Finding.SAME),
    "all": Q(),
}
_NAMES_SUGGESTED = 3


@dataclass(frozen=True)
class Marks:
    """The choices for a draft: its authors with treatments and codes, and its colours with examples and codes."""

    authors: list[tuple[str, str, str]]
    colours: list[tuple[str, str, str]]
    treatments: list[tuple[str, Any]]
    holders: list[tuple[str, str]]


@dataclass(frozen=True)
class Reviewed:
    """An imported provision, prepared for display beside the current text."""

    row: StagedProvision
    html: SafeString
    original: SafeString
    is_redline: bool
    clashes: Clashes | None = None


TREATED = {
    "propose": _("become positions: additions are proposed, deletions are opposed"),
    "accept": _("are accepted as made"),
    "reject": _("are left out"),
}


def marks(staged: StagedImport) -> Marks | None:
    """Return the choices about the marks in the text, or None if no choices are available."""
    touched = ~Q(decision=Decision.OPEN) | Q(edited=True)
    if staged.state not in (StagedState.READ, StagedState.COMPARING, StagedState.IN_REVIEW):
        return None
    draft = draft_from_json(staged.draft)
    if not (draft.authors() or draft.colours()) or staged.provisions.filter(touched).exists():
        return None
    chosen = staging.choices_of(staged)
    return Marks(
        [(name, *chosen.of(name)) for name in draft.authors()],
        [(key, words, chosen.colours.get(key, "")) for key, words in draft.colours().items()],
        [(key, TREATED[key]) for key in TREATMENTS],
        holders(),
    )


def holders() -> list[tuple[str, str]]:
    """Return the codes and names of all possible holders of positions, members first, then groupings."""
    members = Member.objects.order_by("name").values_list("code", "name")
    return [*members, *Grouping.objects.filter(speaks=True).order_by("name").values_list("code", "name")]


def shown(staged: StagedImport, kind: str) -> "QuerySet[StagedProvision]":
    """Return the provisions of one kind in order, by default those that are still to be decided."""
    rows = staged.provisions.select_related("base__provision", "provision", "section", "issue", "sub_issue", "revision")
    return rows.filter(_CONDITIONS.get(kind, _CONDITIONS[""])).order_by("position")


def decided(staged: StagedImport) -> dict[str, int]:
    """Return the number of provisions for each finding and for each decision."""
    counts: Counter[str] = Counter()
    for finding, decision in staged.provisions.values_list("finding", "decision"):
        counts.update({finding, decision, "all"})
        counts["compared"] += finding != Finding.PENDING
        counts["to_decide"] += finding not in (Finding.SAME, Finding.PENDING) and decision == Decision.OPEN
    return dict(counts)


def candidates(staged: StagedImport) -> list[tuple[str, str]]:
    """Return the slugs and headings of the provisions with which an imported provision may be matched."""
    provisions = staging.candidate_provisions(staged).order_by("position")
    return list(provisions.values_list("slug", "heading"))


def reviewed(row: StagedProvision, names: Names) -> Reviewed:
    """Return a provision prepared for display: a redline of its changes, or its text with diagnostics."""
    original = _as_found(row) if row.furniture else SafeString("")
    if row.finding == Finding.CHANGED and row.base is not None:
        old, new = stored_tree(row.base, names.register), parse(row.text, names.register)
        clashes = row_clashes(row) if row.clashes else None
        return Reviewed(row, redline(old.text, compare(old, new)), original, True, clashes)
    return Reviewed(row, _read(row.text, names), original, False)


def _read(text: str, names: Names) -> SafeString:
    return rendering.render(parse(text, names.register), names.of, problems=True)


def _as_found(row: StagedProvision) -> SafeString:
    """Return the original text with page headers and page numbers struck out."""
    return mark_safe("".join(_struck(row.found, row.furniture)))  # noqa: S308  from format_html


def _struck(text: str, furniture: list[list[int]]) -> Iterator[str]:
    at = 0
    for start, end in furniture:
        yield format_html("{}", text[at:start])
        yield format_html('<s class="furniture">{}</s>', text[start:end])
        at = end
    yield format_html("{}", text[at:])


def unknown_names(staged: StagedImport) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the unknown names at the heads of brackets, each with the codes and names suggested for it."""
    written: Counter[str] = Counter()
    for names in staged.provisions.exclude(unknown=[]).values_list("unknown", flat=True):
        written.update(names)
    if not written:
        return []
    called = dict(holders())
    forms = {code: code for code in called} | {fold(name): code for code, name in called.items()}
    forms |= {text: code for text, code in Alias.objects.values_list("folded", "member__code") if code}
    return [(name, _suggested(name, forms, called)) for name, _times in written.most_common(30)]


def _suggested(name: str, forms: dict[str, str], called: dict[str, str]) -> list[tuple[str, str]]:
    near = process.extract(fold(name), list(forms), scorer=fuzz.WRatio, limit=12)
    codes = dict.fromkeys(forms[form] for form, _score, _at in near)
    return [(code, called[code]) for code in codes if code in called][:_NAMES_SUGGESTED]
