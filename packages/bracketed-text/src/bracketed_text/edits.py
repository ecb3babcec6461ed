"""Edits: what negotiators do to a bracketed text, each from text to text, with a record of what it did.

Each operation names a bracket by the offset of its "[" (a labelled option by that of its label), touches only the
characters that it must, and can be undone. What it cannot do is refused with the reason and the way out.

    >>> from bracketed_text import Name, Register, lift, parse, take_position
    >>> register = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])
    >>> tree = parse("Each Member shall [BRA: promptly] act.", register)
    >>> edit = take_position(tree, 18, "CAN", "oppose")
    >>> edit.text
    'Each Member shall [BRA propose; CAN oppose: promptly] act.'
    >>> edit.undo() == tree.text
    True
    >>> lift(edit.tree, 18).text
    'Each Member shall promptly act.'
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from bracketed_text.alignment import align
from bracketed_text.alternatives import CHOICES, Group, Relation, groups, inner_alternatives
from bracketed_text.attribution import attributions, new_attributions
from bracketed_text.blanks import needed, taken_out
from bracketed_text.diagnostics import Code
from bracketed_text.events import Act
from bracketed_text.heads import AGAINST, FOR, OPPOSE, PROPOSE, STANCES, Claim, Head
from bracketed_text.labels import label_at, says_no_text
from bracketed_text.outcomes import Outcomes, composed, ended, within, written_again
from bracketed_text.parsing import parse
from bracketed_text.patches import Patch, Replacement, apply_patch, compose, inverse, patch
from bracketed_text.phrases import translated as _
from bracketed_text.positions import with_position, without_position, written_head
from bracketed_text.tree import Block, Bracket, Tree

SEPARATORS = {Relation.ALTERNATIVES: "/", Relation.INDEPENDENT: "{and/or}"}


class EditRefused(Exception):
    """An operation that cannot be done: why, in a sentence with the way out, and where in the text."""

    def __init__(self, reason: str, place: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


class Edit(NamedTuple):
    """What was done to the text of `before`: `changes`, which give `text`; `tree` is that text, parsed.

    `removed` are the words that are gone. `outcomes` says of each variant of the old text that is gone at which offset
    it began (`Variant.begin`) and how it ended; nothing else knows: the words that are left do not tell.
    """

    before: Tree
    tree: Tree
    changes: Patch
    removed: tuple[str, ...]
    outcomes: Outcomes = ()

    @property
    def text(self) -> str:
        """The text after the edit."""
        return self.tree.text

    def undo(self) -> str:
        """Return the text as it was before."""
        return apply_patch(self.text, inverse(self.before.text, self.changes))

    def then(self, later: "Edit") -> "Edit":
        """Return both as one. Raises ValueError where `later` was not made on this edit's text."""
        if later.before.text != self.text:
            raise ValueError("The later edit was made on another text: make it on the text of this one.")
        return Edit(
            self.before,
            later.tree,
            compose(self.changes, later.changes),
            (*self.removed, *later.removed),
            composed(self.before.text, self.outcomes, self.changes, later.outcomes),
        )


def take_position(tree: Tree, at: int, code: str, stance: str) -> Edit:
    """Let `code` take `stance` at the bracket; another one that it has there ends."""
    bracket = _bracket(tree, at)
    _known(tree, code, stance, at)
    if code in bracket.head.names(stance):
        raise EditRefused(_("{code} already takes this position.").format(code=code), at)
    if inner_alternatives(tree.text, bracket):
        raise EditRefused(
            _("This bracket contains alternatives. Identify an alternative by the place of its words."), at
        )
    written = with_position(_head(tree, bracket), bracket.head, code, stance, tree.register)
    return _with_head(tree, bracket, written, _others(bracket, code) | {(stance, code)})


def withdraw_position(tree: Tree, at: int, code: str) -> Edit:
    """Take `code` out of the head of the bracket. The words stay, although nobody may be left who wants them."""
    bracket = _bracket(tree, at)
    if code not in bracket.head.names():
        raise EditRefused(_("{code} takes no position at this bracket.").format(code=code), at)
    written = without_position(_head(tree, bracket), bracket.head, code, tree.register)
    return _with_head(tree, bracket, written, _others(bracket, code))


