"""The forms of the pages, with one module for each subject."""

from issues.forms.activity import ActivityForm
from issues.forms.changes import ChangeForm
from issues.forms.digests import DigestForm
from issues.forms.imports import ImportForm
from issues.forms.proposals import AnswerForm, EntryForm, InviteForm, MergeForm, ReviseForm, TableForm
from issues.forms.search import SearchForm
from issues.forms.status_reports import StatementForm
from issues.forms.webhooks import WebhookForm

__all__ = [
    "ActivityForm",
    "AnswerForm",
    "ChangeForm",
    "DigestForm",
    "EntryForm",
    "ImportForm",
    "InviteForm",
    "MergeForm",
    "ReviseForm",
    "SearchForm",
    "StatementForm",
    "TableForm",
    "WebhookForm",
]
