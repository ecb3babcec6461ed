"""Sentences for what changed, as a negotiator would say them."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from bracketed_text.alternatives import Variant
from bracketed_text.events import Act, Comparison, Event
from bracketed_text.phrases import gettext_noop
from bracketed_text.phrases import translated as _
from bracketed_text.tree import Bracket, Tree
from bracketed_text.words import WORD
from bracketed_text.words import words as words_of

# By stance, of one and of several: with the words, and where they were said already.
STANCES = {
    "propose": (gettext_noop("{who} proposes {words}"), gettext_noop("{who} propose {words}")),
    "support": (gettext_noop("{who} supports {words}"), gettext_noop("{who} support {words}")),
    "oppose": (gettext_noop("{who} opposes {words}"), gettext_noop("{who} oppose {words}")),
    "reserve": (
        gettext_noop("{who} reserves its position on {words}"),
        gettext_noop("{who} reserve their positions on {words}"),
    ),
    "consider": (gettext_noop("{who} considers {words}"), gettext_noop("{who} consider {words}")),
    "flexible": (gettext_noop("{who} is flexible on {words}"), gettext_noop("{who} are flexible on {words}")),
}
STANCES_ON_IT = {
    "propose": (gettext_noop("{who} proposes it"), gettext_noop("{who} propose it")),
    "support": (gettext_noop("{who} supports it"), gettext_noop("{who} support it")),
    "oppose": (gettext_noop("{who} opposes it"), gettext_noop("{who} oppose it")),
    "reserve": (gettext_noop("{who} reserves its position"), gettext_noop("{who} reserve their positions")),
    "consider": (gettext_noop("{who} considers it"), gettext_noop("{who} consider it")),
    "flexible": (gettext_noop("{who} is flexible"), gettext_noop("{who} are flexible")),
}
LONGEST_QUOTE = 80


def sentences(
    old: Tree,
    new: Tree,
    comparison: Comparison,
    name_of: Callable[[str], str] = str,
    acting: Collection[str] = (),
) -> list[str]:
    """Return one sentence for each thing that changed, and one for whose positions that ends.

    `name_of` turns a code into a name. Those who are `acting` (codes) withdraw what they give up; the positions of
    others end, whoever acts.
    """
    return list(_Wording(old, new, comparison, name_of, frozenset(acting), [one.end for one in comparison.hunks]).all())


def quote(text: str) -> str:
    """Return the words in quotation marks, without the stop at their end, shortened between words where long."""
    said = text.split()
    left, letters = len(said), sum(len(word) + 1 for word in said) - 1
    # What is left out grows around one place, two thirds on. The words are not joined to count their letters: for a
    # text of a million letters that would take minutes.
    first = end = left * 2 // 3
    while left > 3 and letters > LONGEST_QUOTE:
        if left * 2 // 3 < first:
            first -= 1
            letters -= len(said[first]) + 1
        else:
            letters -= len(said[end]) + 1
            end += 1
        left -= 1
    if first < end:
        said[first:end] = ["…"]
    shown = " ".join(said)
    shown = shown.rstrip(".;:,") or shown
    return _("“{words}”").format(words=shown) if shown else _("an empty bracket")


def differing_parts(old: str, new: str) -> tuple[str, str]:
    """Return both texts; where they would be shortened to the same words, what differs and a few words around."""
    before, after = old.split(), new.split()
    if quote(old) != quote(new) or before == after:
        return old, new
    first = behind = 0
    most = min(len(before), len(after))
    while first < most and before[first] == after[first]:
        first += 1
    while behind < most - first and before[-1 - behind] == after[-1 - behind]:
        behind += 1
    return _cut(before, first, behind), _cut(after, first, behind)


def _cut(said: list[str], first: int, behind: int) -> str:
    """Return what is left without the `first` words and those `behind`, but for the three that are nearest."""
    start, end = max(0, first - 3), len(said) - max(0, behind - 3)
    return " ".join(["…"] * (start > 0) + said[start:end] + ["…"] * (end < len(said)))


def listed(names: list[str]) -> str:
    """Return "Canada, Japan and Brazil"."""
    if len(names) == 1:
        return names[0]
    return _("{some} and {last}").format(some=", ".join(names[:-1]), last=names[-1])


def stance_sentence(claims: Iterable[tuple[str, str]], words: str, name_of: Callable[[str], str] = str) -> str:
    """Return who takes which stance on the words: "Canada proposes “promptly”; Brazil and Chile oppose it."

    `claims` are pairs of a stance and a code; those of one stance are said together.
    """
    names: dict[str, list[str]] = {}
    for stance, code in claims:
        names.setdefault(stance, []).append(name_of(code))
    return _claimed(list(names.items()), quote(words))


class _Wording(NamedTuple):
    """What is needed to put a comparison into sentences."""

    old: Tree
    new: Tree
    comparison: Comparison
    name_of: Callable[[str], str]
    acting: frozenset[str]
    ends: list[int]  # where in the old text each hunk ends

    def all(self) -> Iterator[str]:
        """Yield the sentences, those on positions last."""
        divided, joined = self._divided(), self._joined()
        for parts in divided:
            yield _("{words} are now in separate brackets.").format(words=listed(self._quotes(parts)))
        for parts in joined:
            yield _("{words} are now in one bracket.").format(words=listed(self._quotes(parts)))
        regrouped = divided + joined
        for event in self.comparison.events:
            if not (regrouped and event.act is Act.RESPELLED and self._only_regroups(event, regrouped)):
                yield from self._of_event(event)
        yield from self._positions()

    def _divided(self) -> list[list[int]]:
        """Return the old alternatives inside one bracket that stand in one each now, bracket by bracket."""
        return self._regrouped(lambda was, now: was.bracket if was.inside and not now.inside and now.bracket else None)

    def _joined(self) -> list[list[int]]:
        """Return the old alternatives in a bracket each that stand inside one now, bracket by bracket."""
        return self._regrouped(lambda was, now: now.bracket if now.inside and not was.inside and was.bracket else None)

    def _regrouped(self, together_in: Callable[[Variant, Variant], Bracket | None]) -> list[list[int]]:
        """Return the old variants for which `together_in` names the same bracket, several of one."""
        found: dict[int, list[int]] = {}
        for old, new in self.comparison.same.items():
            bracket = together_in(self.comparison.old_variants[old], self.comparison.new_variants[new])
            if bracket is not None:
                found.setdefault(bracket.start, []).append(old)
        return [sorted(parts) for _start, parts in sorted(found.items()) if len(parts) > 1]

    def _quotes(self, parts: list[int]) -> list[str]:
        return [_quoted(self.old, self.comparison.old_variants[part]) for part in parts]

    def _only_regroups(self, event: Event, regrouped: list[list[int]]) -> bool:
        """Whether all that was respelled are the marks that part such alternatives."""
        number = self.comparison.events.index(event)
        brackets = [
            [bracket for part in parts if (bracket := self.comparison.old_variants[part].bracket) is not None]
            for parts in regrouped
        ]
        spans = [(min(one.start for one in parts), max(one.end for one in parts)) for parts in brackets]
        return all(
            not (self.old.text[hunk.start : hunk.end] + hunk.text).strip(" /[]")
            and any(start <= hunk.start and hunk.end <= end for start, end in spans)
            for hunk in self.comparison.hunks
            if hunk.event == number
        )

    def _of_event(self, event: Event) -> Iterator[str]:
        if event.act in _ENDINGS and event.old is not None:
            yield from self._ending(event, self.comparison.old_variants[event.old])
        elif event.act is Act.OPENED and event.new is not None:
            yield self._opened(self.comparison.new_variants[event.new])
        elif event.act is Act.MOVED and event.old is not None:
            yield _("Moved: {words}.").format(words=_quoted(self.old, self.comparison.old_variants[event.old]))
        elif event.act is Act.MARKED and event.new is not None:
            yield _(_MARKED[event.name]).format(words=_quoted(self.new, self.comparison.new_variants[event.new]))
        elif event.act is Act.REWORDED and event.old is not None and event.new is not None:
            before, after = differing_parts(event.removed, event.added)
            yield _("Reworded: {old} becomes {new}.").format(
                old=_said(before, self.comparison.old_variants[event.old]),
                new=_said(after, self.comparison.new_variants[event.new]),
            )
        elif event.act is Act.BASE_TEXT:
            yield _base_text(event)
        elif event.act in _OF_THE_WHOLE:
            yield _(_OF_THE_WHOLE[event.act])

    def _ending(self, event: Event, variant: Variant) -> Iterator[str]:
        """Yield how `variant` ended, and whose positions that ends: not of who acts or stands where the words went."""
        if event.act is Act.LIFTED and variant.bracket is None and self._label_stands(variant):
            if event.removed:
                yield _("Text outside brackets removed: {words}.").format(words=quote(event.removed))
            return
        ending = _OPTION_LIFTED if event.act is Act.LIFTED and variant.bracket is None else _ENDINGS[event.act]
        yield _(ending).format(words=_quoted(self.old, variant))
        if event.removed:
            yield _("Some of these words were removed: {words}.").format(words=quote(event.removed))
        into = event.new if event.act is Act.MERGED else None
        going_on = self.acting if into is None else self.acting | self.comparison.new_variants[into].head.names()
        names = [name for claim in variant.head.claims for name in claim.names if name not in going_on]
        if names:
            phrase = _ENDED[len(set(names)) > 1]
            yield _(phrase).format(who=listed([self.name_of(name) for name in dict.fromkeys(names)]))

    def _label_stands(self, variant: Variant) -> bool:
        """Return whether the label of an option that is none any more stands as it did: nobody has lifted it."""
        first = bisect_right(self.ends, variant.begin)
        return first == len(self.ends) or self.comparison.hunks[first].start >= variant.start

    def _opened(self, variant: Variant) -> str:
        words = _quoted(self.new, variant)
        if variant.bracket is None:
            return _("Now read as one of several options: {words}.").format(words=words)
        if not variant.head.claims:
            return _("Bracket opened, nobody named: {words}.").format(words=words)
        claims = [(claim.stance, [self.name_of(name) for name in claim.names]) for claim in variant.head.claims]
        return _claimed(claims, words)

    def _positions(self) -> Iterator[str]:
        """Yield a sentence for each member and bracket: a stance given up for another is one change of position."""
        changes = [
            event for event in self.comparison.events if event.act in (Act.POSITION_TAKEN, Act.POSITION_WITHDRAWN)
        ]
        changes.sort(key=lambda event: (event.new or 0, event.name, event.act is Act.POSITION_TAKEN))
        for (at, name), events in groupby(changes, key=lambda event: (event.new, event.name)):
            assert at is not None  # positions change only where both versions have the variant
            words = _quoted(self.new, self.comparison.new_variants[at])
            taken = [event.stance for event in events if event.act is Act.POSITION_TAKEN]
            if taken:
                yield _claimed([(stance, [self.name_of(name)]) for stance in taken], words)
            elif name in self.acting:
                yield _("{who} withdraws its position on {words}.").format(who=self.name_of(name), words=words)
            else:
                yield _("The position of {who} on {words} ends.").format(who=self.name_of(name), words=words)


_OPTION_LIFTED = gettext_noop("No longer read as one of several options, words kept: {words}.")

_ENDED = (
    gettext_noop("This ends the position of {who}."),
    gettext_noop("This ends the positions of {who}."),
)


_OF_THE_WHOLE = {
    Act.FOOTNOTES: gettext_noop("Footnote numbers changed."),
    Act.RESPELLED: gettext_noop("Spacing, punctuation or spelling changed; the words did not."),
}


_ENDINGS = {
    Act.LIFTED: gettext_noop("Bracket lifted, words kept: {words}."),
    Act.DROPPED: gettext_noop("Dropped: {words}."),
    Act.CHOSEN: gettext_noop("Chosen among the alternatives: {words}."),
    Act.MERGED: gettext_noop("Merged into the bracket beside it: {words}."),
}


_MARKED = {
    "alternatives": gettext_noop("{words} and the text beside it are now marked as alternatives."),
    "independent": gettext_noop("{words} and the text beside it are now marked as independent options."),
    "options": gettext_noop("{words} and the text beside it are now labelled options."),
    "run": gettext_noop("{words} and the text beside it are no longer marked as alternatives or options."),
}


def _quoted(tree: Tree, variant: Variant) -> str:
    return _said(variant.words(tree.text), variant)


def _said(words: str, variant: Variant) -> str:
    if not words.strip() and variant.bracket is None:
        return _("an empty option")
    return quote(words)


def _claimed(claims: list[tuple[str, list[str]]], words: str) -> str:
    """Return who takes which stance on the words, which are said once."""
    said = []
    for number, (stance, names) in enumerate(claims):
        phrase = (STANCES_ON_IT if number else STANCES)[stance][len(names) > 1]
        said.append(_(phrase).format(who=listed(names), words=words))
    return "; ".join(said) + "."


_LETTERS = re.compile(r"[^\W_]")


def _alike(event: Event) -> bool:
    """Return whether one text became the other: they share half of their words or all letters, or are a word each."""
    if _LETTERS.findall(event.removed.casefold()) == _LETTERS.findall(event.added.casefold()):
        return True
    removed, added = Counter(words_of(event.removed)), Counter(words_of(event.added))
    total = removed.total() + added.total()
    return removed.total() == added.total() == 1 or 4 * (removed & added).total() >= total


def _base_text(event: Event) -> str:
    lost, came = (bool(WORD.search(text)) for text in (event.removed, event.added))
    if lost and came and not _alike(event):
        apart = _("Text outside brackets removed: {old}; added: {new}.")
        return apart.format(old=quote(event.removed), new=quote(event.added))
    if lost and came:
        changed = _("Text outside brackets changed: {old} becomes {new}.")
        before, after = differing_parts(event.removed, event.added)
        return changed.format(old=quote(before), new=quote(after))
    if came:
        return _("Text outside brackets added: {words}.").format(words=quote(event.added))
    return _("Text outside brackets removed: {words}.").format(words=quote(event.removed))
