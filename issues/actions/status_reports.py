"""Status reports, in which a facilitator or the secretariat states the status of a small group.

The page, the API and the admin all use `state` to record reports. A report is never changed. A mistaken report is
corrected by a later report that refers to it. The mistaken report is then treated as if it had never been in force.
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
from issues.actions.clock import advance_to, ended_before
from issues.actions.idempotency import Intent, recorded_before
from issues.models import Provision, Revision, SmallGroup, StatusReport
from issues.models.choices import WITHOUT_BRACKETS, Status
from issues.sync.publishing import publish, publishing
from members.dates import last_possible_day
from members.demonstration import is_demo_user

# A correction must change at least one of these fields.
STATED = ("status", "stated_on", "stated_on_precision", "stated_by", "source", "until", "note")


@publishing()
def state(
    *,
    small_group: SmallGroup,
    status: str,
    stated_on: datetime.date,
    stated_by: str,
    source: str,
    actor: AbstractBaseUser,
    stated_on_precision: str = "",
    until: str = "",
    note: str = "",
    corrects: StatusReport | None = None,
    idempotency_key: str = "",
) -> StatusReport:
    """Record a status report, and return it.

    `stated_on_precision` is “month”, “year” or empty for a day. If a person submits the last report again without
    changes, that report is returned. `corrects` is the mistaken report of the same group that the new report replaces.
    Raise permissions.Refused, or ValidationError with messages by field for an invalid report.
    """
    stated_on = counted_from(stated_on, stated_on_precision)
    content = [status, stated_on.isoformat(), stated_by, source, until, note, corrects.pk if corrects else None]
    if stated_on_precision:  # without it, a repeated request of an earlier release still has the same content
        content.append(stated_on_precision)
    mark, before = recorded_before(idempotency_key, Intent(StatusReport, actor, "state", small_group, content=content))
    if not may_state(reader_of(actor), small_group):
        raise Refused(_("Only the facilitator of the small group or the secretariat can state a status."))
    validate(status=status, stated_on=stated_on, until=until)
    if is_demo_user(actor) and (refusal := ended_before(small_group.negotiation, stated_on)):
        raise ValidationError({"stated_on": refusal})
    SmallGroup.objects.select_for_update().get(pk=small_group.pk)
    values = {"status": status, "stated_on": stated_on, "stated_by": stated_by, "source": source}
    values |= {"until": until, "note": note, "stated_on_precision": stated_on_precision}
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
    advance_to(small_group.negotiation, stated_on)
    publish(report)
    return report


def counted_from(stated_on: datetime.date, precision: str) -> datetime.date:
    """Return the date from which a status counts, which is `stated_on` unless its precision is “month” or “year”.

    A partial date counts from its last possible day, or from today if that day is in the future.
    """
    today = timezone.localdate()
    return stated_on if stated_on > today else min(last_possible_day(stated_on, precision), today)


def validate(*, status: str, stated_on: datetime.date, until: str) -> None:
    """Raise ValidationError for a future date, or for the status “parked” without a date or event.

    The error contains messages for each field.
    """
    errors = {}
    if stated_on > timezone.localdate():
        # A report with a future date would remain the newest until that date and could not be withdrawn.
        errors["stated_on"] = _("This date is in the future. Enter the date on which the status was stated.")
    if status == Status.PARKED and not until:
        errors["until"] = _("Enter the date or event until which work is parked.")
    if errors:
        raise ValidationError(errors)


def validate_correction(small_group: SmallGroup, mistake: StatusReport, values: Mapping[str, Any]) -> None:
    """Raise ValidationError unless `mistake` is an uncorrected report of the group and differs from `values`."""
    if mistake.small_group_id != small_group.pk:
        raise ValidationError({"corrects": _("This statement concerns another small group.")})
    if mistake.corrected_by.exists():
        raise ValidationError(
            {"corrects": _("This entry has already been corrected. Correct the entry that replaced it.")}
        )
    if all(getattr(mistake, name) == values[name] for name in STATED):
        raise ValidationError(
            {
                "corrects": _(
                    "This correction is identical to the entry that it corrects. Change the value that was wrong."
                )
            }
        )


def brackets_against(reader: Reader, small_group: SmallGroup, status: str) -> list[Revision]:
    """Return the current revisions whose open brackets contradict `status`.

    The revisions with the most brackets come first. The list is empty if the status permits open brackets.
    """
    if status not in WITHOUT_BRACKETS:
        return []
    texts = current_revisions(reader).filter(
        provision__in=Provision.objects.of_group(small_group), measure__open_brackets__gt=0
    )
    return list(texts.select_related("measure", "provision").order_by("-measure__open_brackets"))
