"""Load a bracketed text as a separate negotiation, with a provision for each article."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from issues.access.permissions import administered_by
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.text_checks import exceeds_limits
from issues.interchange.composition import Composed
from issues.interchange.drafts import Draft
from issues.interchange.provision_cuts import Cut, cut_into_provisions
from issues.interchange.stored_files import ReceivedFile, store
from issues.models import Negotiation, Participation, Provision, Section
from issues.models.choices import Visibility
from issues.sync.catch_up import catch_up
from issues.text.member_names import load_register
from members.choices import Role
from members.demonstration import is_demo_user
from members.models import Delegation, Member

# The longest heading and the longest slug, in characters.
LONGEST_HEADING, LONGEST_SLUG = 250, 80


@dataclass(frozen=True)
class Source:
    """The source of a text, with the date on which the text was current and a citation.

    `received` is the file from which the text was read, if any, and `draft` is the result of reading that file.
    """

    made_on: datetime.date
    citation: str
    received: ReceivedFile | None = None
    draft: Draft | None = None


@transaction.atomic
def load_negotiation(
    *,
    slug: str,
    name: str,
    composed: Composed,
    source: Source,
    actor: AbstractBaseUser,
    participants: Iterable[str] = (),
    visibility: Visibility = Visibility.PARTICIPANTS,
    progress: Callable[[list[Cut]], Iterable[Cut]] = iter,
) -> Negotiation:
    """Store a composed text as a new negotiation between `participants` (codes or names), and return the negotiation.

    The provisions are stored as they are, including any errors in the text. A provision that exceeds the parser's
    limits is stored unparsed. Nothing is stored if an error occurs. Raises ValidationError if the slug is taken, a
    participant is unknown, or the actor neither belongs to a secretariat nor is a superuser.
    """
    _require_loadable(slug, actor)
    negotiation = Negotiation(
        slug=slug, name=name, short_name=name[:50], stands_on=source.made_on, source=source.citation
    )
    negotiation.full_clean()
    negotiation.save()
    # The person who loads a negotiation becomes the first member of its secretariat.
    Delegation.objects.create(user_id=actor.pk, negotiation=negotiation, role=Role.SECRETARIAT)
    _add_participants(negotiation, participants, source)
    if source.received is not None and source.draft is not None:
        store(source.received, source.draft, negotiation=negotiation, actor=actor)
    _log_provisions(
        negotiation, progress(list(cut_into_provisions(composed, load_register()))), source, actor, visibility
    )
    catch_up(negotiation)
    return negotiation


def _require_loadable(slug: str, actor: AbstractBaseUser) -> None:
    """Raise ValidationError unless `actor` may load a negotiation and `slug` is available."""
    if not (getattr(actor, "is_superuser", False) or administered_by(actor)):
        raise ValidationError(
            f"{actor.get_username()} may not load a negotiation. Only a superuser or a member of a secretariat may."
        )
    if Negotiation.objects.filter(slug=slug).exists():
        raise ValidationError(f"The negotiation “{slug}” already exists. Choose another slug.")


def _add_participants(negotiation: Negotiation, names: Iterable[str], source: Source) -> None:
    for member in _members(names):
        Participation.objects.create(
            negotiation=negotiation,
            member=member,
            joined=source.made_on,
            basis="named in the text that was loaded",
            source=source.citation,
        )


def _log_provisions(
    negotiation: Negotiation, incoming: Iterable[Cut], source: Source, actor: AbstractBaseUser, visibility: Visibility
) -> None:
    """Create and log a provision for each `Cut`. The first cut below the heading of a part begins a new section."""
    section: Section | None = None
    register = load_register()
    for position, cut in enumerate(incoming, start=1):
        if section is None or cut.under:
            section = _section(negotiation, " – ".join(cut.under) or negotiation.name, source)
        provision = Provision.objects.create(
            negotiation=negotiation,
            section=section,
            slug=f"{position}-{slugify(cut.heading)[:LONGEST_SLUG]}".rstrip("-"),
            heading=cut.heading[:LONGEST_HEADING],
            position=position,
            visibility=visibility,
            source=source.citation,
            demonstration=is_demo_user(actor) or (source.draft is not None and source.draft.demonstration),
        )
        changes.log(
            TextChange(
                provision,
                base_revision=0,
                edit=cut.stored,
                as_found=True,
                unparsed=exceeds_limits(cut.stored, register),
                made_on=source.made_on,
                source=source.citation,
            ),
            actor=actor,
        )


def _section(negotiation: Negotiation, title: str, source: Source) -> Section:
    number = negotiation.sections.count() + 1
    return Section.objects.create(
        negotiation=negotiation,
        code=str(number),
        label=str(number),
        position=number,
        title=title,
        source=source.citation,
    )


def _members(names: Iterable[str]) -> list[Member]:
    register = load_register()
    codes = {name: member_name.code if (member_name := register.find(name)) else None for name in names}
    by_code = {member.code: member for member in Member.objects.filter(code__in=codes.values())}
    if unknown := [name for name, code in codes.items() if code not in by_code]:
        raise ValidationError(f"Unknown members: {', '.join(unknown)}.")
    return list(by_code.values())
