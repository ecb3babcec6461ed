"""Compose the bracketed text of a draft according to the choices made about its formatting.

Tracked changes by an author are treated in one of three ways: they become positions ("propose"), are accepted
("accept") or are rejected ("reject"). With "propose", inserted text becomes a proposal by the member assigned to the
author, and deleted text is marked as opposed by that member. Text in a colour that is assigned to a member becomes that
member's proposal.

For example, suppose that J. Doe inserted "may" into "data flow". If Canada is assigned to J. Doe, the result is "data
[CAN propose: may] flow". If no member is assigned, the result is "data [may] flow", in which "may" is contested but has
no proponent.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bracketed_text import Register
from issues.interchange.drafts import DELETED, INSERTED, Draft, Paragraph, Run
from issues.interchange.word.styles import HEADED, HELD, SECTIONED

PROPOSE, ACCEPT, REJECT = "propose", "accept", "reject"
TREATMENTS = (PROPOSE, ACCEPT, REJECT)
_MARK = re.compile(r"\\[\[\]\\]|[\[\]]")


@dataclass(frozen=True)
class Choices:
    """The choices made about the formatting of a draft.

    `treatments` maps authors of tracked changes to "propose", "accept" or "reject". `authors`, `colours` and `names`
    map authors, colours and names in bracket heads, respectively, to the codes of members.
    """

    treatments: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the choices as JSON values."""
        return {"treatments": self.treatments, "authors": self.authors, "colours": self.colours, "names": self.names}

    def of(self, author: str) -> tuple[str, str]:
        """Return the treatment of changes made by `author`, and the code of the member assigned to the author."""
        code = self.authors.get(author, "")
        chosen = self.treatments.get(author, PROPOSE)
        return chosen, code


def default_choices(draft: Draft, register: Register) -> Choices:
    """Return the initial choices.

    Tracked changes become positions of the member whose name matches the author's. In a file written by this site, they
    are accepted, because they form a redline between two dates.
    """
    authors = draft.authors()
    members = {author: name.code for author in authors if (name := register.find(author))}
    treatment = ACCEPT if draft.from_this_site else PROPOSE
    colours = {key: name.code for key in draft.colours() if (name := register.find(key.partition(" ")[2]))}
    return Choices(dict.fromkeys(authors, treatment), members, colours)


class Anchor(NamedTuple):
    """The start of a provision in a file written by this site, with the provision's bookmark `slug` and its heading.

    `section` is the title of the section that begins with this provision, or "" if no section begins with it.
    """

    start: int
    slug: str
    heading: str
    section: str = ""


@dataclass
class Composed:
    """The composed text and the locations of its parts.

    `signs` gives the offsets of the "#" signs that were inserted before headings. They are removed after the text has
    been divided into provisions. `anchors` lists the starts of provisions in a file written by this site. `comments`
    maps the number of each comment to the start and end of the passage to which the comment refers.
    """

    text: str
    signs: list[tuple[int, int]]
    anchors: list[Anchor]
    comments: dict[str, tuple[int, int]]
    warnings: list[str]


def compose(draft: Draft, choices: Choices) -> Composed:
    """Return the bracketed text of `draft`."""
    composer = _Composer(draft, choices)
    composer.run()
    return composer.composed()