def propose(tree: Tree, offset: int, words: str, code: str) -> Edit:
    """Put `words` into the text at `offset`, in a bracket that `code` proposes."""
    _known(tree, code, PROPOSE, offset)
    _in_text(tree, offset)
    before, after = tree.text[offset - 1 : offset] if offset else "", tree.text[offset : offset + 1]
    inside_a_word = before.isalnum() and after.isalnum()
    usual = (
        " " if not inside_a_word and before and not (before.isspace() or before in "[(:") else "",
        " " if not inside_a_word and (after.isalnum() or after == "[") else "",
    )
    blank_before, blank_behind = needed(tree.text, offset, [usual])
    added = f"{blank_before}{_proposed(tree, words, code, offset)}{blank_behind}"
    return _done(tree, [Replacement(offset, offset, added)])


def propose_alternative(tree: Tree, at: int, words: str, code: str) -> Edit:
    """Put `words`, which `code` proposes, beside the bracket, behind the alternatives that it may have."""
    bracket = _bracket(tree, at)
    _known(tree, code, PROPOSE, at)
    group = _group_of(tree, bracket.start)
    end, gap, behind = bracket.end, " / ", ""
    if group is not None and group.brackets:
        end = group.brackets[-1].end
        if group.relation is Relation.RUN:
            gap, behind = needed(tree.text, end, [(" ", "")])
        elif group.relation is Relation.INDEPENDENT:
            gap = " {and/or} "
    return _done(tree, [Replacement(end, end, gap + _proposed(tree, words, code, at) + behind)])


def enclose(tree: Tree, start: int, end: int, code: str = "", stance: str = OPPOSE) -> Edit:
    """Put a bracket around `text[start:end]`, under nobody's name or with a position of `code`."""
    text = tree.text
    if not 0 <= start <= end <= len(text):
        raise EditRefused(_("This place is outside the text."), start)
    start, end = _trimmed(text, start, end)
    if start == end:
        raise EditRefused(_("There are no words here to put in brackets. Select some words."), start)
    _in_text(tree, start)
    _in_text(tree, end)
    if not _whole(tree, start, end):
        raise EditRefused(_("This would split a bracket. Select the whole bracket, or only words inside it."), start)
    if code:
        _known(tree, code, stance, start)
    head = written_head((Claim(stance, (code,)),)) + " " if code else ""
    edit = _done(tree, [Replacement(start, start, "[" + head), Replacement(end, end, "]")])
    _says(edit, start, {(stance, code)} if code else set(), set())
    return edit


def substitute(tree: Tree, start: int, end: int, words: str, code: str) -> Edit:
    """Let `code` oppose `text[start:end]` and propose `words` instead: a mirror pair."""
    opposed = enclose(tree, start, end, code, OPPOSE)
    behind = opposed.changes[-1].end + sum(
        len(change.added) - (change.end - change.start) for change in opposed.changes
    )
    blank, further = needed(opposed.text, behind, [(" ", "")])
    added = f"{blank}{_proposed(tree, words, code, start)}{further}"
    return opposed.then(_done(opposed.tree, [Replacement(behind, behind, added)]))


def lift(tree: Tree, at: int) -> Edit:
    """Take the bracket away and keep its words."""
    bracket = _bracket(tree, at)
    _no_choice_left(tree, bracket)
    return _done(tree, _lifted(tree, bracket), {bracket.start: Act.LIFTED})


def drop(tree: Tree, at: int) -> Edit:
    """Take the bracket, or the labelled option, away with its words.

    Where one labelled option would be left alone, there is no choice any more: it is chosen.
    """
    unit = _unit(tree, at)
    if isinstance(unit, Block):
        others = next([block for block in run if block is not unit] for run in tree.runs if unit in run)
        if len(others) == 1:
            return choose(tree, others[0].start)
    start, end = _with_separator(tree, unit)
    dropped = within(tree, unit.start, unit.end, Act.DROPPED)
    return _done(tree, [Replacement(*taken_out(tree.text, start, end))], dropped, (tree.text[unit.start : unit.end],))


