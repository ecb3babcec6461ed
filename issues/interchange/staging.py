"""Divide an external text into provisions, match them to stored provisions, and compare them.

    stage               stores a draft as a staged import
    divide              applies the choices about formatting, cuts the text into provisions and matches each of them
    compare             determines, in steps, the changes that each provision would make
    review.decide …     record a person's decisions, edits and matches
    log_import.log      logs all accepted provisions in one transaction

Every import passes through these functions. `access.permissions.may_import` determines who may import a text, and
`access.visibility.visible_imports` determines who may see an import.
"""

import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import Code, Diagnostic, Register, Tree, parse
from issues.access.importing import importing_groups, may_import, may_import_whole
from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions.errors import TextRefused
from issues.actions.text_checks import blocking_problems, require_text, require_value
from issues.interchange.comment_positions import suggest_position
from issues.interchange.composition import Choices, Composed, compose, default_choices
from issues.interchange.drafts import Comment, Draft, draft_from_json
from issues.interchange.headings import heading_end
from issues.interchange.provision_cuts import cut_into_provisions
from issues.interchange.provision_matching import Candidate, match_provisions
from issues.interchange.stored_files import ReceivedFile, store
from issues.interchange.word.styles import ANCHORS, anchor_name
from issues.models import Negotiation, Provision, Revision, SmallGroup, StagedImport, StagedProvision
from issues.models.choices import Decision, Finding, StagedState, Visibility
from issues.models.text import ProvisionQuerySet
from issues.text.member_names import load_register
from issues.text.sentences import describe_change, name_lookup
from issues.text.stored import stored_tree
from issues.wording import diagnostic_text
from members.plain_text import PROSE, TextRules, sanitize

LONGEST_HEADING = 250
# The time in seconds that one request spends on comparisons. The next request continues with the remaining provisions.
LONGEST_STEP = 2.0


class NotStaged(Exception):
    """Raised when an operation on a staged import is refused. Nothing is changed."""


@dataclass(frozen=True)
class Origin:
    """The origin of a text, with its name, the date on which it was current, and the source to cite.

    `received` is the file from which the text was read, if any.
    """

    name: str
    made_on: datetime.date
    source: str
    received: ReceivedFile | None = None


@transaction.atomic
def stage(
    draft: Draft,
    origin: Origin,
    *,
    negotiation: Negotiation,
    actor: AbstractBaseUser,
    small_group: SmallGroup | None = None,
    visibility: Visibility = Visibility.PARTICIPANTS,
) -> StagedImport:
    """Store `draft` for review and return the staged import.

    A draft that requires no choices about its formatting is divided at once. Raises access.permissions.Refused if the
    actor may not import texts into this negotiation or small group, NotStaged if the date is in the future or the text
    contains no provision, and actions.errors.InvalidValue if the name or source is invalid.
    """
    require_value("name", origin.name, TextRules(LONGEST_HEADING, multiline=False))
    require_value("source", origin.source, PROSE)
    reader = reader_of(actor)
    if not may_import(reader, negotiation.pk):
        raise Refused(_("Texts can be imported by the secretariat, and by facilitators for their small groups."))
    if small_group is None and not may_import_whole(reader, negotiation.pk):
        raise Refused(_("Choose the small group to which the text belongs."))
    if small_group and not importing_groups(reader, negotiation.pk).filter(pk=small_group.pk).exists():
        raise Refused(_("You are not a facilitator of this small group."))
    require_past(origin.made_on)
    register = load_register()
    staged = StagedImport.objects.create(
        negotiation=negotiation,
        small_group=small_group,
        name=origin.name,
        draft=draft.as_json(),
        choices=default_choices(draft, register).as_json(),
        made_on=origin.made_on,
        source=origin.source,
        visibility=Visibility.GROUP if small_group and visibility == Visibility.PARTICIPANTS else visibility,
        sent_by_id=actor.pk,
    )
    if origin.received is not None:
        store(origin.received, draft, negotiation=negotiation, actor=actor, staged=staged)
    if not needs_choices(draft):
        _divide(staged, draft, choices_of(staged), register, LONGEST_STEP)
    return staged


def require_past(day: datetime.date) -> None:
    """Raise NotStaged for a date in the future."""
    if day > timezone.localdate():
        raise NotStaged(_("This date is in the future. Enter the date of the text."))


def needs_choices(draft: Draft) -> bool:
    """Return whether a person must choose how to treat tracked changes or colours before the text is divided."""
    return not draft.from_this_site and bool(draft.authors() or draft.colours())


def choices_of(staged: StagedImport) -> Choices:
    """Return the choices made about the formatting of the text."""
    return Choices(**staged.choices)


