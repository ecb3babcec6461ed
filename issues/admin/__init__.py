"""Admin of the negotiation, one file per subject."""

from issues.admin import index, negotiation, outline, record, small_groups, text

__all__ = ["index", "negotiation", "outline", "record", "small_groups", "text"]
