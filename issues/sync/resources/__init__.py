"""Resources: the kinds of items that programs may copy through the change feed, the bulk download and webhooks.

Each resource is declared as a class, which defines the key, the data, the readers and the page of its items. Items
refer to one another by code or slug. Data computed from the texts (variants, positions and figures) are not part of the
feed, because they follow from the revisions.
"""

import hashlib
import json
from typing import Any

from django.db.models import Model, QuerySet

from issues.access.roles import Reader
from issues.models import ChangeRequest, Lens, Negotiation, Proposal, ProposalStep, Provision, Revision
from issues.sync.resources.base import Data, Resource
from issues.sync.resources.members import (
    GroupingResource,
    MemberResource,
    ParticipationResource,
    ReportedPositionResource,
)
from issues.sync.resources.outline import (
    DocumentResource,
    ExpectationResource,
    IssueResource,
    LensResource,
    MeetingResource,
    NegotiationResource,
    SectionResource,
    SmallGroupResource,
    StatusReportResource,
    SubIssueResource,
    TimelineResource,
)
from issues.sync.resources.text import (
    ProposalResource,
    ProposalStepResource,
    ProvisionResource,
    RequestResource,
    RevisionResource,
)
from members.models import Grouping, Member

_CLASSES: tuple[type[Resource[Any]], ...] = (
    NegotiationResource,
    LensResource,
    SectionResource,
    IssueResource,
    SubIssueResource,
    MemberResource,
    GroupingResource,
    ParticipationResource,
    SmallGroupResource,
    TimelineResource,
    DocumentResource,
    MeetingResource,
    ExpectationResource,
    ReportedPositionResource,
    StatusReportResource,
    ProvisionResource,
    RevisionResource,
    ProposalResource,
    ProposalStepResource,
    RequestResource,
)
# The order is that of the bulk download. An item comes after the items of other resources to which it refers.
RESOURCES: dict[str, Resource[Any]] = {resource.name: resource() for resource in _CLASSES}
BY_MODEL: dict[type[Model], Resource[Any]] = {resource.model: resource for resource in RESOURCES.values()}
# The resources that form the subject of the negotiation. The other resources are facts, which the secretariat
# maintains.
NEGOTIATED = (Provision, Revision, Proposal, ProposalStep, ChangeRequest)
# Models shared by all negotiations. Changes to their rows are published in the feed of each negotiation.
SHARED = (Lens, Member, Grouping)


def resource_of(item: Model) -> Resource[Any] | None:
    """Return the resource of a row, or None if programs cannot copy rows of its model."""
    return BY_MODEL.get(type(item))


def fetched(resource: Resource[Any], reader: Reader, negotiation: Negotiation) -> "QuerySet[Any]":
    """Return the items of a resource that `reader` may read.

    The related rows that their data need are also loaded.
    """
    return resource.with_related(resource.visible(reader, negotiation), reader)


def digest_of(key: str, data: Data) -> str:
    """Return a SHA-256 digest of an item's key and data."""
    content = json.dumps([key, data], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def negotiation_of_item(item: Any) -> int | None:
    """Return the primary key of an item's negotiation, or None if all negotiations share the item."""
    if isinstance(item, SHARED):
        return None
    if isinstance(item, Negotiation):
        return item.pk
    for owner in ("negotiation_id", "provision", "proposal", "small_group"):
        if (value := getattr(item, owner, None)) is not None:
            return value if isinstance(value, int) else value.negotiation_id
    raise TypeError(f"{item!r} does not belong to a negotiation")
