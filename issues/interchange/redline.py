"""Build a redline: a single text that shows everything inserted or deleted between two days.

The text is a list of segments. Each revision is compared with the one before it, and its changes are applied to the
list: inserted words become a segment that carries the account of the revision, and deleted words stay in the list,
marked as deleted. Offsets of later changes therefore skip deleted segments. Words inserted by one revision and deleted
by a later one are dropped.

Example: from "may" (day 1) to "may not" (day 2, on behalf of Canada) and "shall not" (day 3, Japan), the result is
"may" deleted by Japan, "shall" inserted by Japan, " not" inserted by Canada.
"""

from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text import Comparison, Tree, compare


class Account(NamedTuple):
    """The party on whose behalf a change was made, and the date of the change as YYYY-MM-DD."""

    author: str
    day: str


class Segment(NamedTuple):
    """A run of words with the account of its insertion or deletion; unchanged words have neither."""

    text: str
    inserted: Account | None = None
    deleted: Account | None = None


def redline(versions: Sequence[Tree], accounts: Sequence[Account]) -> list[Segment]:
    """Return the last of `versions` as segments that show every change since the first.

    `accounts` are the accounts of the second and later versions. The segments that are not deleted add up to the last
    version; those that were not inserted add up to the first.
    """
    segments = [Segment(versions[0].text)] if versions[0].text else []
    for old, new, account in zip(versions[:-1], versions[1:], accounts, strict=True):
        if not old.text:
            segments = [segment for segment in segments if segment.deleted]
            segments.append(Segment(new.text, account))
            continue
        segments = _changed(segments, compare(old, new), account)
    return _joined(segments)


def _changed(segments: list[Segment], comparison: Comparison, account: Account) -> list[Segment]:
    """Return the segments after one more revision. The offsets of its hunks do not count deleted segments."""
    finished: list[Segment] = []
    waiting = list(reversed(segments))
    at = 0
    for hunk in comparison.hunks:
        at = _keep(waiting, finished, at, hunk.start)
        while at < hunk.end:
            segment = waiting.pop()
            if segment.deleted:
                finished.append(segment)
                continue
            gone, rest = segment.text[: hunk.end - at], segment.text[hunk.end - at :]
            at += len(gone)
            if not segment.inserted:
                finished.append(Segment(gone, None, account))
            if rest:
                waiting.append(segment._replace(text=rest))
        if hunk.text:
            finished.append(Segment(hunk.text, account))
    return finished + waiting[::-1]


def _keep(waiting: list[Segment], finished: list[Segment], at: int, until: int) -> int:
    """Move the segments before the offset `until` from `waiting` to `finished`, and return the offset reached."""
    while at < until:
        segment = waiting.pop()
        if segment.deleted:
            finished.append(segment)
            continue
        kept, rest = segment.text[: until - at], segment.text[until - at :]
        at += len(kept)
        finished.append(segment._replace(text=kept))
        if rest:
            waiting.append(segment._replace(text=rest))
    return at


def _joined(segments: list[Segment]) -> list[Segment]:
    """Return the segments, with adjacent ones joined if they have the same accounts, and empty ones dropped."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1][1:] == segment[1:]:
            joined[-1] = joined[-1]._replace(text=joined[-1].text + segment.text)
        elif segment.text:
            joined.append(segment)
    return joined