@transaction.atomic
def divide(
    staged: StagedImport, draft: Draft | None = None, choices: Choices | None = None, seconds: float = LONGEST_STEP
) -> None:
    """Cut the text into provisions, match each to a stored provision, and compare them for up to `seconds`.

    `compare` continues with the remaining provisions. Any provisions from an earlier division are deleted. Raises
    NotStaged if the import is closed, if a person has already edited or decided on a provision, or if the text contains
    no provision.
    """
    # Lock the row without loading its draft, which may be long.
    StagedImport.objects.select_for_update().only("pk").get(pk=staged.pk)
    touched = ~Q(decision=Decision.OPEN) | Q(edited=True)
    if not staged.is_open or staged.provisions.filter(touched).exists():
        raise NotStaged(
            _(
                "Decisions on some provisions have already been made. To read the file with other choices, import it "
                "again."
            )
        )
    staged.provisions.all().delete()
    draft = draft or draft_from_json(staged.draft)
    _divide(staged, draft, choices or choices_of(staged), load_register(), seconds)


def _divide(staged: StagedImport, draft: Draft, choices: Choices, register: Register, seconds: float) -> None:
    composed = compose(draft, choices)
    rows = list(_rows(staged, draft, composed, register))
    if not rows:
        raise NotStaged(_("No provision was found in the text."))
    _match(rows, _known(staged))
    # Compare before the rows are created, so that most of them are written only once.
    compared = len(_compare_rows(rows, seconds, register))
    StagedProvision.objects.bulk_create(rows, batch_size=100)
    staged.choices = choices.as_json()
    staged.warnings = [*draft.warnings, *composed.warnings, *_unplaced_comments(draft, rows)]
    staged.state = StagedState.IN_REVIEW if compared == len(rows) else StagedState.COMPARING
    staged.save(update_fields=["choices", "warnings", "state"])


def _rows(staged: StagedImport, draft: Draft, composed: Composed, register: Register) -> Iterator[StagedProvision]:
    comments = {comment.number: comment for comment in draft.comments}
    anchored = sorted((start, end, number) for number, (start, end) in composed.comments.items() if number in comments)
    for position, cut in enumerate(cut_into_provisions(composed, register), start=1):
        own_comments = [at for at in anchored if cut.start <= at[0] < cut.end]
        yield StagedProvision(
            staged=staged,
            position=position,
            heading=cut.heading[:LONGEST_HEADING],
            slug=cut.slug[:80],
            found=cut.stored if cut.furniture else "",
            furniture=cut.furniture,
            text=_stripped(cut.stored, cut.furniture),
            comments=[
                _comment_as_json(comments[number], composed.text[start:end], register)
                for start, end, number in own_comments
            ],
        )


def _unplaced_comments(draft: Draft, rows: list[StagedProvision]) -> Iterator[str]:
    """Yield a warning for each comment that is not anchored in a provision."""
    placed = {comment["number"] for row in rows for comment in row.comments}
    for comment in draft.comments:
        if comment.number not in placed:
            yield _("A comment by %(author)s does not refer to any imported text: “%(text)s”") % {
                "author": comment.author or "?",
                "text": comment.text,
            }


def _comment_as_json(comment: Comment, words: str, register: Register) -> dict[str, Any]:
    """Return a comment in its stored form, with the passage to which it refers and the position that it suggests."""
    position = suggest_position(comment.text, comment.author, register)
    return {
        "number": comment.number,
        "author": comment.author,
        "text": comment.text,
        "words": words,
        "stance": position.stance if position else "",
        "codes": list(position.codes) if position else [],
        "taken": False,
    }


def _stripped(text: str, furniture: Sequence[tuple[int, int]]) -> str:
    """Return a provision without page headers and page numbers."""
    kept, at = [], 0
    for start, end in furniture:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def candidate_provisions(staged: StagedImport) -> ProvisionQuerySet:
    """Return the provisions to which rows of a staged import may be matched.

    For an import into a small group, only the provisions of that group are returned.
    """
    provisions = Provision.objects.filter(negotiation=staged.negotiation_id)
    return provisions.of_group(staged.small_group) if staged.small_group else provisions


def comparison_base(provision: Provision, day: datetime.date) -> Revision | None:
    """Return the revision with which to compare a text as of `day`.

    The result is the revision current on that date. If no revision was current, it is the first revision, or None if
    the provision has no revisions.
    """
    return provision.revisions.current(day).first() or provision.revisions.order_by("number").first()


def _known(staged: StagedImport) -> list[Revision]:
    """Return, for each candidate provision, the revision with which to compare the imported text."""
    provisions = candidate_provisions(staged)
    stood = Revision.objects.current(staged.made_on).filter(provision__in=provisions.values("pk"))
    revisions = list(stood.select_related("provision"))
    later = provisions.exclude(pk__in=[revision.provision_id for revision in revisions])
    revisions += Revision.objects.filter(number=1, provision__in=later.values("pk")).select_related("provision")
    return sorted(revisions, key=lambda revision: revision.provision.position)


