"""Describe changes and positions in sentences, using the terms of negotiators."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from bracketed_text.alternatives import Variant
from bracketed_text.elsewhere import Elsewhere, Fate
from bracketed_text.events import ENDINGS, Act, Comparison, Event
from bracketed_text.move_phrases import ADDED, DROPPED, REMOVED, dropped
from bracketed_text.phrases import Translate, gettext_noop
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.rewording import is_rewording
from bracketed_text.shifted_labels import without_shifted_labels
from bracketed_text.tree import Bracket, Tree
from bracketed_text.words import WORD

# For each stance, the phrases for one name and for several names. The first phrases quote the words; the others are for
# words that have already been quoted.
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
    translate: Translate = str,
) -> list[str]:
    """Return a sentence for each change, and a sentence for the positions that each change ends.

    `name_of` returns the name for a code. `acting` contains the codes of the members that made the changes: if such a
    member gives up a position, the sentence states that the member withdraws it. If another member loses a position,
    the sentence states that the position ends. `translate` translates the sentences; see `bracketed_text.phrases`.
    """
    ends = [hunk.end for hunk in comparison.hunks]
    elsewhere = Elsewhere(old, new, comparison)
    return list(_Wording(old, new, comparison, name_of, frozenset(acting), translate, ends, elsewhere).all())


def quote(text: str, translate: Translate = str) -> str:
    """Return `text` in quotation marks, without its final punctuation. A long text is shortened by omitting words."""
    words = text.split()
    left, letters = len(words), sum(len(word) + 1 for word in words) - 1
    # The omission grows around a point two thirds into the text. The length is updated after each step, because
    # joining the words each time would take minutes for a text of a million characters.
    first = end = left * 2 // 3
    while left > 3 and letters > LONGEST_QUOTE:
        if left * 2 // 3 < first:
            first -= 1
            letters -= len(words[first]) + 1
        else:
            letters -= len(words[end]) + 1
            end += 1
        left -= 1
    if first < end:
        words[first:end] = ["…"]
    shown = " ".join(words)
    shown = shown.rstrip(".;:,") or shown
    return translate(_("“{words}”")).format(words=shown) if shown else translate(_("an empty bracket"))


def differing_parts(old: str, new: str) -> tuple[str, str]:
    """Return both texts or, if their quotations would be the same, the differing parts with a few words of context."""
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


def _cut(words: list[str], first: int, behind: int) -> str:
    """Return `words` without the first `first` and last `behind` words, with three words of context on each side."""
    start, end = max(0, first - 3), len(words) - max(0, behind - 3)
    return " ".join(["…"] * (start > 0) + words[start:end] + ["…"] * (end < len(words)))


def listed(names: list[str], translate: Translate = str) -> str:
    """Return the names joined as in a sentence, such as "Canada, Japan and Brazil"."""
    if len(names) == 1:
        return names[0]
    return translate(_("{some} and {last}")).format(some=", ".join(names[:-1]), last=names[-1])


def stance_sentence(
    claims: Iterable[tuple[str, str]], words: str, name_of: Callable[[str], str] = str, translate: Translate = str
) -> str:
    """Return a sentence that states the members' stances.

    An example is "Canada proposes “promptly”; Brazil and Chile oppose it." `claims` contains pairs of a stance and a
    code. Members that take the same stance are named together.
    """
    names: dict[str, list[str]] = {}
    for stance, code in claims:
        names.setdefault(stance, []).append(name_of(code))
    return _claimed(list(names.items()), quote(words, translate), translate)


class _Wording(NamedTuple):
    """The description of a comparison in sentences."""

    old: Tree
    new: Tree
    comparison: Comparison
    name_of: Callable[[str], str]
    acting: frozenset[str]
    translate: Translate
    ends: list[int]  # the end of each hunk in the old text
    elsewhere: Elsewhere

    def all(self) -> Iterator[str]:
        """Yield the sentences. Sentences about positions come last."""
        divided, joined = self._divided(), self._joined()
        for parts in divided:
            yield self._say(_("{words} are now in separate brackets."), words=self._list(self._quotes(parts)))
        for parts in joined:
            yield self._say(_("{words} are now in one bracket."), words=self._list(self._quotes(parts)))
        regrouped = divided + joined
        for number, sentence in self.by_event():
            event = self.comparison.events[number]
            if not (regrouped and event.act is Act.RESPELLED and self._only_regroups(event, regrouped)):
                yield sentence
        yield from self._positions()

    def by_event(self) -> Iterator[tuple[int, str]]:
        """Yield each sentence with the index of its event, except sentences about positions.

        If text moved, this is reported only once, where the text was removed.
        """
        of_moves = self._moved_base_text()
        before: set[str] = set()
        for number, event in enumerate(self.comparison.events):
            for sentence in of_moves[number] if number in of_moves else self._of_event(number, event):
                if event.act is not Act.BASE_TEXT or sentence not in before or event.removed:
                    yield number, sentence
                before.add(sentence)

    def _moved_base_text(self) -> dict[int, list[str]]:
        """Return the sentences of the events that removed pieces of one text that has moved as a whole.

        The first of these events has a sentence about the whole text. The others have no sentence.
        """
        of_moves: dict[int, list[str]] = {}
        for pieces, (start, end), fate in self.elsewhere.moved_in_pieces():
            of_moves |= {number: [] for number in pieces}
            words = quote(self.old.text[start:end], self.translate)
            of_moves[pieces[0]] = [self._say(REMOVED[fate], words=words)]
        return of_moves

    def _divided(self) -> list[list[int]]:
        """Return the old alternatives inside a bracket that are now in separate brackets, grouped by old bracket."""
        return self._regrouped(lambda was, now: was.bracket if was.inside and not now.inside and now.bracket else None)

    def _joined(self) -> list[list[int]]:
        """Return the old alternatives in separate brackets that are now inside one bracket, grouped by that bracket."""
        return self._regrouped(lambda was, now: now.bracket if now.inside and not was.inside and was.bracket else None)

    def _regrouped(self, together_in: Callable[[Variant, Variant], Bracket | None]) -> list[list[int]]:
        """Return the groups of two or more old variants for which `together_in` returns the same bracket."""
        result: dict[int, list[int]] = {}
        for old, new in self.comparison.same.items():
            bracket = together_in(self.comparison.old_variants[old], self.comparison.new_variants[new])
            if bracket is not None:
                result.setdefault(bracket.start, []).append(old)
        return [sorted(parts) for _start, parts in sorted(result.items()) if len(parts) > 1]

    def _quotes(self, parts: list[int]) -> list[str]:
        return [self._old_words(part) for part in parts]

    def _only_regroups(self, event: Event, regrouped: list[list[int]]) -> bool:
        """Return whether a respelling changed only the marks between the alternatives in `regrouped`."""
        number = self.comparison.events.index(event)
        brackets = [
            [bracket for part in parts if (bracket := self.comparison.old_variants[part].bracket) is not None]
            for parts in regrouped
        ]
        spans = [(min(bracket.start for bracket in parts), max(bracket.end for bracket in parts)) for parts in brackets]
        return all(
            not (self.old.text[hunk.start : hunk.end] + hunk.text).strip(" /[]")
            and any(start <= hunk.start and hunk.end <= end for start, end in spans)
            for hunk in self.comparison.hunks
            if hunk.event == number
        )

    def _of_event(self, number: int, event: Event) -> Iterator[str]:
        say = _SAYERS.get(event.act)
        return say(self, number, event) if say is not None else iter(())

    def _moved(self, _number: int, event: Event) -> Iterator[str]:
        if event.old is not None:
            yield self._say(_("Moved: {words}."), words=self._old_words(event.old))

    def _marked(self, _number: int, event: Event) -> Iterator[str]:
        if event.new is not None:
            yield self._say(_MARKED[event.name], words=self._new_words(event.new))

    def _reworded(self, _number: int, event: Event) -> Iterator[str]:
        if event.old is None or event.new is None:
            return
        before, after = differing_parts(event.removed, event.added)
        yield self._say(
            _("Reworded: {old} becomes {new}."),
            old=self._quote(before, self.comparison.old_variants[event.old]),
            new=self._quote(after, self.comparison.new_variants[event.new]),
        )

    def _of_the_whole(self, _number: int, event: Event) -> Iterator[str]:
        yield self.translate(_OF_THE_WHOLE[event.act])

    def _ended(self, number: int, event: Event) -> Iterator[str]:
        if event.old is not None:
            yield from self._ending(number, event, self.comparison.old_variants[event.old])

    def _ending(self, number: int, event: Event, variant: Variant) -> Iterator[str]:
        """Yield the sentences on how `variant` ended and on the positions that ended with it.

        The positions of members that made the change, and of names at the head of the merged bracket, are left out.
        """
        if event.act is Act.LIFTED and variant.bracket is None and self._label_stands(variant):
            if event.removed:
                fate = self.elsewhere.of_removed(self.elsewhere.removed[number])
                yield self._say(REMOVED[fate], words=quote(event.removed, self.translate))
            return
        ending = _OPTION_LIFTED if event.act is Act.LIFTED and variant.bracket is None else _ENDINGS[event.act]
        if event.act is Act.DROPPED:
            fate = self.elsewhere.of_dropped(variant)
            ending = dropped(fate, is_option=variant.bracket is None)
        yield self._say(ending, words=self._quote(variant.words(self.old.text), variant))
        if event.removed:
            yield self._say(_("Some of these words were removed: {words}."), words=quote(event.removed, self.translate))
        into = event.new if event.act is Act.MERGED else None
        going_on = self.acting if into is None else self.acting | self.comparison.new_variants[into].head.names()
        names = [name for claim in variant.head.claims for name in claim.names if name not in going_on]
        if names:
            phrase = _ENDED[len(set(names)) > 1]
            yield self._say(phrase, who=self._list([self.name_of(name) for name in dict.fromkeys(names)]))

    def _label_stands(self, variant: Variant) -> bool:
        """Return whether the label of a former option is still in its place, so that the option was not lifted."""
        first = bisect_right(self.ends, variant.begin)
        if first == len(self.ends) or self.comparison.hunks[first].start >= variant.start:
            return True
        return self.elsewhere.has_label_of(variant, is_new=False)

    def _opened(self, number: int, event: Event) -> Iterator[str]:
        if event.new is None:
            return
        variant, words = self.comparison.new_variants[event.new], self._new_words(event.new)
        if variant.bracket is None and self.elsewhere.has_label_of(variant, is_new=True):
            spans = [(start, end) for start, end in self.elsewhere.added[number] if start >= variant.start]
            added = " ".join(self.new.text[start:end] for start, end in spans)
            if WORD.search(added):
                yield self._say(ADDED[self.elsewhere.of_added(spans)], words=quote(added, self.translate))
        elif variant.bracket is None:
            yield self._say(_("Now read as one of several options: {words}."), words=words)
        elif not variant.head.claims:
            yield self._say(_("Bracket opened, nobody named: {words}."), words=words)
        else:
            claims = [(claim.stance, [self.name_of(name) for name in claim.names]) for claim in variant.head.claims]
            yield _claimed(claims, words, self.translate)

    def _positions(self) -> Iterator[str]:
        """Yield a sentence for each member and bracket at which a position changed.

        Replacing one stance by another counts as a single change.
        """
        changes = [
            event for event in self.comparison.events if event.act in (Act.POSITION_TAKEN, Act.POSITION_WITHDRAWN)
        ]
        changes.sort(key=lambda event: (event.new or 0, event.name, event.act is Act.POSITION_TAKEN))
        for (at, name), events in groupby(changes, key=lambda event: (event.new, event.name)):
            assert at is not None  # positions change only in matched variants
            words = self._new_words(at)
            taken = [event.stance for event in events if event.act is Act.POSITION_TAKEN]
            if taken:
                yield _claimed([(stance, [self.name_of(name)]) for stance in taken], words, self.translate)
            elif name in self.acting:
                yield self._say(_("{who} withdraws its position on {words}."), who=self.name_of(name), words=words)
            else:
                yield self._say(_("The position of {who} on {words} ends."), who=self.name_of(name), words=words)

    def _base_text(self, number: int, event: Event) -> Iterator[str]:
        old, new = without_shifted_labels(number, event, self.elsewhere)
        if not (WORD.search(old) or WORD.search(new)):
            return
        if WORD.search(old) and WORD.search(new) and is_rewording(event):
            old, new = differing_parts(old, new)
            changed = _("Text outside brackets changed: {old} becomes {new}.")
            yield self._say(changed, old=quote(old, self.translate), new=quote(new, self.translate))
            return
        was = self.elsewhere.of_removed(self.elsewhere.removed[number]) if WORD.search(old) else None
        now = self.elsewhere.of_added(self.elsewhere.added[number]) if WORD.search(new) else None
        if was is now is Fate.NOWHERE:
            apart = _("Text outside brackets removed: {old}; added: {new}.")
            yield self._say(apart, old=quote(old, self.translate), new=quote(new, self.translate))
            return
        if was is not None:
            yield self._say(REMOVED[was], words=quote(old, self.translate))
        if now is not None:
            yield self._say(ADDED[now], words=quote(new, self.translate))

    def _say(self, phrase: str, **values: str) -> str:
        return self.translate(phrase).format(**values)

    def _list(self, names: list[str]) -> str:
        return listed(names, self.translate)

    def _old_words(self, variant: int) -> str:
        return self._quote(
            self.comparison.old_variants[variant].words(self.old.text), self.comparison.old_variants[variant]
        )

    def _new_words(self, variant: int) -> str:
        return self._quote(
            self.comparison.new_variants[variant].words(self.new.text), self.comparison.new_variants[variant]
        )

    def _quote(self, words: str, variant: Variant) -> str:
        if not words.strip() and variant.bracket is None:
            return self.translate(_("an empty option"))
        return quote(words, self.translate)


# The method for each act, except for positions, which `_positions` combines.
_SAYERS: dict[Act, Callable[[_Wording, int, Event], Iterator[str]]] = {
    **dict.fromkeys(ENDINGS, _Wording._ended),
    Act.OPENED: _Wording._opened,
    Act.MOVED: _Wording._moved,
    Act.MARKED: _Wording._marked,
    Act.REWORDED: _Wording._reworded,
    Act.BASE_TEXT: _Wording._base_text,
    Act.FOOTNOTES: _Wording._of_the_whole,
    Act.RESPELLED: _Wording._of_the_whole,
}


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
    Act.DROPPED: DROPPED,
    Act.CHOSEN: gettext_noop("Chosen among the alternatives: {words}."),
    Act.MERGED: gettext_noop("Merged into the bracket beside it: {words}."),
}


_MARKED = {
    "alternatives": gettext_noop("{words} and the text beside it are now marked as alternatives."),
    "independent": gettext_noop("{words} and the text beside it are now marked as independent options."),
    "options": gettext_noop("{words} and the text beside it are now labelled options."),
    "run": gettext_noop("{words} and the text beside it are no longer marked as alternatives or options."),
}


def _claimed(claims: list[tuple[str, list[str]]], words: str, translate: Translate) -> str:
    """Return a sentence that states the stances on `words`. The words are quoted only once."""
    parts = []
    for number, (stance, names) in enumerate(claims):
        phrase = (STANCES_ON_IT if number else STANCES)[stance][len(names) > 1]
        parts.append(translate(phrase).format(who=listed(names, translate), words=words))
    return "; ".join(parts) + "."
