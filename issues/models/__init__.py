"""The models of a negotiation, one module per subject. Import them from this package."""

from issues.models.changes import Change, ChangeCounter
from issues.models.digests import Digest
from issues.models.index import Measure, Position, Variant
from issues.models.negotiation import Negotiation, Participation
from issues.models.outline import Issue, Lens, Section, SubIssue
from issues.models.proposals import Proposal, ProposalStep
from issues.models.record import Document, Meeting
from issues.models.reported_positions import ReportedPosition
from issues.models.requests import ChangeRequest
from issues.models.small_groups import Facilitator, SmallGroup, StatusReport
from issues.models.staging import ImportedFile, StagedImport, StagedProvision
from issues.models.text import LensMark, Provision, Revision
from issues.models.timelines import Expectation, Timeline
from issues.models.webhooks import Delivery, Webhook

__all__ = [
    "Change",
    "ChangeCounter",
    "ChangeRequest",
    "Delivery",
    "Digest",
    "Document",
    "Expectation",
    "Facilitator",
    "ImportedFile",
    "Issue",
    "Lens",
    "LensMark",
    "Measure",
    "Meeting",
    "Negotiation",
    "Participation",
    "Position",
    "Proposal",
    "ProposalStep",
    "Provision",
    "ReportedPosition",
    "Revision",
    "Section",
    "SmallGroup",
    "StagedImport",
    "StagedProvision",
    "StatusReport",
    "SubIssue",
    "Timeline",
    "Variant",
    "Webhook",
]
