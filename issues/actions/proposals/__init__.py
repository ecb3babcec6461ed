"""Proposals: from tabling to withdrawal or merging into the text.

Each action runs in one transaction, locks the proposal's row, and adds one or more steps. The state, text and
proponents of the proposal follow from its steps, as do the supporters of each of its texts
(`issues.models.confirmations`). `issues.access.permissions` decides who may do what. A retry with the same idempotency
key returns the result of the first call.

A proposal is tabled (`tabling`), its text is revised (`revision`), members join and leave (`sponsorship`), and its
words are merged into provisions (`merging`). `state` derives the state from the steps.
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
