"""The charts through time of what is measured, drawn from figures that a page has already."""

import datetime
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from issues.models import Negotiation, StatusReport
from issues.reports.convergence import Standing
from issues.web.time_charts import Mark, steps

Plot = tuple[str, SafeString]  # its title, and the drawing
# Of the whole text: alternatives and opposition of different articles add up to nothing that one would follow.
OF_THE_WHOLE = ("clean-share", "open-brackets")


def last_day(negotiation: Negotiation, day: datetime.date | None) -> datetime.date:
    """Return the day with which charts end: the one asked for, that of the last fact on record, or today."""
    return day or negotiation.stands_on or timezone.localdate()


def through_time(measured: Standing, until: datetime.date, marks: Sequence[Mark] = ()) -> dict[str, Plot]:
    """Return each chart, with its title, by the name that it has in addresses."""

    def drawn(title: str, values: Iterable[float], share: bool = False) -> Plot:
        series = list(zip((point.day for point in measured.trend), values, strict=True))
        return title, steps(title, series, until, share=share, marks=marks)

    figures = [point.figures for point in measured.trend]
    return {
        "clean-share": drawn(_("Clean share"), (one.clean_share or 0 for one in figures), share=True),
        "open-brackets": drawn(_("Open brackets"), (one.open_brackets for one in figures)),
        "alternatives": drawn(_("Alternatives"), (one.alternatives for one in figures)),
        "members-opposing": drawn(_("Members opposing"), (len(one.opposing) for one in figures)),
    }


def marks_of(reports: Iterable[StatusReport]) -> list[Mark]:
    """Return a mark for each status that was stated."""
    return [Mark(one.stated_on, f"{one.stated_on}: {one.label}") for one in reports]
