"""Status reports: the status of a small group as its facilitator or the secretariat states it.

The page, the API and the admin all record reports with `state`. A report is never changed. A mistaken report is
corrected by another report that names it and is then treated as if it had never been in force.
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

# The fields of which a correction must change at least one.
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
    """Record a status report and return it. A report repeated by the same person is recorded only once.

    `corrects` is the mistaken report of the same group that this one replaces. Raises permissions.Refused, or
    ValidationError by field for an invalid report.
    """
    content = [status, stated_on.isoformat(), stated_by, source, until, note, corrects.pk if corrects else None]
    mark, before = recorded_before(idempotency_key, Intent(StatusReport, actor, "state", small_group, content=content))
    if not may_state(reader_of(actor), small_group):
        raise Refused(_("Only the facilitator of the small group or the secretariat can state a status."))
    validate(status=status, stated_on=stated_on, until=until)
    SmallGroup.objects.select_for_update().get(pk=small_group.pk)
    values = {"status": status, "stated_on": stated_on, "stated_by": stated_by, "source": source}
    values |= {"until": until, "note": note}
    if before is not None:
        return small_group.status_reports.get(pk=before)
    last = small_group.status_reports.order_by("-pk").first()
    own = last is not None and last.recorded_by_id == actor.pk and last.corrects == corrects
    if last is not None and own and all(getattr(last, name) == values[name] for name in values):
        return last
    if corrects is not None:
        validate_correction(small_group, corrects, values)
    report = StatusReport(
        small_group=small_group, recorded_by_id=actor.pk, corrects=corrects, idempotency_key=mark, **values
    )
    report.full_clean(exclude=["small_group", "recorded_by", "corrects"])
    report.seal(last)
    report.save(force_insert=True)
    publish(report)
    return report


def validate(*, status: str, stated_on: datetime.date, until: str) -> None:
    """Raise ValidationError, by field, for a report with a future date or with "parked" but no date or event."""
    errors = {}
    if stated_on > timezone.localdate():
        # Such a report would remain the newest until that date and could not be withdrawn.
        errors["stated_on"] = _("This day is in the future: enter the day on which the status was stated.")
    if status == Status.PARKED and not until:
        errors["until"] = _("Enter the date or event until which it is parked.")
    if errors:
        raise ValidationError(errors)


def validate_correction(small_group: SmallGroup, mistake: StatusReport, values: Mapping[str, Any]) -> None:
    """Raise ValidationError unless `mistake` is an uncorrected report of the group that differs from `values`."""
    if mistake.small_group_id != small_group.pk:
        raise ValidationError({"corrects": _("This statement concerns another small group.")})
    if mistake.corrected_by.exists():
        raise ValidationError(
            {"corrects": _("This entry has already been corrected: correct the entry that replaced it.")}
        )
    if all(getattr(mistake, name) == values[name] for name in STATED):
        raise ValidationError({"corrects": _("This repeats the entry that it corrects: change what was wrong.")})


def brackets_against(reader: Reader, small_group: SmallGroup, status: str) -> list[Revision]:
    """Return the texts whose open brackets contradict `status`, most brackets first; empty if it allows brackets."""
    if status not in WITHOUT_BRACKETS:
        return []
    texts = current_revisions(reader).filter(
        provision__in=Provision.objects.of_group(small_group), measure__open_brackets__gt=0
    )
    return list(texts.select_related("measure", "provision").order_by("-measure__open_brackets"))
