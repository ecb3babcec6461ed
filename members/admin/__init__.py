"""The admin of members, groupings and people."""

from members.admin import members, people

__all__ = ["members", "people"]
