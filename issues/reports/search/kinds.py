"""All kinds that a search finds, in the order in which they are listed."""

from issues.reports.search.base import Kind
from issues.reports.search.names import GroupingKind, MemberKind
from issues.reports.search.outline import DefinitionKind, IssueKind, LensKind, SmallGroupKind, SubIssueKind
from issues.reports.search.record import DocumentKind, MeetingKind, ProposalKind, ReportedPositionKind
from issues.reports.search.texts import ProvisionKind, VariantKind
from issues.reports.search.values import ResultKind

KINDS: dict[ResultKind, Kind] = {
    kind.name: kind
    for kind in (
        IssueKind(),
        SubIssueKind(),
        ProvisionKind(),
        VariantKind(),
        ProposalKind(),
        ReportedPositionKind(),
        DocumentKind(),
        MeetingKind(),
        MemberKind(),
        GroupingKind(),
        SmallGroupKind(),
        LensKind(),
        DefinitionKind(),
    )
}