def choose(tree: Tree, at: int, number: int = 0) -> Edit:
    """Keep the words of this alternative, and lose the others; in "[a/b]", `number` counts from 0."""
    unit = _unit(tree, at)
    inside = inner_alternatives(tree.text, unit) if isinstance(unit, Bracket) else []
    if inside and isinstance(unit, Bracket):
        return _choose_inside(tree, unit, inside, number)
    group = _group_of(tree, at)
    if group is None or group.relation not in CHOICES:
        raise EditRefused(
            _("There is no choice to make here. Mark the brackets as alternatives first, or lift or drop the bracket."),
            at,
        )
    members: Sequence[Bracket | Block] = group.brackets or group.blocks
    # The blanks behind the last labelled option part it from what follows, and stay.
    first, last = members[0].start, _trimmed(tree.text, members[-1].start, members[-1].end)[1]
    kept = _kept_words(tree, unit)
    removed = tuple(tree.text[one.start : one.end] for one in members if one is not unit)
    dropped = within(tree, first, last, Act.DROPPED)
    endings = {at: act for at, act in dropped.items() if not unit.start <= at < unit.end} | {unit.start: Act.CHOSEN}
    if kept[0] >= kept[1]:
        return _done(tree, [Replacement(*taken_out(tree.text, first, last))], endings, removed)
    changes = [Replacement(first, kept[0], ""), Replacement(kept[1], last, "")]
    if isinstance(unit, Bracket) and unit.head.lead:
        changes = [Replacement(first, unit.start + 1, ""), Replacement(unit.lead, kept[0], ""), changes[1]]
    return _done(tree, changes, endings, removed)


def merge_alternatives(tree: Tree, at: int, words: str) -> Edit:
    """Put one bracket with `words` in the place of the alternatives; whoever stood at one stands at it.

    Whoever wanted one alternative and opposed another wants the new one.
    """
    group = _group_of(tree, at)
    if group is None or len(group.brackets) < 2:
        raise EditRefused(_("There are no alternatives to merge here: two brackets must be side by side."), at)
    first, last = group.brackets[0].start, group.brackets[-1].end
    head = written_head(_united_claims(group.brackets))
    if any(_unknown(one.head) for one in group.brackets):
        raise EditRefused(_("One of these brackets names an unknown member or grouping. Correct the name first."), at)
    _sound(tree, words, at)
    merged = parse(tree.text[first:last], tree.register)
    if said := new_attributions(merged, parse(words, tree.register)):
        raise EditRefused(_not_said(said[0].name), at)
    added = f"[{head} {words}]" if head else f"[{words}]"
    removed = tuple(tree.text[one.start + 1 : one.close].strip() for one in group.brackets)
    changes = patch([Replacement(first, last, added)])
    after = parse(apply_patch(tree.text, changes), tree.register)
    outcomes, _unmeant = ended(tree, after, changes, within(tree, first, last, Act.MERGED))
    again = written_again(tree, after, (first, last), (first, first + len(added)))
    edit = Edit(tree, after, changes, removed, tuple(outcome for outcome in outcomes if outcome[0] not in again))
    _says(edit, first, set(_united(group.brackets)), set())
    return edit


def mark_run(tree: Tree, at: int, relation: Relation) -> Edit:
    """Say of a run, "[a] [b]", that its brackets are alternatives, or that they are independent options."""
    group = _group_of(tree, at)
    if group is None or group.relation not in (Relation.RUN, Relation.MIRROR):
        raise EditRefused(_("This bracket is not part of a run: only brackets side by side can be marked."), at)
    if relation not in SEPARATORS:
        raise EditRefused(_("A run can be marked only as alternatives or as independent options."), at)
    changes = []
    for before, after in zip(group.brackets, group.brackets[1:], strict=False):
        gap = tree.text[before.end : after.start]
        added = f"{SEPARATORS[relation]} " if gap else f" {SEPARATORS[relation]} "
        changes.append(Replacement(after.start, after.start, added))
    return _done(tree, changes)


def _done(
    tree: Tree,
    replacements: list[Replacement],
    meant: Mapping[int, Act] = MappingProxyType({}),
    removed: tuple[str, ...] = (),
) -> Edit:
    """Return the edit that ends what it is `meant` to end; one that is meant to end nothing is refused if it does."""
    changes = patch(replacements)
    after = parse(apply_patch(tree.text, changes), tree.register)
    outcomes, unmeant = ended(tree, after, changes, meant)
    if unmeant and not meant:
        raise EditRefused(
            _("A bracket or alternative would no longer be recognised. Edit the text by hand."),
            replacements[0].start,
        )
    return Edit(tree, after, changes, removed, outcomes)


def _bracket(tree: Tree, at: int) -> Bracket:
    found = next((bracket for bracket, _ in tree.walk() if bracket.start == at), None)
    if found is None:
        raise EditRefused(
            _("No bracket under negotiation begins here. Identify a bracket by the place of its “[”."), at
        )
    return found