def _match(rows: list[StagedProvision], known: list[Revision]) -> None:
    """Match rows to provisions, and place each new row in the same entry of the outline as the provision before it."""
    incoming = [Candidate(row.heading, row.text, row.slug) for row in rows]
    marks = [anchor_name(revision.provision.slug)[len(ANCHORS) :] for revision in known]
    stored = [
        Candidate(revision.provision.heading, revision.text, mark) for revision, mark in zip(known, marks, strict=True)
    ]
    for new, old, by in match_provisions(incoming, stored):
        base, row = known[old], rows[new]
        row.provision, row.base, row.by = base.provision, base, by
        row.text = match_recorded_form(row, base)
    before: Provision | None = None
    for row in rows:
        before = row.provision or before
        if before is not None:
            row.section_id, row.issue_id, row.sub_issue_id = before.section_id, before.issue_id, before.sub_issue_id


def match_recorded_form(row: StagedProvision, base: Revision) -> str:
    """Return the text of a row, without its heading if the stored text does not contain the heading."""
    if heading_end(base.text, base.provision.heading):
        text = row.text
    else:
        end = _end_of_headings(row.text, row.heading)
        body = row.text[end:].lstrip("\n")
        text = body if body.strip() and body.count("[") - body.count("]") == 0 else row.text
    # Trailing blank lines come from the file rather than the text. Replace them with those of the stored text.
    return text.rstrip() + base.text[len(base.text.rstrip()) :]


def _end_of_headings(text: str, heading: str) -> int:
    """Return the offset at which the heading of a provision ends, or 0. Headings of parts may precede it."""
    at = 0
    for line in text.splitlines(keepends=True)[:12]:
        if end := heading_end(text[at:], heading):
            return at + end
        at += len(line)
    return 0


def compare(staged: StagedImport, seconds: float = LONGEST_STEP) -> tuple[int, int]:
    """Compare provisions for up to `seconds`, and return the number compared so far and the total number."""
    whole = staged.provisions.count()
    if staged.state != StagedState.COMPARING:
        return whole, whole
    pending = staged.provisions.filter(finding=Finding.PENDING).select_related("base", "provision")
    compared = _compare_rows(pending.iterator(20), seconds, load_register())
    StagedProvision.objects.bulk_update(compared, _COMPARED_FIELDS, batch_size=50)
    left = staged.provisions.filter(finding=Finding.PENDING).count()
    if not left:
        staged.state = StagedState.IN_REVIEW
        staged.save(update_fields=["state"])
    return whole - left, whole


_COMPARED_FIELDS = ("finding", "sentences", "problems", "unknown")


def _compare_rows(rows: Iterable[StagedProvision], seconds: float, register: Register) -> list[StagedProvision]:
    """Compare `rows` until `seconds` have passed, but always at least one of them, and return the rows compared."""
    began, name_of = time.monotonic(), name_lookup()
    compared = []
    for row in rows:
        compare_row(row, register, name_of)
        compared.append(row)
        if time.monotonic() - began > seconds:
            break
    return compared


def compare_row(row: StagedProvision, register: Register, name_of: Callable[[str], str] | None = None) -> None:
    """Determine the changes and problems of a row without saving it."""
    row.sentences, row.problems, row.unknown = [], [], []
    on_record = row.base.text if row.base else ""
    # In files written by this site, U+FFFD replaces any stored characters that cannot be exported.
    if row.base and row.text.split() == sanitize(on_record).split():
        row.finding = Finding.SAME
        return
    row.finding = Finding.CHANGED if row.base else Finding.NEW
    try:
        text = require_text(row.text, on_record)
    except TextRefused as refused:
        codes = [problem.code.value for problem in refused.problems]
        row.problems = [{"code": next(iter(codes), ""), "message": str(refused), "stops": True}]
        return
    tree = parse(text, register)
    row.sentences = describe_change(stored_tree(row.base, register), tree, name_of) if row.base else []
    row.unknown = sorted({name for name, _start, _end in unknown_names(tree)})
    stops = blocking_problems(tree)
    row.problems = [
        {"code": problem.code.value, "message": _placed(tree, problem), "stops": problem in stops}
        for problem in tree.diagnostics
    ]


def _placed(tree: Tree, problem: Diagnostic) -> str:
    line, column = tree.line_and_column(problem.start)
    return f"{line}:{column} {diagnostic_text(problem)} “{tree.excerpt(problem.start, problem.end)}”"


def unknown_names(tree: Tree) -> Iterator[tuple[str, int, int]]:
    """Yield each unknown name in bracket heads, with the start and end of the head."""
    for bracket, _depth in tree.walk():
        for code, name in bracket.head.problems:
            if code is Code.UNKNOWN_NAME:
                yield name, bracket.start, bracket.body
