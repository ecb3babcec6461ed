"""Place new provisions in the table of issues, and assign their slugs and positions."""

import uuid
from typing import Any

from django.db.models import F, Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from issues.access.importing import may_import_whole
from issues.access.permissions import Refused
from issues.access.roles import Reader
from issues.interchange.staging import candidate_provisions
from issues.models import Issue, Negotiation, Provision, Section, StagedImport, StagedProvision, SubIssue

LONGEST_SLUG = 80
# An offset beyond any position in use. Provisions are shifted through this range so that positions remain unique.
_FAR = 1_000_000


def available_places(staged: StagedImport) -> list[Section | Issue | SubIssue]:
    """Return the entries of the table of issues to which new provisions may be assigned.

    For an import into a small group, only the issues and sub-issues of that group are returned.
    """
    group, negotiation = staged.small_group, staged.negotiation
    if group is not None:
        return [*group.issues.all(), *group.sub_issues.all()]
    everything = [*negotiation.sections.all(), *negotiation.issues.all(), *negotiation.subissues.all()]
    return sorted(everything, key=lambda entry: entry.code)


def set_place(row: StagedProvision, entry: Any) -> None:
    """Assign a row to an entry of the table of issues, without saving it."""
    row.section = entry if isinstance(entry, Section) else None
    row.issue = entry if isinstance(entry, Issue) else None
    row.sub_issue = entry if isinstance(entry, SubIssue) else None


def new_provision(row: StagedProvision, reader: Reader, before: Provision | None) -> Provision:
    """Create and return the provision for a new row, placed after `before`.

    Raises access.permissions.Refused if the row's entry in the table of issues is outside the small group, or if an
    import into a small group has no entry for the row.
    """
    staged = row.staged
    if row.parent is None:
        if staged.small_group is not None:
            raise Refused(_("Choose where “%(heading)s” belongs in the table of issues.") % {"heading": row.heading})
        set_place(row, ensure_first_section(staged.negotiation, staged.name, staged.source))
    if not may_import_whole(reader, staged.negotiation_id) and row.parent not in available_places(staged):
        raise Refused(
            _("“%(heading)s” would be placed outside the issues that your small group works on.")
            % {"heading": row.heading}
        )
    return Provision.objects.create(
        negotiation=staged.negotiation,
        section=row.section,
        issue=row.issue,
        sub_issue=row.sub_issue,
        slug=_slug(row, reader),
        heading=row.heading,
        position=_make_room(staged, before),
        visibility=staged.visibility,
        source=staged.source,
        demonstration=reader.demonstration or staged.draft.get("demonstration", False),
    )


def ensure_first_section(negotiation: Negotiation, title: str, source: str) -> Section:
    """Return the first section of a negotiation. If the negotiation has no section, one is created."""
    first = negotiation.sections.order_by("position").first()
    return first or Section.objects.create(
        negotiation=negotiation, code="1", label="1", position=1, title=title, source=source
    )


def _slug(row: StagedProvision, reader: Reader) -> str:
    slug = slugify(row.heading)[:LONGEST_SLUG].rstrip("-") or "text"
    taken = Provision.objects.filter(negotiation=row.staged.negotiation, slug=slug).exists()
    # For facilitators, the slug always has a random suffix, because a suffix added only when the slug is taken would
    # reveal a hidden provision with the same heading.
    return (
        f"{slug}-{uuid.uuid4().hex[:6]}" if taken or not may_import_whole(reader, row.staged.negotiation_id) else slug
    )


def _make_room(staged: StagedImport, before: Provision | None) -> int:
    """Return a free position directly after `before`, shifting the provisions that follow.

    If `before` is None, the position is after the last provision to which the import may be matched.
    """
    provisions = Provision.objects.filter(negotiation=staged.negotiation)
    if before is None:
        before = candidate_provisions(staged).order_by("position").last()
    last: int = provisions.aggregate(last=Max("position"))["last"] or 0
    if before is None:
        return last + 1
    position = Provision.objects.values_list("position", flat=True).get(pk=before.pk) + 1
    if provisions.filter(position__gte=position).exists():
        provisions.filter(position__gte=position).update(position=F("position") + _FAR)
        provisions.filter(position__gte=_FAR).update(position=F("position") - _FAR + 1)
    return position
