"""What changed between two days in one text, revision by revision: which words came and went, and on whose account."""

from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text import Comparison, Tree, compare


class Account(NamedTuple):
    """On whose account words came or went, and the day on which that was done, as YYYY-MM-DD."""

    author: str
    day: str


class Segment(NamedTuple):
    """Words that came on the account of `inserted` or went on that of `deleted`; neither, if they stood and stand."""

    text: str
    inserted: Account | None = None
    deleted: Account | None = None


def redline(versions: Sequence[Tree], accounts: Sequence[Account]) -> list[Segment]:
    """Return the last of `versions` with all that changed since the first; `accounts` are those of the later ones.

    What is not deleted, joined, is the last version; what was not inserted, the first. Words that came and went in
    between leave no trace.
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
    """Return the segments after one more revision; the offsets of its hunks count what is not deleted."""
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
    """Move what stands before the offset `until` from `waiting` to `done`; return the offset reached."""
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
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1][1:] == segment[1:]:
            joined[-1] = joined[-1]._replace(text=joined[-1].text + segment.text)
        elif segment.text:
            joined.append(segment)
    return joined