class _Composer:
    def __init__(self, draft: Draft, choices: Choices) -> None:
        self.draft, self.choices, self.from_this_site = draft, choices, draft.from_this_site
        self.parts: list[str] = []
        self.length = 0
        self.signs: list[tuple[int, int]] = []
        self.anchors: list[Anchor] = []
        self.comments: dict[str, tuple[int, int]] = {}
        self.warnings: list[str] = []
        self.section = ""

    def composed(self) -> Composed:
        text = "".join(self.parts)
        return Composed(text, self.signs, self.anchors, self.comments, list(dict.fromkeys(self.warnings)))

    def run(self) -> None:
        if not self.from_this_site:
            for paragraph in self.draft.paragraphs:
                self._paragraph(paragraph)
            return
        for paragraph in self.draft.paragraphs:
            if paragraph.role == SECTIONED:
                self.section = " ".join(paragraph.text.split())
            elif paragraph.role == HEADED:
                self._begin(paragraph)
            elif paragraph.role == HELD:
                # Consecutive heading paragraphs form a single heading on several lines.
                if paragraph.anchor or not self.anchors:
                    self._begin(paragraph)
                self._paragraph(paragraph)
            elif not paragraph.role and self.anchors:
                self._paragraph(paragraph)

    def _begin(self, paragraph: Paragraph) -> None:
        heading = " ".join(paragraph.text.split())
        self.anchors.append(Anchor(self.length, paragraph.anchor, heading, self.section))
        self.section = ""

    def _append(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.length += len(text)

    def _paragraph(self, paragraph: Paragraph) -> None:
        began = len(self.parts)
        whole = self._wholly_inserted(paragraph)
        if paragraph.level and not self.from_this_site and not paragraph.text.lstrip().startswith("#"):
            sign = "#" * min(paragraph.level, 6) + " "
            self.signs.append((self.length, self.length + len(sign)))
            self._append(sign)
        runs = paragraph.runs
        if paragraph.number:
            number = f"{paragraph.number} "
            runs = (runs[0]._replace(text=number + runs[0].text), *runs[1:]) if whole else (Run(number), *runs)
        before = self.length
        for (change, by, colour), together in groupby(runs, _alike):
            self._add_runs(list(together), change, by, colour)
        if self._keeps_end(paragraph, before == self.length):
            self._append(paragraph.end)
        elif len(self.parts) == began + 1 and self.signs and self.signs[-1][1] == self.length:
            self.length -= len(self.parts.pop())
            self.signs.pop()

    def _wholly_inserted(self, paragraph: Paragraph) -> bool:
        changes = {(run.change, run.by) for run in paragraph.runs if run.text.strip()}
        return len(changes) == 1 and next(iter(changes))[0] == INSERTED

    def _keeps_end(self, paragraph: Paragraph, empty: bool) -> bool:
        treatment, _code = self.choices.of(paragraph.by)
        if paragraph.change == DELETED and treatment == ACCEPT:
            return False
        if paragraph.change == INSERTED and treatment == REJECT:
            return False
        # Drop paragraphs whose entire text was removed. In files from this site, even an empty paragraph is a line end.
        return self.from_this_site or not (empty and paragraph.text)

    def _add_runs(self, runs: list[Run], change: str, by: str, colour: str) -> None:
        """Append adjacent runs with the same change and colour."""
        treatment, code = self.choices.of(by)
        if change and treatment != PROPOSE and (change == DELETED) == (treatment == ACCEPT):
            for run in runs:
                self._anchor(run, self.length, self.length)
            return
        text = "".join(run.text for run in runs)
        head = ""
        wrap = bool(change) and treatment == PROPOSE
        if wrap:
            # The text is contested even if no member is assigned.
            head = f"{code} {'propose' if change == INSERTED else 'oppose'}: " if code else ""
        elif code := self.choices.colours.get(colour, ""):
            wrap, head = True, f"{code}: "
        if not wrap or not text.strip():
            self._plain(runs)
        elif not _balanced(text):
            self.warnings.append(
                _(
                    "A bracket opens or closes inside the marked passage “%(words)s”: the passage was imported "
                    "unchanged."
                )
                % {"words": text.strip()[:60]}
            )
            self._plain(runs)
        elif colour and not change and text.strip().startswith("["):
            self._named(runs, text, head)
        else:
            self._wrapped(runs, text, head)

    def _wrapped(self, runs: list[Run], text: str, head: str) -> None:
        lead = text[: len(text) - len(text.lstrip())]
        tail = text[len(text.rstrip()) :]
        self._append(lead + "[" + head)
        self._plain(_trimmed(runs, len(lead), len(tail)))
        self._append("]" + tail)

    def _named(self, runs: list[Run], text: str, head: str) -> None:
        """Append runs that begin with a bracket, and add `head` to the bracket unless it already has a head."""
        if ":" in text.partition("]")[0]:
            self._plain(runs)
            return
        lead = text.index("[") + 1
        self._append(text[:lead] + head)
        self._plain(_trimmed(runs, lead, 0))

    def _plain(self, runs: Iterable[Run]) -> None:
        for run in runs:
            start = self.length
            self._append(run.text)
            self._anchor(run, start, self.length)

    def _anchor(self, run: Run, start: int, end: int) -> None:
        for number in run.comments:
            first, last = self.comments.get(number, (start, end))
            self.comments[number] = (min(first, start), max(last, end))


def _alike(run: Run) -> tuple[str, str, str]:
    return run.change, run.by, "" if run.change else run.colour


def _trimmed(runs: list[Run], lead: int, tail: int) -> Iterator[Run]:
    """Yield the runs without the first `lead` and the last `tail` characters."""
    whole = sum(len(run.text) for run in runs)
    at = 0
    for run in runs:
        start, end = max(lead - at, 0), min(whole - tail - at, len(run.text))
        at += len(run.text)
        yield run._replace(text=run.text[start : max(end, start)])


def _balanced(text: str) -> bool:
    depth = 0
    for mark in _MARK.findall(text):
        depth += {"[": 1, "]": -1}.get(mark, 0)
        if depth < 0:
            return False
    return depth == 0
