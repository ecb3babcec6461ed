"""The history of a provision: each revision with its changes to the previous one."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from bracketed_text import Measures
from issues.models import Revision
from issues.reports.convergence import figures_of
from issues.text.changed_brackets import ChangedBracket, changed_brackets
from issues.text.entries import acting_in, compared
from issues.text.stored import stored_tree
from issues.web.provision_cards import Names
from issues.wording import sentences

REVISIONS_A_PAGE = 20


def revision_url(slug: str, number: int, newest: int, day: datetime.date | None = None) -> str:
    """Return the URL of a revision in the paginated history as of `day`, which starts with the revision `newest`."""
    page = (newest - number) // REVISIONS_A_PAGE + 1
    as_of = f"as_of={day}&" if day else ""
    return f"{reverse('history', args=[slug])}?{as_of}page={page}#revision-{number}"


@dataclass(frozen=True)
class Entry:
    """A revision with its figures and with sentences that describe its changes."""

    revision: Revision
    sentences: list[str]
    figures: Measures
    brackets: Sequence[ChangedBracket] = ()


def entry(revision: Revision, previous: Revision | None, names: Names) -> Entry:
    """Return the entry for `revision`, with a sentence for each change to the `previous` revision."""
    changes: list[str] = []
    brackets: list[ChangedBracket] = []
    if previous is not None:
        old, new = stored_tree(previous, names.register), stored_tree(revision, names.register)
        difference = compared(previous, revision, old, new)
        changes = sentences(old, new, difference, names.of, acting_in(revision))
        previous.provision = revision.provision
        brackets = changed_brackets((previous, revision), (old, new), difference)
    return Entry(revision, changes, figures_of(revision.measure), brackets)


def entries(revisions: Sequence[Revision], names: Names) -> list[Entry]:
    """Return the entry for each revision, with a single query for all the preceding texts."""
    previous = {
        (revision.provision_id, revision.number): revision
        for revision in Revision.objects.filter(
            provision__in={revision.provision_id for revision in revisions},
            number__in={revision.follows_number for revision in revisions},
        )
    }
    return [
        entry(revision, previous.get((revision.provision_id, revision.follows_number)), names) for revision in revisions
    ]
