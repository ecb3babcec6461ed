"""Admin of the negotiation, one file per subject."""

from issues.admin import digests, index, negotiation, outline, record, small_groups, staging, text

__all__ = ["digests", "index", "negotiation", "outline", "record", "small_groups", "staging", "text"]
