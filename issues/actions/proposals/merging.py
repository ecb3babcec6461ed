"""Merge wording from a proposal into the text of a provision.

The wording is placed in a bracket in the name of one proponent, or in the names of all members that have confirmed the
current text of the proposal. In the latter case, the wording must be taken from that text. A facilitator may instead
enter a complete new text.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree, parse, propose, propose_alternative, take_position
from issues.access.merging import require_merging
from issues.access.permissions import Refused, Tabled
from issues.access.roles import Reader
from issues.access.visibility import provisions_for, visible_provisions
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.errors import InvalidValue, OperationRefused, ProposalRevised, UnknownRevision
from issues.actions.proposals.entries import Entry, Placement
from issues.actions.proposals.record import open_record
from issues.actions.proposals.state import base_of
from issues.actions.text_checks import require_length, require_words
from issues.models import Proposal, ProposalStep, Provision
from issues.models.choices import ProposalAct, ProposalState, Stance
from issues.models.confirmations import Standing
from issues.sync.publishing import publishing
from issues.text.member_names import load_register
from issues.text.stored import stored_tree
from issues.wording import listed, refusal_reason
from members.models import Grouping, Member
from members.plain_text import sanitize


@publishing()
def merge_into(
    proposal: Proposal,
    provision: Provision,
    placement: Placement,
    entry: Entry,
    *,
    base: int,
    text_base: int | None = None,
) -> ProposalStep:
    """Merge wording from the proposal into the text of revision `base` of `provision`, and return the step.

    `text_base` is the number of the step that recorded the proposal text read by the actor. The new revision and the
    variants that it opens refer to the proposal. Raise ProposalClosed, ProposalRevised, permissions.Refused, or any
    error that `place_words` or `changes.log` raises.
    """
    content = (provision.slug, base, _stored_form(placement))
    read = () if text_base is None else (text_base,)
    record = open_record(proposal, entry, ProposalAct.MERGED, *content, further=read, base=base)
    if record.recorded is not None:
        return record.recorded
    record.require_open(ProposalState.MERGED)
    provision = visible_provisions(record.reader).get(pk=provision.pk)
    _require_target(record.reader, record.proposal, provision)
    require_merging(record.reader, record.proposal, provision, entry.on_behalf_of)
    require_read(record.proposal, text_base)
    day = record.day()
    change = TextChange(
        provision,
        base_revision=base,
        edit=place_words(record.proposal, provision, placement, entry.on_behalf_of, base=base),
        on_behalf_of=entry.on_behalf_of,
        made_on=day,
        reason=entry.note,
        proposal=record.proposal,
    )
    revision = changes.log(change, actor=entry.actor, tabled=tabled(record.proposal))
    note = _note_with_names(entry, [] if placement.whole else record.proposal.standing.names)
    record.keep_first_text(day)
    record.change(state=ProposalState.MERGED)
    return record.add(ProposalAct.MERGED, entry.on_behalf_of, revision=revision, note=note, idempotency_key=record.mark)


def _require_target(reader: Reader, proposal: Proposal, provision: Provision) -> None:
    """Raise Refused unless `provision` has a text and belongs to an issue of `proposal`, if the proposal names any."""
    if not provisions_for(reader, proposal).filter(pk=provision.pk).exists():
        raise Refused(_("The proposal can be merged only into a provision under one of the issues that it concerns."))
    if not provision.revisions.exists():
        raise Refused(_("This provision has no text yet, so no proposal can be merged into it."))


def _stored_form(placement: Placement) -> str:
    """Return a placement in the form used in idempotency marks. This form contains the former name of the class."""
    return f"Placing(words={placement.words!r}, beside={placement.beside!r}, whole={placement.whole!r})"


def require_read(proposal: Proposal, text_base: int | None) -> None:
    """Raise ProposalRevised if the current text of the proposal is not that of step `text_base`."""
    current = base_of(proposal)
    if text_base is not None and text_base != current:
        message = _(
            "The proposal was revised in step %(base)s after you opened it. Its text has changed, and its "
            "proponents may have changed too. Review the proposal again."
        )
        raise ProposalRevised(current, message % {"base": current})


def _note_with_names(entry: Entry, names: Sequence[Member | Grouping]) -> str:
    """Return the note of a step.

    If no member acts, the note begins with the names in which the wording is placed.
    """
    prefix = f"In the name of {listed([name.name for name in names])}." if names and not entry.on_behalf_of else ""
    return " ".join(part for part in (prefix, entry.note.strip()) if part)


def place_words(
    proposal: Proposal, provision: Provision, placement: Placement, member: Member | None, *, base: int
) -> str:
    """Return the text of revision `base` with the wording of `placement` inserted.

    The wording is placed in the name of `member`. If `member` is None, the wording is placed in the names of all
    proponents that have confirmed the current text of the proposal, and it must be taken from that text. If
    `placement.whole` is given, it is returned instead. Raise OperationRefused, WordsRefused, TextRefused, InvalidValue,
    or UnknownRevision if revision `base` does not exist.
    """
    revision = provision.revisions.filter(number=base).first()
    if revision is None:
        raise UnknownRevision(provision.revisions.latest("number"), base)
    if placement.whole:
        require_length(placement.whole)
        return placement.whole
    require_words(placement.words)
    standing = proposal.standing
    if not member:
        _require_supporter(standing)
    codes = [member.code] if member else standing.codes
    try:
        text = _place_in_bracket(stored_tree(revision, load_register()), placement, codes)
    except EditRefused as refused:
        raise OperationRefused(refusal_reason(refused), refused.place) from refused
    if not member:
        _require_words_of_text(proposal, standing, placement.words)
    return text


def _place_in_bracket(tree: Tree, placement: Placement, codes: list[str]) -> str:
    """Return the text with the wording in a single bracket, proposed by all members in `codes`."""
    words, text = placement.words.strip(), tree.text.rstrip("\r\n")
    if placement.beside is not None:
        edit = propose_alternative(tree, placement.beside, words, codes[0])
    else:
        # Insert a blank line if the text separates its paragraphs with blank lines.
        extended = text + ("\n\n" if "\n\n" in tree.text else "\n")
        edit = propose(parse(extended, tree.register), len(extended), words, codes[0])
    at = edit.changes[0].start + edit.changes[0].added.index("[")
    for code in codes[1:]:
        edit = take_position(edit.tree, at, code, Stance.PROPOSE)
    return edit.text.rstrip("\r\n") + tree.text[len(text) :]


def _require_supporter(standing: Standing) -> None:
    """Raise InvalidValue unless the current text has a supporter that can be named at the head of a bracket."""
    if standing.codes:
        return
    if not standing.others:
        message = _("No proponent of this proposal is on record. Type the complete new text instead.")
        raise InvalidValue("words", message)
    raise InvalidValue(
        "words",
        _(
            "Nobody has confirmed the current text of this proposal, so it cannot be attributed to "
            "anyone. Ask %(others)s to confirm it, or type the complete new text instead."
        )
        % {"others": listed([member.local_name for member in standing.others])},
    )


def _require_words_of_text(proposal: Proposal, standing: Standing, words: str) -> None:
    """Raise InvalidValue unless the text of the proposal contains `words`. Line breaks are disregarded."""
    if not proposal.text:
        raise InvalidValue(
            "words",
            _(
                "The text of this proposal is not on record, so these words cannot be attributed to "
                "anyone. Revise the proposal to put its text on record, or type the complete new text "
                "instead."
            ),
        )
    if " ".join(words.split()) in " ".join(sanitize(proposal.text).split()):
        return
    raise InvalidValue(
        "words",
        _(
            "These words differ from the text that %(names)s confirmed, so they cannot be attributed to its "
            "supporters. Use words exactly as they appear in that text. A proponent can enter other words in its "
            "own name."
        )
        % {"names": listed([name.local_name for name in standing.names])},
    )


def left_out(proposal: Proposal) -> list[str]:
    """Return sentences about the proponents that a merge in the names of all supporters would not name.

    Each sentence states why the proponents would not be named.
    """
    standing = proposal.standing
    return [
        *(
            _("%(name)s has not confirmed the current text and will not be named.") % {"name": member.local_name}
            for member in standing.members_asked
        ),
        *(
            _(
                "%(name)s will not be named: the source names it as a proponent of an earlier text, not of the "
                "current one."
            )
            % {"name": grouping.local_name}
            for grouping in standing.groupings_without
        ),
        *(
            _("%(name)s cannot be named at the head of a bracket.") % {"name": grouping.local_name}
            for grouping in standing.groupings
            if not grouping.speaks
        ),
    ]


def tabled(proposal: Proposal) -> Tabled:
    """Return the text and the supporters of a proposal. A change that merges this text may contain their wording."""
    return Tabled(sanitize(proposal.text), frozenset(proposal.standing.codes))