def _unit(tree: Tree, at: int) -> Bracket | Block:
    block = next((block for run in tree.runs for block in run if block.start == at), None)
    return block or _bracket(tree, at)


def _group_of(tree: Tree, at: int) -> Group | None:
    """Return the group in which the bracket or block that begins at `at` stands beside others."""
    for group in groups(tree):
        members: Sequence[Bracket | Block] = group.brackets or group.blocks
        if group.relation is not Relation.INSIDE and any(one.start == at for one in members):
            return group
    return None


def _known(tree: Tree, code: str, stance: str, place: int) -> None:
    if stance not in STANCES:
        known = ", ".join(sorted(STANCES))
        raise EditRefused(
            _("Unknown stance “{stance}”. Choose from: {known}.").format(stance=stance, known=known), place
        )
    found = tree.register.find(code)
    if found is None or found.code != code:
        unknown = _("Unknown member or grouping “{code}”. Use its code.")
        raise EditRefused(unknown.format(code=code), place)


def _others(bracket: Bracket, code: str) -> set[tuple[str, str]]:
    return {(stance, name) for stance, name in _claims([bracket]) if name != code}


def _head(tree: Tree, bracket: Bracket) -> str:
    return tree.text[bracket.lead : bracket.body]


def _with_head(tree: Tree, bracket: Bracket, written: str, expected: set[tuple[str, str]]) -> Edit:
    """Replace the head, only where it differs; refuse it where it then does not say what is `expected`."""
    start, end = bracket.lead, bracket.body
    if not bracket.head.claims:
        start = end = bracket.start + 1
        written += " "
    elif not written:
        end += tree.text[end : end + 1].isspace()
    old = tree.text[start:end]
    changes, position, place = [], 0, 0
    for one, other, length in (*align(old, written), (len(old), len(written), 0)):
        changes.append(Replacement(start + position, start + one, written[place:other]))
        position, place = one + length, other + length
    edit = _done(tree, changes)
    _says(edit, bracket.start, expected, _unknown(bracket.head))
    return edit


def _says(edit: Edit, at: int, expected: set[tuple[str, str]], unknown: set[str]) -> None:
    """Refuse an edit after which the bracket at `at` says anything but `expected`."""
    found = next((one for one, _ in edit.tree.walk() if one.start == at), None)
    if found is None or set(_claims([found])) != expected or _unknown(found.head) != unknown:
        raise EditRefused(_("The bracket would not say what is intended. Edit its text by hand."), at)


def _unknown(head: Head) -> set[str]:
    return {name for problem, name in head.problems if problem is Code.UNKNOWN_NAME}


def _in_text(tree: Tree, offset: int) -> None:
    """Refuse a place that is not between characters of text: in a head, a note, a link or beyond the end."""
    if not 0 <= offset <= len(tree.text):
        raise EditRefused(_("This place is outside the text."), offset)
    for start, end, role, _name in tree.pieces():
        if start < offset < end and role != "text":
            raise EditRefused(
                _("This place is inside a head, a label or a note. Choose a place among the words."), offset
            )
        if start >= offset:
            return


def _whole(tree: Tree, start: int, end: int) -> bool:
    """Return whether every bracket stands wholly inside `start` to `end`, or wholly around or beside it."""
    brackets: Sequence[Bracket] = tree.brackets
    while brackets:
        around = None
        for one in brackets:
            if one.end <= start or one.start >= end or (start <= one.start and one.end <= end):
                continue
            if not (one.contested and one.body <= start and end <= one.close):
                return False
            around = one
        brackets = around.children if around else ()
    return True


def _sound(tree: Tree, words: str, place: int) -> None:
    if not words.strip():
        raise EditRefused(_("There are no words. Write the proposed words."), place)
    errors = parse(words, tree.register).errors
    if errors:
        unsound = _("The words contain an error. {message} {hint}")
        raise EditRefused(unsound.format(message=errors[0].message, hint=errors[0].hint), place)


def require_own_words(tree: Tree, words: str, code: str, place: int) -> None:
    """Raise EditRefused where `words`, which `code` is to say, name somebody else at a bracket within."""
    for said in attributions(parse(words, tree.register)):
        if said.name != code:
            raise EditRefused(_not_said(said.name), place)


def _not_said(name: str) -> str:
    """Return that words written for an operation may not say of somebody what it did not say."""
    return _("These words would attribute to {name} a position it has not taken. Write them without its name.").format(
        name=name
    )


