"""Find labelled options. An option is a block of text, and one option of each run is to be chosen.

    Option 1: …             a label at the start of a line (perhaps after a paragraph number) or of a bracket
    Option 2: [No text]     an empty option

A block extends to the next label in the same container, which is the whole text or the surrounding bracket. The last
block ends where `option_ends` finds its end. A new run begins where the first label occurs again. It also begins at a
label that follows a numbered paragraph and does not continue the previous label. Options do not nest: "Option (a)"
between "Option 1" and "Option 2" is part of the text of Option 1.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bracketed_text.diagnostics import Code, Diagnostic
from bracketed_text.option_ends import OptionEnds
from bracketed_text.tree import Block, Bracket

_LABEL = (
    r"[ \t]*[*_]{0,3}(?:option|alt(?:ernative)?)\.?[ \t]+"
    r"(?P<open>\()?(?P<name>\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})(?(open)\))[*_]{0,3}[ \t]*(?:[:.][*_]{0,3}|$)"
)
# The number of the paragraph that the first option begins: "7. Option 1: …", "(c) Option 1: …".
_NUMBER = r"[ \t]{0,16}(?:\d{1,3}(?:bis|ter|alt)?\.|\([a-z]\))[ \t]{1,9}(?=[*_]{0,3}[oa])"
_AT_LINE = re.compile(rf"\n(?:{_NUMBER}|(?=[ \t*_]{{0,16}}[oa]))(?P<label>{_LABEL})", re.IGNORECASE | re.MULTILINE)
_AT_START = re.compile(rf"(?:{_NUMBER})?(?P<label>{_LABEL})", re.IGNORECASE | re.MULTILINE)
_HERE = re.compile(_LABEL, re.IGNORECASE | re.MULTILINE)
_NO_TEXT = re.compile(r"[\s\[]*no[ \t]+text[\s\].]*", re.IGNORECASE)
_BEFORE_A_LABEL = frozenset(" \t*_oOaA")
# The beginning of every label. A text is searched for this pattern before the slower patterns are used.
_HINT = re.compile(rf"\n(?:{_NUMBER})?[ \t*_]{{0,16}}(?:option|alt)", re.IGNORECASE)
_HINTS = ("[Option", "[OPTION", "[Alt")


class _Label(NamedTuple):
    start: int
    end: int
    name: str
    inner: bool  # whether the label has the form "Option (a)"


def says_no_text(text: str, start: int, end: int) -> bool:
    """Return whether `text[start:end]` is "no text", which marks an empty alternative."""
    return end - start < 40 and _NO_TEXT.fullmatch(text, start, end) is not None


def label_at(text: str, start: int, end: int) -> int | None:
    """Return the offset of the end of the label that begins at `start`, or None if no label begins there."""
    match = _HERE.match(text, start, end)
    return match.end() if match else None


def without_label(text: str) -> str:
    """Return the text of a bracket without its label.

    A label is part of the text if no other labelled bracket is beside the bracket.
    """
    return text[label_at(text, 0, len(text)) or 0 :]


def holds_labels(words: str) -> bool:
    """Return whether the text of a bracket, or one of its lines, begins with a label."""
    return _HERE.match(words) is not None or _AT_LINE.search(words) is not None


def may_have_labels(text: str) -> bool:
    """Return whether `text` may contain a label. This check takes much less time than a search for labels."""
    return bool(_HINT.search("\n" + text[:40]) or _HINT.search(text)) or any(hint in text for hint in _HINTS)


def labels_in_brackets(text: str, brackets: Sequence[Bracket]) -> Iterator[tuple[int, int]]:
    """Yield the spans of labels at the start of a bracket, as in "[Option 1: …] [Option 2: …]"."""
    for bracket in _walk(brackets):
        body = bracket.body
        if text[body] in _BEFORE_A_LABEL and bracket.contested:
            end = label_at(text, body, bracket.close)
            if end is not None:
                yield body, end


def labelled_runs(text: str, brackets: Sequence[Bracket]) -> tuple[list[tuple[Block, ...]], list[Diagnostic]]:
    """Return the runs of labelled options in `text`, and the problems with their labels."""
    at_lines = [_label(match) for match in _AT_LINE.finditer(text)]
    if (first := _AT_START.match(text)) is not None:
        at_lines.insert(0, _label(first))
    if not at_lines:
        return [], []
    runs: list[tuple[Block, ...]] = []
    problems: list[Diagnostic] = []
    for container, labels in _by_container(text, brackets, at_lines):
        end = container.close if container else len(text)
        ends_of_last = OptionEnds(text, container.children if container else brackets)
        for run, last in _outer_and_inner_runs(ends_of_last, labels, end, problems):
            stop = ends_of_last.without_notes(run[-1].end, last) if len(run) > 1 else last
            ends = [label.start for label in run[1:]] + [stop]
            blocks = tuple(
                Block(label.name, label.start, label.end, until, container)
                for label, until in zip(run, ends, strict=True)
            )
            if len(blocks) > 1:
                runs.append(blocks)
            else:
                problems.append(Diagnostic(Code.SINGLE_OPTION, run[0].start, run[0].end, run[0].name))
    return runs, problems


def _label(match: re.Match[str]) -> _Label:
    return _Label(match.start("label"), match.end(), match["name"], match["open"] is not None)


def _by_container(
    text: str, brackets: Sequence[Bracket], at_lines: list[_Label]
) -> Iterator[tuple[Bracket | None, list[_Label]]]:
    """Yield each container with the labels that are directly inside it.

    The function takes linear time.
    """
    own: dict[Bracket | None, list[_Label]] = {None: []}
    around: list[Bracket] = []
    waiting = iter(_walk(brackets))
    following = next(waiting, None)
    for label in at_lines:
        while following is not None and following.start <= label.start:
            around.append(following)
            following = next(waiting, None)
        while around and around[-1].end <= label.start:
            around.pop()
        own.setdefault(around[-1] if around else None, []).append(label)
    for container, labels in own.items():
        if container is not None and labels[0].start != container.body:
            first = _AT_START.match(text, container.body, container.close)
            if first is not None and not _in_a_child(container, first.start("label")):
                labels.insert(0, _label(first))
        if labels:
            yield container, labels


def _walk(brackets: Sequence[Bracket]) -> Iterator[Bracket]:
    stack = list(reversed(brackets))
    while stack:
        bracket = stack.pop()
        yield bracket
        if bracket.children:
            stack.extend(reversed(bracket.children))


def _in_a_child(container: Bracket, offset: int) -> bool:
    return any(child.start <= offset < child.end for child in container.children)


def _outer_and_inner_runs(
    ends: OptionEnds, labels: list[_Label], end: int, problems: list[Diagnostic]
) -> Iterator[tuple[list[_Label], int]]:
    """Yield each run with the offset of its end.

    Inner labels between two outer labels of the same run are left out.
    """
    outer, inner = [label for label in labels if not label.inner], [label for label in labels if label.inner]
    edges = [0, *(label.start for label in outer), end]
    gaps: list[list[_Label]] = [[] for _ in edges[1:]]
    for label in inner:
        gaps[bisect_right(edges, label.start) - 1].append(label)
    number = 0
    yield from _runs(ends, gaps[0], edges[1], problems)
    for run, stop in _runs(ends, outer, end, problems):
        number += len(run)
        within = gaps[number]
        if not within:
            yield run, stop
            continue
        yield run, min(stop, ends.of_last(_spans(run), within[0].start))
        yield from _runs(ends, within, edges[number + 1], problems)


def _runs(
    ends: OptionEnds, labels: list[_Label], end: int, problems: list[Diagnostic]
) -> Iterator[tuple[list[_Label], int]]:
    """Yield the labels of each run, and the offset at which the last block of the run ends."""
    run: list[_Label] = []
    names: set[str] = set()
    for label in labels:
        stop = ends.new_paragraph(run[-1].end, label.start) if run else None
        name = label.name.casefold()
        if stop is not None and _follows(run[-1].name, label.name):
            stop = None  # the paragraphs that ended the previous option
        starts_again = len(run) > 1 and name == run[0].name.casefold()
        if stop is not None or starts_again:
            last = label.start if stop is None else stop
            yield run, min(last, ends.of_last(_spans(run), label.start)) if len(run) > 1 else last
            run, names = [], set()
        elif name in names:
            problems.append(Diagnostic(Code.DUPLICATE_OPTION, label.start, label.end, label.name))
        run.append(label)
        names.add(name)
    if run:
        yield run, ends.of_last(_spans(run), end) if len(run) > 1 else end


def _spans(run: list[_Label]) -> list[tuple[int, int]]:
    return [(label.start, label.end) for label in run]


def _follows(before: str, after: str) -> bool:
    """Return whether `after` is the next label after `before`, for example 2 after 1, B after A, or III after II."""
    previous, following = before.upper(), after.upper()
    return any(
        previous in order and following in order and order.index(following) == order.index(previous) + 1
        for order in _ORDERS
    )


_ORDERS = (
    [str(number) for number in range(1, 100)],
    "I II III IV V VI VII VIII IX X XI XII".split(),
    [chr(letter) for letter in range(ord("A"), ord("Z") + 1)],
)
