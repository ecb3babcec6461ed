"""Build a redline, which is a single text that shows all insertions and deletions between two dates.

The text is a list of segments. Each revision is compared with the previous revision, and its changes are applied to the
list. An insertion becomes a segment with the revision's `Account`. Deleted text remains in the list and is marked as
deleted. Offsets of later changes therefore skip deleted segments. Text inserted by one revision and deleted by a later
one is dropped.

For example, suppose that a text changes from "may" to "may not" on behalf of Canada, and then to "shall not" on behalf
of Japan. The redline contains "may" (deleted by Japan), "shall" (inserted by Japan) and " not" (inserted by Canada).
"""

from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text import Comparison, Tree, compare


class Account(NamedTuple):
    """The party on whose behalf a change was made, and the date of the change as YYYY-MM-DD."""

    author: str
    day: str


class Segment(NamedTuple):
    """A piece of text with the account of its insertion or deletion. Unchanged text has no account."""

    text: str
    inserted: Account | None = None
    deleted: Account | None = None


def redline(versions: Sequence[Tree], accounts: Sequence[Account]) -> list[Segment]:
    """Return the last of `versions` as segments that show all changes since the first version.

    `accounts` are the accounts of the second and later versions. The segments not marked as deleted together form the
    last version. The segments not marked as inserted together form the first version.
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
    """Return the segments after another revision is applied. The offsets of its hunks exclude deleted segments."""
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
    """Return the segments without empty ones, joining adjacent segments that have the same accounts."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1][1:] == segment[1:]:
            joined[-1] = joined[-1]._replace(text=joined[-1].text + segment.text)
        elif segment.text:
            joined.append(segment)
    return joined
