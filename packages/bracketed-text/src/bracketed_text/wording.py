"""Describe changes and positions in sentences, using the terms of negotiators."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from bracketed_text.alternatives import Variant
from bracketed_text.elsewhere import Elsewhere
from bracketed_text.events import ENDINGS, Act, Comparison, Event
from bracketed_text.extents import Extents
from bracketed_text.move_phrases import ADDED, DROPPED, REMOVED, dropped
from bracketed_text.phrases import Translate, gettext_noop
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.quotations import differing_parts, quote, without_lone_marks
from bracketed_text.rewording import is_rewording
from bracketed_text.shifted_labels import without_shifted_labels
from bracketed_text.stance_phrases import claimed, listed
from bracketed_text.tree import Bracket, Tree
from bracketed_text.word_places import Fate
from bracketed_text.words import WORD


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
    return list(_Wording(old, new, comparison, name_of, frozenset(acting), translate).all())


def sentences_by_event(old: Tree, new: Tree, comparison: Comparison) -> list[tuple[int, str]]:
    """Return each sentence with the index of its event in `comparison`, except sentences about positions."""
    return list(_Wording(old, new, comparison, str, frozenset(), str).by_event())


@dataclass
class _Wording:
    """The description of a comparison in sentences."""

    old: Tree
    new: Tree
    comparison: Comparison
    name_of: Callable[[str], str]
    acting: frozenset[str]
    translate: Translate

    def __post_init__(self) -> None:
        self.elsewhere = Elsewhere(self.old, self.new, self.comparison)
        self.extents = Extents(self.old.text, self.comparison.old_variants)
        self.new_extents = Extents(self.new.text, self.comparison.new_variants)
        self.opened = {event.new for event in self.comparison.events if event.act is Act.OPENED}

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
        was, now = self.comparison.old_variants[event.old], self.comparison.new_variants[event.new]
        begins_below = self.extents.begins_below(was) or self.new_extents.begins_below(now)
        is_unclear = begins_below or self.new_extents.is_unclear(now) != self.extents.is_unclear(was)
        if is_unclear or self.elsewhere.ends_elsewhere(was, now):
            phrase = _OPTION_OTHER_EXTENT if was.bracket is None else _OTHER_EXTENT
            yield self._say(phrase, words=self._quote(self.extents.first_paragraph(was), was))
            return
        before, after = differing_parts(event.removed, event.added)
        changed = _("Reworded: {old} becomes {new}.")
        yield self._say(changed, old=self._quote(before, was), new=self._quote(after, now))

    def _of_the_whole(self, _number: int, event: Event) -> Iterator[str]:
        is_alone = all(change.act in _OF_THE_WHOLE for change in self.comparison.events)
        is_one_of_several = event.act is Act.RESPELLED and not is_alone
        yield self.translate(_OTHERS_RESPELLED if is_one_of_several else _OF_THE_WHOLE[event.act])

    def _ended(self, number: int, event: Event) -> Iterator[str]:
        if event.old is not None:
            yield from self._ending(number, event, self.comparison.old_variants[event.old])

    def _ending(self, number: int, event: Event, variant: Variant) -> Iterator[str]:
        """Yield the sentences on how `variant` ended and on the positions that ended with it.

        The positions of members that made the change, and of names at the head of the merged bracket, are left out.
        """
        words = self._quote(self.extents.certain_words(variant), variant)
        if variant.bracket is None and self.elsewhere.label_stands(variant):
            yield from self._of_an_option_that_stands(number, event, variant)
            return
        yield self._say(self._phrase_of_ending(event.act, variant), words=words)
        if event.removed:
            removed = self._removed_from(number, event, variant)
            yield self._say(_("Some of these words were removed: {words}."), words=removed)
        into = event.new if event.act is Act.MERGED else None
        going_on = self.acting if into is None else self.acting | self.comparison.new_variants[into].head.names()
        names = [name for claim in variant.head.claims for name in claim.names if name not in going_on]
        if names:
            phrase = _ENDED[len(set(names)) > 1]
            yield self._say(phrase, who=self._list([self.name_of(name) for name in dict.fromkeys(names)]))

    def _phrase_of_ending(self, act: Act, variant: Variant) -> str:
        fate = self.elsewhere.of_dropped(variant) if act is Act.DROPPED else None
        stands = act is Act.LIFTED or fate not in (None, Fate.NOWHERE)
        if stands and variant.bracket is not None and self._lost_a_mark(variant):
            return _OTHER_EXTENT
        if act in (Act.LIFTED, Act.DROPPED) and self.elsewhere.keeps_a_mark(variant):
            return _OTHER_EXTENT
        if fate is not None:
            return dropped(fate, is_option=variant.bracket is None)
        return _OPTION_LIFTED if act is Act.LIFTED and variant.bracket is None else _ENDINGS[act]

    def _lost_a_mark(self, variant: Variant) -> bool:
        """Return whether an old bracket, or the bracket that is closed in its place now, has an unclear end."""
        end_now = self.elsewhere.new_offset(variant.end)
        return self.extents.is_unclear(variant) or self.new_extents.has_unclear_end_at(end_now)

    def _of_an_option_that_stands(self, number: int, event: Event, variant: Variant) -> Iterator[str]:
        """Yield the sentence on the words of an option whose label remains, so that the option was not lifted."""
        if event.act is Act.DROPPED and WORD.search(words := variant.words(self.old.text)):
            yield self._say(dropped(Fate.PARTLY, is_option=True), words=self._quote(words, variant))
        elif event.act is not Act.DROPPED and event.removed:
            fate = self.elsewhere.of_removed(self.elsewhere.removed[number])
            yield self._say(REMOVED[fate], words=self._removed_from(number, event, variant))

    def _removed_from(self, number: int, event: Event, variant: Variant) -> str:
        """Return a quotation of the pieces of text that this event removed from an old variant."""
        spans = [span for span in self.elsewhere.removed[number] if variant.start <= span[0] and span[1] <= variant.end]
        pieces = [self.old.text[start:end].strip() for start, end in spans if WORD.search(self.old.text, start, end)]
        return quote(" … ".join(pieces) or event.removed, self.translate)

    def _opened(self, number: int, event: Event) -> Iterator[str]:
        if event.new is None:
            return
        variant = self.comparison.new_variants[event.new]
        if variant.inside and variant.bracket is not None and self._opened_as_a_whole(event.new):
            if variant.begin == variant.bracket.start:
                inside = self.new.text[variant.bracket.body : variant.bracket.close]
                yield self._say(_OPENED[False], words=quote(inside, self.translate))
            return
        unclear = self.new_extents.is_unclear(variant)
        words = self._quote(self.new_extents.certain_words(variant), variant)
        if variant.bracket is None and self.elsewhere.has_label_of(variant, is_new=True):
            spans = [(start, end) for start, end in self.elsewhere.added[number] if start >= variant.start]
            pieces = [self.new.text[start:end].strip() for start, end in spans]
            added = " … ".join(piece for piece in pieces if WORD.search(piece))
            if WORD.search(added):
                yield self._say(ADDED[self.elsewhere.of_added(spans)], words=quote(added, self.translate))
        elif variant.bracket is None:
            yield self._say(_OPTION_OPENED[unclear], words=words)
        elif not variant.head.claims:
            phrase = _OTHER_EXTENT if self.elsewhere.begins_as_before(variant) else _OPENED[unclear]
            yield self._say(phrase, words=words)
        else:
            claims = [(claim.stance, [self.name_of(name) for name in claim.names]) for claim in variant.head.claims]
            yield claimed(claims, words, self.translate)

    def _opened_as_a_whole(self, new: int) -> bool:
        """Return whether all alternatives inside the bracket of a new variant are new."""
        variants = self.comparison.new_variants
        first = last = new
        while first and variants[first - 1].bracket is variants[new].bracket:
            first -= 1
        while last + 1 < len(variants) and variants[last + 1].bracket is variants[new].bracket:
            last += 1
        return self.opened.issuperset(range(first, last + 1))

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
                yield claimed([(stance, [self.name_of(name)]) for stance in taken], words, self.translate)
            elif name in self.acting:
                yield self._say(_("{who} withdraws its position on {words}."), who=self.name_of(name), words=words)
            else:
                yield self._say(_("The position of {who} on {words} ends."), who=self.name_of(name), words=words)

    def _base_text(self, number: int, event: Event) -> Iterator[str]:
        old, new = map(without_lone_marks, without_shifted_labels(number, event, self.elsewhere))
        if not (WORD.search(old) or WORD.search(new)):
            return
        in_same_words = bool(event.removed and event.added) and self.elsewhere.is_in_same_words(number)
        if WORD.search(old) and WORD.search(new) and is_rewording(event, in_same_words=in_same_words):
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


# Each of the following phrases has a second form, in which it is not clear where the bracket or option ends.
_OPENED = (
    gettext_noop("Bracket opened, nobody named: {words}."),
    gettext_noop("Bracket opened, nobody named, but its end is unclear: {words}."),
)
_OPTION_OPENED = (
    gettext_noop("Now read as one of several options: {words}."),
    gettext_noop("Now read as one of several options, but its end is unclear: {words}."),
)
_OTHER_EXTENT = gettext_noop("Bracket that now begins or ends elsewhere, or has lost a mark: {words}.")

_OPTION_OTHER_EXTENT = gettext_noop("Labelled option that now ends elsewhere: {words}.")
_OPTION_LIFTED = gettext_noop("No longer read as one of several options, words kept: {words}.")

_ENDED = (
    gettext_noop("This ends the position of {who}."),
    gettext_noop("This ends the positions of {who}."),
)


_OF_THE_WHOLE = {
    Act.FOOTNOTES: gettext_noop("Footnote numbers changed."),
    Act.RESPELLED: gettext_noop("Spacing, punctuation or spelling changed; the words did not."),
}
_OTHERS_RESPELLED = gettext_noop("The other changes concern only spacing, punctuation or spelling.")


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
