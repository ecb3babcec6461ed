"""Actions on proposals, from tabling to withdrawal or merging into the text.

Each action runs in one transaction and adds one or more steps. Every action on an existing proposal locks its row. The
state, text and proponents of a proposal follow from its steps, as do the supporters of each version of its text
(`issues.models.confirmations`). The rules on permitted actions are in `issues.access.permissions`. A retry with the
same idempotency key returns the result of the first call.

The module `tabling` creates proposals, `revision` revises their texts, `sponsorship` adds and removes proponents, and
`merging` merges wording into provisions. The module `state` derives the state from the steps.
"""

from issues.actions.proposals.entries import Draft, Entry, Placement
from issues.actions.proposals.merging import left_out, merge_into, place_words, require_read, tabled
from issues.actions.proposals.revision import preview_revision, revise
from issues.actions.proposals.sponsorship import invite, leave, respond, withdraw
from issues.actions.proposals.state import base_of, invitations, is_open
from issues.actions.proposals.tabling import preview_tabling, table

__all__ = [
    "Draft",
    "Entry",
    "Placement",
    "base_of",
    "invitations",
    "invite",
    "is_open",
    "leave",
    "left_out",
    "merge_into",
    "place_words",
    "preview_revision",
    "preview_tabling",
    "require_read",
    "respond",
    "revise",
    "table",
    "tabled",
    "withdraw",
]
