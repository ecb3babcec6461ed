"""Forms of the pages. One file per subject; import from here."""

from issues.forms.changes import ChangeForm
from issues.forms.proposals import EntryForm, InviteForm, MergeForm, ReviseForm, TableForm

__all__ = ["ChangeForm", "EntryForm", "InviteForm", "MergeForm", "ReviseForm", "TableForm"]
