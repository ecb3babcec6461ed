"""Resolve or mark choices: lift, drop or choose variants, merge alternatives, or declare the relation in a run.

>>> from bracketed_text import Name, Register, choose, parse
>>> tree = parse("Each Party [shall] / [may] act.", Register())
>>> choose(tree, tree.text.index("[may")).text
'Each Party may act.'
"""

from collections.abc import Iterator, Sequence

from bracketed_text.alternatives import CHOICES, Relation, inner_alternatives
from bracketed_text.attribution import new_attributions
from bracketed_text.blanks import taken_out
from bracketed_text.editing import (
    Edit,
    EditRefused,
    bracket_at,
    claims_of,
    false_attribution,
    finish,
    group_at,
    require_head,
    require_sound,
    trimmed,
    unit_at,
    unknown_names,
)
from bracketed_text.events import Act
from bracketed_text.heads import AGAINST, FOR, Claim
from bracketed_text.labels import label_at, says_no_text
from bracketed_text.outcomes import ended, within, written_again
from bracketed_text.parsing import parse
from bracketed_text.patches import Replacement, apply_patch, patch
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.positions import written_head
from bracketed_text.tree import Block, Bracket, Tree

SEPARATORS = {Relation.ALTERNATIVES: "/", Relation.INDEPENDENT: "{and/or}"}


def lift(tree: Tree, at: int) -> Edit:
    """Return the edit that removes the bracket at `at` and keeps its text.

    Raises EditRefused for an alternative, because only one alternative can remain.
    """
    bracket = bracket_at(tree, at)
    _no_choice_left(tree, bracket)
    return finish(tree, _lifted(tree, bracket), {bracket.start: Act.LIFTED})


def drop(tree: Tree, at: int) -> Edit:
    """Return the edit that removes the bracket or labelled option at `at` together with its text.

    If only one labelled option would remain, that option is chosen.
    """
    unit = unit_at(tree, at)
    if isinstance(unit, Block):
        others = next([block for block in run if block is not unit] for run in tree.runs if unit in run)
        if len(others) == 1:
            return choose(tree, others[0].start)
    start, end = _with_separator(tree, unit)
    dropped = within(tree, unit.start, unit.end, Act.DROPPED)
    return finish(tree, [Replacement(*taken_out(tree.text, start, end))], dropped, (tree.text[unit.start : unit.end],))


def choose(tree: Tree, at: int, number: int = 0) -> Edit:
    """Return the edit that keeps the text of the alternative at `at` and deletes the other alternatives.

    In "[a/b]", `number` identifies the alternative, counted from 0. Raises EditRefused if there is no choice at `at`.
    """
    unit = unit_at(tree, at)
    inside = inner_alternatives(tree.text, unit) if isinstance(unit, Bracket) else []
    if inside and isinstance(unit, Bracket):
        return _choose_inside(tree, unit, inside, number)
    group = group_at(tree, at)
    if group is None or group.relation not in CHOICES:
        raise EditRefused(
            _("There is no choice to make here. Mark the brackets as alternatives first, or lift or drop the bracket."),
            at,
        )
    members: Sequence[Bracket | Block] = group.brackets or group.blocks
    # The blanks after the last labelled option separate it from the following text, and remain.
    first, last = members[0].start, trimmed(tree.text, members[-1].start, members[-1].end)[1]
    kept = _kept_words(tree, unit)
    removed = tuple(tree.text[member.start : member.end] for member in members if member is not unit)
    dropped = within(tree, first, last, Act.DROPPED)
    endings = {at: act for at, act in dropped.items() if not unit.start <= at < unit.end} | {unit.start: Act.CHOSEN}
    if kept[0] >= kept[1]:
        return finish(tree, [Replacement(*taken_out(tree.text, first, last))], endings, removed)
    changes = [Replacement(first, kept[0], ""), Replacement(kept[1], last, "")]
    if isinstance(unit, Bracket) and unit.head.lead:
        changes = [Replacement(first, unit.start + 1, ""), Replacement(unit.lead, kept[0], ""), changes[1]]
    return finish(tree, changes, endings, removed)


