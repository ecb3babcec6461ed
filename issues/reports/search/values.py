"""The values that pass through a search: its input, the matches and the hits."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from issues.access.roles import Reader
from issues.models import Negotiation
from issues.models.page_links import PageLink
from issues.text.search import MarkedText, SearchTerms


class ResultKind(models.TextChoices):
    """The kinds of results, in the order in which they are listed."""

    ISSUE = "issue", _("Issues")
    SUB_ISSUE = "sub-issue", _("Sub-issues")
    PROVISION = "provision", _("Provisions")
    VARIANT = "variant", _("Brackets")
    PROPOSAL = "proposal", _("Proposals")
    REPORTED_POSITION = "reported-position", _("Reported positions")
    DOCUMENT = "document", _("Documents")
    MEETING = "meeting", _("Meetings")
    MEMBER = "member", _("Members")
    GROUPING = "grouping", _("Groupings")
    SMALL_GROUP = "small-group", _("Small groups")
    LENS = "lens", _("Lenses")
    DEFINITION = "definition", _("Definitions")


class Match(IntEnum):
    """How a row matches, in order of relevance."""

    EXACT = 0
    TITLE = 1
    TEXT = 2


@dataclass(frozen=True)
class Holders:
    """The primary keys of the members and groupings that have a term in one of their names."""

    members: frozenset[int] = frozenset()
    groupings: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SearchInput:
    """A search by `reader` in a negotiation, as of `day` (now by default).

    `text` is the query as typed, and `terms` are its terms. With `similar`, words with similar spellings
    match as well. `holders` are the members and groupings named by each term.
    """

    reader: Reader
    negotiation: Negotiation
    text: str
    terms: SearchTerms
    day: datetime.date | None = None
    similar: bool = False
    holders: Mapping[str, Holders] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        """The terms that every result must contain. Among similar words, phrases are divided."""
        return self.terms.words if self.similar else self.terms.required


@dataclass(frozen=True)
class Found:
    """A row that matches, identified by its kind and its key."""

    kind: ResultKind
    key: int
    match: Match


@dataclass(frozen=True)
class Hit:
    """A result: what it is, where it is in the negotiation, an excerpt, and the page on which it is shown.

    `key` is the code, slug or number that identifies the row in the API, or the anchor of a definition.
    `language` is the language of the title.
    """

    kind: ResultKind
    key: str
    match: Match
    title: MarkedText
    place: str
    excerpt: MarkedText
    link: PageLink
    language: str = "en"
    excerpt_language: str = "en"
    demonstration: bool = False