def _proposed(tree: Tree, words: str, code: str, place: int) -> str:
    """Return a bracket with `words` that `code` proposes; refuse words that would be read as part of its head."""
    _sound(tree, words, place)
    written = f"[{code}: {words.strip()}]"
    read = parse(written, tree.register).brackets
    if len(read) != 1 or read[0].head.claims != (Claim(PROPOSE, (code,)),) or read[0].body != len(code) + 2:
        raise EditRefused(_("These words would be read as names taking a position. Start with different words."), place)
    return written


def _lifted(tree: Tree, bracket: Bracket) -> list[Replacement]:
    """Return what takes away the marks and the head, with the blank behind it."""
    body = bracket.body
    if bracket.head.claims or bracket.head.length:
        body += tree.text[body : body + 1] == " " and body < bracket.close
    if bracket.head.lead:
        return [
            Replacement(bracket.start, bracket.start + 1, ""),
            Replacement(bracket.lead, body, ""),
            Replacement(bracket.close, bracket.end, ""),
        ]
    return [Replacement(bracket.start, body, ""), Replacement(bracket.close, bracket.end, "")]


def _no_choice_left(tree: Tree, bracket: Bracket) -> None:
    group = _group_of(tree, bracket.start)
    if (group is not None and group.relation in CHOICES) or inner_alternatives(tree.text, bracket):
        raise EditRefused(
            _(
                "An alternative cannot be lifted, because only one alternative can remain. Choose it, or "
                "drop the others."
            ),
            bracket.start,
        )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return `start` to `end` without the blanks around."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _kept_words(tree: Tree, unit: Bracket | Block) -> tuple[int, int]:
    """Return from where to where the words of a chosen alternative reach, without label and blanks around."""
    start, end = (unit.body, unit.close) if isinstance(unit, Bracket) else (unit.body, unit.end)
    start = label_at(tree.text, start, end) or start
    if says_no_text(tree.text, start, end):
        return start, start
    return _trimmed(tree.text, start, end)


def _choose_inside(tree: Tree, bracket: Bracket, inside: list[tuple[int, int]], number: int) -> Edit:
    if not 0 <= number < len(inside):
        numbered = _("Invalid number: this bracket contains {count} alternatives, numbered from 0.")
        raise EditRefused(numbered.format(count=len(inside)), bracket.start)
    group = _group_of(tree, bracket.start)
    beside: Sequence[Bracket] = group.brackets if group is not None and group.relation in CHOICES else (bracket,)
    first, last = beside[0].start, beside[-1].end
    start, end = _trimmed(tree.text, *inside[number])
    removed = [tree.text[one:other].strip() for at, (one, other) in enumerate(inside) if at != number]
    removed += [tree.text[loser.start : loser.end] for loser in beside if loser is not bracket]
    endings = within(tree, first, last, Act.DROPPED)
    endings[inside[number][0] if number else bracket.start] = Act.CHOSEN
    return _done(tree, [Replacement(first, start, ""), Replacement(end, last, "")], endings, tuple(removed))


def _with_separator(tree: Tree, unit: Bracket | Block) -> tuple[int, int]:
    """Return from where to where a dropped alternative reaches, with the separator that has no use without it."""
    group = _group_of(tree, unit.start)
    if group is None or group.relation in (Relation.RUN, Relation.MIRROR) or not group.brackets:
        return unit.start, unit.end
    at = [one.start for one in group.brackets].index(unit.start)
    if at:
        return group.brackets[at - 1].end, unit.end
    return unit.start, group.brackets[1].start


def _united_claims(brackets: Sequence[Bracket]) -> tuple[Claim, ...]:
    wanted = {name for bracket in brackets for name in bracket.head.names(*FOR)}
    names: dict[str, dict[str, None]] = {}
    for stance, name in _claims(brackets):
        if stance in AGAINST and name in wanted:
            continue
        names.setdefault(stance, {})[name] = None
    return tuple(Claim(stance, tuple(codes)) for stance, codes in names.items())


def _united(brackets: Sequence[Bracket]) -> Iterator[tuple[str, str]]:
    return ((claim.stance, name) for claim in _united_claims(brackets) for name in claim.names)


def _claims(brackets: Sequence[Bracket]) -> Iterator[tuple[str, str]]:
    for bracket in brackets:
        for claim in bracket.head.claims:
            for name in claim.names:
                yield claim.stance, name
