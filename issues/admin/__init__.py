"""Admin of negotiations, with one module per subject."""

from issues.admin import (
    changes,
    digests,
    index,
    negotiation,
    outline,
    publishing,
    record,
    small_groups,
    staging,
    text,
    webhooks,
)

__all__ = [
    "changes",
    "digests",
    "index",
    "negotiation",
    "outline",
    "publishing",
    "record",
    "small_groups",
    "staging",
    "text",
    "webhooks",
]
