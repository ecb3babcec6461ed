"""The questions that are asked once before an operation is recorded.

One question is whether positions of other members may end. The other is whether the operation corrects an earlier entry
by the reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.access.roles import Reader
from issues.actions.change_previews import preview_change
from issues.actions.edits import TextChange
from issues.models import Provision, Revision
from issues.models.choices import Act
from issues.text.ended_positions import EndedPositions, mark_of
from issues.text.member_names import names_by_code
from issues.text.operations import RESTRUCTURING, Operation
from issues.web.query_params import number
from issues.wording import listed
from members.models import Member

ALL_THE_SAME: dict[str, str | Promise] = {
    Act.LIFT: _("Lift it anyway"),
    Act.DROP: _("Drop it anyway"),
    Act.CHOOSE: _("Choose it anyway"),
    Act.MERGE: _("Merge them anyway"),
}
RECORD_IT = _("Record it anyway")


@dataclass(frozen=True)
class Question:
    """A question about positions that would end, or about an earlier entry by the reader that would be corrected.

    `mark` identifies the positions that would end. If a confirmation has another mark, the question is asked again,
    because different positions would now end. `mistake` is an entry that the reader made on the same day.
    """

    ends: Sequence[EndedPositions] = ()
    mark: str = ""
    mistake: Revision | None = None
    label: str | Promise = RECORD_IT

    @property
    def who(self) -> str:
        """The names of the members and groupings whose positions would end."""
        names = names_by_code()
        codes = {code: None for positions in self.ends for _stance, code in positions.claims}
        return listed([names.get(code, code) for code in codes]) if codes else ""

    @property
    def go_over(self) -> bool:
        """Whether all the positions move to the merged wording."""
        return all(positions.go_over for positions in self.ends)


def about_positions(
    ends: Sequence[EndedPositions], confirmed: str, label: str | Promise = RECORD_IT
) -> Question | None:
    """Return the question to ask before positions end, or None if `confirmed` identifies exactly these positions."""
    mark = mark_of(ends) if ends else ""
    return Question(ends, mark, label=label) if ends and confirmed != mark else None


def about_operation(
    provision: Provision, operation: Operation, member: Member | None, reader: Reader, sent: Mapping[str, str]
) -> Question | None:
    """Return the question to ask before `operation` is recorded on the submitted revision, or None.

    No question is asked about an operation that cannot be recorded. Raise the same exceptions as `changes.log`.
    """
    check = preview_change(
        TextChange(provision, base_revision=number(sent, "revision"), edit=operation, on_behalf_of=member), actor=reader
    )
    if not check.can_be_logged:
        return None
    ends = check.ends if operation.act in RESTRUCTURING else ()
    question = about_positions(ends, sent.get("confirmed", ""), ALL_THE_SAME.get(operation.act, RECORD_IT))
    mistake = check.takes_back if "corrects" not in sent else None
    if mistake is None:
        return question
    return Question(ends, mark_of(ends) if ends else "", mistake)
