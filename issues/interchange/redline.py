"""What changed between two days in one text, revision by revision: which words came and went, and on whose account."""

from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text import Comparison, Tree, compare


class Account(NamedTuple):
    """On whose account words came or went, and the day on which that was done, as YYYY-MM-DD."""

    author: str
    day: str


class Stretch(NamedTuple):
    """Words that came on the account of `inserted` or went on that of `deleted`; neither, if they stood and stand."""

    text: str
    inserted: Account | None = None
    deleted: Account | None = None


def redline(versions: Sequence[Tree], accounts: Sequence[Account]) -> list[Stretch]:
    """Return the last of `versions` with all that changed since the first; `accounts` are those of the later ones.

    What is not deleted, joined, is the last version; what was not inserted, the first. Words that came and went in
    between leave no trace.
    """
    stretches = [Stretch(versions[0].text)] if versions[0].text else []
    for old, new, account in zip(versions[:-1], versions[1:], accounts, strict=True):
        if not old.text:
            stretches = [one for one in stretches if one.deleted]
            stretches.append(Stretch(new.text, account))
            continue
        stretches = _changed(stretches, compare(old, new), account)
    return _joined(stretches)


def _changed(stretches: list[Stretch], found: Comparison, account: Account) -> list[Stretch]:
    """Return the stretches after one more revision; the offsets of its hunks count what is not deleted."""
    done: list[Stretch] = []
    waiting = list(reversed(stretches))
    at = 0
    for hunk in found.hunks:
        at = _keep(waiting, done, at, hunk.start)
        while at < hunk.end:
            one = waiting.pop()
            if one.deleted:
                done.append(one)
                continue
            gone, rest = one.text[: hunk.end - at], one.text[hunk.end - at :]
            at += len(gone)
            if not one.inserted:
                done.append(Stretch(gone, None, account))
            if rest:
                waiting.append(one._replace(text=rest))
        if hunk.text:
            done.append(Stretch(hunk.text, account))
    return done + waiting[::-1]


def _keep(waiting: list[Stretch], done: list[Stretch], at: int, until: int) -> int:
    """Move what stands before the offset `until` from `waiting` to `done`; return the offset reached."""
    while at < until:
        one = waiting.pop()
        if one.deleted:
            done.append(one)
            continue
        kept, rest = one.text[: until - at], one.text[until - at :]
        at += len(kept)
        done.append(one._replace(text=kept))
        if rest:
            waiting.append(one._replace(text=rest))
    return at


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for one in stretches:
        if found and found[-1][1:] == one[1:]:
            found[-1] = found[-1]._replace(text=found[-1].text + one.text)
        elif one.text:
            found.append(one)
    return found
