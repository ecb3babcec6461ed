"""Sentences for what changed, as a negotiator would say them."""

from collections.abc import Callable, Iterator
from itertools import groupby

from issues.brackets.alternatives import Variant
from issues.brackets.comparison import Act, Comparison, Event
from issues.brackets.tree import Tree

VERBS = {
    "propose": ("proposes", "propose"),
    "support": ("supports", "support"),
    "oppose": ("opposes", "oppose"),
    "reserve": ("reserves its position on", "reserve their positions on"),
    "consider": ("considers", "consider"),
    "flexible": ("is flexible on", "are flexible on"),
}
LONGEST_QUOTE = 80


def sentences(old: Tree, new: Tree, comparison: Comparison, name_of: Callable[[str], str] = str) -> list[str]:
    """Return one sentence for each thing that changed; `name_of` turns a code into a name."""
    return list(_sentences(old, new, comparison, name_of))


def quote(text: str) -> str:
    """Return the words in quotation marks, without the stop at their end, shortened between words where long."""
    said = text.split()
    while len(said) > 3 and len(" ".join(said)) > LONGEST_QUOTE:
        said.pop(len(said) * 2 // 3)
    if len(said) < len(text.split()):
        said.insert(len(said) * 2 // 3, "…")
    shown = " ".join(said).rstrip(".;:,")
    return f"“{shown}”" if shown else "an empty bracket"


def listed(names: list[str]) -> str:
    """Return "Canada, Japan and Brazil"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentences(old: Tree, new: Tree, comparison: Comparison, name_of: Callable[[str], str]) -> Iterator[str]:
    before, after = comparison.old_variants, comparison.new_variants
    for event in comparison.events:
        if event.act is Act.OPENED and event.new is not None:
            yield _opened(new, after[event.new], name_of)
        elif event.act in _ENDINGS and event.old is not None:
            words = quote(_words(old, before[event.old]))
            yield _ENDINGS[event.act].format(words=words)
            if event.removed:
                yield f"Of these words, some are gone: {quote(event.removed)}."
        elif event.act is Act.MOVED and event.old is not None:
            yield f"Moved: {quote(_words(old, before[event.old]))}."
        elif event.act is Act.MARKED and event.new is not None:
            yield f"{quote(_words(new, after[event.new]))} and what stands beside it {_MARKED[event.name]}."
        elif event.act is Act.RESPELLED:
            yield "Spacing, punctuation or spelling changed; no word did."
        elif event.act is Act.REWORDED:
            yield f"Reworded: {quote(event.removed)} becomes {quote(event.added)}."
        elif event.act is Act.BASE_TEXT:
            yield _base_text(event)
    yield from _positions(new, comparison, name_of)


_ENDINGS = {
    Act.LIFTED: "Bracket lifted, the words stay: {words}.",
    Act.DROPPED: "Dropped: {words}.",
    Act.CHOSEN: "Chosen among the alternatives: {words}.",
    Act.MERGED: "Merged into the bracket beside it: {words}.",
}


_MARKED = {
    "alternatives": "are now said to be alternatives",
    "independent": "are now said to be independent options",
    "options": "are now labelled options",
    "run": "are no longer said to be alternatives or options",
}


def _words(tree: Tree, variant: Variant) -> str:
    return variant.words(tree.text)


def _opened(tree: Tree, variant: Variant, name_of: Callable[[str], str]) -> str:
    words = quote(_words(tree, variant))
    if not variant.head.claims:
        return f"Bracket opened, nobody named: {words}."
    said = [f"{_who(claim.stance, claim.names, name_of)} {words}" for claim in variant.head.claims[:1]]
    said += [_who(claim.stance, claim.names, name_of) for claim in variant.head.claims[1:]]
    return "; ".join(said) + "."


def _who(stance: str, names: tuple[str, ...], name_of: Callable[[str], str]) -> str:
    return f"{listed([name_of(name) for name in names])} {VERBS[stance][len(names) > 1]}"


def _base_text(event: Event) -> str:
    if event.removed and event.added:
        return f"Text outside brackets changed: {quote(event.removed)} becomes {quote(event.added)}."
    if event.added:
        return f"Text outside brackets added: {quote(event.added)}."
    return f"Text outside brackets removed: {quote(event.removed)}."


def _positions(new: Tree, comparison: Comparison, name_of: Callable[[str], str]) -> Iterator[str]:
    """Yield a sentence for each member and bracket: a stance given up for another is one change of position."""
    changes = [event for event in comparison.events if event.act in (Act.POSITION_TAKEN, Act.POSITION_WITHDRAWN)]
    changes.sort(key=lambda event: (event.new or 0, event.name, event.act is Act.POSITION_TAKEN))
    for (at, name), events in groupby(changes, key=lambda event: (event.new, event.name)):
        assert at is not None  # positions change only where both versions have the variant
        words = quote(_words(new, comparison.new_variants[at]))
        taken = [event.stance for event in events if event.act is Act.POSITION_TAKEN]
        if taken:
            yield f"{name_of(name)} {' and '.join(VERBS[stance][0] for stance in taken)} {words}."
        else:
            yield f"{name_of(name)} withdraws its position on {words}."