def merge_alternatives(tree: Tree, at: int, words: str) -> Edit:
    """Return the edit that replaces the alternatives at `at` with one bracket containing `words`.

    The positions on the alternatives become positions on the new bracket. If a member wanted one alternative and
    opposed another, its opposition is left out.
    """
    group = group_at(tree, at)
    if group is None or len(group.brackets) < 2:
        raise EditRefused(_("There are no alternatives to merge here. Only brackets side by side can be merged."), at)
    first, last = group.brackets[0].start, group.brackets[-1].end
    head = written_head(_united_claims(group.brackets))
    if any(unknown_names(bracket.head) for bracket in group.brackets):
        raise EditRefused(_("One of these brackets names an unknown member or grouping. Correct the name first."), at)
    require_sound(tree, words, at)
    merged = parse(tree.text[first:last], tree.register)
    if false_attributions := new_attributions(merged, parse(words, tree.register)):
        raise false_attribution(false_attributions[0].name, at)
    added = f"[{head} {words}]" if head else f"[{words}]"
    removed = tuple(tree.text[bracket.start + 1 : bracket.close].strip() for bracket in group.brackets)
    changes = patch([Replacement(first, last, added)])
    after = parse(apply_patch(tree.text, changes), tree.register)
    outcomes, _unmeant = ended(tree, after, changes, within(tree, first, last, Act.MERGED))
    again = written_again(tree, after, (first, last), (first, first + len(added)))
    edit = Edit(tree, after, changes, removed, tuple(outcome for outcome in outcomes if outcome[0] not in again))
    require_head(edit, first, set(_united(group.brackets)), set())
    return edit


def mark_run(tree: Tree, at: int, relation: Relation) -> Edit:
    """Return the edit that marks the brackets of a run, "[a] [b]", as alternatives or as independent options."""
    group = group_at(tree, at)
    if group is None or group.relation not in (Relation.RUN, Relation.MIRROR):
        raise EditRefused(
            _("This bracket is not next to another bracket. Only brackets side by side can be marked."), at
        )
    if relation not in SEPARATORS:
        raise EditRefused(_("Adjacent brackets can be marked only as alternatives or as independent options."), at)
    changes = []
    for before, after in zip(group.brackets, group.brackets[1:], strict=False):
        gap = tree.text[before.end : after.start]
        added = f"{SEPARATORS[relation]} " if gap else f" {SEPARATORS[relation]} "
        changes.append(Replacement(after.start, after.start, added))
    return finish(tree, changes)


def _lifted(tree: Tree, bracket: Bracket) -> list[Replacement]:
    """Return the replacements that remove the marks, the head and the blank after the head."""
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
    group = group_at(tree, bracket.start)
    if (group is not None and group.relation in CHOICES) or inner_alternatives(tree.text, bracket):
        raise EditRefused(
            _(
                "An alternative cannot be lifted, because only one alternative can remain. Choose this "
                "alternative, or drop the others."
            ),
            bracket.start,
        )


def _kept_words(tree: Tree, unit: Bracket | Block) -> tuple[int, int]:
    """Return the span of the text of a chosen alternative, without its label and the surrounding blanks."""
    start, end = (unit.body, unit.close) if isinstance(unit, Bracket) else (unit.body, unit.end)
    start = label_at(tree.text, start, end) or start
    if says_no_text(tree.text, start, end):
        return start, start
    return trimmed(tree.text, start, end)


def _choose_inside(tree: Tree, bracket: Bracket, inside: list[tuple[int, int]], number: int) -> Edit:
    if not 0 <= number < len(inside):
        numbered = _("Invalid number: this bracket contains {count} alternatives, numbered from 0.")
        raise EditRefused(numbered, bracket.start, count=len(inside))
    group = group_at(tree, bracket.start)
    beside: Sequence[Bracket] = group.brackets if group is not None and group.relation in CHOICES else (bracket,)
    first, last = beside[0].start, beside[-1].end
    start, end = trimmed(tree.text, *inside[number])
    removed = [tree.text[begin:until].strip() for at, (begin, until) in enumerate(inside) if at != number]
    removed += [tree.text[loser.start : loser.end] for loser in beside if loser is not bracket]
    endings = within(tree, first, last, Act.DROPPED)
    endings[inside[number][0] if number else bracket.start] = Act.CHOSEN
    return finish(tree, [Replacement(first, start, ""), Replacement(end, last, "")], endings, tuple(removed))


def _with_separator(tree: Tree, unit: Bracket | Block) -> tuple[int, int]:
    """Return the span of a dropped alternative, including the separator that is no longer needed."""
    group = group_at(tree, unit.start)
    if group is None or group.relation in (Relation.RUN, Relation.MIRROR) or not group.brackets:
        return unit.start, unit.end
    at = [bracket.start for bracket in group.brackets].index(unit.start)
    if at:
        return group.brackets[at - 1].end, unit.end
    return unit.start, group.brackets[1].start


def _united_claims(brackets: Sequence[Bracket]) -> tuple[Claim, ...]:
    supporters = {name for bracket in brackets for name in bracket.head.names(*FOR)}
    names: dict[str, dict[str, None]] = {}
    for stance, name in claims_of(brackets):
        if stance in AGAINST and name in supporters:
            continue
        names.setdefault(stance, {})[name] = None
    return tuple(Claim(stance, tuple(codes)) for stance, codes in names.items())


def _united(brackets: Sequence[Bracket]) -> Iterator[tuple[str, str]]:
    return ((claim.stance, name) for claim in _united_claims(brackets) for name in claim.names)
