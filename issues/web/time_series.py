"""Draw charts over time of measured figures that a page has already loaded."""

import datetime
from collections.abc import Iterable, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from issues.models import StatusReport
from issues.reports.convergence import Standing
from issues.web.time_charts import Mark, steps

Plot = tuple[str, SafeString]  # title and drawing
# Charts for the whole text. The numbers of alternatives and of oppositions are not charted, because their sums over
# different articles are not useful.
OF_THE_WHOLE = ("clean-share", "open-brackets")


def through_time(measured: Standing, until: datetime.date, marks: Sequence[Mark] = ()) -> dict[str, Plot]:
    """Return the charts and their titles, by the names used in URLs."""

    def drawn(title: str, values: Iterable[float | None], share: bool = False) -> Plot:
        series = list(zip((point.day for point in measured.trend), values, strict=True))
        return title, steps(title, series, until, share=share, marks=marks, demonstration=measured.demonstration)

    figures = [point.figures for point in measured.trend]
    return {
        "clean-share": drawn(_("Clean share"), (figure.clean_share for figure in figures), share=True),
        "open-brackets": drawn(_("Open brackets"), (figure.open_brackets for figure in figures)),
        "alternatives": drawn(_("Alternatives"), (figure.alternatives for figure in figures)),
        "members-opposing": drawn(_("Members opposing"), (len(figure.opposing) for figure in figures)),
    }


def marks_of(reports: Iterable[StatusReport]) -> list[Mark]:
    """Return a mark for each stated status."""
    return [Mark(report.stated_on, f"{_date_of(report)}{_(':')} {report.label}") for report in reports]


def _date_of(report: StatusReport) -> str:
    return report.stated_on_text if report.stated_on_precision else str(report.stated_on)
