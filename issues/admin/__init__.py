"""Admin of the negotiation, one file per subject."""

from issues.admin import negotiation, outline, record, small_groups, text

__all__ = ["negotiation", "outline", "record", "small_groups", "text"]
