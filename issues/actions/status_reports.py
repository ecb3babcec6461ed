"""What people state of a small group: one way in, for the page and the admin. Nothing here is computed.

A statement stays on record; a mistaken one is corrected by another that names it, and never held.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from issues.access.permissions import Refused, may_state
from issues.access.roles import Reader, reader_of
from issues.access.visibility import current_revisions
from issues.actions.idempotency import Intent, recorded_before
from issues.models import Provision, Revision, SmallGroup, StatusReport
from issues.models.choices import WITHOUT_BRACKETS, Status
from issues.sync.publishing import publish, publishing

# What a statement says.
STATED = ("status", "stated_on", "stated_by", "source", "until", "note")


@publishing()
def state(
    *,
    small_group: SmallGroup,
    status: str,
    stated_on: datetime.date,
    stated_by: str,
    source: str,
    actor: AbstractBaseUser,
    until: str = "",
    note: str = "",
    corrects: StatusReport | None = None,
    idempotency_key: str = "",
) -> StatusReport:
    """Put on record what was stated; the same statement sent twice by the same person is recorded once.

    `corrects` is a mistaken statement of the same group, in whose place this one stands.

    Raises access.Refused for who may not, ValidationError by field for what cannot be meant.
    """
    content = [status, stated_on.isoformat(), stated_by, source, until, note, corrects.pk if corrects else None]
    mark, before = recorded_before(idempotency_key, Intent(StatusReport, actor, "state", small_group, content=content))
    if not may_state(reader_of(actor), small_group):
        raise Refused(_("Only the facilitator of the small group or the secretariat can state a status."))
    check(status=status, stated_on=stated_on, until=until)
    SmallGroup.objects.select_for_update().get(pk=small_group.pk)
    said = {"status": status, "stated_on": stated_on, "stated_by": stated_by, "source": source}
    said |= {"until": until, "note": note}
    if before is not None:
        return small_group.status_reports.get(pk=before)
    last = small_group.status_reports.order_by("-pk").first()
    mine = last is not None and last.recorded_by_id == actor.pk and last.corrects == corrects
    if last is not None and mine and all(getattr(last, name) == said[name] for name in said):
        return last
    if corrects is not None:
        check_correction(small_group, corrects, said)
    report = StatusReport(
        small_group=small_group, recorded_by_id=actor.pk, corrects=corrects, idempotency_key=mark, **said
    )
    report.full_clean(exclude=["small_group", "recorded_by", "corrects"])
    report.seal(last)
    report.save(force_insert=True)
    publish(report)
    return report


def check(*, status: str, stated_on: datetime.date, until: str) -> None:
    """Raise ValidationError, by field, for what cannot be meant."""
    wrong = {}
    if stated_on > timezone.localdate():
        # It would be the newest report until then, and nobody could take it back.
        wrong["stated_on"] = _("This day is in the future: enter the day on which the status was stated.")
    if status == Status.PARKED and not until:
        wrong["until"] = _("Enter the date or event until which it is parked.")
    if wrong:
        raise ValidationError(wrong)


def check_correction(small_group: SmallGroup, mistake: StatusReport, said: Mapping[str, Any]) -> None:
    """Raise ValidationError unless `mistake` is a statement of the group that stands, and says something else."""
    if mistake.small_group_id != small_group.pk:
        raise ValidationError({"corrects": _("This statement concerns another small group.")})
    if mistake.corrected_by.exists():
        raise ValidationError(
            {"corrects": _("This entry has already been corrected: correct the entry that replaced it.")}
        )
    if all(getattr(mistake, name) == said[name] for name in STATED):
        raise ValidationError({"corrects": _("This repeats the entry that it corrects: change what was wrong.")})


def brackets_against(reader: Reader, small_group: SmallGroup, status: str) -> list[Revision]:
    """Return the texts whose open brackets contradict `status`, most brackets first; none where it allows them."""
    if status not in WITHOUT_BRACKETS:
        return []
    texts = current_revisions(reader).filter(
        provision__in=Provision.objects.of_group(small_group), measure__open_brackets__gt=0
    )
    return list(texts.select_related("measure", "provision").order_by("-measure__open_brackets"))
